# SPDX-License-Identifier: Apache-2.0
"""`kanbin dashboards push`: what reaches Grafana, and what is said when it does not."""

import socket

import pytest
from click.testing import Result
from typer.testing import CliRunner

from dashboards import alerts, board, rules
from dashboards.boards import all_boards
from fleet.cli import app
from tests.dashboards.grafana_server import TOKEN, GrafanaServer

BOARDS = [made.title for made in all_boards()]


@pytest.fixture(autouse=True)
def _nothing_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy of this machine, and no token of whoever runs the tests."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.delenv("GRAFANA_TOKEN", raising=False)


def push(url: str, *options: str, **env: str) -> Result:
    """What the command says."""
    return CliRunner().invoke(app, ["dashboards", "push", "--url", url, *options], env=env)


def test_folders_boards_and_alert_rules_reach_grafana() -> None:
    with GrafanaServer() as grafana:
        said = push(grafana.url, "--token", TOKEN)
    assert said.exit_code == 0, said.output
    assert grafana.folders == {"kanbin": "Kanbin", "kanbin-alerts": "Kanbin alerts"}
    sent = [asked.body for asked in grafana.asked if asked.path == "/api/dashboards/db" and asked.body]
    assert [body["dashboard"] for body in sent] == [board.rendered(made) for made in all_boards()]
    assert {(body["folderUid"], body["overwrite"]) for body in sent} == {("kanbin", True)}
    sent_rules = [(asked.path, asked.body) for asked in grafana.asked if asked.method == "PUT"]
    assert sent_rules == [
        (f"/api/v1/provisioning/folder/kanbin-alerts/rule-groups/{group.name}", rules.for_api(group))
        for group in alerts.groups()
    ]


def test_it_says_a_line_for_each_board() -> None:
    with GrafanaServer() as grafana:
        lines = push(grafana.url, "--token", TOKEN).output.splitlines()
    assert [line.removeprefix("board ") for line in lines if line.startswith("board ")] == BOARDS
    assert len(lines) == 2 + len(BOARDS) + len(alerts.groups())


def test_a_second_push_takes_the_place_of_the_first() -> None:
    with GrafanaServer() as grafana:
        assert push(grafana.url, "--token", TOKEN).output == push(f"{grafana.url}/", "--token", TOKEN).output
    assert len([asked for asked in grafana.asked if asked.path == "/api/folders"]) == 2


def test_the_token_may_come_from_the_environment() -> None:
    with GrafanaServer() as grafana:
        assert push(grafana.url, GRAFANA_TOKEN=TOKEN).exit_code == 0


def test_without_a_token_it_says_where_one_comes_from() -> None:
    said = push("http://127.0.0.1:1")
    assert said.exit_code == 1
    assert "--token or GRAFANA_TOKEN" in said.stderr


def test_a_wrong_token_is_said_and_never_shown() -> None:
    with GrafanaServer() as grafana:
        said = push(grafana.url, "--token", "glsa_wrong")
    assert said.exit_code == 1
    assert said.stdout == ""
    assert "401: Invalid API key; give the token of a service account with the role Admin" in said.stderr
    assert "glsa_wrong" not in said.output
    assert grafana.asked == []


def test_a_server_that_cannot_be_reached_is_said() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        said = push(url, "--token", TOKEN)
    assert said.exit_code == 1
    assert f"{url}: Grafana cannot be reached" in said.stderr
    assert TOKEN not in said.output


@pytest.mark.parametrize("url", ["grafana", "ftp://127.0.0.1", "http://127.0.0.1:port"])
def test_what_is_no_address_is_said(url: str) -> None:
    said = push(url, "--token", TOKEN)
    assert said.exit_code == 1
    assert url in said.stderr
    assert isinstance(said.exception, SystemExit)


def test_what_grafana_refuses_is_named_after_what_was_done() -> None:
    with GrafanaServer(refusing="/api/v1/provisioning") as grafana:
        said = push(grafana.url, "--token", TOKEN)
    assert said.exit_code == 1
    assert said.stdout.splitlines()[-1] == f"board {BOARDS[-1]}"
    assert "412: something is in the way" in said.stderr


def test_what_is_no_grafana_is_said() -> None:
    with GrafanaServer() as grafana:
        said = push(f"{grafana.url}/wiki", "--token", TOKEN)
    assert said.exit_code == 1
    assert "/api/folders/kanbin: 405: <h1>A wiki</h1>" in said.stderr
