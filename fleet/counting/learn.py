# SPDX-License-Identifier: Apache-2.0
"""What one change of the level teaches about the bin: how handlings scatter, what people take, what lots weigh."""

from collections.abc import Sequence
from math import exp

from fleet.counting.habits import Habits
from fleet.counting.hypothesis import POURED_AT_MOST, Hypothesis

FAR = 12.0  # logarithm: less probable explanations teach nothing
DOUBT = 0.05
MOST_TAKEN = 60  # a larger pick may be a mistake


def learn_from(
    explanations: Sequence[Hypothesis],
    parents: Sequence[Hypothesis],
    habits: Habits,
    load_g: float,
    pack_size: int,
) -> None:
    """Learns from a change, weighing its explanations; from one that is no plain pick, what a refill teaches."""
    top = max(each.log_weight for each in explanations)
    whole = surprise = total = pieces = taken = doubt = 0.0
    for each in explanations:
        if each.log_weight <= top - FAR:
            continue
        p = exp(each.log_weight - top)
        whole += p
        if each.alien or each.surprise < 0:
            doubt += p
            continue
        surprise += p * each.surprise
        total += p * each.var_total
        pieces += p * each.var_pieces
        if -MOST_TAKEN < each.change <= 0:
            taken -= p * each.change
        else:
            doubt += p
    if doubt > DOUBT * whole:
        _learn_refill(max(explanations, key=lambda each: each.log_weight), parents, habits, pack_size)
    elif load_g > 0:
        habits.learn_handling(surprise / whole, total / whole, pieces / whole, load_g, taken / whole)


def _learn_refill(best: Hypothesis, parents: Sequence[Hypothesis], habits: Habits, pack_size: int) -> None:
    """A refill weighs a new lot; and by now it is known whether the refill before was exactly its packs."""
    parent = next((each for each in parents if each.pieces == best.pieces - best.change), None)
    if best.alien or best.change < 0.5 * pack_size or parent is None:
        return
    if 0.5 * pack_size <= parent.poured < POURED_AT_MOST:
        habits.learn_filling(sum(exp(each.log_weight) for each in parents if each.poured % pack_size))
    habits.learn_lot((best.contents_g - parent.contents_g) / best.change)
