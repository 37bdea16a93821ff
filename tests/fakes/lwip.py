# SPDX-License-Identifier: Apache-2.0
"""MicroPython's `socket` and `select` on an ESP32, of one datagram socket at a time (ports/esp32/modsocket.c).

Whoever received an empty datagram is taken for one whose peer has said good-bye, and hears no other.
"""

SOCK_DGRAM = 2
POLLIN = 1
_inbox = []
opened = []


def deliver(datagram):
    """The host sends something to the newest socket."""
    _inbox.append(datagram)


def getaddrinfo(host, port, family, kind):
    return [(2, kind, 0, "", (host, port))]


class socket:  # noqa: N801 - as the module has it
    def __init__(self, family, kind):
        _inbox.clear()
        opened.append(self)
        self._is_over = False

    def setblocking(self, is_blocking):
        pass

    def connect(self, address):
        pass

    def close(self):
        pass

    def recv(self, size):
        if self._is_over:
            return b""
        datagram = _inbox.pop(0)
        self._is_over = not datagram
        return datagram

    def is_readable(self):
        return self._is_over or bool(_inbox)


class poll:  # noqa: N801 - as the module has it
    def __init__(self):
        self._sockets = []

    def register(self, one, events):
        self._sockets.append(one)

    def unregister(self, one):
        self._sockets.remove(one)

    def ipoll(self, timeout_ms):
        return iter([(one, POLLIN) for one in self._sockets if one.is_readable()])
