# SPDX-License-Identifier: Apache-2.0
"""aiocoap's UDP endpoint with every table bounded and strangers kept short.

What it changes: the guard looks at a datagram first; malformed ones are reset (RFC 7252 section 4.2), not logged one
by one; requests sent again are found in a table of fixed size instead of one with a timer each; at most so many
requests are answered at once, and one for each source and token; a reply that would have to queue is sent once,
non-confirmable.
"""

import asyncio
import socket
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from aiocoap import CON, EMPTY, NON, RST, Message
from aiocoap.message import Direction
from aiocoap.messagemanager import MessageManager
from aiocoap.numbers.types import ACK
from aiocoap.protocol import Context
from aiocoap.tokenmanager import TokenManager
from aiocoap.transports.udp6 import MessageInterfaceUDP6, UDP6EndpointAddress
from wire import coap

from fleet.gate.guard import Guard, Limits
from fleet.gate.logline import limited

EXCHANGE_LIFETIME_S = 247  # RFC 7252 section 4.8.2
_RECEIVE_BUFFER_BYTES = 1 << 20
_log = limited(__name__)
_coap_log = limited("fleet.gate.coap")


@dataclass(slots=True)
class _Heard:
    at_s: float
    fingerprint: int
    reply: Message | None = None


class Messages(MessageManager):
    """aiocoap's message layer (ids, acknowledgements, retransmission) with bounded tables."""

    def __init__(self, token_manager: TokenManager, limits: Limits) -> None:
        super().__init__(token_manager)
        self._limits = limits
        self.guard = Guard(limits, self.loop.time)
        self.heard: OrderedDict[tuple[Any, int], _Heard] = OrderedDict()
        """Requests heard lately by (remote, message id)."""

    def dispatch_message(self, message: Message) -> None:
        """Handles a message; drops a request without a word while too many, or its predecessor, are in work."""
        in_work = self.token_manager.incoming_requests
        if message.code.is_request() and (
            in_work is None
            or len(in_work) >= self._limits.in_flight
            or (message.token, message.remote) in in_work  # aiocoap would abandon the one in work for it
        ):
            return
        super().dispatch_message(message)

    def send_message(self, message: Message, messageerror_monitor: Any) -> None:
        """Sends a reply; one that would have to wait its turn, or for whose retransmission no room is, goes once."""
        crowded = self._active_exchanges is not None and (
            message.remote in self._backlogs or len(self._active_exchanges) >= self._limits.retransmitting
        )
        if crowded and message.mtype is None:
            message.mtype = NON  # still becomes an ACK when it can be piggybacked
        super().send_message(message, messageerror_monitor)

    def _deduplicate_message(self, message: Message) -> bool:
        """Whether the very message was heard before; then sends its reply again. A reused id alone is not enough:
        a device that restarts may begin with the same ids, and a stranger may guess them."""
        now_s = self.loop.time()
        while self.heard and next(iter(self.heard.values())).at_s < now_s - EXCHANGE_LIFETIME_S:
            self.heard.popitem(last=False)
        key = (message.remote, message.mid)
        fingerprint = hash((message.mtype, message.code, message.token, message.opt.encode(), message.payload))
        before = self.heard.pop(key, None)
        if before is not None and before.fingerprint == fingerprint:
            self.heard[key] = before
            self.heard.move_to_end(key, last=True)
            if message.mtype is CON and before.reply is not None:
                self._send_initially(before.reply)
            return True
        self.heard[key] = _Heard(now_s, fingerprint)
        if len(self.heard) > self._limits.remembered:
            self.heard.popitem(last=False)
        return False

    def _store_response_for_duplicates(self, message: Message) -> None:
        """Remembers an acknowledgement; any other message's id is one of ours and only looks like a request's."""
        heard = self.heard.get((message.remote, message.mid))
        if heard is not None and message.mtype is ACK:
            heard.reply = message


class Interface(MessageInterfaceUDP6):
    """aiocoap's UDP socket with the guard before it."""

    def datagram_msg_received(self, data: bytes, ancdata: Any, flags: int, address: Any) -> None:
        """Called by the transport with each datagram."""
        if not self._ctx.guard.admits(address[0]):
            _log.warning("too many datagrams, some are dropped; one was from %s", address[0].removeprefix("::ffff:"))
            return
        pktinfo = next((value for _, kind, value in ancdata if kind == socket.IPV6_PKTINFO), None)
        remote = UDP6EndpointAddress(address, self, pktinfo=pktinfo)
        try:
            coap.decode(data)  # stricter than aiocoap's
            message = Message.decode(data, remote)
        except Exception as error:  # whatever aiocoap's option decoders let out
            _log.warning("malformed datagram of %d bytes from %s: %s", len(data), remote.hostinfo, type(error).__name__)
            self._reset(data, remote)
            return
        message.direction = Direction.INCOMING
        try:
            self._ctx.dispatch_message(message)
        except Exception:
            _log.exception("a datagram could not be dispatched: a defect")

    def datagram_errqueue_received(self, data: bytes, ancdata: Any, flags: int, address: Any) -> None:
        """Called by the transport with an ICMP error: a peer has gone, and with it what waits for it."""
        try:
            super().datagram_errqueue_received(data, ancdata, flags, address)
        except Exception as error:  # its assertions know IPv6's form alone
            _log.info("a socket error could not be read: %s", type(error).__name__)

    def _reset(self, data: bytes, remote: UDP6EndpointAddress) -> None:
        """Rejects a malformed confirmable message with four bytes; anything else is ignored (RFC 7252 4.2, 4.3)."""
        if len(data) >= 4 and data[0] >> 6 == 1 and data[0] >> 4 & 3 == CON:
            reset = Message(_mtype=RST, _mid=int.from_bytes(data[2:4], "big"), code=EMPTY)
            reset.remote = remote
            self.send(reset)


async def open_endpoint(site: Any, sock: socket.socket, limits: Limits) -> tuple[Context, Messages]:
    """An aiocoap context that serves `site` on the bound socket, and its message layer."""
    context = Context(loop=asyncio.get_running_loop(), serversite=site, loggername=_coap_log.name)
    tokens = TokenManager(context)
    messages = Messages(tokens, limits)
    interface = await Interface._create_transport_endpoint(sock, messages, _coap_log, context.loop)
    messages.message_interface = interface
    tokens.token_interface = messages
    context.request_interfaces.append(tokens)
    return context, messages


def bind_udp(host: str, port: int) -> socket.socket:
    """A UDP socket on `host` (IPv6, or IPv4 mapped into it) and `port`. OSError when it cannot be had.

    Unlike aiocoap's own, without SO_REUSEPORT: a second fleet on the same port is an error, not a half of the devices.
    """
    flags = socket.AI_V4MAPPED | socket.AI_ALL | socket.AI_PASSIVE
    address = socket.getaddrinfo(host, port, socket.AF_INET6, socket.SOCK_DGRAM, 0, flags)[0][4]
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        sock.bind(address)
        sock.setblocking(False)
    except OSError:
        sock.close()
        raise
    return sock
