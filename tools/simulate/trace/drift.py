# SPDX-License-Identifier: Apache-2.0
"""Quantities that follow another one late, or walk by themselves: the slow part of physics, on an axis of time."""

from collections.abc import Iterable
from itertools import accumulate

import numpy as np

from tools.simulate.trace.trace import Floats


def lagged(t_s: Floats, followed: Floats, tau_s: float, start: float) -> Floats:
    """What follows `followed` with one time constant. `followed[i]` holds from `t_s[i]` until `t_s[i + 1]`."""
    keep = np.exp(-np.diff(t_s) / tau_s)
    return _recursion(keep.tolist(), ((1 - keep) * followed[:-1]).tolist(), start, len(t_s))


def wander(steps: int, step_s: float, tau_s: float, sd: float, random: np.random.Generator) -> Floats:
    """An Ornstein-Uhlenbeck process every `step_s`, in balance from the start: it leaves its mean and comes back."""
    keep = float(np.exp(-step_s / tau_s))
    kicks = sd * (1 - keep**2) ** 0.5 * random.standard_normal(steps - 1)
    return _recursion([keep] * (steps - 1), kicks.tolist(), sd * random.standard_normal(), steps)


def walk(steps: int, step_s: float, sd_per_root_day: float, random: np.random.Generator) -> Floats:
    """A random walk from 0, every `step_s`: it never comes back."""
    return np.concatenate(
        ([0.0], np.cumsum(sd_per_root_day * (step_s / 86400) ** 0.5 * random.standard_normal(steps - 1)))
    )


def _recursion(keep: Iterable[float], add: Iterable[float], start: float, length: int) -> Floats:
    values = accumulate(zip(keep, add, strict=True), lambda value, pair: pair[0] * value + pair[1], initial=start)
    return np.fromiter(values, dtype=np.float64, count=length)
