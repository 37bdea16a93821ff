# SPDX-License-Identifier: Apache-2.0
"""The kits that are built: one bin on the mains, a shelf of bins, a bin on a battery, a reader of tags."""

from collections.abc import Callable

from hardware.wiring import parts
from hardware.wiring.harness import BOARD, Harness, gpio
from hardware.wiring.pins import Pins

OWN_LED = ("esp32_c3",)  # boards that bring along the LED which the firmware lights
WITHOUT_PULL_UP = {"esp32_wroom": (34, 35, 36, 39)}  # pins to which a DOUT needs a resistor


def one_bin(pins: Pins) -> Harness:
    """A bin on the mains, with all that a bin can have."""
    harness = Harness(pins, "one bin on the mains")
    _scales(harness, pins, 1)
    _around(harness, pins)
    _mains(harness)
    return harness


def shelf(pins: Pins) -> Harness:
    """As many bins as the board has channels."""
    harness = Harness(pins, f"a shelf of {len(pins.scales)} bins")
    _scales(harness, pins, len(pins.scales))
    _around(harness, pins)
    _mains(harness)
    return harness


def battery_bin(pins: Pins) -> Harness:
    """A bin that sleeps: its regulator feeds the board behind the board's own."""
    harness = Harness(pins, "one bin on a battery")
    harness.scale(0, parts.HX711_ASLEEP)
    harness.add("battery", parts.BATTERY)
    harness.add("regulator", parts.REGULATOR)
    harness.join("feed", parts.BATTERY_CABLE, ("battery", ["+", "-"]), ("regulator", ["IN", "GND"]))
    harness.join("regulated", parts.REGULATED_CABLE, ("regulator", ["OUT", "GND"]), (BOARD, ["3V3", "GND"]))
    if pins.battery_adc is not None:
        harness.add("divider", parts.DIVIDER)
        harness.join("to divider", parts.TO_DIVIDER_CABLE, ("battery", ["+", "-"]), ("divider", ["+", "GND"]))
        harness.join("sense", parts.SENSE_CABLE, ("divider", ["MIDDLE"]), (BOARD, [gpio(pins.battery_adc)]))
    return harness


def reader(pins: Pins) -> Harness | None:
    """A reader of UHF tags; None on a board without a UART for it."""
    if pins.uhf_uart is None:
        return None
    _, tx, rx = pins.uhf_uart
    harness = Harness(pins, "a reader of UHF tags")
    harness.add("module", parts.UHF)
    harness.add("adapter", parts.UHF_SUPPLY)
    harness.join("serial", parts.UHF_CABLE, ("module", ["TXD", "RXD"]), (BOARD, [gpio(rx), gpio(tx)]))
    harness.join("module's supply", parts.UHF_SUPPLY_CABLE, ("adapter", ["5V", "GND"]), ("module", ["VCC", "GND"]))
    harness.join("board's supply", parts.UHF_SUPPLY_CABLE, ("adapter", ["5V", "GND"]), (BOARD, ["5V", "GND"]))
    _led(harness, pins)
    return harness


KITS: dict[str, Callable[[Pins], Harness | None]] = {
    "bin": one_bin,
    "shelf": shelf,
    "battery": battery_bin,
    "reader": reader,
}


def _scales(harness: Harness, pins: Pins, count: int) -> None:
    bare = WITHOUT_PULL_UP.get(pins.name, ())
    for channel in range(count):
        dout, _ = pins.scales[channel]
        harness.scale(channel, parts.HX711_BARE if dout in bare else parts.HX711)


def _around(harness: Harness, pins: Pins) -> None:
    if pins.thermometer is not None:
        harness.add("thermometer", parts.THERMOMETER)
        ends = ["3V3", "GND", gpio(pins.thermometer)]
        harness.join("one-wire", parts.THERMOMETER_CABLE, ("thermometer", ["VDD", "GND", "DQ"]), (BOARD, ends))
    _led(harness, pins)


def _led(harness: Harness, pins: Pins) -> None:
    if pins.name not in OWN_LED:
        harness.add("LED", parts.LED)
        harness.join("light", parts.LED_CABLE, ("LED", ["anode", "cathode"]), (BOARD, [gpio(pins.led), "GND"]))


def _mains(harness: Harness) -> None:
    harness.add("supply", parts.SUPPLY)
    harness.join("mains", parts.SUPPLY_CABLE, ("supply", ["5V", "GND"]), (BOARD, ["5V", "GND"]))
