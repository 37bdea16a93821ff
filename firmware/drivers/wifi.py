# SPDX-License-Identifier: Apache-2.0
"""Wi-Fi as a station: joins, and joins again, without ever waiting for it."""

import network

from drivers import const

_TYPING = const(0)
if _TYPING:
    from drivers.clock import Clock

_AGAIN_AFTER_MS = const(30_000)
_LEAVES_WITHIN_MS = const(100)
_QUICK_TRIES = const(2)
_QUICK_AGAIN_AFTER_MS = const(5_000)
_KNOWN_BYTES = const(23)  # drivers.wifi_known has them


class Wifi:
    """`known` is what an earlier `known()` gave: with it the radio neither looks for the access point nor asks for an
    address, which takes a second and more. When that fails twice, it does both. An address is lent: forget it in time.
    """

    def __init__(self, ssid: str, password: str, clock: "Clock", known: bytes = b""):
        self._ssid = ssid
        self._password = password
        self._clock = clock
        self._known = known if len(known) == _KNOWN_BYTES else b""
        self._quick_tries = _QUICK_TRIES if self._known else 0
        self._wlan: "network.WLAN | None" = None
        self._join()

    def connected(self) -> bool:
        """Says whether there is a network; when there is none, it asks for it every half minute."""
        if self._wlan is not None and self._wlan.isconnected():
            return True
        again_after_ms = _QUICK_AGAIN_AFTER_MS if self._is_quick else _AGAIN_AFTER_MS
        if (self._clock.ticks_ms() - self._tried_ms) & 0x3FFFFFFF > again_after_ms:
            self._join()
        return False

    def rejoin(self) -> None:
        """Off and on again: a radio may say that it is connected when it is not, or by a lease that is over."""
        self.leave()
        self._quick_tries = 0
        self._join()

    def rssi_dbm(self) -> "int | None":
        """How strong the access point is here, None when there is none."""
        try:
            return None if self._wlan is None else self._wlan.status("rssi")
        except (OSError, RuntimeError):
            return None

    def known(self) -> bytes:
        """What makes the next joining quick; nothing when there is no network. Looks for the access point once."""
        if self._wlan is None or not self._wlan.isconnected():
            return b""
        if not self._known:
            from drivers.wifi_known import look  # not before: who never sleeps has no use for it

            self._known = look(self._wlan, self._ssid)
        return self._known

    def leave(self) -> None:
        """The radio goes off."""
        try:
            if self._wlan is not None:
                self._wlan.active(False)
        except (OSError, RuntimeError):
            pass

    def _join(self) -> None:
        self._tried_ms = self._clock.ticks_ms()
        self._is_quick = self._quick_tries > 0
        try:
            if self._wlan is None:
                self._wlan = network.WLAN(network.STA_IF)  # has no memory for the radio, perhaps
            self._wlan.active(True)
            # An ESP32 refuses to connect while an earlier attempt goes on, and takes a moment to end one.
            self._wlan.disconnect()
            self._clock.sleep_ms(_LEAVES_WITHIN_MS)
            if self._is_quick:
                self._quick_tries -= 1
                from drivers.wifi_known import join

                join(self._wlan, self._known, self._ssid, self._password, self._quick_tries > 0, self._clock)
            else:
                if self._known:
                    self._known = b""
                    self._wlan.ifconfig("dhcp")  # type: ignore[call-overload]  # the stubs do not know it
                self._wlan.connect(self._ssid, self._password)
        except (OSError, RuntimeError):  # ESP-IDF's errors come as either
            pass  # the radio says no: no network, and the next attempt is half a minute away
