# SPDX-License-Identifier: Apache-2.0
"""Alerts as Grafana's rules: a question, a Reduce of it, a Threshold on that; for its HTTP API and for its files.

There is no variable in a rule: its data source has a fixed uid.
"""

import json
from typing import Any

from dashboards import sources
from dashboards.alerts import FOLDER, FOLDER_UID, Alert, Group
from dashboards.sdk import Builder, Dataquery, JSONEncoder, alerting, alerting_models, common_models, expr
from dashboards.target import InfluxQuery

GRAFANA_ITSELF = "__expr__"
EXPRESSION = common_models.DataSourceRef(GRAFANA_ITSELF, GRAFANA_ITSELF)
OF_THE_API = ("folderUID", "orgID", "ruleGroup")
"""What a file says of the group and not of each rule."""


def for_api(group: Group) -> dict[str, Any]:
    """The group as the HTTP API takes it."""
    made = alerting.RuleGroup(group.name).folder_uid(FOLDER_UID).interval(group.every_s)
    for alert in group.alerts:
        made.with_rule(_rule(alert, group))
    rendered: dict[str, Any] = json.loads(json.dumps(made.build(), cls=JSONEncoder))
    return rendered


def for_files(group: Group) -> dict[str, Any]:
    """The group as file provisioning takes it: the folder by its title, the interval with its unit."""
    rendered = for_api(group)
    return {
        "orgId": 1,
        "name": group.name,
        "folder": FOLDER,
        "interval": f"{group.every_s}s",
        "rules": [{key: rule[key] for key in rule if key not in OF_THE_API} for rule in rendered["rules"]],
    }


def _rule(alert: Alert, group: Group) -> alerting.Rule:
    rule = alerting.Rule(alert.title).uid(alert.uid).org_id(1).folder_uid(FOLDER_UID).rule_group(group.name)
    rule.annotations({"summary": alert.summary, "board": f"/d/{alert.board_uid}"}).labels({"from": "kanbin"})
    on_error = "KeepLast" if alert.on_nothing == "OK" else alert.on_nothing
    rule.for_val(alert.lasting).no_data_state(alert.on_nothing).exec_err_state(on_error)
    rule.with_query(_asked(alert)).with_query(_reduced(alert)).with_query(_held_against_the_limit(alert))
    return rule.condition("C")


def _asked(alert: Alert) -> alerting.Query:
    source_uid = sources.uid(alert.query.shelf)
    span = alerting_models.RelativeTimeRange(from_val=alert.range_s, to=0)
    return (
        alerting.Query("A")
        .datasource_uid(source_uid)
        .relative_time_range(span)
        .model(InfluxQuery(source_uid, alert.query.text))
    )


def _reduced(alert: Alert) -> alerting.Query:
    return _reckoned("B", expr.TypeReduce(EXPRESSION, expression="A", reducer=alert.reducer, ref_id="B"))


def _held_against_the_limit(alert: Alert) -> alerting.Query:
    evaluator = expr.ExprTypeThresholdConditionsEvaluator([alert.limit], "lt" if alert.is_below else "gt")
    conditions = [expr.ExprTypeThresholdConditions(evaluator)]
    return _reckoned("C", expr.TypeThreshold(conditions, EXPRESSION, expression="B", ref_id="C"))


def _reckoned(ref_id: str, step: Dataquery) -> alerting.Query:
    no_time = alerting_models.RelativeTimeRange(from_val=0, to=0)
    return alerting.Query(ref_id).datasource_uid(GRAFANA_ITSELF).relative_time_range(no_time).model(_Built(step))


class _Built(Builder[Dataquery]):
    """What is built already, for an SDK that asks for builders."""

    def __init__(self, query: Dataquery) -> None:
        self._query = query

    def build(self) -> Dataquery:
        return self._query
