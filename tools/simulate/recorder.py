# SPDX-License-Identifier: Apache-2.0
"""Reads the wire as an eavesdropper would and proves that no (key, nonce) pair protected two different messages.

A request's nonce is made of its sender (kid) and its partial IV; a response that carries no partial IV of its own uses
the nonce of the request it answers, under the other direction's key (RFC 8613 sections 5.2 and 8.3). The same
ciphertext again is a retransmission and harmless; another ciphertext under the same key and nonce is fatal to AES-CCM.

Keys are named by whose they are and by the ID context they are made of (appendix B.2): the one that a request names,
else the one that its sender named last. A response that names one is protected with keys of that and the request's.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from wire import coap

from tools.simulate.lossy_network import Address, Way

_PIV_LENGTH = 0x07  # RFC 8613 section 6.1
_HAS_KID = 0x08
_HAS_KID_CONTEXT = 0x10


class Nonce(NamedTuple):
    """Names a (key, nonce) pair: way and ID contexts name the key of this device, (owner, piv) the nonce."""

    way: Way
    device: bytes
    contexts: bytes
    owner: bytes
    piv: bytes


class OscoreOption(NamedTuple):
    """The OSCORE option's fields; kid is None when it is absent, kid_context empty."""

    piv: bytes
    kid: bytes | None
    kid_context: bytes = b""


@dataclass
class _Talk:
    """What one client address and the fleet said."""

    requests: dict[int, Nonce] = field(default_factory=dict)
    waiting: deque[Nonce] = field(default_factory=deque)
    separate: dict[tuple[int, bytes], Nonce] = field(default_factory=dict)


class Recorder:
    """Give `witness` to a LossyNetwork; read `violations` afterwards."""

    def __init__(self) -> None:
        self.datagrams = 0
        self.requests: set[Nonce] = set()
        self.retransmissions = 0
        self.violations: list[str] = []
        self._ciphertexts: dict[Nonce, bytes] = {}
        self._talks: dict[Address, _Talk] = {}
        self._named: dict[bytes, bytes] = {}

    def witness(self, way: Way, client: Address, datagram: bytes) -> None:
        """Take note of a datagram as it was sent."""
        self.datagrams += 1
        try:
            message = coap.decode(datagram)
        except coap.FormatError as error:
            self.violations.append(f"{way} {client}: not CoAP: {error}")
            return
        talk = self._talks.setdefault(client, _Talk())
        option = coap.option(message.options, coap.OSCORE)
        if option is None:
            if way == "down" and message.type == coap.ACK and message.code == coap.EMPTY:
                self._expect_separate(talk, message.message_id)
            return
        nonce = self._nonce(way, talk, message, parse_option(option))
        if nonce is not None:
            self._check(nonce, message.payload)

    def _nonce(self, way: Way, talk: _Talk, message: coap.Message, option: OscoreOption) -> Nonce | None:
        if way == "up":
            if option.kid is None:
                self.violations.append("a request without kid")
                return None
            if option.kid_context:
                self._named[option.kid] = option.kid_context
            nonce = Nonce("up", option.kid, self._named.get(option.kid, b""), option.kid, option.piv)
            talk.requests[message.message_id] = nonce
            self.requests.add(nonce)
            return nonce
        answered = self._answered(talk, message)
        if answered is None:
            self.violations.append("a response to a request that nobody saw")
            return None
        contexts = option.kid_context + answered.contexts
        if option.piv:
            return Nonce("down", answered.device, contexts, b"", option.piv)
        return Nonce("down", answered.device, contexts, answered.owner, answered.piv)

    def _answered(self, talk: _Talk, message: coap.Message) -> Nonce | None:
        """The request that a response answers: by message ID when it rides on the ACK, else in the order of arrival."""
        if message.type == coap.ACK:
            return talk.requests.get(message.message_id)
        key = (message.message_id, message.payload)
        if key not in talk.separate and talk.waiting:
            talk.separate[key] = talk.waiting.popleft()
        return talk.separate.get(key)

    def _expect_separate(self, talk: _Talk, message_id: int) -> None:
        nonce = talk.requests.get(message_id)
        answered = nonce in talk.separate.values() or nonce in talk.waiting
        if nonce is not None and not answered:
            talk.waiting.append(nonce)

    def _check(self, nonce: Nonce, ciphertext: bytes) -> None:
        known = self._ciphertexts.setdefault(nonce, ciphertext)
        if known is ciphertext:
            return
        self.retransmissions += 1
        if known != ciphertext:
            self.violations.append(f"{nonce}: two ciphertexts, {len(known)} and {len(ciphertext)} bytes")


def parse_option(value: bytes) -> OscoreOption:
    """The OSCORE option (RFC 8613 section 6.1); raises ValueError when it is cut off."""
    if not value:
        return OscoreOption(b"", None)
    flags, rest = value[0], value[1:]
    length = flags & _PIV_LENGTH
    if len(rest) < length:
        raise ValueError("the partial IV is cut off")
    piv, rest = rest[:length], rest[length:]
    kid_context = b""
    if flags & _HAS_KID_CONTEXT:
        if not rest or len(rest) < 1 + rest[0]:
            raise ValueError("the kid context is cut off")
        kid_context, rest = rest[1 : 1 + rest[0]], rest[1 + rest[0] :]
    return OscoreOption(piv, bytes(rest) if flags & _HAS_KID else None, kid_context)
