# SPDX-License-Identifier: Apache-2.0
"""A fleet that stores everything, on a UDP port of its own."""

import socket
import threading
from collections.abc import Callable
from typing import Any

from tests.fakes.renewing_fleet import RenewingFleet


class UdpFleet:
    """`posted` holds (path, payload) of what is no reading. `make` makes the fleet of each sender."""

    def __init__(self, only: RenewingFleet | None = None, make: Callable[[], Any] = RenewingFleet) -> None:
        self.only = only
        self._make = make
        self.longest = 0
        self.posted: list[tuple[str, bytes]] = []
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
        fleets: dict[tuple[str, int], Any] = {}  # each run is a device of its own
        while True:
            datagram, sender = self._socket.recvfrom(2048)
            if not datagram:
                return
            self.longest = max(self.longest, len(datagram))
            fleet = self.only or fleets.setdefault(sender, self._make())
            for answer in fleet(datagram):
                self._socket.sendto(answer, sender)
            self.posted = [each for fleet in fleets.values() for each in fleet.posted]
