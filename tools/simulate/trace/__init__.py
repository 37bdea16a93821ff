# SPDX-License-Identifier: Apache-2.0
"""Traces: what a bin on a load cell sends in a year, made from physics and a seed, with the truth beside it."""

from tools.simulate.trace.classes import CLASSES, BinClass
from tools.simulate.trace.make import make_trace
from tools.simulate.trace.trace import Activity, Trace

__all__ = ["CLASSES", "Activity", "BinClass", "Trace", "make_trace"]
