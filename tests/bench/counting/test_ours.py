# SPDX-License-Identifier: Apache-2.0
"""The bench in small: three weeks of a bin are counted as well as the published years, and ordered on in time."""

import pytest

from fleet.counting.tally import COUNTER
from tests.bench.counting.metrics import judge_all
from tests.bench.counting.run import run
from tools.simulate.trace import make_trace


@pytest.mark.parametrize(
    ("class_name", "seed", "exact"),
    [("easy-12g", 3, 0.999), ("typical-5g", 2, 0.99), ("light-1g", 5, 0.95), ("faulty-5g", 1, 0.95)],
)
def test_a_bin_is_counted_exactly_and_ordered_on_in_time(class_name: str, seed: int, exact: float) -> None:
    trace = make_trace(class_name, seed, days=21)
    figures = judge_all(trace, run(trace, COUNTER)).figures
    assert figures["exact"] >= exact
    assert figures["within_1pct"] >= 0.99
    assert figures["pick_exact"] >= 0.98
    assert figures["false_orders"] == 0
    assert figures["late_orders"] == 0
    assert figures["state_bytes"] <= 1000
