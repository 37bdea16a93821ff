# SPDX-License-Identifier: Apache-2.0
"""What is left of a program that failed: its traceback, and how often it failed in a row."""

import sys

from device.sequence import FOLDER as STATE_FOLDER
from drivers.flash import Flash
from wire import const

TRACEBACK = STATE_FOLDER + "/traceback"  # as device.health has it, which may be what cannot be loaded
_TRACEBACK_BYTES = const(480)
CRASHES = STATE_FOLDER + "/crashes"  # a byte for each crash in a row
_RESTART_AFTER_S = const(60)  # after the first crash; twice as long after each further one
_DOUBLINGS = const(5)
_RAN_WELL_S = const(3600)  # a crash after that is a first one


def restart_after_s(running_s: int) -> int:
    """How long to show that the program failed: time to read the console, and no boot loop."""
    flash = Flash(())
    try:
        crashes = 0 if running_s > _RAN_WELL_S else min(flash.size(CRASHES), _DOUBLINGS)
        flash.replace(CRASHES, b"x" * (crashes + 1))
    except OSError:
        crashes = _DOUBLINGS
    return _RESTART_AFTER_S << crashes


def keep_traceback(error: Exception) -> None:
    """For the next health record; its end says most."""
    import io

    text = io.StringIO()
    sys.print_exception(error, text)
    try:
        Flash(()).replace(TRACEBACK, text.getvalue()[-_TRACEBACK_BYTES:].encode())
    except OSError:
        pass  # it was on the console
