# SPDX-License-Identifier: Apache-2.0
"""A budget for people, as a table with a bar for each term, and for programs, as JSON."""

from collections.abc import Iterator
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from tools.energy.budget import Budget, Span, Term
from tools.energy.figures import GIVEN, PUBLISHED

WIDTH = 100  # where the output is no terminal
BAR = 20  # characters of a term that is all


def show(budget: Budget, battery_mah: float, usable: float) -> None:
    """Write the table, and below it what it rests on."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    with console.capture() as table:
        console.print(_table(budget))
    console.out("\n".join(line.rstrip() for line in table.get().splitlines()).strip("\n"), end="\n\n")
    days = budget.days(battery_mah * usable)
    console.print(f"{spread(budget.mah)} mAh a day; {usable:.0%} of {battery_mah:g} mAh last {_life(days)}.")
    first, second = sorted(budget.terms, key=budget.share, reverse=True)[:2]
    console.print(
        f"Most goes into {first.name} ({budget.share(first):.0%}), then {second.name} ({budget.share(second):.0%}).\n"
    )
    for line in _sources(budget):
        console.print(line, markup=False, soft_wrap=True)


def as_json(budget: Budget, battery_mah: float, usable: float) -> dict[str, Any]:
    """The same for programs."""
    return {
        "days": _ends(budget.days(battery_mah * usable)),
        "mah_a_day": _ends(budget.mah),
        "battery_mah": battery_mah,
        "usable": usable,
        "dominant": budget.dominant.name,
        "terms": [
            {
                "name": term.name,
                "times_a_day": term.times,
                "figure": {**_ends(term.figure.span), "unit": unit(term)},
                "mah_a_day": _ends(term.mah),
                "share": round(budget.share(term), 4),
                "basis": term.figure.basis,
                "source": term.figure.source,
            }
            for term in budget.terms
        ],
    }


def unit(term: Term) -> str:
    """What a term's figure is told in."""
    return "uA" if term.times is None else "mC"


def spread(span: Span) -> str:
    """A range, or one number where it is one."""
    low, high = _number(span.low), _number(span.high)
    return low if low == high else f"{low} to {high}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _table(budget: Budget) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("what", "times a day", "each", "mAh a day", "share"):
        table.add_column(heading, justify="left" if heading == "what" else "right")
    table.add_column("")
    for term in budget.terms:
        share = budget.share(term)
        times = "all day" if term.times is None else f"{term.times:g}"
        each = f"{spread(term.figure.span)} {unit(term)}"
        bar = "#" * max(1, round(share * BAR))
        table.add_row(term.name, times, each, spread(term.mah), f"{share:.0%}", bar)
    return table


def _life(days: Span) -> str:
    if days.high < 60:
        return (
            f"{days.low:.0f} to {days.high:.0f} days" if round(days.low) != round(days.high) else f"{days.low:.0f} days"
        )
    return f"{days.low:,.0f} to {days.high:,.0f} days ({days.low / 365.25:.1f} to {days.high / 365.25:.1f} years)"


def _sources(budget: Budget) -> Iterator[str]:
    yield "What it rests on; ? marks what nobody has measured, and nothing was measured on a Kanbin bin:"
    for term in budget.terms:
        mark = " " if term.figure.basis in (PUBLISHED, GIVEN) else "?"
        yield f"{mark} {term.name}: {term.figure.basis}; {term.figure.source}"


def _ends(span: Span) -> dict[str, float]:
    return {"low": round(span.low, 4), "high": round(span.high, 4)}
