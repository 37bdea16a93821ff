# SPDX-License-Identifier: Apache-2.0
"""Puts a health record together: needed when one is told, and forgotten again."""

from wire import const, health

from device.health import TRACEBACK

_TYPING = const(0)
if _TYPING:
    from device.ports import Flash

_VITALS = (  # what each place in the vitals is
    health.RESET_CAUSE,
    health.FREE_HEAP_BYTES,
    health.FREE_FLASH_BYTES,
    health.FLASH_WRITES,
    health.RSSI_DBM,
    health.BATTERY_MV,
)


def pack(now: tuple, vitals: tuple, told: dict, flash: "Flash") -> bytes:
    """`now` is (epoch, boot_count, uptime_s); None among the vitals is not told. A traceback is looked for on flash."""
    values = {health.EPOCH: now[0], health.BOOT_COUNT: now[1], health.UPTIME_S: now[2]}
    for place, value in enumerate(vitals):
        if value is not None:
            values[_VITALS[place]] = value
    values.update(told)
    traceback = _traceback(flash)
    if traceback:
        values[health.TRACEBACK] = traceback
    return health.pack(values)


def _traceback(flash: "Flash") -> "bytes | None":
    """Of the last crash, None when there was none since the fleet had it."""
    try:
        return flash.read(TRACEBACK)
    except OSError:
        return b"%s cannot be read" % TRACEBACK.encode()
