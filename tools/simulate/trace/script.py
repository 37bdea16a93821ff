# SPDX-License-Identifier: Apache-2.0
"""Everything that presses on a cell in the course of a trace, and what it adds up to."""

from dataclasses import dataclass, field

import numpy as np

from tools.simulate.trace.trace import Floats, Ints

BEFORE_S = 3.0  # a device looks every second; from so long before something happens the looks are made one by one
AFTER_S = 14.0  # and until so long after it, longer than a device goes on reporting
REST_S = 30.0  # quiet that is shorter is looked through


@dataclass
class Script:
    """What people do to a bin, as forces. Masses in grams, times in seconds, all in the order of time."""

    moves: list[tuple[float, float]] = field(default_factory=list)  # mass put into the bin, or taken out (negative)
    stands: list[tuple[float, float]] = field(default_factory=list)  # +1 when the bin is put on the cell, -1 off it
    pushes: list[tuple[float, Floats]] = field(default_factory=list)  # from when, and a force for each second
    handlings_s: list[float] = field(default_factory=list)  # after each the load lies elsewhere
    busy: list[tuple[float, float]] = field(default_factory=list)  # when the load may change

    def looks(self, also: list[tuple[float, float]], end_s: float) -> tuple[Floats, Ints]:
        """Times at which the device looks while something happens, one second apart; and where each stretch begins.

        `also`: more of such stretches. Between two stretches the load does not change.
        """
        stretches: list[list[float]] = []
        for start_s, until_s in sorted([*self.busy, *also]):
            start_s, until_s = max(start_s - BEFORE_S, 0.0), min(until_s + AFTER_S, end_s)
            if stretches and start_s - stretches[-1][1] < REST_S:
                stretches[-1][1] = max(stretches[-1][1], until_s)
            else:
                stretches.append([start_s, until_s])
        each = [round(start_s, 1) + np.arange(max(1, int(until_s - start_s))) for start_s, until_s in stretches]
        begins = np.cumsum([0, *(len(times) for times in each)])[:-1]
        return np.concatenate(each), begins

    def load_g(self, t_s: Floats, bin_weight_g: float, contents_g: float) -> Floats:
        """What presses on the cell, as the mean over the second before each look."""
        inside_g = contents_g + _stairs(t_s, self.moves)
        load_g = (1 + _stairs(t_s, self.stands)) * (bin_weight_g + inside_g)
        for from_s, force_g in self.pushes:
            first = int(np.searchsorted(t_s, from_s))
            load_g[first : first + len(force_g)] += force_g[: len(t_s) - first]
        return np.maximum(load_g, 0.0)


def _stairs(t_s: Floats, steps: list[tuple[float, float]]) -> Floats:
    """The sum of all steps so far; a step within the second before a look counts for its share of that second."""
    rises = np.zeros(len(t_s) + 2)
    if steps:
        at_s, size = np.array(steps).T
        index = np.searchsorted(t_s, at_s)
        share = np.clip(t_s[np.minimum(index, len(t_s) - 1)] - at_s, 0.0, 1.0)
        np.add.at(rises, index, size * share)
        np.add.at(rises, index + 1, size * (1 - share))
    return np.cumsum(rises)[: len(t_s)]
