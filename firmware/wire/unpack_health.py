# SPDX-License-Identifier: Apache-2.0
"""Unpacks the health record: the half of wire.health that a device never needs."""

from wire import cbor_decode, health
from wire.reading import MessageError

CHANNEL_MAX = 7
FAULT_MAX = 255
# Key, name, least, greatest value of those that are numbers.
NUMBERS = (
    (health.EPOCH, "epoch", 0, 0xFFFFFFFF),
    (health.BOOT_COUNT, "boot_count", 0, 0xFFFF),
    (health.UPTIME_S, "uptime_s", 0, 0xFFFFFFFF),
    (health.RESET_CAUSE, "reset_cause", 0, 255),
    (health.PLAN_VERSION, "plan_version", 0, 0xFFFFFFFF),
    (health.FREE_HEAP_BYTES, "free_heap_bytes", 0, 0xFFFFFFFF),
    (health.FREE_FLASH_BYTES, "free_flash_bytes", 0, 0xFFFFFFFF),
    (health.FLASH_WRITES, "flash_writes", 0, 0xFFFFFFFF),
    (health.RSSI_DBM, "rssi_dbm", -128, 0),
    (health.BATTERY_MV, "battery_mv", 0, 0xFFFF),
    (health.DROPPED, "dropped", 0, 0xFFFFFFFF),
    (health.REJECTED, "rejected", 0, 0xFFFFFFFF),
    (health.SILENCE_S, "silence_s", 0, 86400),
    (health.FLASH_ERRORS, "flash_errors", 0, 0xFFFF),
)
_NEEDED = ("epoch", "boot_count", "uptime_s")


def unpack(data):
    """{name: value} of one record; what it does not tell is left out, what is not known here is passed over.

    `cell_faults` is a list of (channel, code), `traceback` a text. MessageError names the field.
    """
    try:
        document, end = cbor_decode.decode(data)
    except cbor_decode.DecodeError as error:
        raise MessageError(f"message: not CBOR as used here: {error}") from None
    if type(document) is not dict or end != len(data):
        raise MessageError("message: must be one map")
    values = {}
    for key, name, low, high in NUMBERS:
        if key in document:
            values[name] = _number(name, document[key], low, high)
    for name in _NEEDED:
        if name not in values:
            raise MessageError(f"{name}: missing")
    if health.CELL_FAULTS in document:
        values["cell_faults"] = _cell_faults(document[health.CELL_FAULTS])
    if health.TRACEBACK in document:
        text = document[health.TRACEBACK]
        if type(text) is not bytes or len(text) > health.TRACEBACK_BYTES_MAX:
            raise MessageError(f"traceback: must be at most {health.TRACEBACK_BYTES_MAX} bytes")
        # Cut anywhere, it may begin within a character; and it is shown to people, so that nothing unseen stays in it.
        values["traceback"] = "".join([chr(each) if each == 10 or 32 <= each < 127 else "?" for each in text])
    return values


def _cell_faults(flat):
    if type(flat) is not list or len(flat) % 2 or len(flat) > 2 * (CHANNEL_MAX + 1):
        raise MessageError("cell_faults: must be pairs of channel and code, at most eight")
    return [
        (
            _number("cell_faults: channel", flat[place], 0, CHANNEL_MAX),
            _number("cell_faults: code", flat[place + 1], 0, FAULT_MAX),
        )
        for place in range(0, len(flat), 2)
    ]


def _number(name, value, low, high):
    if type(value) is not int or not low <= value <= high:
        raise MessageError(f"{name}: must be a whole number, {low} to {high}")
    return value
