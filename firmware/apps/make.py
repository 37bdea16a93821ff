# SPDX-License-Identifier: Apache-2.0
"""Makes the device that the settings name, and joins it; forgotten once it runs."""

from apps.parts import Parts  # isort: skip - has the largest module, and now the heap is empty
import machine
from drivers.watchdog import Watchdog
from machine import ADC, Pin
from wire import const

_TYPING = const(0)
if _TYPING:
    from device.settings import Settings
    from device.status import Status
    from device.tag_reader import TagReader
    from device.weigh_bin import WeighBin
    from drivers.clock import Clock
    from drivers.flash import Flash

_EMPTY_MV = const(3300)  # a lithium cell that has a few per cent left, before a radio that takes 0.3 A of it
_NO_BATTERY_MV = const(2500)  # no board runs from so little: it is fed otherwise, and nothing is at the pin
_EMPTY_PAUSE_S = const(3600)


def make_device(config: "Settings", flash: "Flash", clock: "Clock", status: "Status", say) -> "WeighBin | TagReader":
    """A device that stays awake. One that sleeps does what there is to do, and sleeps: this never returns then."""
    battery_mv = measure(config)
    if _NO_BATTERY_MV < battery_mv < _EMPTY_MV:  # the radio would end in a brown-out, and that in the next start
        from apps.pause import pause

        say("battery empty mv=%d" % battery_mv)
        pause(_EMPTY_PAUSE_S, clock, status)
    parts = Parts(config, flash, clock, say)
    if config.app == "rfid_reader":  # the other's parts are never loaded
        from apps import rfid_reader_parts

        reader = rfid_reader_parts.make_reader(parts, status)
        parts.join(reader)
        return reader
    from apps import weigh_bin_parts

    weigh_bin = weigh_bin_parts.make_weigh_bin(parts, status)
    if weigh_bin.sleep_s:
        sleep(parts, weigh_bin)
    parts.join(weigh_bin)
    return weigh_bin


def measure(config: "Settings") -> int:
    """Millivolts of the battery that the device sleeps on; 0 for a device with mains, at whose pin nothing is.

    What its settings say decides: after a program that could not be loaded a board on mains has slept, too.
    """
    if not config.sleep_s or config.app == "rfid_reader":
        return 0
    pin = getattr(__import__("boards." + config.board), config.board).BATTERY_ADC
    # Halved by two equal resistors, as drivers.vitals has it, which need not be loaded for this.
    return 0 if pin is None else ADC(Pin(pin), atten=ADC.ATTN_11DB).read_uv() * 2 // 1000


def sleep(parts: Parts, weigh_bin: "WeighBin") -> None:
    """Deep sleep after all there is to do; after it the board starts anew."""
    from apps.sleeping_bin import wake

    watchdog = Watchdog()
    try:
        sleep_ms = wake(parts, weigh_bin, parts.clock, watchdog)  # type: ignore[arg-type]  # it is one that sleeps
    except BaseException:
        watchdog.relax()  # as in apps.start
        raise
    if sleep_ms:
        parts.say("sleep ms=%d" % sleep_ms)
        machine.deepsleep(sleep_ms)
    machine.reset()
