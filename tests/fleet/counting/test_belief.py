# SPDX-License-Identifier: Apache-2.0
"""Which count is told: the one told so far, until another is clearly more probable."""

import pytest

from fleet.counting.belief import Belief


def belief(**odds: float) -> Belief:
    made = Belief()
    made.odds = {int(name[1:]): p for name, p in odds.items()}
    return made


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (belief(n99=0.4, n100=0.6), 99),  # not twice as probable
        (belief(n99=0.3, n100=0.61), 100),
        (belief(n98=0.33, n99=0.1, n100=0.37, n101=0.2), 99),  # nobody knows: rather the same than up and down
        (belief(n98=0.3, n99=0.01, n100=0.35, n101=0.34), 100),  # hardly possible any more
    ],
)
def test_the_count_told_gives_way_to_one_twice_as_probable(known: Belief, told: int) -> None:
    assert known.prefer(99) == told


def test_a_count_that_nobody_believes_gives_way_to_the_most_probable() -> None:
    assert belief(n7=0.2, n8=0.5, n9=0.3).prefer(3) == 8
