# SPDX-License-Identifier: Apache-2.0
"""A harness: which pin of the board goes to which part, as the document that WireViz draws from."""

from typing import Any

import yaml

from hardware.wiring import parts
from hardware.wiring.parts import Part
from hardware.wiring.pins import Pins

BOARD = "board"
FONT = "DejaVu Sans"  # a wide one: where another takes its place, nothing runs over a frame
Ends = list[str]


class Harness:
    """Parts to the left of the board, cables between, and their connections in the order they were made."""

    def __init__(self, pins: Pins, title: str):
        self._pins = pins
        self._title = title
        self._used: Ends = []  # pins of the board, in the order of the drawing
        self._connectors: dict[str, Part] = {}
        self._cables: dict[str, Part] = {}
        self._connections: list[list[dict[str, Any]]] = []

    def add(self, name: str, made_of: Part) -> None:
        """A part, named as on the drawing."""
        self._connectors[name] = made_of

    def join(self, cable: str, made_of: Part, left: tuple[str, Ends], right: tuple[str, Ends]) -> None:
        """A cable from pins of one part to as many of another, wire by wire."""
        if not len(left[1]) == len(right[1]) == len(made_of["colors"]):
            raise ValueError(f"{cable}: as many wires as pins")
        self._cables[cable] = made_of
        wires = list(range(1, len(made_of["colors"]) + 1))
        self._connections.append([{left[0]: left[1]}, {cable: wires}, {right[0]: right[1]}])
        for name, ends in (left, right):
            if name == BOARD:
                self._used += [end for end in ends if end not in self._used]

    def scale(self, channel: int, hx711: Part) -> None:
        """A load cell with its HX711 on a channel of the board."""
        dout, sck = self._pins.scales[channel]
        cell, chip = f"cell {channel}", f"HX711 {channel}"
        self.add(cell, parts.CELL)
        self.add(chip, hx711)
        ends = ["E+", "E-", "A+", "A-"]
        self.join(f"cable {channel}", parts.CELL_CABLE, (cell, ends), (chip, ends))
        self.join(
            f"wires {channel}",
            parts.HX711_CABLE,
            (chip, ["VCC", "GND", "DT", "SCK"]),
            (BOARD, ["3V3", "GND", gpio(dout), gpio(sck)]),
        )

    def document(self) -> str:
        """What is committed, and what WireViz reads."""
        board = {"type": self._pins.title, "subtype": self._title, "pins": self._used, "show_pincount": False}
        content = {
            "options": {"fontname": FONT},
            "connectors": {**self._connectors, BOARD: board},
            "cables": self._cables,
            "connections": self._connections,
        }
        made_by = f"# Made by python -m hardware.wiring from firmware/boards/{self._pins.name}.py\n"
        return made_by + yaml.dump(content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


class _Plain(yaml.SafeDumper):
    """Writes a part that occurs twice twice: WireViz takes an anchor, a reader stumbles over it."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def gpio(number: int) -> str:
    """A pin of the board, as it is labelled on the drawings."""
    return f"GPIO{number}"
