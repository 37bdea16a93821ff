# SPDX-License-Identifier: Apache-2.0
"""Peers of the gate for tests: a device on a plain UDP socket that sees every datagram, with aiocoap's OSCORE."""

import asyncio
from dataclasses import dataclass
from typing import Any

import cbor2
import wire.reading
from aiocoap import Message, oscore
from aiocoap.message import Direction
from aiocoap.numbers import codes
from cryptography.hazmat.primitives.hashes import SHA256
from wire import coap

SALT = b"salt"


class Keys(oscore.CanProtect, oscore.CanUnprotect, oscore.SecurityContextUtils):
    """The device's side of a security context; it counts its own numbers and keeps no window (a client needs none).

    `kid_context` is what its requests say of its ID context; False: nothing.
    """

    alg_aead = oscore.AES_CCM_16_64_128()
    hashfun = SHA256()
    recipient_id = b""
    echo_recovery = None

    def __init__(
        self, kid: bytes, master_secret: bytes, master_salt: bytes = SALT, id_context: bytes | None = None
    ) -> None:
        self.sender_id = kid
        self.id_context = id_context
        self.kid_context: bytes | bool = id_context is not None and cbor2.dumps(id_context)
        self.sender_sequence_number = 0
        self.derive_keys(master_salt, master_secret)
        self.recipient_replay_window = oscore.ReplayWindow(32, lambda: None)
        self.recipient_replay_window.initialize_empty()

    def post_seqnoincrease(self) -> None:
        pass


@dataclass
class Reply:
    """What came back: the datagram's CoAP message, and what was inside when it was protected."""

    outer: Any
    inner: Message | None

    @property
    def protected(self) -> bool:
        return self.inner is not None

    @property
    def code(self) -> str:
        return (codes.Code(self.outer.code) if self.inner is None else self.inner.code).dotted

    @property
    def text(self) -> str:
        return (self.outer.payload if self.inner is None else self.inner.payload).decode()

    @property
    def partial_iv(self) -> bytes:
        """The number the gate protected its reply under."""
        (option,) = [value for number, value in self.outer.options if number == coap.OSCORE]
        return bytes(option[1:])


class Peer(asyncio.DatagramProtocol):
    """A device as a plain socket: `post` sends a protected request, `answer` waits for what comes back."""

    def __init__(self, port: int, keys: Keys) -> None:
        self.port = port
        self.keys = keys
        self.arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self.sent: list[bytes] = []
        self._message_id = 0
        self._confirmed: set[bytes] = set()
        self._binding: Any = None

    async def open(self) -> "Peer":
        self.transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            lambda: self, remote_addr=("127.0.0.1", self.port)
        )
        return self

    def close(self) -> None:
        self.transport.close()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        """A confirmable reply is acknowledged, and heard once, however often it comes."""
        if len(data) >= 4 and data[0] >> 4 & 3 == coap.CON and data[1] != coap.EMPTY:
            self.transport.sendto(b"\x60\x00" + data[2:4])
            if data[2:4] in self._confirmed:
                return
            self._confirmed.add(data[2:4])
        self.arrived.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        pass

    def protect(
        self,
        payload: bytes,
        *,
        code: codes.Code = codes.POST,
        path: tuple[str, ...] = ("r",),
        kind: int = coap.CON,
        **options: Any,
    ) -> bytes:
        """The datagram of a protected request."""
        inner = Message(code=code, uri_path=path, payload=payload, **options)
        outer, self._binding = self.keys.protect(inner, kid_context=self.keys.kid_context)
        return self.frame(outer, kind)

    def frame(self, message: Message, kind: int = coap.CON) -> bytes:
        """A message with the next message id and no token."""
        self._message_id += 1
        message._direction = Direction.OUTGOING
        message.mtype, message.mid, message.token = kind, self._message_id, b""
        return bytes(message.encode())

    def send(self, datagram: bytes) -> None:
        self.sent.append(datagram)
        self.transport.sendto(datagram)

    async def datagram(self) -> bytes:
        """The next datagram that came back."""
        return await asyncio.wait_for(self.arrived.get(), 10)

    async def response(self) -> bytes:
        """The next datagram that is not an empty acknowledgement (which comes first when the disk is slow)."""
        while (data := await self.datagram())[1] == coap.EMPTY:
            pass
        return data

    async def answer(self) -> Reply:
        """The next response, opened if it is protected."""
        data = await self.response()
        return Reply(coap.decode(data), self._open(data))

    def _open(self, data: bytes) -> Message | None:
        response = Message.decode(data)
        if response.opt.oscore is None or response.opt.oscore[0] & 0x10:  # not protected, or an offer of new keys
            return None
        inner, _ = self.keys.unprotect(response, self._binding)
        return inner

    async def exchange(self, payload: bytes, **options: Any) -> Reply:
        """One protected request and its reply, whatever it is."""
        self.send(self.protect(payload, **options))
        return await self.answer()

    async def post(self, payload: bytes, **options: Any) -> Reply:
        """As a device does it: a 4.01 with Echo is answered with the Echo under a new number."""
        reply = await self.exchange(payload, **options)
        if reply.inner is not None and reply.code == "4.01" and reply.inner.opt.echo is not None:
            reply = await self.exchange(payload, echo=reply.inner.opt.echo, **options)
        return reply


def message(
    first: int = 0, count: int = 1, *, epoch: int = 7, boot_count: int = 1, age_s: int | None = 0, raw: int = 1000
) -> bytes:
    """The payload of `count` readings from sequence `first` on, ten seconds apart, on channel 0."""
    readings = [(first + i, 0, 100 + 10 * (first + i), raw + i, 5, 2150) for i in range(count)]
    return bytes(wire.reading.pack(epoch, boot_count, age_s, readings))
