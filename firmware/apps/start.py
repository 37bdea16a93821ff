# SPDX-License-Identifier: Apache-2.0
"""How a device starts: reads its settings, makes the parts, and runs; what fails is said by status, in no boot loop."""

import gc
import sys
import time

import machine
from boards import CHANNELS
from device.forget import forget
from device.outbox import FOLDER as OUTBOX_FOLDER
from device.sequence import FOLDER as STATE_FOLDER
from device.settings import FILE, SettingsError
from device.status import Status
from drivers.clock import Clock
from drivers.flash import Flash
from drivers.led import Led
from drivers.watchdog import Watchdog
from machine import Pin
from wire import const

_TYPING = const(0)
if _TYPING:
    from device.tag_reader import TagReader
    from device.weigh_bin import WeighBin

_COLLECT_EVERY = const(4096)  # bytes, as boot.py has it; main.py has more for what sleeps soon
_SETTINGS_PAUSE_S = const(3000)  # calm: a restart mends what flash misread, nothing else; the watchdog waits an hour


def main() -> None:
    clock = Clock(time)
    status = Status(say)
    led = Led(None, clock)
    device = None
    try:
        flash = Flash((STATE_FOLDER, OUTBOX_FOLDER))
        # Large, and needed once; read before the parts are loaded, it leaves its room to them.
        from device import parse_settings

        source = flash.read(FILE)
        led = make_led(parse_settings.board_of(source, CHANNELS), clock)
        config = parse_settings.parse(source, CHANNELS)
        del parse_settings, source
        forget("device.parse_settings", "device.parse_reader")
        from apps import make

        device = make.make_device(config, flash, clock, status, say)
        del make
        forget("apps.make", "apps.parts", "apps.joined", "apps.weigh_bin_parts", "apps.rfid_reader_parts", "device.nap")
        forget("device.settings", "boards." + config.board)
        del config
        run(device, led, status, clock)
        machine.reset()  # the fleet wants it to sleep from now on, or it has not been heard for a day
    except SettingsError as error:
        status.set("settings_error", str(error))
        from apps.pause import pause

        pause(_SETTINGS_PAUSE_S, clock, status, led)
    except Exception as error:
        sys.print_exception(error)
        device = None
        forget()  # whatever it was, there is room now
        from apps.crash import keep_traceback, restart_after_s
        from apps.pause import pause

        keep_traceback(error)
        pause_s = restart_after_s(clock.running_s())
        status.set("crashed", "%s, in %d s" % (type(error).__name__, pause_s))
        pause(pause_s, clock, status, led)


def run(device: "WeighBin | TagReader", led: Led, status: Status, clock: Clock) -> None:
    watchdog = Watchdog()
    gc.threshold(_COLLECT_EVERY)
    try:
        while not (device.sleep_s or device.is_lost()):
            device.poll()
            watchdog.feed()
            rest(led, status, clock, device.sample_ms)
    except BaseException:
        watchdog.relax()  # a technician is at the console, or we show for minutes that we failed
        raise


def make_led(board: "str | None", clock: Clock) -> Led:
    if board is None:
        return Led(None, clock)
    pins = getattr(__import__("boards." + board), board)
    return Led(Pin(pins.LED, Pin.OUT, value=1 - pins.LED_LIT), clock, pins.LED_LIT)


def rest(led: Led, status: Status, clock: Clock, duration_ms: int) -> None:
    led.show(status.blinks)
    clock.sleep_ms(duration_ms)


def say(line: str) -> None:
    print("kanbin: " + line)
