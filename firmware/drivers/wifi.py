# SPDX-License-Identifier: Apache-2.0
"""Wi-Fi as a station: joins, and joins again, without ever waiting for it."""

import network

TYPE_CHECKING = False
if TYPE_CHECKING:
    from drivers.clock import Clock

_AGAIN_AFTER_MS = 30_000
_LEAVES_WITHIN_MS = 100


class Wifi:
    def __init__(self, ssid: str, password: str, clock: "Clock"):
        self._ssid = ssid
        self._password = password
        self._clock = clock
        self._wlan = network.WLAN(network.STA_IF)
        self._join()

    def connected(self) -> bool:
        """Says whether there is a network; when there is none, it asks for it every half minute."""
        if self._wlan.isconnected():
            return True
        if (self._clock.ticks_ms() - self._tried_ms) & 0x3FFFFFFF > _AGAIN_AFTER_MS:
            self._join()
        return False

    def rssi_dbm(self) -> "int | None":
        """How strong the access point is here, None when there is none."""
        try:
            return self._wlan.status("rssi")
        except (OSError, RuntimeError):
            return None

    def _join(self) -> None:
        self._tried_ms = self._clock.ticks_ms()
        try:
            self._wlan.active(True)
            # An ESP32 refuses to connect while an earlier attempt goes on, and takes a moment to end one.
            self._wlan.disconnect()
            self._clock.sleep_ms(_LEAVES_WITHIN_MS)
            self._wlan.connect(self._ssid, self._password)
        except (OSError, RuntimeError):  # ESP-IDF's errors come as either
            pass  # the radio says no: no network, and the next attempt is half a minute away
