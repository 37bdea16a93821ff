# SPDX-License-Identifier: Apache-2.0
"""All boards and alerts keep to all rules; and each rule finds a board that does not."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml

from dashboards import board as boards
from dashboards.boards import all_boards
from dashboards.output import files
from dashboards.sdk import JSONEncoder, models
from dashboards.units import GRAFANA
from fleet.series.schema import MEASUREMENTS
from tests.dashboards import lint

Json = dict[str, Any]
BOARDS = {made.uid: boards.rendered(made) for made in all_boards()}
ALERTS = {
    rule["uid"]: rule
    for group in yaml.safe_load(files()["provisioning/alerting/kanbin.yaml"])["groups"]
    for rule in group["rules"]
}


@pytest.mark.parametrize("rule", lint.BOARD_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("uid", BOARDS)
def test_a_board(uid: str, rule: Callable[[Json], Iterator[str]]) -> None:
    assert list(rule(BOARDS[uid])) == []


@pytest.mark.parametrize("rule", lint.ALERT_RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("uid", ALERTS)
def test_an_alert(uid: str, rule: Callable[[Json], Iterator[str]]) -> None:
    assert list(rule(ALERTS[uid])) == []


def test_no_two_boards_and_no_two_alerts_share_a_name() -> None:
    made = list(all_boards())
    assert len({board.uid for board in made}) == len({board.title for board in made}) == len(made)
    rules = [
        rule
        for group in yaml.safe_load(files()["provisioning/alerting/kanbin.yaml"])["groups"]
        for rule in group["rules"]
    ]
    assert len({rule["uid"] for rule in rules}) == len({rule["title"] for rule in rules}) == len(rules)


@pytest.mark.parametrize("uid", BOARDS)
def test_the_sdk_reads_a_board_as_it_wrote_it(uid: str) -> None:
    read = models.Dashboard.from_json(deepcopy(BOARDS[uid]))
    assert yaml.safe_load(JSONEncoder().encode(read)) == BOARDS[uid]


def test_grafana_has_a_word_for_every_unit_that_is_measured() -> None:
    units = {field.unit for measurement in MEASUREMENTS.values() for field in measurement.fields}
    assert units <= set(GRAFANA)


def question(text: str) -> Callable[[Json], None]:
    """Puts another question into the board's first panel."""
    return lambda board: board["panels"][0]["targets"][0].update(query=text)


def changed(*path: str | int, to: Any) -> Callable[[Json], None]:
    """Puts something else where the path leads."""

    def change(what: Json) -> None:
        inside: Any = what
        for key in path[:-1]:
            inside = inside[key]
        inside[path[-1]] = to

    return change


NOW = 'SELECT last("bins") AS "bins" FROM "site_status" WHERE $timeFilter'
HERE = f'{NOW} AND "customer" =~ /^$customer$/ AND "site" =~ /^$site$/'


@pytest.mark.parametrize(
    ("rule", "breaking", "fault"),
    [
        (lint.says_what_it_shows, changed("panels", 1, "title", to=""), "no title"),
        (lint.says_what_it_shows, changed("panels", 1, "description", to=None), "no description"),
        (lint.says_what_it_shows, changed("templating", "list", 3, "label", to=""), "no title"),
        (lint.says_what_it_shows, changed("panels", 1, "fieldConfig", "defaults", to={}), "no unit"),
        (lint.says_what_it_shows, changed("panels", 1, "targets", to=[]), "no question"),
        (lint.has_ids_of_its_own, changed("panels", 1, "id", to=1), "share a id"),
        (lint.has_ids_of_its_own, changed("panels", 1, "id", to=None), "share a id"),
        (lint.has_ids_of_its_own, changed("panels", 1, "title", to="Bins now"), "share a title"),
        (lint.lies_on_the_grid, changed("panels", 0, "gridPos", "w", to=30), "beyond the 24 columns"),
        (lint.lies_on_the_grid, changed("panels", 0, "gridPos", "x", to=1), "beyond the 24 columns"),
        (lint.lies_on_the_grid, changed("panels", 1, "gridPos", "y", to=3), "lies on Bins now"),
        (lint.chooses_its_source, changed("panels", 0, "targets", 0, "datasource", "uid", to="x"), "no variable"),
        (lint.chooses_its_source, changed("panels", 0, "targets", 0, "datasource", "uid", to="${raw}"), "asks ${raw}"),
        (lint.chooses_its_source, changed("templating", "list", 2, "datasource", "uid", to="${raw}"), "asks ${raw}"),
        (lint.keeps_to_its_time, question(NOW.replace("$timeFilter", "true")), "no $timeFilter"),
        (lint.keeps_to_its_time, question(f'SELECT sum("bins") FROM ({NOW})'), "no $timeFilter"),
        (lint.keeps_to_its_time, changed("templating", "list", 2, "refresh", to=1), "does not follow the time"),
        (lint.narrows_by_its_variables, question(NOW), "not narrowed by customer, site"),
        (
            lint.narrows_by_its_variables,
            changed("templating", "list", 3, "query", to='SHOW TAG VALUES FROM "site_status" WITH KEY = "site"'),
            "variable: site: not narrowed by customer",
        ),
        (lint.asks_for_what_is_measured, question(HERE.replace("site_status", "sites")), "asks for sites"),
        (lint.asks_for_what_is_measured, question(HERE.replace('"bins")', '"binz")')), "site_status has no binz"),
        (lint.asks_for_what_is_measured, question(HERE.replace('"site" =~', '"place" =~')), "site_status has no place"),
        (lint.asks_once, question(f"{HERE}; {HERE}"), "more than one statement"),
        (
            lint.asks_once,
            question(f'SELECT sum("bins") FROM ({HERE} GROUP BY time(1h), "site" fill(previous)) WHERE $timeFilter'),
            "a subquery by time",
        ),
        (
            lint.goes_to_bins_only_within_a_site,
            question('SELECT last("pieces") FROM "bin_level" WHERE "site" =~ /^$site$/ GROUP BY "bin"'),
            "bins of many sites",
        ),
        (
            lint.goes_to_bins_only_within_a_site,
            question('SELECT max("silent_s") FROM "device_health" WHERE "site" =~ /^$site$/'),
            "bins of many sites",
        ),
        (lint.is_for_looking, changed("editable", to=True), "editable"),
        (lint.is_for_looking, changed("uid", to="mine"), "not marked as ours"),
    ],
)
def test_a_rule_finds_a_broken_board(
    rule: Callable[[Json], Iterator[str]], breaking: Callable[[Json], None], fault: str
) -> None:
    board = deepcopy(BOARDS["kanbin-fleet"])
    breaking(board)
    found = list(rule(board))
    assert len(found) == 1
    assert fault in found[0]


def test_on_a_board_of_one_site_each_question_is_narrowed_to_it() -> None:
    board = deepcopy(BOARDS["kanbin-site"])
    question('SELECT max("silent_s") FROM "device_health" WHERE $timeFilter')(board)
    assert list(lint.goes_to_bins_only_within_a_site(board))


ASKED = ("data", 0, "model", "query")


@pytest.mark.parametrize(
    ("rule", "breaking", "fault"),
    [
        (lint.has_words, changed("title", to=""), "no title"),
        (lint.has_words, changed("noDataState", to=""), "no noDataState"),
        (lint.has_words, changed("annotations", to={"board": "x"}), "no summary"),
        (lint.has_words, changed("annotations", "board", to=""), "no board"),
        (lint.has_no_variables, changed(*ASKED, to=f'{NOW} AND "site" =~ /^$site$/'), "a variable"),
        (lint.has_no_variables, changed("annotations", "summary", to="at $labels.site"), "a variable"),
        (lint.has_no_variables, changed("data", 0, "datasourceUid", to="other"), "data source other"),
        (lint.is_reduced_and_held_against_a_limit, changed("data", 1, "model", "type", to="math"), "math"),
        (lint.is_reduced_and_held_against_a_limit, changed("data", 2, "model", "expression", to="A"), "do not lead"),
        (lint.is_reduced_and_held_against_a_limit, changed("condition", to="A"), "do not lead"),
        (lint.asks_within_its_range, changed(*ASKED, to=NOW.replace("$timeFilter", "true")), "no time"),
        (lint.asks_within_its_range, changed("data", 0, "relativeTimeRange", "from", to=0), "no time"),
        (lint.asks_within_its_range, changed(*ASKED, to=NOW.replace('"bins")', '"binz")')), "has no binz"),
        (lint.asks_within_its_range, changed("data", 0, "datasourceUid", to="kanbin-raw"), "asks kanbin-raw"),
    ],
)
def test_a_rule_finds_a_broken_alert(
    rule: Callable[[Json], Iterator[str]], breaking: Callable[[Json], None], fault: str
) -> None:
    alert = deepcopy(ALERTS["kanbin-device-silent"])
    breaking(alert)
    found = list(rule(alert))
    assert len(found) == 1
    assert fault in found[0]


def test_an_alert_for_each_device_is_found() -> None:
    alert = deepcopy(ALERTS["kanbin-battery-low"])
    changed(*ASKED, to='SELECT min("battery_v") FROM "device_health" WHERE $timeFilter GROUP BY "device"')(alert)
    assert list(lint.asks_within_its_range(alert)) == ["an alert for each bin"]


def test_silence_and_errors_mean_that_ingest_is_stalled() -> None:
    alert = ALERTS["kanbin-ingest-stalled"]
    assert (alert["noDataState"], alert["execErrState"]) == ("Alerting", "Alerting")
