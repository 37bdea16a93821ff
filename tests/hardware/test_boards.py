# SPDX-License-Identifier: Apache-2.0
"""The pin tables of the boards ask nothing of a pin that its chip cannot or should not do."""

import importlib
from types import ModuleType

import pytest
from boards import CHANNELS

from hardware.wiring.pins import FOLDER
from tests.hardware.chips import CHIPS

NAMES = {"LED", "LED_LIT", "SCALES", "THERMOMETER", "BATTERY_ADC", "UHF_UART"}
SCALES_MAX = 8


@pytest.fixture(params=CHANNELS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def board(name: str) -> ModuleType:
    return importlib.import_module(f"boards.{name}")


def scale_pins(board: ModuleType) -> list[int]:
    return [pin for pair in board.SCALES for pin in pair]


def optional(*pins: int | None) -> list[int]:
    return [pin for pin in pins if pin is not None]


def compositions(board: ModuleType) -> dict[str, list[int]]:
    """The pins that a device of each kind uses at once."""
    both = [board.LED, *optional(board.THERMOMETER, board.BATTERY_ADC)]
    return {"weigh bin": scale_pins(board) + both, "reader": [*(board.UHF_UART or ())[1:], *both]}


def outputs(board: ModuleType) -> set[int]:
    clocks = [sck for _, sck in board.SCALES]
    return {board.LED, *clocks, *optional(board.THERMOMETER), *(board.UHF_UART or ())[1:2]}


def test_every_board_file_is_in_the_table_and_the_table_counts_its_scales() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert files == set(CHANNELS) == set(CHIPS)
    assert {name: len(importlib.import_module(f"boards.{name}").SCALES) for name in files} == CHANNELS
    assert max(CHANNELS.values()) <= SCALES_MAX


def test_a_board_says_what_all_boards_say(board: ModuleType) -> None:
    said = {each for each in vars(board) if not each.startswith("_")}
    assert said == NAMES
    assert board.LED_LIT in (0, 1)


def test_no_pin_has_two_tasks_in_one_device(board: ModuleType) -> None:
    for kind, pins in compositions(board).items():
        assert len(set(pins)) == len(pins), kind


def test_a_reader_beside_scales_takes_the_pins_of_the_last_ones(board: ModuleType) -> None:
    """So the first scales of a board are free for it."""
    taken = [index for index, pair in enumerate(board.SCALES) if {*pair} & {*board.UHF_UART[1:]}]
    assert taken == list(range(len(board.SCALES)))[len(board.SCALES) - len(taken) :]


def test_every_pin_is_on_the_header(name: str, board: ModuleType) -> None:
    chip = CHIPS[name]
    for pins in compositions(board).values():
        assert set(pins) <= chip.exists & chip.brought_out


def test_no_pin_belongs_to_flash_console_usb_or_another_part(name: str, board: ModuleType) -> None:
    chip = CHIPS[name]
    for pins in compositions(board).values():
        assert not set(pins) & (chip.flash_and_ram | chip.console | chip.usb | chip.other)


def test_no_strap_is_used_but_by_a_led_that_pulls_it_where_it_must_be(name: str, board: ModuleType) -> None:
    """A LED that a 1 lights hangs to ground, one that a 0 lights to the supply, and each pulls its pin there."""
    straps = CHIPS[name].straps
    for pins in compositions(board).values():
        assert set(pins) & set(straps) <= {board.LED}
    if board.LED in straps:
        assert straps[board.LED] == 1 - board.LED_LIT


def test_no_output_is_on_a_pin_that_can_only_listen(name: str, board: ModuleType) -> None:
    assert not outputs(board) & CHIPS[name].input_only


def test_the_battery_is_on_a_converter_that_works_beside_wifi(name: str, board: ModuleType) -> None:
    assert board.BATTERY_ADC is None or board.BATTERY_ADC in CHIPS[name].adc


def test_the_uart_exists_and_is_not_the_console(name: str, board: ModuleType) -> None:
    assert board.UHF_UART is None or 0 < board.UHF_UART[0] < CHIPS[name].uarts
