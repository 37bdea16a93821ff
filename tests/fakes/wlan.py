# SPDX-License-Identifier: Apache-2.0
"""MicroPython's `network` module with a radio that writes down what it is asked, and refuses what it is told to."""

STA_IF = 0
_heard = []
_refusals = {}
_arrived = []


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


class WLAN:
    def __init__(self, interface):
        assert interface == STA_IF

    def active(self, wanted):
        assert wanted
        _take("active")

    def disconnect(self):
        _take("disconnect")

    def connect(self, ssid, password, bssid=None):
        _take(f"connect {ssid}" if bssid is None else f"connect {ssid} at {bssid[5]}")

    def config(self, channel):
        _take(f"channel {channel}")

    def ifconfig(self, addresses=None):
        if addresses is None:
            return ("10.0.0.7", "255.255.255.0", "10.0.0.1", "10.0.0.1")
        _take("address " + (addresses if isinstance(addresses, str) else addresses[0]))
        return None

    def scan(self):
        _take("scan")
        near, far, other = b"\x02\0\0\0\0\x09", b"\x02\0\0\0\0\x08", b"\x02\0\0\0\0\x07"
        return [
            (b"warehouse", far, 1, -80, 3, False),
            (b"warehouse", near, 6, -50, 3, False),
            (b"other", other, 11, -30, 3, False),
        ]

    def isconnected(self):
        return bool(_arrived)


def _take(what):
    if what in _refusals:
        raise _refusals[what]
    _heard.append(what)
