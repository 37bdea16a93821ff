# SPDX-License-Identifier: Apache-2.0
"""When a demonstration ends by itself: `order`, `300 readings` or `60 seconds`."""

import re
from typing import Literal, NamedTuple

ALLOWED = "order, a number of readings (`300 readings`) or a time (`60 seconds`)"


class UntilError(ValueError):
    """The text is none of the allowed ends."""


class Until(NamedTuple):
    """An end: the first order, `amount` acknowledged readings, or `amount` real seconds."""

    what: Literal["order", "readings", "seconds"]
    amount: int = 1


def parse_until(text: str) -> Until:
    """Raises UntilError that names what is allowed."""
    if text.strip() == "order":
        return Until("order")
    match = re.fullmatch(r"\s*([1-9][0-9]{0,8})\s*(readings?|seconds?|s)?\s*", text)
    if match is None:
        raise UntilError(f"--until: {text!r} will not do; allowed: {ALLOWED}")
    return Until("seconds" if (match[2] or "").startswith("s") else "readings", int(match[1]))
