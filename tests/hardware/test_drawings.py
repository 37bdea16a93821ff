# SPDX-License-Identifier: Apache-2.0
"""The drawings show the pins that the firmware uses."""

import re
from xml.etree import ElementTree

import pytest
import yaml
from boards import CHANNELS

from hardware.wiring.__main__ import DRAWINGS, documents, draw, stamp
from hardware.wiring.kits import shelf
from hardware.wiring.pins import Pins, read

ANEW = "the boards or the parts have changed: run `make pictures`, look at the drawings and commit them"


@pytest.mark.parametrize("name", documents())
def test_a_committed_document_is_the_one_made_from_the_board(name: str) -> None:
    assert (DRAWINGS / f"{name}.yaml").read_text() == documents()[name], ANEW


@pytest.mark.parametrize("name", documents())
def test_a_committed_drawing_belongs_to_its_document(name: str) -> None:
    drawing = (DRAWINGS / f"{name}.svg").read_text()
    assert drawing.rstrip().endswith(stamp(documents()[name])), ANEW
    assert ElementTree.fromstring(drawing).tag.endswith("svg")


def test_no_drawing_is_left_over_from_something_else() -> None:
    assert {path.stem for path in DRAWINGS.iterdir()} == set(documents())


@pytest.mark.parametrize("board", CHANNELS)
def test_each_scale_of_a_shelf_is_drawn_on_its_pins(board: str) -> None:
    drawn = yaml.safe_load((DRAWINGS / f"{board}-shelf.yaml").read_text())
    found = {next(iter(path[0])): path[2]["board"][2:] for path in drawn["connections"] if "board" in path[2]}
    assert [found[f"HX711 {channel}"] for channel in range(CHANNELS[board])] == [
        [f"GPIO{dout}", f"GPIO{sck}"] for dout, sck in read(board).scales
    ]


@pytest.mark.parametrize("name", documents())
def test_a_drawing_shows_every_pin_of_the_board_that_its_document_names(name: str) -> None:
    named = {pin for pin in yaml.safe_load(documents()[name])["connectors"]["board"]["pins"] if pin.startswith("GPIO")}
    shown = set(re.findall(r">board:(GPIO\d+)<", (DRAWINGS / f"{name}.svg").read_text()))
    assert shown == named


def test_wireviz_draws_a_board_that_is_new() -> None:
    """A later board needs its file alone."""
    board = Pins("some_board", "board of tomorrow", 1, ((2, 3), (4, 5)), None, None, None)
    drawing = draw(shelf(board).document())
    assert "board of tomorrow" in drawing
    assert "board:GPIO5" in drawing
