# SPDX-License-Identifier: Apache-2.0
"""A UART with a module behind it, which hears at once what the host writes; what it answers waits to be read."""


class FakeUart:
    """`hear` takes bytes of the host and returns frames; `said` is what it was told."""

    def __init__(self, hear):
        self._hear = hear
        self._waiting = b""
        self.said = []

    def write(self, data):
        self.said.append(bytes(data))
        for answer in self._hear(data):
            self._waiting += answer
        return len(data)

    def arrives(self, data):
        """Bytes come in by themselves."""
        self._waiting += data

    def readinto(self, buffer):
        count = min(len(buffer), len(self._waiting))
        buffer[:count] = self._waiting[:count]
        self._waiting = self._waiting[count:]
        return count or None
