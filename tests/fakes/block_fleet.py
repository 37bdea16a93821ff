# SPDX-License-Identifier: Apache-2.0
"""A fleet that also takes and gives what is larger than a datagram, in blocks (RFC 7959), without loss or doubt."""

from wire import coap
from wire.blockwise import BLOCK1, BLOCK2, CONTINUE

from tests.fakes.fleet import ScriptedFleet

PATH = b"big"
_BLOCK_BYTES = 1024
_EXPONENT = 6


class BlockFleet(ScriptedFleet):
    """What is posted to PATH comes back reversed; `bodies` holds what came."""

    def __init__(self):
        super().__init__()
        self.bodies = []
        self._body = b""

    def __call__(self, datagram):
        message = coap.decode(datagram)
        _, options, payload, binding = self._context.unprotect_request(message)
        if coap.option(options, coap.URI_PATH) != PATH:
            return super().__call__(datagram)
        code, options, payload = self._answer(coap.option(options, BLOCK1), coap.option(options, BLOCK2), payload)
        value, ciphertext = self._context.protect_response(binding, code, options, payload)
        outer = coap.Message(coap.ACK, coap.CHANGED, message.message_id, b"", [(coap.OSCORE, value)], ciphertext)
        return [coap.encode(outer)]

    def _answer(self, block1, block2, payload):
        if block1 is not None:
            number, more = _parts(block1)
            self._body = payload if number == 0 else self._body + payload
            if more:
                return CONTINUE, [(BLOCK1, block1)], b""
            self.bodies.append(self._body)
        number = _parts(block2)[0] if block2 is not None and block1 is None else 0
        start, body = number * _BLOCK_BYTES, self.bodies[-1][::-1]
        more = start + _BLOCK_BYTES < len(body)
        block = coap.uint_value(number << 4 | more << 3 | _EXPONENT)
        options = [(BLOCK2, block)] if block1 is None else [(BLOCK1, block1), (BLOCK2, block)]
        return coap.CHANGED, options, body[start : start + _BLOCK_BYTES]


def _parts(block):
    """(number, whether more follow) of a Block option."""
    value = int.from_bytes(block, "big")
    return value >> 4, value & 8
