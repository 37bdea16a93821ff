# SPDX-License-Identifier: Apache-2.0
"""MicroPython's `network` module with a radio that writes down what it is asked, and refuses what it is told to.

As on an ESP32, who names a network to `connect` makes the radio forget its channel, and who names none keeps it.
"""

STA_IF = 0
_heard = []
_refusals = {}
_arrived = []
_names = []


def refuse(refusals):
    """From here on: what is asked, and the error it ends with. What was heard before is forgotten."""
    _heard.clear()
    _arrived.clear()
    _refusals.clear()
    _refusals.update(refusals)


def heard():
    return list(_heard)


def arrive():
    """The radio has joined."""
    _arrived.append(True)


def name(ssid):
    """What the access points nearby call themselves."""
    _names[:] = [ssid]


name(b"warehouse")


class WLAN:
    def __init__(self, interface):
        assert interface == STA_IF
        _take("made")
        self._named = self._channel = ""

    def active(self, wanted):
        _take("active" if wanted else "off")
        if not wanted:
            _arrived.clear()

    def disconnect(self):
        _take("disconnect")

    def connect(self, ssid=None, password=None, bssid=None):
        if ssid is not None:
            self._named = ssid if bssid is None else f"{ssid} at {bssid[5]}"
            self._channel = ""
        _take(f"connect {self._named}{self._channel}")

    def config(self, channel):
        _take(f"channel {channel}")
        self._channel = f" on channel {channel}"

    def ifconfig(self, addresses=None):
        if addresses is None:
            return ("10.0.0.7", "255.255.255.0", "10.0.0.1", "10.0.0.1")
        _take("address " + (addresses if isinstance(addresses, str) else addresses[0]))
        return None

    def scan(self):
        _take("scan")
        near, far, other = b"\x02\0\0\0\0\x09", b"\x02\0\0\0\0\x08", b"\x02\0\0\0\0\x07"
        return [
            (_names[0], far, 1, -80, 3, False),
            (_names[0], near, 6, -50, 3, False),
            (b"other", other, 11, -30, 3, False),
        ]

    def isconnected(self):
        return bool(_arrived)


def _take(what):
    if what in _refusals:
        raise _refusals[what]
    if what != "made":
        _heard.append(what)
