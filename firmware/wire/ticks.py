# SPDX-License-Identifier: Apache-2.0
"""Milliseconds that wrap, as `time.ticks_ms()` of MicroPython gives them."""

from wire import const

_TICKS_MASK = const(0x3FFFFFFF)  # time.ticks_ms() of a 32-bit board wraps there; longer periods are multiples of it
_HALF_PERIOD = const(0x20000000)


def ticks_diff(later_ms, earlier_ms):
    """Milliseconds from `earlier_ms` to `later_ms`, right across the wrap of a 30-bit counter (within six days)."""
    elapsed_ms = (later_ms - earlier_ms) & _TICKS_MASK
    # In this order, because no step may leave the 31 bits that an integer has without memory of its own.
    return elapsed_ms if elapsed_ms < _HALF_PERIOD else elapsed_ms - _TICKS_MASK - 1
