# SPDX-License-Identifier: Apache-2.0
"""The counters that can be compared, by name."""

from importlib import import_module

from tests.bench.counting.answers import Answers
from tests.bench.counting.median import MedianFilter
from tests.bench.counting.naive import NaiveCounter
from tests.bench.counting.run import perfect, run
from tools.simulate.trace import Trace

OURS = "fleet.counting.tally:COUNTER"  # the one that counts in the fleet
NAMES = ("naive", "median", "ours", "perfect")


def answer(name: str, trace: Trace, ours: str = OURS) -> Answers:
    """What the counter of that name says to a trace. `ours` is `module:Class`, imported only when asked for.

    Raises ValueError for another name, ImportError or AttributeError when there is no such class.
    """
    if name == "naive":
        return run(trace, NaiveCounter)
    if name == "median":
        return run(trace, MedianFilter)
    if name == "perfect":
        return perfect(trace)
    if name != "ours":
        raise ValueError(f"{name!r} is no counter: take one of {', '.join(NAMES)}")
    module, _, class_name = ours.partition(":")
    return run(trace, getattr(import_module(module), class_name))
