# SPDX-License-Identifier: Apache-2.0
"""The pins of a board, from the very file that the firmware reads."""

import importlib
import re
from dataclasses import dataclass
from pathlib import Path

from boards import CHANNELS

FOLDER = Path(__file__).resolve().parents[2] / "firmware" / "boards"


@dataclass(frozen=True)
class Pins:
    """`title` is what the board is called on the drawings: the first words of its file."""

    name: str
    title: str
    led: int
    scales: tuple[tuple[int, int], ...]  # (DOUT, PD_SCK)
    thermometer: int | None
    battery_adc: int | None
    uhf_uart: tuple[int, int, int] | None  # (UART, TX, RX)


def all_boards() -> list[Pins]:
    """Every board of the firmware's table, in its order."""
    return [read(name) for name in CHANNELS]


def read(name: str) -> Pins:
    """The pins of one board; its docstring must begin with "Pins of an <board>"."""
    board = importlib.import_module(f"boards.{name}")
    found = re.match(r"Pins of an? ([^:]+):", board.__doc__ or "")
    if not found:
        raise ValueError(f"boards/{name}.py: the docstring must begin with 'Pins of a <board>:'")
    return Pins(name, found[1], board.LED, board.SCALES, board.THERMOMETER, board.BATTERY_ADC, board.UHF_UART)
