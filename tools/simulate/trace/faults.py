# SPDX-License-Identifier: Apache-2.0
"""Sensors that fail for a while: stuck, saturated, open or noisy; and single values that are simply wrong."""

from dataclasses import dataclass

import numpy as np

from tools.simulate.trace.drift import wander
from tools.simulate.trace.hands import log_uniform
from tools.simulate.trace.trace import Floats

STUCK = "stuck"  # the last value for ever
SATURATED = "saturated"  # one of the ends of the converter's range
OPEN = "open"  # the input floats and roams over the converter's range
NOISY = "noisy"  # right on average
KINDS = (STUCK, SATURATED, OPEN, NOISY)
LASTS_S = (600.0, 12 * 3600.0)
NOISE_TIMES = (20.0, 300.0)
ROAMS_COUNTS = 1e6  # 1 sd
ROAMS_S = 60.0
FLOATING_NOISE_COUNTS = 2e4
RAW_MIN, RAW_MAX = -0x800000, 0x7FFFFF
DAY_S = 86400.0


@dataclass(frozen=True)
class Fault:
    """`level`: the raw value of a saturated sensor, or how many times a noisy one is as noisy."""

    kind: str
    start_s: float
    end_s: float
    level: float = 0.0


def draw_faults(a_day: float, days: float, random: np.random.Generator) -> list[Fault]:
    """Faults at any hour, one at a time, well before the end of the trace."""
    faults: list[Fault] = []
    for start_s in sorted(random.uniform(3600.0, max(days * DAY_S, 3601.0), random.poisson(a_day * days))):
        start_s = round(float(start_s), 1)
        end_s = round(start_s + log_uniform(random, LASTS_S), 1)
        kind = KINDS[random.integers(len(KINDS))]
        level = {SATURATED: float(random.choice([RAW_MIN, RAW_MAX])), NOISY: log_uniform(random, NOISE_TIMES)}
        if end_s < days * DAY_S - 60.0 and not (faults and start_s < faults[-1].end_s + 60.0):
            faults.append(Fault(kind, start_s, end_s, level.get(kind, 0.0)))
    return faults


class Sensor:
    """What becomes of the converter's values while the faults last."""

    def __init__(self, faults: list[Fault], random: np.random.Generator) -> None:
        self._faults = faults
        self._random = random
        self._stuck_at: dict[Fault, float] = {}
        self._roams = {
            fault: wander(int((fault.end_s - fault.start_s) / 10) + 2, 10.0, ROAMS_S, ROAMS_COUNTS, random)
            for fault in faults
            if fault.kind == OPEN
        }

    def restless_s(self) -> list[tuple[float, float]]:
        """When the device sees values change because of faults."""
        stretches = []
        for fault in self._faults:
            if fault.kind in (OPEN, NOISY):
                stretches.append((fault.start_s, fault.end_s))
            else:
                stretches += [(fault.start_s, fault.start_s + 1.0), (fault.end_s, fault.end_s + 1.0)]
        return stretches

    def noise_times(self, t_s: Floats) -> Floats:
        """How many times the noise is as strong as it is in a sensor that is well."""
        times = np.ones(len(t_s))
        for fault in self._faults:
            if fault.kind == NOISY:
                times[_during(fault, t_s)] = fault.level
        return times

    def through(self, t_s: Floats, counts: Floats) -> Floats:
        """The values that come out. The first call decides where a sensor sticks, and must be given its moment."""
        for fault in self._faults:
            span = _during(fault, t_s)
            if span.start == span.stop:
                continue
            if fault.kind == STUCK:
                counts[span] = self._stuck_at.setdefault(fault, float(counts[span.start]))
            elif fault.kind == SATURATED:
                counts[span] = fault.level
            elif fault.kind == OPEN:
                roam = self._roams[fault]
                counts[span] = np.interp(t_s[span], fault.start_s + 10.0 * np.arange(len(roam)), roam)
                counts[span] += FLOATING_NOISE_COUNTS * self._random.standard_normal(span.stop - span.start)
        return np.clip(counts, RAW_MIN, RAW_MAX)


def _during(fault: Fault, t_s: Floats) -> slice:
    first, last = np.searchsorted(t_s, (fault.start_s, fault.end_s))
    return slice(int(first), int(last))


def spoil(counts: Floats, share: float, random: np.random.Generator) -> None:
    """Makes this share of the values wrong, in place: 2^k - 1, doubled, 0, or anything."""
    where = np.flatnonzero(random.random(len(counts)) < share)
    kind = random.integers(4, size=len(where))
    wrong = np.choose(
        kind,
        [
            2.0 ** random.integers(1, 24, len(where)) - 1,
            2 * counts[where],
            np.zeros(len(where)),
            random.integers(RAW_MIN, RAW_MAX, len(where)),
        ],
    )
    counts[where] = np.clip(wrong, RAW_MIN, RAW_MAX)
