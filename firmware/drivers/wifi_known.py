# SPDX-License-Identifier: Apache-2.0
"""What makes the next joining of a Wi-Fi network quick: access point, channel, addresses. For who sleeps in between."""

from drivers import const

_TYPING = const(0)
if _TYPING:
    from drivers.clock import Clock

# 23 bytes: of the access point, its channel, four addresses of four bytes.
_BSSID_BYTES = const(6)
_ADDRESSES = const(4)  # of us, mask, gateway, DNS
_CHANNEL_MAX = const(11)  # beyond, a radio that has not heard its country yet refuses
_LEAVES_WITHIN_MS = const(100)


def look(wlan, ssid: str) -> bytes:
    """The strongest access point of the name is, in all likelihood, the one that we joined; nothing without an address.

    One that hides its name is not found: zeros stand for it, and the address is worth remembering alone.
    """
    best = (bytes(_BSSID_BYTES), 0, -200)
    try:
        for name, bssid, channel, rssi, *_ in wlan.scan():
            if name == ssid.encode() and rssi > best[2]:
                best = (bssid, channel, rssi)
        addresses = wlan.ifconfig()
    except (OSError, RuntimeError, MemoryError):  # a scan lists all of them
        return b""
    numbers = [int(number) for address in addresses for number in address.split(".")]
    return bytes(best[0]) + bytes([best[1]] + numbers)


def join(wlan, known: bytes, ssid: str, password: str, on_channel: bool, clock: "Clock") -> None:
    """`known` is what `look` gave; `on_channel`: looks for the access point on its channel alone."""
    bssid, channel, numbers = known[:_BSSID_BYTES], known[_BSSID_BYTES], known[_BSSID_BYTES + 1 :]
    addresses = [".".join(str(number) for number in numbers[4 * each : 4 * each + 4]) for each in range(_ADDRESSES)]
    wlan.ifconfig(tuple(addresses))
    if not any(bssid):
        wlan.connect(ssid, password)
        return
    wlan.connect(ssid, password, bssid=bssid)
    if on_channel and channel <= _CHANNEL_MAX:
        # To name a network is to forget the channel (network_wlan.c, network_wlan_connect), so this comes second.
        wlan.disconnect()
        clock.sleep_ms(_LEAVES_WITHIN_MS)
        try:
            wlan.config(channel=channel)
        except (OSError, RuntimeError):
            pass  # a second more to look for it
        wlan.connect()
