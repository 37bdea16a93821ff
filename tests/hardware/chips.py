# SPDX-License-Identifier: Apache-2.0
"""What the makers say of the pins of each board's chip, and which of them the board brings out.

Chips: Espressif, ESP-IDF Programming Guide, "GPIO & RTC GPIO", tables of ESP32, ESP32-S3 and ESP32-C3; levels of straps
at reset: the chips' data sheets, "Boot Configurations". Headers: user guides of ESP32-DevKitC V4 and
ESP32-S3-DevKitC-1, "Header Block"; the SuperMini has no maker's guide, its header is what its sellers print.
"""

from dataclasses import dataclass


def pins(*spans: "int | tuple[int, int]") -> frozenset[int]:
    """Single pins and spans of them, ends included."""
    return frozenset(
        pin for span in spans for pin in (range(span[0], span[1] + 1) if isinstance(span, tuple) else (span,))
    )


@dataclass(frozen=True)
class Chip:
    """Numbers of pins. `straps` says which level a strap must have at reset, None: either spoils something."""

    exists: frozenset[int]
    brought_out: frozenset[int]
    straps: dict[int, int | None]
    flash_and_ram: frozenset[int]  # octal RAM included
    console: frozenset[int]
    usb: frozenset[int]
    input_only: frozenset[int]
    adc: frozenset[int]  # of ADC1: ADC2 of an ESP32 cannot be read while Wi-Fi is on
    other: frozenset[int]  # used by something else, said beside it
    uarts: int


CHIPS = {
    "esp32_wroom": Chip(
        exists=pins((0, 19), (21, 23), (25, 27), (32, 39)),
        brought_out=pins((0, 19), (21, 23), (25, 27), (32, 36), 39),
        straps={0: 1, 2: 0, 5: None, 12: None, 15: None},
        flash_and_ram=pins((6, 11)),  # 16 and 17 too, on modules with RAM of their own, which a WROOM-32 has not
        console=pins(1, 3),
        usb=pins(),
        input_only=pins((34, 39)),
        adc=pins((32, 39)),
        other=pins(),
        uarts=3,
    ),
    "esp32_s3": Chip(
        exists=pins((0, 21), (26, 48)),
        brought_out=pins((0, 21), (35, 48)),
        straps={0: 1, 3: None, 45: None, 46: None},
        flash_and_ram=pins((26, 37)),
        console=pins(43, 44),
        usb=pins(19, 20),
        input_only=pins(),
        adc=pins((1, 10)),
        other=pins(38, 47, 48),  # addressable LED of v1.1 (38) and v1.0 (48); 1.8 V on modules with 16 MB octal RAM
        uarts=3,
    ),
    "esp32_c3": Chip(
        exists=pins((0, 21)),
        brought_out=pins((0, 10), 20, 21),
        straps={2: None, 8: 1, 9: 1},
        flash_and_ram=pins((11, 17)),  # 11 feeds the flash
        console=pins(20, 21),
        usb=pins(18, 19),
        input_only=pins(),
        adc=pins((0, 4)),
        other=pins(),
        uarts=2,
    ),
}
