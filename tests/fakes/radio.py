# SPDX-License-Identifier: Apache-2.0
"""A radio to one peer, which answers at once; the datagrams numbered in `drop_out` and `drop_in` are lost."""


class FakeRadio:
    """`peer(datagram)` returns the list of datagrams it answers with."""

    def __init__(self, peer, drop_out=(), drop_in=()):
        self._peer = peer
        self._drop_out = drop_out
        self._drop_in = drop_in
        self._arrived = 0
        self._inbox = []
        self.sent = []
        self.reopened = 0
        self.rejoined = 0
        self.network = True

    def ready(self):
        return self.network

    def reopen(self):
        self.reopened += 1

    def rejoin(self):
        self.rejoined += 1

    def send(self, datagram):
        self.sent.append(datagram)
        if len(self.sent) - 1 not in self._drop_out:
            for answer in self._peer(datagram):
                self.deliver(answer)

    def deliver(self, datagram):
        """The peer says something of its own accord."""
        if self._arrived not in self._drop_in:
            self._inbox.append(datagram)
        self._arrived += 1

    def receive(self):
        return self._inbox.pop(0) if self._inbox else None
