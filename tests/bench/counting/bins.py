# SPDX-License-Identifier: Apache-2.0
"""One bin, several counters: what a worker process does."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.bench.counting.counters import answer
from tests.bench.counting.look import Look, clock
from tests.bench.counting.metrics import Claim, Figures, judge_all
from tools.simulate.trace import make_trace

WORST = 10  # spans of wrong counts that are told of each bin


@dataclass(frozen=True)
class Task:
    """A bin to be simulated, and the counters that shall count it."""

    class_name: str
    seed: int
    days: float
    counters: tuple[str, ...]
    ours: str


@dataclass(frozen=True)
class Outcome:
    """How one counter did in one bin. `worst`: its bad orders, then its longest wrong counts, one line each."""

    class_name: str
    seed: int
    days: float
    counter: str
    figures: Figures = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    worst: list[str] = field(default_factory=list)
    failure: str | None = None  # the counter's own error, with where it came from

    def as_json(self) -> dict[str, Any]:
        """Plain values, the class under the name it has on the command line."""
        return {"class": self.class_name} | {name: value for name, value in vars(self).items() if name != "class_name"}


def count_bin(task: Task) -> list[Outcome]:
    """Every counter of the task over the same trace. A counter that raises is an outcome too."""
    trace = make_trace(task.class_name, task.seed, task.days)
    outcomes: list[Outcome] = []
    for counter in task.counters:
        named = (task.class_name, task.seed, task.days, counter)
        try:
            answers = answer(counter, trace, task.ours)
            judgement = judge_all(trace, answers)
            worst = list(_worst(Look(trace, answers, judgement)))
            outcomes.append(Outcome(*named, judgement.figures, judgement.claims, worst))
        except Exception:
            outcomes.append(Outcome(*named, failure=traceback.format_exc(limit=-3)))
    return outcomes


def _worst(look: Look) -> Iterator[str]:
    for at_s, what in look.orders():
        if not what.startswith("ORDER right"):
            yield f"{clock(at_s)} {what}"
    for at_s, what in look.longest_wrong(WORST):
        yield f"{clock(at_s)} {what}"
