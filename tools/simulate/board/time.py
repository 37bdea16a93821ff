# SPDX-License-Identifier: Apache-2.0
"""Time of the virtual board: the host's clock, KANBIN_SPEED times as fast; ticks wrap at 2**30 as on an ESP32."""

import os

import utime
from utime import *  # noqa: F403

SPEED = int(os.getenv("KANBIN_SPEED") or 1)
TICKS_PERIOD = 1 << 30
TICKS_HALF = TICKS_PERIOD >> 1

_started_us = utime.ticks_us()
_slept_us = 0
_powered_before_us = 0


def elapsed_us():
    """Simulated microseconds since the board started; never wraps."""
    return (utime.ticks_us() - _started_us) * SPEED


def slept_us():
    """Simulated microseconds that the firmware let pass on purpose, by sleeping.

    The chips measure pulse lengths with it: a pulse is then as long as the firmware made it, and a host that takes the
    processor away for a moment makes no pulse longer.
    """
    return _slept_us


def ticks_ms():
    return elapsed_us() // 1000 % TICKS_PERIOD


def ticks_us():
    return elapsed_us() % TICKS_PERIOD


def ticks_add(ticks, delta):
    return (ticks + delta) % TICKS_PERIOD


def ticks_diff(end, start):
    return (end - start + TICKS_HALF) % TICKS_PERIOD - TICKS_HALF


def sleep_us(duration_us):
    global _slept_us
    if duration_us > 0:
        _slept_us += duration_us
        utime.sleep_us(duration_us // SPEED)


def sleep_ms(duration_ms):
    sleep_us(duration_ms * 1000)


def sleep(duration_s):
    sleep_us(int(duration_s * 1_000_000))


def powered_us():
    """Simulated microseconds since power-up, which may be before the board started: it may have been reset."""
    return _powered_before_us + elapsed_us()


def go_on(now_us):
    """The timer that outlives a reset says so much now."""
    global _powered_before_us
    _powered_before_us = now_us - elapsed_us()


def host_us():
    return utime.time_ns() // 1000


def time():
    """Seconds since power-up: an ESP32 nobody told the time starts at its epoch."""
    return powered_us() // 1_000_000


def time_ns():
    return powered_us() * 1000
