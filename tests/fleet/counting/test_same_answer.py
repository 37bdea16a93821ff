# SPDX-License-Identifier: Apache-2.0
"""Whoever answers with the very count of before has come to believe nothing else: so it need not be put down anew."""

import pytest

from fleet.counting.counter import Count
from fleet.counting.tally import COUNTER
from tests.bench.counting.run import setup_of
from tools.simulate.trace import make_trace


def belief(counter: object) -> list[tuple[object, ...]]:
    hypotheses = counter._known.belief.hypotheses  # type: ignore[attr-defined]
    return [tuple(getattr(each, name) for name in type(each).__slots__) for each in hypotheses]


@pytest.mark.parametrize("class_name", ["typical-5g", "sleeping-5g", "faulty-5g", "hard-4g", "tiny-0.1g"])
def test_the_same_answer_comes_of_the_same_hypotheses(class_name: str) -> None:
    trace = make_trace(class_name, seed=1, days=20.0)
    counter = COUNTER(setup_of(trace.config))
    told: Count | None = None
    believed: list[tuple[object, ...]] = []
    same = 0
    for t_s, raw, temp_c in zip(trace.t_s.tolist(), trace.raw.tolist(), trace.temp_c.tolist(), strict=True):
        count = counter.update(t_s, raw, None if temp_c != temp_c else temp_c)
        now = belief(counter)
        if count is told:
            assert now == believed
            same += 1
        told, believed = count, now
    assert same > 100
