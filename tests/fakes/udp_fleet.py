# SPDX-License-Identifier: Apache-2.0
"""A fleet that stores everything, on a real socket."""

import socket
import threading

from tests.fakes.fleet import ScriptedFleet


class UdpFleet:
    """On a port of its own; each sender is a device of its own."""

    def __init__(self) -> None:
        self.longest = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        fleets: dict[tuple[str, int], ScriptedFleet] = {}  # each run is a device of its own
        while True:
            datagram, sender = self._socket.recvfrom(2048)
            if not datagram:
                return
            self.longest = max(self.longest, len(datagram))
            for answer in fleets.setdefault(sender, ScriptedFleet())(datagram):
                self._socket.sendto(answer, sender)
