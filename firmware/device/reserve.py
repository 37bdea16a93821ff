# SPDX-License-Identifier: Apache-2.0
"""Keeps room on flash to make room with, if there is any."""

from wire import const

from device.outbox import RESERVE

_TYPING = const(0)
if _TYPING:
    from device.outbox import Outbox

_PIECE = 64  # bytes written at once


def keep_reserve(outbox: "Outbox") -> None:
    pieces = 2 * outbox.per_segment * outbox.records.RECORD_SIZE // _PIECE
    if outbox.flash.size(RESERVE) < pieces * _PIECE:
        try:
            outbox.flash.write(RESERVE, (bytes(_PIECE) for _ in range(pieces)))
        except OSError:
            outbox.flash.remove(RESERVE)  # another time
