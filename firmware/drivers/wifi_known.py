# SPDX-License-Identifier: Apache-2.0
"""What makes the next joining of a Wi-Fi network quick: access point, channel, addresses. For who sleeps in between."""

from drivers import const

# 23 bytes: of the access point, its channel, four addresses of four bytes.
_BSSID_BYTES = const(6)
_ADDRESSES = const(4)  # of us, mask, gateway, DNS


def look(wlan, ssid: str) -> bytes:
    """The strongest access point of the name is, in all likelihood, the one that we joined; nothing without one."""
    best = None
    try:
        for name, bssid, channel, rssi, *_ in wlan.scan():
            if name == ssid.encode() and (best is None or rssi > best[2]):
                best = (bssid, channel, rssi)
        addresses = wlan.ifconfig()
    except (OSError, RuntimeError):
        return b""
    if best is None:
        return b""
    numbers = [int(number) for address in addresses for number in address.split(".")]
    return bytes(best[0]) + bytes([best[1]] + numbers)


def join(wlan, known: bytes, ssid: str, password: str) -> None:
    """`known` is what `look` gave."""
    bssid, channel, numbers = known[:_BSSID_BYTES], known[_BSSID_BYTES], known[_BSSID_BYTES + 1 :]
    addresses = [".".join(str(number) for number in numbers[4 * each : 4 * each + 4]) for each in range(_ADDRESSES)]
    wlan.config(channel=channel)
    wlan.ifconfig(tuple(addresses))
    wlan.connect(ssid, password, bssid=bssid)
