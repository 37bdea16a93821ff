# SPDX-License-Identifier: Apache-2.0
"""Parses kanbin.json, whole, at the start; a mistake is named by key, with what is allowed.

Large, and needed once: a device forgets this module afterwards. So nothing of it is in the settings that it returns.
"""

import json
from binascii import unhexlify

from device.settings import FILE, Settings, SettingsError

CHANNELS_MAX = 8
REQUIRED = "required"
_PASSWORD_SIZES = [0] + list(range(8, 64))  # of WPA2 and WPA3; a radio refuses others


def whole_number(low: int, high: int):
    def check(value):
        return value if type(value) is int and low <= value <= high else None

    return check, "a whole number, %d to %d" % (low, high)


def text(low: int, high: int):
    def check(value):
        return value if isinstance(value, str) and low <= len(value.encode()) <= high else None

    return check, "text of %d to %d bytes" % (low, high)


def wifi_password():
    def check(value):
        return value if isinstance(value, str) and len(value.encode()) in _PASSWORD_SIZES else None

    return check, "text of 8 to 63 bytes, or none for an open network"


def hex_bytes(low: int, high: int):
    def check(value):
        try:
            data = unhexlify(value) if isinstance(value, str) else None
        except ValueError:
            return None
        return data if data is not None and low <= len(data) <= high else None

    sizes = "%d" % low if low == high else "%d to %d" % (low, high)
    return check, "%s bytes in hexadecimal" % sizes


def one_of(names):
    def check(value):
        return value if isinstance(value, str) and value in names else None

    return check, " or ".join(names)


def one_of_numbers(numbers):
    def check(value):
        return value if type(value) is int and value in numbers else None

    return check, " or ".join(str(number) for number in numbers)


# (key, (check, allowed), default); docs/technician.md says what each means
_TOP = (
    ("device", text(1, 32), REQUIRED),
    ("kid", hex_bytes(1, 3), REQUIRED),
    ("master_secret", hex_bytes(16, 16), REQUIRED),
    ("master_salt", hex_bytes(0, 16), ""),
    ("app", one_of(("weigh_bin", "rfid_reader")), "weigh_bin"),
    ("heartbeat_s", whole_number(10, 600), 300),
    ("settle_s", whole_number(1, 300), 16),
    ("sample_ms", whole_number(20, 200), 100),
    ("sleep_s", whole_number(0, 3600), 0),
    ("report_s", whole_number(0, 86400), 3600),
    ("hx711", one_of(("spi", "gpio")), "spi"),
    ("thermometer", one_of(("none", "ds18b20", "chip")), "none"),
)
_FLEET = (
    ("host", text(1, 253), REQUIRED),
    ("port", whole_number(1, 65535), 5683),
)
_WIFI = (
    ("ssid", text(1, 32), REQUIRED),
    ("password", wifi_password(), ""),
)
_CHANNEL = (
    ("channel", whole_number(0, CHANNELS_MAX - 1), REQUIRED),
    ("change_counts", whole_number(1, 8388607), REQUIRED),
    ("gain", one_of_numbers((128, 64, 32)), 128),
)


def parse(source: "bytes | None", boards: "dict[str, int]") -> Settings:
    """The settings in the file's content (None: no file). `boards`: how many channels each board has."""
    if source is None:
        raise SettingsError("%s: missing; write the settings and restart" % FILE)
    try:
        document = json.loads(source)
    except ValueError:  # on CPython UnicodeError is one as well
        raise SettingsError("%s: is not JSON" % FILE) from None
    is_reader = isinstance(document, dict) and document.get("app") == "rfid_reader"
    top = section("", document, _top(boards), ("fleet", "wifi", "reader" if is_reader else "channels"))
    fleet = section("fleet.", document.get("fleet"), _FLEET)
    wifi = section("wifi.", document.get("wifi"), _WIFI)
    if is_reader:
        from device.parse_reader import parse_reader  # not before: a bin has no use for it

        return Settings(top, fleet, wifi, [], parse_reader(document.get("reader")))
    channels = document.get("channels")
    if not isinstance(channels, list) or not 1 <= len(channels) <= CHANNELS_MAX:
        raise SettingsError("channels: must be a list of 1 to %d channels" % CHANNELS_MAX)
    found = [section("channels[%d]." % index, each, _CHANNEL) for index, each in enumerate(channels)]
    _check_channels(found, boards[top["board"]], top["board"])
    return Settings(top, fleet, wifi, found, None)


def board_of(source: "bytes | None", boards: "dict[str, int]") -> "str | None":
    """The board that wrong settings name, if they do: its LED can then tell."""
    try:
        board = json.loads(source or b"{}")["board"]
    except (ValueError, TypeError, KeyError):
        return None
    return board if isinstance(board, str) and board in boards else None


def _top(boards) -> tuple:
    return (_TOP[0], ("board", one_of(sorted(boards)), REQUIRED)) + _TOP[1:]


def section(prefix: str, document, fields: tuple, sections: tuple = ()) -> dict:
    """The checked values of one object of the document; `sections` are keys that others look into."""
    if not isinstance(document, dict):
        raise SettingsError("%s: must be an object with keys" % (prefix[:-1] or FILE))
    known = [field[0] for field in fields] + list(sections)
    for key in sorted(document):
        if key not in known:
            raise SettingsError("%s%s: unknown key; known are %s" % (prefix, key, ", ".join(known)))
    values = {}
    for key, (check, allowed), default in fields:
        if key not in document and default is REQUIRED:
            raise SettingsError("%s%s: missing; must be %s" % (prefix, key, allowed))
        values[key] = check(document.get(key, default))
        if values[key] is None:
            raise SettingsError("%s%s: must be %s" % (prefix, key, allowed))
    return values


def _check_channels(channels: "list[dict]", available: int, board: str) -> None:
    seen = []
    for index, each in enumerate(channels):
        channel = each["channel"]
        if channel >= available:
            raise SettingsError(
                "channels[%d].channel: board %s has the channels 0 to %d" % (index, board, available - 1)
            )
        if channel in seen:
            raise SettingsError("channels[%d].channel: each channel may be listed once" % index)
        seen.append(channel)
