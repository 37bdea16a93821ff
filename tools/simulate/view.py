# SPDX-License-Identifier: Apache-2.0
"""The demonstration on a terminal: what happens scrolls by, a small table below says how the bins stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

STATE_STYLES = {"ok": "green", "uncertain": "yellow"}


@dataclass(frozen=True)
class BinLine:
    """A bin as the table shows it; None: not known yet."""

    bin: str
    item: str
    counted: int | None
    state: str
    really: int | None
    on_order: int | None
    reorder_point: int
    order_up_to: int


class View:
    """Use as a context manager. On a terminal that can, the table stays below; elsewhere only the lines appear."""

    def __init__(self, console: Console, title: str) -> None:
        self._console = console
        self._title = title
        self._live = Live(console=console, auto_refresh=False, transient=False) if console.is_terminal else None

    def __enter__(self) -> "View":
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._live.stop()

    def tell(self, at_s: float, who: str, what: str) -> None:
        """One line about something that happened, `at_s` seconds after the beginning."""
        line = Text.assemble((f"{at_s:6.1f} s  ", "dim"), (f"{who:<8}", "bold"), " ", what)
        self._console.print(line, soft_wrap=True)

    def show(self, lines: Iterable[BinLine]) -> None:
        """The state of the bins now."""
        if self._live:
            self._live.update(bins_table(self._title, lines), refresh=True)


def bins_table(title: str, lines: Iterable[BinLine]) -> Table:
    """The table of bins."""
    table = Table(title=title, title_justify="left", title_style="bold")
    table.add_column("bin")
    table.add_column("item")
    for name in ("counted", "really", "on order", "min", "max"):
        table.add_column(name, justify="right")
    table.add_column("state")
    for line in lines:
        low = line.counted is not None and line.counted <= line.reorder_point
        table.add_row(
            line.bin,
            line.item,
            Text(_number(line.counted), style="bold red" if low else "bold"),
            Text(_number(line.really), style="dim"),
            _number(line.on_order),
            str(line.reorder_point),
            str(line.order_up_to),
            Text(line.state, style=STATE_STYLES.get(line.state, "red")),
        )
    return table


def bin_line(plan: Any, count: Mapping[str, Any] | None, on_order: int | None, really: int | None) -> BinLine:
    """A table line from a bin's plan, its newest count in the API and what the simulated world knows."""
    kind = plan.kind
    counted, state = (count["pieces"], count["state"]) if count else (None, "waiting")
    return BinLine(plan.bin, kind.name, counted, state, really, on_order, kind.reorder_point, kind.order_up_to)


def _number(value: int | None) -> str:
    return "-" if value is None else str(value)
