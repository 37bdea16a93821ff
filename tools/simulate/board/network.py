# SPDX-License-Identifier: Apache-2.0
"""Wi-Fi of the virtual board: connected a moment after it is asked; the sockets are the host's own."""

import time

JOINS_WITHIN_MS = 400

STA_IF = 0
AP_IF = 1
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010


_stations = []


def cut_off():
    """The radio has no power for a moment: whoever was joined is not any more."""
    for station in _stations:
        station.disconnect()


class WLAN:
    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2

    def __init__(self, interface=STA_IF):
        self._active = False
        self._asked_ms = None
        _stations.append(self)

    def active(self, is_active=None):
        if is_active is not None:
            self._active = bool(is_active)
        return self._active

    def connect(self, ssid=None, key=None, *, bssid=None):
        if not self._active:
            raise OSError("Wifi Not Started")
        self._asked_ms = time.ticks_ms()

    def disconnect(self):
        self._asked_ms = None

    def isconnected(self):
        return self._asked_ms is not None and time.ticks_diff(time.ticks_ms(), self._asked_ms) >= JOINS_WITHIN_MS

    def status(self, what=None):
        if what == "rssi":
            return -55
        return STAT_GOT_IP if self.isconnected() else STAT_IDLE

    def scan(self):
        return [(b"simulated", b"\x02\x00\x00\x00\x00\x02", 6, -55, 3, False)]

    def ifconfig(self, addresses=None):
        return ("192.168.4.2", "255.255.255.0", "192.168.4.1", "192.168.4.1") if addresses is None else None

    def config(self, *names, **values):
        return b"\x02\x00\x00\x00\x00\x01" if names == ("mac",) else None
