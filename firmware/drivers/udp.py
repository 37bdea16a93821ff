# SPDX-License-Identifier: Apache-2.0
"""Datagrams to and from one host: never waits, never raises; a broken network is just silent."""

import select
import socket

from drivers import const

_TYPING = const(0)
if _TYPING:
    from drivers.wifi import Wifi

_DATAGRAM_MAX = const(1152)  # RFC 7252 section 4.6


class Udp:
    def __init__(self, network: "Wifi", host: str, port: int):
        self._network = network
        self._host = host
        self._port = port
        self._socket: "socket.socket | None" = None
        self._arrivals = select.poll()

    def ready(self) -> bool:
        """True when datagrams can be sent. Looking up a host's name may take seconds, once per `reopen`."""
        if not self._network.connected():
            self.reopen()
            return False
        return self._socket is not None or self._open()

    def reopen(self) -> None:
        """Forget the socket and the address: the host may have moved."""
        if self._socket is not None:
            self._arrivals.unregister(self._socket)
            self._socket.close()
            self._socket = None

    def rejoin(self) -> None:
        """Leave the network and join it anew: it says that it is there, and nothing comes through."""
        self.reopen()
        self._network.rejoin()

    def send(self, datagram: bytes) -> None:
        if self._socket is not None:
            try:
                self._socket.send(datagram)
            except OSError:
                pass  # as good as lost on the way: whoever needs an answer sends again

    def receive(self) -> "bytes | None":
        if self._socket is None or not self._has_arrived():
            return None
        try:
            datagram = self._socket.recv(_DATAGRAM_MAX)  # not readinto: a stream would join all that wait into one
        except OSError:
            return None  # for example ECONNREFUSED: the host is there, the fleet is not
        if datagram:
            return datagram
        self.reopen()  # lwIP takes an empty datagram for the peer's good-bye, and hears nothing from then on
        self._open()
        return None

    def _has_arrived(self) -> bool:
        """Costs no memory, where recv allocates room for the longest datagram even when there is none."""
        for _ in self._arrivals.ipoll(0):
            return True
        return False

    def _open(self) -> bool:
        opened = None
        try:
            found = socket.getaddrinfo(self._host, self._port, 0, socket.SOCK_DGRAM)[0]
            opened = socket.socket(found[0], socket.SOCK_DGRAM)
            opened.setblocking(False)
            opened.connect(found[-1])  # so that datagrams of others never reach us
        except (OSError, IndexError):
            if opened is not None:
                opened.close()
            return False
        self._arrivals.register(opened, select.POLLIN)
        self._socket = opened
        return True
