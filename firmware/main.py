# SPDX-License-Identifier: Apache-2.0
"""Runs on a board after boot.py: the app this device is."""

import gc
import sys
import time

import machine

try:
    machine.WDT(timeout=3_600_000)  # a start that hangs, or that somebody interrupts, is begun anew; apps watch closer
    if machine.reset_cause() == machine.DEEPSLEEP_RESET:
        gc.threshold(16384)  # a wake is over before its memory is in pieces, and to collect it is half of the start
    from apps import start

    start.main()
except Exception as error:  # files are missing, or there is no memory: nothing of the program may be needed here
    sys.print_exception(error)
    print(
        "kanbin: status crashed the program failed; the board restarts by itself, later each time: %s, in 600 s"
        % type(error).__name__
    )
    awake_s = 0 if machine.reset_cause() == machine.DEEPSLEEP_RESET else 60  # after a start by hand: for the console
    time.sleep(awake_s)
    machine.deepsleep((600 - awake_s) * 1000)  # not awake: this may be a board on a battery
