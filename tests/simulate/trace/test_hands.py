# SPDX-License-Identifier: Apache-2.0
"""How hands press: coming and going, still or unsteady, downward or upward."""

import numpy as np

from tools.simulate.trace import hands

LOAD_G = 3000.0


def leans() -> list[tuple[hands.Floats, str]]:
    return [hands.lean(60, np.random.default_rng(number), LOAD_G) for number in range(300)]


def test_a_hand_has_not_come_in_the_first_second_and_is_gone_in_the_last() -> None:
    random = np.random.default_rng(1)
    for _ in range(50):
        for force_g in (
            hands.reach_in(8, random),
            hands.rummage(8, random),
            hands.lean(8, random, LOAD_G)[0],
            hands.set_down(random),
        ):
            assert force_g[0] == force_g[-1] == 0.0


def test_a_quarter_of_the_hands_that_reach_in_do_not_touch_the_bin() -> None:
    random = np.random.default_rng(1)
    untouched = [not hands.reach_in(8, random).any() for _ in range(1000)]
    assert 0.2 < np.mean(untouched) < 0.3


def test_who_leans_still_presses_alike_all_the_time_and_who_does_not_sways_by_a_share_of_it() -> None:
    for force_g, detail in leans():
        held_g = force_g[2:-2]
        sway = np.std(held_g) / np.abs(np.mean(held_g))
        assert (sway < 1e-12) == ("still" in detail)
        assert sway < 0.2


def test_who_leans_presses_with_200_g_to_9_kg_and_never_pulls_the_bin_off() -> None:
    most_g = np.array([np.median(force_g) for force_g, _ in leans()])
    assert 190 < np.abs(most_g).min() < 300
    assert 7000 < most_g.max() < 9500
    assert most_g.min() > -LOAD_G
