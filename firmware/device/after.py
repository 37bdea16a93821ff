# SPDX-License-Identifier: Apache-2.0
"""Finds the next segment of an outbox where numbers are missing, because heartbeats were thinned."""

from wire import const

from device.look import number_of
from device.outbox import FOLDER, segment_name

_TYPING = const(0)
if _TYPING:
    from device.outbox import Outbox

_NEAR = 16  # so many names are tried before all are listed, which takes half a second


def after(outbox: "Outbox", segment: int) -> int:
    """The number of the next segment where numbers are missing, -1 when there is none."""
    for number in range(segment + 2, min(segment + _NEAR, outbox.newest) + 1):
        if outbox.flash.size(segment_name(number)):
            return number
    numbers = (number_of(name) for name in outbox.flash.names(FOLDER))
    return min((number for number in numbers if number > segment), default=-1)
