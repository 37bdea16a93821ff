# SPDX-License-Identifier: Apache-2.0
"""One confirmable request and its way to a response (RFC 7252 sections 4.2 and 5.2), without I/O or a clock."""

from wire import coap, const
from wire.ticks import ticks_diff

_ACK_TIMEOUT_MS = const(2000)
_ACK_RANDOM_SPAN_MS = const(1000)  # ACK_TIMEOUT * (ACK_RANDOM_FACTOR - 1), the factor being 1.5
_MAX_RETRANSMIT = const(4)
_SEPARATE_RESPONSE_MS = const(90000)  # after an empty acknowledgement; about MAX_TRANSMIT_WAIT (section 4.8.2)

PENDING = const(0)  # sending until something comes back
ACKED = const(1)  # the peer has the request and will answer separately
DONE = const(2)  # `response` holds the answer
FAILED = const(3)  # nothing came in time
RESET = const(4)  # the peer wants none of it


class Exchange:
    """Sends one confirmable datagram again until its answer is there.

    Call `due` often and send what it returns; give every message of the peer to `receive` and send what that returns;
    then look at `state`. `random_below(n)` gives a random 0 <= r < n. `verify(message)` says whether a response belongs
    to this request: where every token is empty, only its protection tells it from a late or a forged one. One that does
    not is passed over (RFC 8613 section 8.4); `hint` is the code of such a one in an acknowledgement.
    """

    def __init__(self, datagram, message_id, token, now_ms, random_below, verify=None):
        self.state = PENDING
        self.response = None
        self.hint = None
        self._datagram = datagram
        self._message_id = message_id
        self._token = token
        self._verify = verify
        self._since_ms = now_ms
        self._wait_ms = 0  # the first transmission is due at once
        self._timeout_ms = _ACK_TIMEOUT_MS + random_below(_ACK_RANDOM_SPAN_MS + 1)
        self._sendings_left = 1 + _MAX_RETRANSMIT

    def due(self, now_ms):
        """The datagram to send now, or None; a request that has waited too long is FAILED from here on."""
        if self.state not in (PENDING, ACKED) or ticks_diff(now_ms, self._since_ms) < self._wait_ms:
            return None
        if self.state == ACKED or not self._sendings_left:
            self.state = FAILED
            return None
        if self._sendings_left <= _MAX_RETRANSMIT:
            self._timeout_ms *= 2
        self._sendings_left -= 1
        self._wait(self._timeout_ms, now_ms)
        return self._datagram

    def receive(self, message, now_ms):
        """Take a message of the peer; returns the datagram to answer it with, or None."""
        if message.type in (coap.ACK, coap.RST):
            if message.message_id == self._message_id:
                self._receive_acknowledgement(message, now_ms)
            return None
        if message.code < coap.RESPONSES or message.token != self._token:
            return None  # a request or another's response: not ours to answer
        if self.state in (PENDING, ACKED) and (self._verify is None or self._verify(message)):
            self._finish(message)
        # Acknowledged in any case, so that the peer stops: it may be sending again because an earlier one was lost.
        return coap.empty(coap.ACK, message.message_id) if message.type == coap.CON else None

    def _receive_acknowledgement(self, message, now_ms):
        if self.state not in (PENDING, ACKED):
            return
        if message.type == coap.RST:
            self.state = RESET
        elif message.code != coap.EMPTY:
            if message.token == self._token:
                if self._verify is None or self._verify(message):
                    self._finish(message)
                else:
                    self.hint = message.code
        elif self.state == PENDING:
            self.state = ACKED
            self._wait(_SEPARATE_RESPONSE_MS, now_ms)

    def _finish(self, message):
        self.state = DONE
        self.response = message

    def _wait(self, wait_ms, now_ms):
        self._since_ms = now_ms
        self._wait_ms = wait_ms
