# SPDX-License-Identifier: Apache-2.0
"""The gate understands the datagrams of the firmware's own wire package, and the firmware its replies."""

from collections.abc import Awaitable, Callable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESCCM
from wire import coap, oscore, paths, report

from tests.fleet.gate.conftest import KID, SECRET, House
from tests.fleet.gate.peer import SALT, Peer, message

Run = Callable[[Awaitable[Any]], Any]


class Aead:
    """The cipher the wire package is handed on CPython."""

    def encrypt(self, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
        return AESCCM(key, tag_length=8).encrypt(nonce, plaintext, aad)

    def decrypt(self, key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
        return AESCCM(key, tag_length=8).decrypt(nonce, ciphertext, aad)


class Firmware:
    """What a device does with the wire package."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.context = oscore.Context.derive(Aead(), SECRET, SALT, KID, b"")
        self.number = 0

    async def post(self, payload: bytes, echo: bytes | None = None) -> tuple[int, Any]:
        """(inner code, inner options) of the reply to one request."""
        self.number += 1
        datagram, binding = report.request(self.context, self.number, self.number, paths.READINGS, payload, echo)
        self.peer.send(datagram)
        code, options, payload = self.context.unprotect_response(binding, coap.decode(await self.peer.response()))
        assert payload == b""
        return code, options


def test_the_firmware_is_challenged_answers_and_is_acknowledged(house: House, run: Run) -> None:
    async def scene() -> None:
        async with house.pair() as (_, peer):
            firmware = Firmware(peer)
            code, options = await firmware.post(message(0))
            assert code == coap.UNAUTHORIZED
            echo = coap.option(options, coap.ECHO)
            assert (await firmware.post(message(0), echo))[0] == coap.CHANGED
            assert (await firmware.post(message(1)))[0] == coap.CHANGED

    run(scene())
    assert house.sequences() == [0, 1]
