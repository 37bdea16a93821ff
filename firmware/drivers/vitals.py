# SPDX-License-Identifier: Apache-2.0
"""How the board is: why it started, what memory and flash are left, how well it hears its access point, its battery."""

import gc
import os

import machine

from drivers import const

_TYPING = const(0)
if _TYPING:
    from machine import ADC

    from drivers.flash import Flash
    from drivers.wifi import Wifi

_BLOCK_BYTES = const(0)  # indices in os.statvfs
_FREE_BLOCKS = const(3)
_DIVIDER = const(2)  # two equal resistors halve the battery's voltage for the converter, which takes 3.1 V


def read(network: "Wifi", flash: "Flash", battery: "ADC | None") -> "tuple[int | None, ...]":
    """(reset_cause, free_heap_bytes, free_flash_bytes, flash_writes, rssi_dbm, battery_mv); None: nobody knows.

    `battery` is the converter on the divided voltage of the battery, None where there is none.
    """
    gc.collect()
    rssi_dbm = network.rssi_dbm()
    return (
        machine.reset_cause(),
        gc.mem_free(),
        _free_flash_bytes(),
        flash.writes,
        None if rssi_dbm is None else max(-128, min(0, rssi_dbm)),
        None if battery is None else battery.read_uv() * _DIVIDER // 1000,
    )


def _free_flash_bytes() -> "int | None":
    try:
        volume = os.statvfs("")
    except OSError:
        return None
    return volume[_BLOCK_BYTES] * volume[_FREE_BLOCKS]
