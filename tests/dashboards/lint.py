# SPDX-License-Identifier: Apache-2.0
"""What a board and an alert of ours always have. Each rule yields what is wrong, a sentence each.

A board is Grafana's JSON, an alert a rule of the provisioning file.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from fleet.series.schema import MEASUREMENTS

Json = dict[str, Any]
COLUMNS = 24
ALIAS = re.compile(r'AS "[^"]*"')
QUOTED = re.compile(r'"([^"]*)"')
MEASURED = re.compile(r'FROM "([^"]*)"')


def says_what_it_shows(board: Json) -> Iterator[str]:
    """Board, panels and variables have words for people; a panel has a unit and a question."""
    for what in (board, *board["panels"], *board["templating"]["list"]):
        if not (what.get("title") or what.get("label")):
            yield "no title"
        if not what.get("description"):
            yield f"{_name(what)}: no description"
    for panel in board["panels"]:
        if not panel["fieldConfig"]["defaults"].get("unit"):
            yield f"{_name(panel)}: no unit"
        if not panel.get("targets"):
            yield f"{_name(panel)}: no question"


def has_ids_of_its_own(board: Json) -> Iterator[str]:
    """Panels are numbered, each otherwise, and titled each otherwise: links and tests name them so."""
    for key in ("id", "title"):
        names = [panel.get(key) for panel in board["panels"]]
        if len(set(names)) < len(names) or None in names:
            yield f"panels share a {key}, or have none: {names}"


def lies_on_the_grid(board: Json) -> Iterator[str]:
    """Within 24 columns, and no panel on another."""
    taken: dict[tuple[int, int], str] = {}
    for panel in board["panels"]:
        at = panel["gridPos"]
        if at["x"] < 0 or at["w"] < 1 or at["h"] < 1 or at["x"] + at["w"] > COLUMNS:
            yield f"{_name(panel)}: beyond the {COLUMNS} columns"
        cells = [(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])]
        below = sorted({taken[cell] for cell in cells if cell in taken})
        if below:
            yield f"{_name(panel)}: lies on {', '.join(below)}"
        taken |= dict.fromkeys(cells, _name(panel))


def chooses_its_source(board: Json) -> Iterator[str]:
    """Each question goes to the shelf that has the measurement, by the board's variable."""
    known = {f"${{{each['name']}}}" for each in board["templating"]["list"] if each["type"] == "datasource"}
    for name, source, text in _questions(board):
        measured = _measurements(text)
        wanted = {f"${{{MEASUREMENTS[each].shelf}}}" for each in measured if each in MEASUREMENTS}
        if source not in known:
            yield f"{name}: its data source is {source}, no variable"
        elif wanted != {source}:
            yield f"{name}: asks {source} for what is in {', '.join(sorted(wanted)) or 'nothing'}"


def keeps_to_its_time(board: Json) -> Iterator[str]:
    """Each panel's question, and each part of it, asks for the time the panel shows; variables follow the time too."""
    for panel in board["panels"]:
        for target in panel["targets"]:
            if target["query"].count("$timeFilter") != target["query"].count("SELECT "):
                yield f"{_name(panel)}: no $timeFilter"
    for variable in board["templating"]["list"]:
        if variable["type"] == "query" and variable.get("refresh") != 2:
            yield f"{_name(variable)}: does not follow the time"


def narrows_by_its_variables(board: Json) -> Iterator[str]:
    """A tag that the board lets one choose narrows each question that could be narrowed by it."""
    order = [each["name"] for each in board["templating"]["list"] if each["type"] == "query"]
    for name, _, text in _questions(board):
        own = name.split(": ")[-1] if text.startswith("SHOW") else ""
        offered = order[: order.index(own)] if own else order
        tags = {tag for each in _measurements(text) if each in MEASUREMENTS for tag in MEASUREMENTS[each].tags}
        missing = [tag for tag in offered if tag in tags and f'"{tag}" =~ /^${tag}$/' not in text]
        if missing:
            yield f"{name}: not narrowed by {', '.join(missing)}"


def asks_for_what_is_measured(board: Json) -> Iterator[str]:
    """Every measurement, field and tag that a question names is one of the schema."""
    for name, _, text in _questions(board):
        yield from _unknown(name, text)


def asks_once(board: Json) -> Iterator[str]:
    """One statement, since InfluxDB 3 takes no more; no span of time in a subquery, since 1.6.7 adds that up wrong."""
    for name, _, text in _questions(board):
        if ";" in text:
            yield f"{name}: more than one statement"
        if re.search(r"\(SELECT [^()]*(\([^()]*\)[^()]*)*time\(", text):
            yield f"{name}: a subquery by time"


def goes_to_bins_only_within_a_site(board: Json) -> Iterator[str]:
    """What there is of each bin or device is asked for one site alone; boards of many sites read rollups."""
    one_site = any(each["name"] == "site" and not each["multi"] for each in board["templating"]["list"])
    for name, _, text in _questions(board):
        tags = {tag for each in _measurements(text) if each in MEASUREMENTS for tag in MEASUREMENTS[each].tags}
        if not tags.isdisjoint({"bin", "device"}) and not (one_site and '"site" =~ /^$site$/' in text):
            yield f"{name}: asks for bins of many sites"


def is_for_looking(board: Json) -> Iterator[str]:
    """Nobody edits what the next build takes back; and it can be told from other boards."""
    if board.get("editable") is not False:
        yield "editable"
    if "kanbin" not in board.get("tags", []) or not board.get("uid", "").startswith("kanbin-"):
        yield "not marked as ours"


BOARD_RULES: tuple[Callable[[Json], Iterator[str]], ...] = (
    says_what_it_shows,
    has_ids_of_its_own,
    lies_on_the_grid,
    chooses_its_source,
    keeps_to_its_time,
    narrows_by_its_variables,
    asks_for_what_is_measured,
    asks_once,
    goes_to_bins_only_within_a_site,
    is_for_looking,
)


def has_words(alert: Json) -> Iterator[str]:
    """An alert says what it is about, and what silence and errors mean; whoever is woken finds the board."""
    for key in ("uid", "title", "noDataState", "execErrState", "for"):
        if not alert.get(key):
            yield f"no {key}"
    for key in ("summary", "board"):
        if not alert["annotations"].get(key):
            yield f"no {key}"


def has_no_variables(alert: Json) -> Iterator[str]:
    """Nobody chooses anything when it is looked at; and file provisioning takes a $ for the environment."""
    if re.search(r"\$(?!timeFilter)", str(alert)):
        yield "a variable"
    for step in alert["data"]:
        if step["datasourceUid"] not in ("kanbin-raw", "kanbin-rollup", "__expr__"):
            yield f"data source {step['datasourceUid']}"


def is_reduced_and_held_against_a_limit(alert: Json) -> Iterator[str]:
    """A question, a Reduce of it, a Threshold on that; Grafana takes no series for a condition."""
    kinds = [step["model"].get("type", "query") for step in alert["data"]]
    if kinds != ["query", "reduce", "threshold"]:
        yield f"{kinds}: not query, reduce, threshold"
    led = [step["model"].get("expression") for step in alert["data"][1:]] + [alert["condition"]]
    if led != [step["refId"] for step in alert["data"]]:
        yield f"the steps do not lead to each other: {led}"


def asks_within_its_range(alert: Json) -> Iterator[str]:
    """Its question is one statement about what is measured, in time, and brings no more series than there are sites."""
    step = alert["data"][0]
    text = step["model"]["query"]
    yield from _unknown("the question", text)
    if "$timeFilter" not in text or step["relativeTimeRange"]["from"] <= 0:
        yield "no time"
    shelves = {f"kanbin-{MEASUREMENTS[each].shelf}" for each in _measurements(text) if each in MEASUREMENTS}
    if shelves != {step["datasourceUid"]}:
        yield f"asks {step['datasourceUid']} for what is in {', '.join(shelves)}"
    if re.search(r'GROUP BY.*"(bin|device|item)"', text):
        yield "an alert for each bin"


ALERT_RULES: tuple[Callable[[Json], Iterator[str]], ...] = (
    has_words,
    has_no_variables,
    is_reduced_and_held_against_a_limit,
    asks_within_its_range,
)


def _questions(board: Json) -> Iterator[tuple[str, str, str]]:
    """Name, data source and text of each question of panels and variables."""
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield _name(panel), target["datasource"]["uid"], target["query"]
    for variable in board["templating"]["list"]:
        if variable["type"] == "query":
            yield f"variable: {variable['name']}", variable["datasource"]["uid"], variable["query"]


def _unknown(name: str, text: str) -> Iterator[str]:
    measured = _measurements(text)
    if len(measured) != 1 or not measured <= set(MEASUREMENTS):
        yield f"{name}: asks for {', '.join(sorted(measured)) or 'nothing'}"
        return
    measurement = MEASUREMENTS[measured.pop()]
    known = {measurement.name, *measurement.tags, *(field.name for field in measurement.fields)}
    others = set(QUOTED.findall(ALIAS.sub("", text))) - known
    if others:
        yield f"{name}: {measurement.name} has no {', '.join(sorted(others))}"


def _measurements(text: str) -> set[str]:
    return set(MEASURED.findall(text))


def _name(what: Json) -> str:
    return str(what.get("title") or what.get("label") or what.get("name"))
