# SPDX-License-Identifier: Apache-2.0
"""What presses on the cell adds up, second by second."""

import numpy as np
import pytest

from tools.simulate.trace.script import Script

T_S = np.arange(0.0, 20.0)


def test_what_is_put_in_stays_and_the_second_in_which_it_comes_has_its_share() -> None:
    load_g = Script(moves=[(4.25, -40.0)]).load_g(T_S, 500.0, 1000.0)
    assert load_g[:5].tolist() == [1500.0] * 5
    assert load_g[5] == pytest.approx(1470.0)
    assert np.allclose(load_g[6:], 1460.0)


def test_a_bin_that_is_lifted_takes_its_contents_along_and_brings_them_back() -> None:
    script = Script(moves=[(10.0, -300.0)], stands=[(5.0, -1.0), (15.0, 1.0)])
    load_g = script.load_g(T_S, 500.0, 1000.0)
    assert load_g[4] == 1500.0
    assert np.allclose(load_g[7:15], 0.0)
    assert load_g[-1] == pytest.approx(1200.0)


def test_a_hand_presses_while_it_is_there_and_pulls_no_bin_below_nothing() -> None:
    script = Script(pushes=[(3.0, np.array([0.0, 70.0, 80.0, 0.0])), (10.0, np.array([-5000.0]))])
    load_g = script.load_g(T_S, 500.0, 0.0)
    assert load_g[2:7].tolist() == [500.0, 500.0, 570.0, 580.0, 500.0]
    assert load_g[10] == 0.0


def test_looks_are_made_around_what_happens_one_a_second() -> None:
    looks_s, begins = Script(busy=[(1000.0, 1010.0), (5000.0, 5003.0)]).looks([], 9000.0)
    assert begins.tolist() == [0, 27]
    assert (looks_s[0], looks_s[26]) == (997.0, 1023.0)
    assert set(np.diff(looks_s[:27])) == {1.0}
    assert looks_s[27] == 4997.0


def test_stretches_that_nearly_meet_are_one() -> None:
    _, begins = Script(busy=[(1000.0, 1010.0), (1040.0, 1050.0)]).looks([(1020.0, 1030.0)], 9000.0)
    assert begins.tolist() == [0]


def test_no_look_is_made_outside_the_trace() -> None:
    looks_s, _ = Script(busy=[(1.0, 5.0), (95.0, 98.0)]).looks([], 100.0)
    assert looks_s[0] == 0.0
    assert looks_s[-1] < 100.0
