# SPDX-License-Identifier: Apache-2.0
"""Every question of every board and alert, put to a real InfluxDB as Grafana does: for one value, several, All."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.dashboards.interpolate import Raw, Span, Value, interpolate

Json = dict[str, Any]
Chosen = Mapping[str, Value]
Ask = Callable[[str, str], list[Json]]
ONE, SEVERAL, ALL = "one", "several", "all"
NO_ROWS = "no rows"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
POINTS_ACROSS = 500
"""About as many points as a panel is wide."""
WITHOUT_BATTERIES = ("kanbin-site/Battery", "kanbin-battery-low")
"""What is empty as long as no device has a battery, for `may_be_empty`."""


@dataclass(frozen=True, slots=True)
class Server:
    """An InfluxDB, to which `client` is connected, whose databases begin with `prefix`."""

    client: httpx.Client
    prefix: str

    def ask(self, source_uid: str, statement: str) -> list[Json]:
        """The series that the data source answers with. Raises ValueError with what InfluxDB has to say against it."""
        shelf = source_uid.removeprefix("kanbin-").strip("${}")
        form = {"db": f"{self.prefix}_{shelf}", "q": statement, "epoch": "ms"}
        answer = self.client.post("/query", data=form).json()
        results = answer.get("results", [])
        error = answer.get("error") or next((result["error"] for result in results if "error" in result), None)
        if error or len(results) != 1:
            raise ValueError(f"{error or 'not one statement'}, in: {statement}")
        series: list[Json] = results[0].get("series", [])
        return series


def connected(influx_url: str) -> httpx.Client:
    """One connection for all questions."""
    return httpx.Client(base_url=influx_url, trust_env=False, timeout=60)


def run_all(
    influx_url: str,
    boards_folder: Path,
    prefix: str,
    now_ms: int,
    may_be_empty: Iterable[str] = (),
    *,
    is_full: bool = False,
) -> list[str]:
    """What does not go well, a sentence each: a question that is refused, or one without rows.

    `boards_folder` is what `kanbin dashboards build` writes: boards and provisioning. `may_be_empty` names panels
    ("kanbin-site/Battery"), variables ("kanbin-item/bin") and alerts (their uid) that need no rows there. Of a variable
    with one value, one of its values has to bring rows; with `is_full` each of them, and each column of the answer.
    """
    allowed = set(may_be_empty)
    boards = [json.loads(path.read_text()) for path in sorted((boards_folder / "boards").glob("*.json"))]
    with connected(influx_url) as client:
        ask = Server(client, prefix).ask
        found = [
            *chain.from_iterable(_failures_of(board, ask, now_ms, is_full) for board in boards),
            *_failures_of_alerts(boards_folder, ask, now_ms),
        ]
    return [f"{name}: {fault}" for name, fault in found if not (name in allowed and fault == NO_ROWS)]


def _failures_of(board: Json, ask: Ask, now_ms: int, is_full: bool) -> Iterator[tuple[str, str]]:
    variables = [each for each in board["templating"]["list"] if each["type"] == "query"]
    shown = Span(now_ms - 1000 * _seconds(board["time"]["from"]), now_ms)
    everything: Chosen = {variable["name"]: Raw(".*") for variable in variables}
    try:
        for variable in variables:
            if not _options(variable, ask, everything, shown):
                yield f"{board['uid']}/{variable['name']}", NO_ROWS
        chosen = [list(choices(variables, kind, ask, {}, shown)) for kind in (ALL, SEVERAL, ONE)]
    except ValueError as error:
        yield f"{board['uid']}, its variables", str(error)
        return
    for panel in board["panels"]:
        for target, of_a_kind in product(panel["targets"], chosen):
            fault = _fault(target, of_a_kind, ask, _span(panel, shown), is_full)
            if fault:
                yield f"{board['uid']}/{panel['title']}", fault


def _fault(target: Json, chosen: Sequence[Chosen], ask: Ask, span: Span, is_full: bool) -> str:
    enough = all if is_full else any
    try:
        statements = dict.fromkeys(interpolate(target["query"], each, span) for each in chosen)
        asked = (_has_rows(ask(target["datasource"]["uid"], statement), is_full) for statement in statements)
        return "" if statements and enough(asked) else NO_ROWS
    except ValueError as error:
        return str(error)


def _failures_of_alerts(folder: Path, ask: Ask, now_ms: int) -> Iterator[tuple[str, str]]:
    for path in sorted((folder / "provisioning" / "alerting").glob("*.yaml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            for rule in group["rules"]:
                step = rule["data"][0]
                span = Span(now_ms - 1000 * step["relativeTimeRange"]["from"], now_ms)
                try:
                    answer = ask(step["datasourceUid"], interpolate(step["model"]["query"], {}, span))
                    if not _has_rows(answer, is_full=False):
                        yield rule["uid"], NO_ROWS
                except ValueError as error:
                    yield rule["uid"], str(error)


def choices(variables: list[Json], kind: str, ask: Ask, chosen: Chosen, span: Span) -> Iterator[Chosen]:
    """What people can choose, one variable after the other, each offering what there is under those before it."""
    if len(chosen) == len(variables):
        yield chosen
        return
    variable = variables[len(chosen)]
    values = _options(variable, ask, chosen, span)
    picks: list[Value] = [*values]
    if variable["multi"]:
        picks = {ALL: [Raw(variable["allValue"])], SEVERAL: [values], ONE: [[value] for value in values]}[kind]
    for pick in picks:
        yield from choices(variables, kind, ask, {**chosen, variable["name"]: pick}, span)


def _options(variable: Json, ask: Ask, chosen: Chosen, span: Span) -> list[str]:
    series = ask(variable["datasource"]["uid"], interpolate(variable["query"], chosen, span))
    return [value for one in series for _, value in one["values"]]


def _span(panel: Json, shown: Span) -> Span:
    since_ms = shown.end_ms - 1000 * _seconds(panel["timeFrom"]) if "timeFrom" in panel else shown.start_ms
    across_s = (shown.end_ms - since_ms) // 1000 // POINTS_ACROSS
    return Span(since_ms, shown.end_ms, max(1, across_s, _seconds(panel.get("interval", "1s"))))


def _seconds(text: str) -> int:
    """Of "now-7d", "2h", "10m"."""
    match = re.fullmatch(r"(?:now-)?(\d+)([smhd])", text)
    if match is None:
        raise ValueError(f"{text}: no span of time")
    return int(match[1]) * SECONDS[match[2]]


def _has_rows(series: list[Json], is_full: bool) -> bool:
    """Whether there is a value besides time; in each column, if `is_full`."""
    columns = [column for one in series for column in zip(*(row[1:] for row in one["values"]), strict=True)]
    filled = [any(value is not None for value in column) for column in columns]
    return bool(filled) and (all(filled) if is_full else any(filled))
