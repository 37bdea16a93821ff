# SPDX-License-Identifier: Apache-2.0
"""`kanbin dashboards build`: what is committed is what is built; what differs is named."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from dashboards import alerts
from fleet.cli import app

COMMITTED = Path(__file__).resolve().parents[2] / "dashboards" / "grafana"


def build(*options: str) -> Result:
    """What the command says."""
    return CliRunner().invoke(app, ["dashboards", "build", *options])


def test_what_is_committed_is_what_is_built() -> None:
    said = build("--check")
    assert said.stdout == ""
    assert said.exit_code == 0


def test_what_is_built_passes_the_check(tmp_path: Path) -> None:
    written = build("--out", str(tmp_path)).stdout.splitlines()
    assert sorted(written) == sorted(str(path) for path in tmp_path.rglob("*") if path.is_file())
    assert build("--out", str(tmp_path), "--check").exit_code == 0


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda path: path.write_text(path.read_text().replace("Fleet health", "Health")),
            "differs from what is built",
        ),
        (lambda path: path.unlink(), "is missing"),
        (lambda path: path.rename(path.with_name("kanbin-old.json")), "no board makes it"),
    ],
)
def test_the_check_names_the_file_that_is_not_as_built(tmp_path: Path, change: object, fault: str) -> None:
    build("--out", str(tmp_path))
    change(tmp_path / "boards" / "kanbin-fleet.json")  # type: ignore[operator]
    said = build("--out", str(tmp_path), "--check")
    assert said.exit_code == 1
    assert str(tmp_path / "boards" / "kanbin-") in said.stdout
    assert fault in said.stdout


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "boards").write_text("a file where a folder should be")
    said = build("--out", str(tmp_path))
    assert said.exit_code == 1
    assert f"{tmp_path}/boards" in said.stderr
    assert "--out" in said.stderr


def test_data_sources_hold_no_login_and_lie_under_the_names_that_boards_and_alerts_use() -> None:
    sources = yaml.safe_load((COMMITTED / "provisioning/datasources/kanbin.yaml").read_text())["datasources"]
    assert [(one["name"], one["uid"], one["jsonData"]["dbName"]) for one in sources] == [
        ("kanbin-raw", "kanbin-raw", "kanbin_raw"),
        ("kanbin-rollup", "kanbin-rollup", "kanbin_rollup"),
    ]
    assert {(one["url"], one["user"], one["secureJsonData"]["password"]) for one in sources} == {
        ("$INFLUX_URL", "$INFLUX_USER", "$INFLUX_PASSWORD")
    }


def test_alert_files_have_the_shape_of_files_not_of_the_api() -> None:
    groups = yaml.safe_load((COMMITTED / "provisioning/alerting/kanbin.yaml").read_text())["groups"]
    assert [(group["name"], group["folder"], group["interval"]) for group in groups] == [
        ("kanbin-minute", "Kanbin alerts", "60s"),
        ("kanbin-hour", "Kanbin alerts", "600s"),
    ]
    uids = [rule["uid"] for group in groups for rule in group["rules"]]
    assert uids == [alert.uid for group in alerts.groups() for alert in group.alerts]
    assert not [key for group in groups for rule in group["rules"] for key in rule if key in ("folderUID", "orgID")]


def test_each_board_is_json_under_its_uid() -> None:
    for path in (COMMITTED / "boards").glob("*.json"):
        assert json.loads(path.read_text())["uid"] == path.stem


HIDING = """
import sys
sys.modules["{module}"] = None
from fleet.cli import app
app(["dashboards", *{arguments}], standalone_mode=True)
"""


@pytest.mark.parametrize(
    ("module", "arguments"),
    [
        ("grafana_foundation_sdk", ["build", "--check"]),
        ("httpx", ["push", "--url", "http://127.0.0.1:1", "--token", "t"]),
    ],
)
def test_without_the_extra_it_says_which_one_is_missing(module: str, arguments: list[str]) -> None:
    code = HIDING.format(module=module, arguments=arguments)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert f"{module} is not installed" in ran.stderr
    assert "kanbin[grafana]" in ran.stderr
    assert "Traceback" not in ran.stderr
