# SPDX-License-Identifier: Apache-2.0
"""How pages are written: the templates, and how they show figures and times."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from fleet.api import iso
from fleet.clock import Clock
from fleet.web.view import age, clock_time, number

FOLDER = Path(__file__).parent


def templates(clock: Clock) -> Environment:
    """The templates of this folder; whatever is put into them is escaped."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    since: Callable[[int], str] = lambda at_ms: age(clock.now_ms() - at_ms)  # noqa: E731  (a filter)
    environment.filters.update(number=number, iso=iso, clock_time=clock_time, since=since)
    environment.globals["assets_missing"] = assets_missing
    return environment


def assets_missing() -> bool:
    """Whether the pages' JavaScript was never installed."""
    return not (FOLDER / "static" / "vendor" / "receipt.json").is_file()
