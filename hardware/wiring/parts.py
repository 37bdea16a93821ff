# SPDX-License-Identifier: Apache-2.0
"""The parts beside the board, as WireViz draws them: their pins, and what the technician must know of each."""

from typing import Any

Part = dict[str, Any]


def part(kind: str, pins: str, notes: str = "") -> Part:
    """`pins` are separated by spaces."""
    found: Part = {"type": kind, "pins": pins.split(), "show_pincount": False}
    if notes:
        found["notes"] = notes
    return found


def cable(colours: str, length_m: float, notes: str = "") -> Part:
    """`colours` after IEC 60757, separated by spaces."""
    found: Part = {"colors": colours.split(), "length": length_m, "show_wirecount": False}
    if notes:
        found["notes"] = notes
    return found


CELL = part("load cell", "E+ E- A+ A-", "its own cable, uncut; colours differ from maker to maker")
CELL_CABLE = cable("RD BK GN WH", 0.3, "away from mains")
HX711 = part("HX711 board", "E+ E- A+ A- VCC GND DT SCK", "RATE to GND: 10 conversions a second")
HX711_BARE = {
    **HX711,
    "notes": "RATE to GND; 10 kOhm from DT to VCC:\nthis pin of the board has no pull-up of its own",
}
HX711_ASLEEP = {
    **HX711,
    "notes": "RATE to GND; 100 kOhm from SCK to VCC\nkeeps it switched off while the board sleeps",
}
HX711_CABLE = cable("RD BK YE BU", 0.2)
THERMOMETER = part("DS18B20", "VDD GND DQ", "4.7 kOhm from DQ to VDD; glued to the cell's block")
THERMOMETER_CABLE = cable("RD BK YE", 0.3)
LED = part("status LED", "anode cathode", "330 Ohm in series")
LED_CABLE = cable("YE BK", 0.1)
SUPPLY = part("mains adapter", "5V GND", "5 V, 1 A or more; or a USB plug instead")
SUPPLY_CABLE = cable("RD BK", 1.5)
BATTERY = part("battery", "+ -", "fuse or protected cell")
REGULATOR = part("regulator 3.3 V", "IN OUT GND", "quiescent current of some uA;\n100 uF from OUT to GND at the board")
DIVIDER = part("divider", "+ MIDDLE GND", "1 MOhm from + to MIDDLE, 1 MOhm and\n100 nF from MIDDLE to GND")
BATTERY_CABLE = cable("RD BK", 0.2)
TO_DIVIDER_CABLE = cable("RD BK", 0.1)
REGULATED_CABLE = cable("RD BK", 0.1)
SENSE_CABLE = cable("YE", 0.1)
UHF = part("UHF module", "VCC GND TXD RXD", "levels of TXD and RXD must be 3.3 V: see its sheet")
UHF_CABLE = cable("YE BU", 0.3)
UHF_SUPPLY = part(
    "adapter of the module", "5V GND", "as many amperes as the module's sheet asks for;\nfeeds the board too"
)
UHF_SUPPLY_CABLE = cable("RD BK", 0.3)
