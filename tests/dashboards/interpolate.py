# SPDX-License-Identifier: Apache-2.0
"""What Grafana makes of a question before InfluxDB sees it.

Ours, after Grafana's own rules: a variable with one value is that value, one with several is `(a|b)`, both with what a
regex would misread escaped; All with an `allValue` is that, as it is. Time goes in as milliseconds, ends included.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MEANT_BY_REGEX = re.compile(r"[\\^$*+?.()|\[\]{}/]")
NAME = re.compile(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))")
LEFT_OVER = re.compile(r"(?<!\\)\$(?!/)")  # neither escaped nor the end of a regex


@dataclass(frozen=True, slots=True)
class Raw:
    """A value that is put in as it is: the `allValue` of a variable."""

    text: str


Value = str | Sequence[str] | Raw
"""One value; several; or all."""


@dataclass(frozen=True, slots=True)
class Span:
    """The time a panel shows, in milliseconds since 1970, and Grafana's `$__interval` for it."""

    start_ms: int
    end_ms: int
    interval_s: int = 60


def interpolate(text: str, values: Mapping[str, Value], span: Span) -> str:
    """The statement that InfluxDB gets. Raises ValueError for a variable that has no value."""
    known: dict[str, str] = {
        "timeFilter": f"time >= {span.start_ms}ms and time <= {span.end_ms}ms",
        "__interval": f"{span.interval_s}s",
    } | {name: _written(value) for name, value in values.items()}

    def put(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in known:
            raise ValueError(f"${name} has no value, in: {text}")
        return known[name]

    done = NAME.sub(put, text)
    if LEFT_OVER.search(done):
        raise ValueError(f"a $ is left over, in: {done}")
    return done


def _written(value: Value) -> str:
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, str):
        return MEANT_BY_REGEX.sub(r"\\\g<0>", value)
    return "(" + "|".join(MEANT_BY_REGEX.sub(r"\\\g<0>", one) for one in value) + ")"
