# SPDX-License-Identifier: Apache-2.0
"""The health record: what a device says of itself, once a day, at each start, and when something changed (health.cddl).

A map of small numbers, so that a fleet passes over what it does not know, and a device leaves out what it cannot tell.
"""

from wire import const
from wire.cbor_integer import append, append_head

EPOCH = const(0)
BOOT_COUNT = const(1)
UPTIME_S = const(2)
RESET_CAUSE = const(3)
PLAN_VERSION = const(4)
FREE_HEAP_BYTES = const(5)
FREE_FLASH_BYTES = const(6)
FLASH_WRITES = const(7)
RSSI_DBM = const(8)
BATTERY_MV = const(9)
CELL_FAULTS = const(10)
DROPPED = const(11)
REJECTED = const(12)
TRACEBACK = const(13)
SILENCE_S = const(14)
FLASH_ERRORS = const(15)

TRACEBACK_BYTES_MAX = const(480)


def pack(values):
    """Bytes of {key: value}: numbers, CELL_FAULTS a sequence of (channel, code), TRACEBACK bytes of text."""
    buffer = bytearray()
    append_head(buffer, 5, len(values))
    for key in sorted(values):
        append(buffer, key)
        value = values[key]
        if key == CELL_FAULTS:
            append_head(buffer, 4, 2 * len(value))
            for channel, code in value:
                append(buffer, channel)
                append(buffer, code)
        elif key == TRACEBACK:
            text = value[-TRACEBACK_BYTES_MAX:]
            append_head(buffer, 2, len(text))
            buffer.extend(text)
        else:
            append(buffer, value)
    return bytes(buffer)
