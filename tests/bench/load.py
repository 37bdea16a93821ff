# SPDX-License-Identifier: Apache-2.0
"""A load of devices that report over CoAP with OSCORE: a source address each, one request in flight each."""

import asyncio
import random
import socket

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from wire import coap, oscore, paths, reading, report
from wire.exchange import DONE, FAILED, Exchange

POLL_S = 0.05


class Aead:
    """AES-CCM-16-64-128 by the cryptography package, in the shape the wire asks for."""

    def encrypt(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        """Ciphertext and tag."""
        return AESCCM(bytes(key), 8).encrypt(bytes(nonce), bytes(plaintext), bytes(aad))

    def decrypt(self, key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        """The plaintext; ProtectionError when the tag does not match."""
        try:
            return AESCCM(bytes(key), 8).decrypt(bytes(nonce), bytes(ciphertext), bytes(aad))
        except InvalidTag:
            raise oscore.ProtectionError("tag does not match") from None


class LoadDevice:
    """One device: its keys, its socket, its numbers. `send_all` returns how many messages were taken."""

    def __init__(self, number: int, master_secret: bytes, port: int) -> None:
        self.context = oscore.Context.derive(Aead(), master_secret, b"", number.to_bytes(2, "big"), b"")
        self._partial_iv = 0
        self._sequence = 0
        self._random = random.Random(number)
        self._message_id = self._random.randrange(0x10000)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((f"127.0.{number >> 8}.{(number & 0xFF) or 1}", 0))
        self._socket.connect(("127.0.0.1", port))

    async def send_all(self, messages: int, readings_each: int) -> int:
        """Sends messages one after the other; each is sent until it is durable."""
        done = 0
        echo = None
        payload = b""
        while done < messages:
            payload = payload or self._payload(readings_each)
            meaning, detail = await self._ask(payload, echo)
            echo = detail if meaning == report.ECHO else None
            if meaning == report.DURABLE:
                done, payload = done + 1, b""
        return done

    async def send_reading(self, raw: int) -> None:
        """Sends one reading until it is durable."""
        row = (self._sequence, 0, 300 * self._sequence, raw, 80, 2150)
        self._sequence += 1
        payload, echo, meaning = reading.pack(1, 1, 0, [row]), None, ""
        while meaning != report.DURABLE:
            meaning, detail = await self._ask(payload, echo)
            echo = detail if meaning == report.ECHO else None

    def close(self) -> None:
        """Gives the socket back."""
        self._socket.close()

    def _payload(self, readings_each: int) -> bytes:
        start = self._sequence
        self._sequence += readings_each
        rows = [(start + i, 0, 300 * (start + i), 400_000 + 97 * (i % 7), 80, 2150) for i in range(readings_each)]
        packed: bytes = reading.pack(1, 1, 0, rows)
        return packed

    async def _ask(self, payload: bytes, echo: bytes | None) -> tuple[str, object]:
        loop = asyncio.get_running_loop()
        self._message_id = (self._message_id + 1) & 0xFFFF
        datagram, binding = report.request(
            self.context, self._partial_iv, self._message_id, paths.READINGS, payload, echo
        )
        self._partial_iv += 1
        now_ms = int(loop.time() * 1000)
        exchange = Exchange(datagram, self._message_id, b"", now_ms, self._random.randrange)
        while exchange.state not in (DONE, FAILED):
            now_ms = int(loop.time() * 1000)
            if (due := exchange.due(now_ms)) is not None:
                await loop.sock_sendall(self._socket, due)
            try:
                async with asyncio.timeout(POLL_S):
                    answer = exchange.receive(coap.decode(await loop.sock_recv(self._socket, 2048)), now_ms)
            except TimeoutError:
                continue
            if answer is not None:
                await loop.sock_sendall(self._socket, answer)
        if exchange.state == FAILED:
            return report.WAIT, None
        meaning: tuple[str, object] = report.reply(self.context, binding, exchange.response)
        return meaning
