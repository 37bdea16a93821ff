# SPDX-License-Identifier: Apache-2.0
"""Quantities as people type them: 10m, 2600mAh, 35uA."""

import re
from math import isfinite

TIMES_S = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
CHARGES_MAH = {"mAh": 1.0, "Ah": 1_000.0}
CURRENTS_UA = {"uA": 1.0, "mA": 1_000.0}


class QuantityError(ValueError):
    """Says which option is wrong and what would be right."""


def parse(option: str, text: str, units: dict[str, float], example: str) -> float:
    """The quantity in the smallest unit; greater than zero."""
    found = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([A-Za-z\u00b5\u03bc]*)\s*", text)
    if not found:
        raise QuantityError(f"{option}: {text!r} is no quantity; write a number and a unit, such as {example}")
    number, unit = float(found[1]), found[2].replace("\u00b5", "u").replace("\u03bc", "u")
    if not unit:
        raise QuantityError(f"{option}: {text!r} needs a unit, such as {example}")
    if unit not in units:
        raise QuantityError(f"{option}: {unit!r} is not one of the units {', '.join(units)}")
    value = number * units[unit]
    if not (value > 0 and isfinite(value)):
        raise QuantityError(f"{option}: {text!r} must be more than nothing and finite, such as {example}")
    return value
