# SPDX-License-Identifier: Apache-2.0
"""Puts a health record together: needed when one is told, and forgotten again."""

from wire import health

_VITALS = (  # what each place in the vitals is
    health.RESET_CAUSE,
    health.FREE_HEAP_BYTES,
    health.FREE_FLASH_BYTES,
    health.FLASH_WRITES,
    health.RSSI_DBM,
    health.BATTERY_MV,
)


def pack(now: tuple, vitals: tuple, told: dict, traceback: "bytes | None") -> bytes:
    """`now` is (epoch, boot_count, uptime_s); None among the vitals is not told."""
    values = {health.EPOCH: now[0], health.BOOT_COUNT: now[1], health.UPTIME_S: now[2]}
    for place, value in enumerate(vitals):
        if value is not None:
            values[_VITALS[place]] = value
    values.update(told)
    if traceback:
        values[health.TRACEBACK] = traceback
    return health.pack(values)
