# SPDX-License-Identifier: Apache-2.0
"""How a board that cannot work waits until it tries again: awake on mains, on a battery in deep sleep.

It is there for when the program fails, so it needs hardly anything of it.
"""

import json
import sys

import machine
from machine import Pin
from wire import const

_TYPING = const(0)
if _TYPING:
    from device.status import Status
    from drivers.clock import Clock
    from drivers.led import Led

_SETTINGS = const("kanbin.json")  # as device.settings has it
_CONSOLE_S = const(30)  # awake on a battery, too, after a start by hand: somebody may be at the console
_ROUND_MS = const(100)


def pause(pause_s: int, clock: "Clock", status: "Status", led: "Led | None" = None) -> None:
    """Ends in a start; while it is awake the light shows why."""
    settings = _read()
    has_slept = machine.reset_cause() == machine.DEEPSLEEP_RESET
    awake_s = pause_s
    if has_slept or (settings.get("sleep_s") and settings.get("app") != "rfid_reader"):
        _power_down(settings)
        awake_s = 0 if has_slept else min(_CONSOLE_S, pause_s)
    for _ in range(awake_s * 1000 // _ROUND_MS):
        if led is not None:
            led.show(status.blinks)
        clock.sleep_ms(_ROUND_MS)
    if awake_s < pause_s:
        sleep_ms = (pause_s - awake_s) * 1000
        print("kanbin: sleep ms=%d" % sleep_ms)
        machine.deepsleep(sleep_ms)
    machine.reset()


def _read() -> dict:
    """What the settings say, right or wrong; nothing when they cannot be read."""
    try:
        with open(_SETTINGS) as file:
            settings = json.load(file)
    except Exception:  # that may be why there is a pause
        return {}
    return settings if isinstance(settings, dict) else {}


def _power_down(settings: dict) -> None:
    """Radio and converters. What wrong settings do not tell goes off with the sleep itself, when the pins float."""
    try:
        if "drivers.wifi" in sys.modules:  # else it never was on
            import network

            network.WLAN(network.STA_IF).active(False)
        pins = getattr(__import__("boards." + settings["board"]), settings["board"])
        for each in settings["channels"]:  # held they would be after a reset in light sleep (drivers.doze)
            Pin(pins.SCALES[each["channel"]][1], Pin.OUT, value=1, hold=False)  # type: ignore[call-arg]
    except Exception as error:
        print("kanbin: not powered down: %s" % type(error).__name__)
