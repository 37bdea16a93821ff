# SPDX-License-Identifier: Apache-2.0
"""How a device starts: reads its settings, makes the parts, and runs; what fails is said by status, in no boot loop."""

import sys
import time

import machine
from boards import CHANNELS
from device.outbox import FOLDER as OUTBOX_FOLDER
from device.sequence import FOLDER as STATE_FOLDER
from device.settings import FILE, SettingsError
from device.status import Status
from drivers.clock import Clock
from drivers.flash import Flash
from drivers.led import Led, NoLed
from drivers.watchdog import Watchdog
from machine import Pin
from wire import const

from apps.forget import forget

_TYPING = const(0)
if _TYPING:
    from device.tag_reader import TagReader
    from device.weigh_bin import WeighBin

    from apps.parts import Parts

ROUND_MS = 100
TRACEBACK = STATE_FOLDER + "/traceback"  # as device.health has it, which may be what cannot be loaded
TRACEBACK_BYTES = 480
CRASHES = STATE_FOLDER + "/crashes"  # a byte for each crash in a row
RESTART_AFTER_S = 60  # after the first crash; twice as long after each further one
_DOUBLINGS = 5
_RAN_WELL_S = 3600  # a crash after that is a first one


def main() -> None:
    clock = Clock(time)
    status = Status(say)
    led: "Led | NoLed" = NoLed()
    try:
        flash = Flash((STATE_FOLDER, OUTBOX_FOLDER))
        # Large, and needed once; read before the parts are loaded, it leaves its room to them.
        from device import parse_settings

        source = flash.read(FILE)
        led = make_led(parse_settings.board_of(source, CHANNELS), clock)
        config = parse_settings.parse(source, CHANNELS)
        del parse_settings, source
        forget("device.parse_settings")
        from apps.parts import Parts

        parts = Parts(config, flash, clock, say)
        device = make_device(parts, status)
        if device.sleep_s:
            sleep(parts, device, clock)  # type: ignore[arg-type]  # a reader never does
        parts.join(device)
        run(device, led, status, clock)
        machine.reset()  # the fleet wants it to sleep from now on
    except SettingsError as error:
        status.set("settings_error", str(error))
        while True:  # calm: a restart would mend nothing
            rest(led, status, clock, ROUND_MS)
    except Exception as error:
        sys.print_exception(error)
        keep_traceback(error)
        pause_s = restart_after_s(clock.running_s())
        status.set("crashed", "%s, in %d s" % (type(error).__name__, pause_s))
        for _ in range(pause_s * 1000 // ROUND_MS):
            rest(led, status, clock, ROUND_MS)
        machine.reset()


def make_device(parts: "Parts", status: Status) -> "WeighBin | TagReader":
    """What the settings say this device is; the other's parts are never loaded."""
    if parts.config.app == "rfid_reader":
        from apps import rfid_reader_parts

        return rfid_reader_parts.make_reader(parts, status)
    from apps import weigh_bin_parts

    return weigh_bin_parts.make_weigh_bin(parts, status)


def sleep(parts: "Parts", weigh_bin: "WeighBin", clock: Clock) -> None:
    """Deep sleep after all there is to do; after it the board starts anew."""
    from apps.sleeping_bin import wake

    watchdog = Watchdog()
    try:
        sleep_ms = wake(parts, weigh_bin, clock, watchdog)
    except BaseException:
        watchdog.relax()  # as in `run`
        raise
    if sleep_ms:
        say("sleep ms=%d" % sleep_ms)
        machine.deepsleep(sleep_ms)
    machine.reset()


def restart_after_s(running_s: int) -> int:
    """How long to show that the program failed: time to read the console, and no boot loop."""
    flash = Flash(())
    try:
        crashes = 0 if running_s > _RAN_WELL_S else min(flash.size(CRASHES), _DOUBLINGS)
        flash.replace(CRASHES, b"x" * (crashes + 1))
    except OSError:
        crashes = _DOUBLINGS
    return RESTART_AFTER_S << crashes


def keep_traceback(error: Exception) -> None:
    """For the next health record; its end says most."""
    import io

    text = io.StringIO()
    sys.print_exception(error, text)
    try:
        Flash(()).replace(TRACEBACK, text.getvalue()[-TRACEBACK_BYTES:].encode())
    except OSError:
        pass  # it was on the console


def run(device: "WeighBin | TagReader", led: "Led | NoLed", status: Status, clock: Clock) -> None:
    watchdog = Watchdog()
    try:
        while not device.sleep_s:
            device.poll()
            watchdog.feed()
            rest(led, status, clock, device.sample_ms)
    except BaseException:
        watchdog.relax()  # a technician is at the console, or we show for minutes that we failed
        raise


def make_led(board: "str | None", clock: Clock) -> "Led | NoLed":
    if board is None:
        return NoLed()
    pins = getattr(__import__("boards." + board), board)
    return Led(Pin(pins.LED, Pin.OUT), clock, pins.LED_LIT)


def rest(led: "Led | NoLed", status: Status, clock: Clock, duration_ms: int) -> None:
    led.show(status.blinks)
    clock.sleep_ms(duration_ms)


def say(line: str) -> None:
    print("kanbin: " + line)
