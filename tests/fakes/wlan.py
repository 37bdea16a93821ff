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

    def connect(self, ssid, password):
        _take("connect " + ssid)

    def isconnected(self):
        return bool(_arrived)


def _take(what):
    if what in _refusals:
        raise _refusals[what]
    _heard.append(what)
