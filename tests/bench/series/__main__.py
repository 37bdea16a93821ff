# SPDX-License-Identifier: Apache-2.0
"""`make bench-series`: what looking at a big plant costs, on both stores of time series. Never a pass or a fail."""

import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from sqlalchemy import Engine

from fleet.db import read
from fleet.series import overview
from fleet.series.collect import PAIRS_A_TURN, collect_state
from fleet.series.influx import InfluxSeries
from fleet.series.model import NS_IN_MS, Point, TimeSeriesStore
from fleet.series.overview import Told
from fleet.series.relay import relay_batch
from fleet.series.schema import BIN_LEVEL, ITEM_DAILY, ITEM_STOCK, SITE_HOURLY, Shelf
from fleet.series.sqlite import SqliteSeries
from fleet.web import series_queries as pages
from tests.bench.commit import commit
from tests.bench.series.plant import BINS_A_SITE, build_plant, place_tags
from tests.servers.influxd import Influxd

DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
KEEP_DAYS = {Shelf.RAW: 36_500, Shelf.ROLLUP: 36_500}
BATCH = 5_000
TIMES = 15
PICKS_A_DAY = 8
CHARTED_EVERY = 100  # of so many bins one is charted: it has a point at each pick, the others one a day


def points(bins: int, days: int, now_ms: int) -> Iterator[Point]:
    """What such a plant has written in so many days, day by day."""
    for day in range(days, 0, -1):
        at_ms = now_ms // DAY_MS * DAY_MS - (day - 1) * DAY_MS
        for number in range(1, bins + 1):
            tags = place_tags(number)
            picks = PICKS_A_DAY if number % CHARTED_EVERY == 1 else 1
            for pick in range(picks):
                on_hand = float((number * 37 + day * 11 + pick) % 900)
                fields = {
                    "qty_on_hand": on_hand,
                    "qty_on_order": 0.0,
                    "reorder_point": 200.0,
                    "order_up_to": 800.0,
                    "safety_stock": 120.0,
                    "days_of_cover": on_hand / 20,
                    "standing": 3.0,
                    "in_doubt": 0.0,
                }
                yield Point(ITEM_STOCK.name, tags, (at_ms - pick * HOUR_MS) * NS_IN_MS, fields)
            if picks > 1:
                flows = {"used": 20.0, "received": 0.0, "adjusted": 0.0}
                yield Point(ITEM_DAILY.name, tags, at_ms * NS_IN_MS, flows)
        for site in range(1, bins // BINS_A_SITE + 1):
            tags = place_tags(site * BINS_A_SITE)[:2]
            for hour in range(24):
                flows = {"used": 400.0, "received": 0.0, "adjusted": 0.0, "movements": 80.0}
                yield Point(SITE_HOURLY.name, tags, (at_ms - hour * HOUR_MS) * NS_IN_MS, flows)
    for number in range(1, bins + 1):
        level = {"pieces": 5.0, "lower": 5.0, "upper": 5.0, "is_ok": 1.0, "state": "ok"}
        yield Point(BIN_LEVEL.name, (*place_tags(number), f"bin-{number}"), (now_ms - number) * NS_IN_MS, level)


def fill(store: TimeSeriesStore, name: str, bins: int, days: int, now_ms: int, console: Console) -> tuple[int, float]:
    """Writes all of them in batches: how many, and in how many seconds."""
    store.prepare()
    began_s, written, made = time.perf_counter(), 0, points(bins, days, now_ms)
    a_day = bins + bins // CHARTED_EVERY * PICKS_A_DAY + bins // BINS_A_SITE * 24
    for _ in track(range(-(-(days * a_day + bins) // BATCH)), f"{name}: writing", console=console):
        batch = list(islice(made, BATCH))
        store.write(batch)
        written += len(batch)
    return written, time.perf_counter() - began_s


def cost_ms(ask: Callable[[], object]) -> tuple[float, float]:
    """The median and the longest of some times, in milliseconds."""
    took = []
    for _ in range(TIMES):
        began_s = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began_s) * 1000)
    return median(took), max(took)


def questions(store: TimeSeriesStore, bins: int, now_ms: int) -> Sequence[tuple[str, float, Callable[[], object]]]:
    """What pages and boards ask, with the milliseconds that it may take."""
    place = place_tags(bins // CHARTED_EVERY // 2 * CHARTED_EVERY + 1)
    item = {name: [value] for name, value in zip(ITEM_STOCK.tags, place, strict=True)}
    return (
        ("all sites as they stand", 200, lambda: pages.newest_statuses(store, now_ms)),
        ("what is used up first, of all sites", 200, lambda: pages.newest_risks(store, {}, now_ms)),
        ("use by day of all sites, 30 days", 200, lambda: pages.used_by_day(store, {}, now_ms, 30)),
        ("an item's stock, 90 days", 500, lambda: pages.stock_over_time(store, item, now_ms, 90)),
        ("an item's use by day, 90 days", 500, lambda: pages.flows_by_day(store, item, now_ms, 90)),
    )


def take_stock(engine: Engine, now_ms: int, console: Console) -> list[tuple[str, float]]:
    """What the looks once a minute cost, on the relational store: seconds."""
    told = Told(HOUR_MS)
    pairs = 0
    with read(engine) as session:
        total = session.connection().exec_driver_sql("SELECT count(*) FROM stock").scalar_one()
    for look in track(range(total // PAIRS_A_TURN), "weighing", console=console):
        collect_state(engine, told, now_ms + look)
        pairs += PAIRS_A_TURN
    looks = []
    for minute in range(1, 4):
        began_s = time.perf_counter()
        collect_state(engine, told, now_ms + minute * MINUTE_MS)
        looks.append(time.perf_counter() - began_s)
    with read(engine) as session:
        statuses = cost_ms(lambda: overview.site_statuses(session, now_ms))[0] / 1000
        risks = cost_ms(lambda: overview.risks(session))[0] / 1000
    return [
        ("one look, of the three after all was told", median(looks)),
        ("of it: how all sites stand", statuses),
        ("of it: what each site uses up first", risks),
    ]


def main(
    bins: Annotated[int, typer.Option(min=500, help="How many bins, a multiple of 500.")] = 100_000,
    days: Annotated[int, typer.Option(min=1, help="Of how many days there are time series.")] = 90,
    out: Annotated[Path | None, typer.Option(help="Write the page here.")] = None,
) -> None:
    """Fill both stores as a big plant would, and time what people look at."""
    console, now_ms = Console(stderr=True), time.time_ns() // 1_000_000
    lines = [
        "# Time series of a big plant, measured",
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}, {bins:,} bins, {days} days, "
        f"Python {platform.python_version()}, InfluxDB 1.6.7 on the same two cores. Written by `make bench-series`.",
        "",
    ]
    with tempfile.TemporaryDirectory() as top:
        folder = Path(top)
        engine = build_plant(folder / "fleet.db", bins, now_ms)
        looks = take_stock(engine, now_ms, console)
        sqlite = SqliteSeries(folder / "series.sqlite")
        with Influxd(folder / "influxd") as server:
            influx = InfluxSeries(server.url, "kanbin", "", "", KEEP_DAYS)
            stores: dict[str, TimeSeriesStore] = {"SQLite": sqlite, "InfluxDB": influx}
            written = {name: fill(store, name, bins, days, now_ms, console) for name, store in stores.items()}
            _tell_state(engine, stores, now_ms)
            lines += ["| median (longest) of 15, ms | goal | " + " | ".join(stores) + " |", "|---|---:|---:|---:|"]
            for number, (what, goal_ms, _) in enumerate(questions(sqlite, bins, now_ms)):
                cells = []
                for store in stores.values():
                    middle, longest = cost_ms(questions(store, bins, now_ms + 4 * MINUTE_MS)[number][2])
                    bold = "**" if middle > goal_ms else ""
                    cells.append(f"{bold}{middle:.1f}{bold} ({longest:.1f})")
                lines.append(f"| {what} | {goal_ms:.0f} | {' | '.join(cells)} |")
            for name, (number, took_s) in written.items():
                lines += ["", f"{name}: {number:,} points written, {number / took_s:,.0f} a second."]
            influx.close()
        size_mb = sum(file.stat().st_size for file in folder.glob("series.sqlite*")) / 1e6
        lines += [f"The SQLite file is {size_mb:,.0f} MB.", ""]
        lines += ["| once a minute, on the relational store | s |", "|---|---:|"]
        lines += [f"| {what} | {took_s:.2f} |" for what, took_s in looks]
        sqlite.close()
        engine.dispose()
    page = "\n".join(lines) + "\n"
    print(page)
    if out is not None:
        out.write_text(page)


def _tell_state(engine: Engine, stores: dict[str, TimeSeriesStore], now_ms: int) -> None:
    """The state of the sites as a look has just told it, into both."""

    class Both:
        def write(self, some: Sequence[Point]) -> None:
            for store in stores.values():
                store.write(some)

    while relay_batch(engine, Both(), now_ms, KEEP_DAYS):  # type: ignore[arg-type]
        pass


if __name__ == "__main__":
    typer.run(main)
