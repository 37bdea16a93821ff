# SPDX-License-Identifier: Apache-2.0
"""The classes, by which figures are compared: their names, and what must hold in each."""

import pytest

from tools.simulate.trace.classes import CLASSES
from tools.simulate.trace.describe import describe


def test_the_classes_have_their_names_and_their_order() -> None:
    assert list(CLASSES) == [
        "easy-50g", "easy-12g", "typical-25g", "typical-5g", "too-big-2g", "light-1g", "faulty-5g", "sleeping-5g",
        "hard-4g", "hard-light-0.5g", "tiny-0.1g",
    ]  # fmt: skip


@pytest.mark.parametrize("class_name", CLASSES)
def test_the_name_says_the_weight_of_a_piece(class_name: str) -> None:
    assert class_name.endswith(f"-{CLASSES[class_name].piece_g:g}g")


def test_a_device_reports_a_change_of_less_than_half_a_piece_or_of_six_sigma_where_noise_forbids_more() -> None:
    assert CLASSES["typical-5g"].send_delta_g == pytest.approx(2.0)
    assert CLASSES["tiny-0.1g"].send_delta_g == pytest.approx(6 * 60 / 10**0.5 / 429.4, abs=1e-3)
    assert CLASSES["sleeping-5g"].send_delta_g is None


def test_the_list_tells_one_class_in_full_and_of_the_others_what_is_different() -> None:
    lines = dict(line.split(": ", 1) for line in describe())
    assert lines.keys() == CLASSES.keys()
    assert lines["typical-5g"].startswith("piece_g 5, capacity_g 10000, ")
    assert lines["sleeping-5g"] == "as typical-5g, but heartbeat_s 600, has_bursts no"
