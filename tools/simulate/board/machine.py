# SPDX-License-Identifier: Apache-2.0
"""The virtual board's `machine`: pins that lead into the simulated world, and what else firmware asks of it."""

import os
import sys
import time

import network
import rtc
import world
from rtc import RTC  # noqa: F401 - a part of machine
from uart import UART  # noqa: F401 - a part of machine

PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5

_CAUSE = (os.getenv("KANBIN_WORLD") or ".") + "/reset_cause"
_ASLEEP = (os.getenv("KANBIN_WORLD") or ".") + "/asleep_ms"
_BATTERY = (os.getenv("KANBIN_WORLD") or ".") + "/battery_mv"
EXIT_RESET = 70  # the process ends with this when the firmware resets the board; its holder starts it again


class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_UP = 2
    PULL_DOWN = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2

    def __init__(self, id, mode=-1, pull=-1, value=None, hold=None):
        self._wire = world.wires().get(id) or world.Wire()
        self.init(mode, pull, value=value, hold=hold)

    def init(self, mode=-1, pull=-1, value=None, hold=None):
        if value is not None:
            self.value(value)
        if hold is not None:
            self._wire.held = hold

    def value(self, level=None):
        wire = self._wire
        if level is None:
            return wire.read()
        if not wire.held:
            wire.level = 1 if level else 0
            wire.write(wire.level)
        return None

    __call__ = value

    def on(self):
        self.value(1)


class SoftSPI:
    """The clock and the data are pins; as on an ESP32 MOSI is written before the clock rises, whatever pin it is."""

    MSB = 0

    def __init__(self, baudrate=500000, *, polarity=0, phase=0, bits=8, firstbit=MSB, sck=None, mosi=None, miso=None):
        if bits != 8:
            raise ValueError("bits must be 8")
        if sck is None or mosi is None or miso is None:
            raise ValueError("must specify all of sck/mosi/miso")
        self._idle = polarity
        self._sck, self._mosi, self._miso = sck.value, mosi.value, miso.value
        self._sck(self._idle)

    def readinto(self, buffer, write=0):
        for index in range(len(buffer)):
            read = 0
            for bit in range(7, -1, -1):
                self._mosi(write >> bit & 1)
                self._sck(1 - self._idle)
                read = read << 1 | self._miso()
                self._sck(self._idle)
            buffer[index] = read


class ADC:
    """A converter on the halved voltage of a lithium cell, which is nearly full unless the world says what it has."""

    ATTN_11DB = 3

    def __init__(self, pin, atten=0):
        pass

    def read_uv(self):
        try:
            with open(_BATTERY) as file:
                return int(file.read()) * 500
        except OSError:
            return 1_951_000


class WDT:
    """A watchdog that is fed and never bites: on an accelerated board it would bite for the host's pauses."""

    def __init__(self, id=0, timeout=5000):
        pass

    def feed(self):
        pass


def reset():
    _end(SOFT_RESET)


def reset_cause():
    return _cause


def deepsleep(duration_ms):
    """The process ends; its holder starts it again when the time is over (virtual_bin.py)."""
    world.fall_asleep()
    with open(_ASLEEP, "w") as file:
        file.write(str(duration_ms))
    _end(DEEPSLEEP_RESET)


def lightsleep(duration_ms):
    """As of an ESP32-S3 or -C3: time goes on, the radio is off, and pins that are not held float."""
    network.cut_off()
    floating = [wire for wire in world.wires().values() if not wire.held]
    for wire in floating:
        wire.let_go()
    time.sleep_ms(duration_ms)
    for wire in floating:
        wire.drive()


def _end(cause):
    """The process ends, and the next one knows why; after a power cut nothing says so."""
    rtc.keep()
    with open(_CAUSE, "w") as file:
        file.write(str(cause))
    sys.exit(EXIT_RESET)


def _cause_of_start():
    try:
        with open(_CAUSE) as file:
            cause = int(file.read())
    except OSError:
        return PWRON_RESET
    os.remove(_CAUSE)
    return cause


_cause = _cause_of_start()


def disable_irq():
    return 0


def enable_irq(state=0):
    pass
