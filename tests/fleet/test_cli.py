# SPDX-License-Identifier: Apache-2.0
"""The command: master data in, the service up, and a clear sentence for each mistake."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from fleet.cli import app
from tests.fleet.plant import seed_data

KANBIN = Path(sys.executable).with_name("kanbin")


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    monkeypatch.setenv("KANBIN_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    path = tmp_path / "seed.yaml"
    path.write_text(yaml.safe_dump(seed_data()))
    return path


def kanbin(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def serve(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`kanbin serve` as its own process; only for calls that end by themselves."""
    command = [KANBIN, "serve", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def free_port(kind: socket.SocketKind) -> int:
    with closing(socket.socket(socket.AF_INET, kind)) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def taken_tcp_port() -> Iterator[int]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


@pytest.fixture
def taken_udp_port() -> Iterator[int]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_loading_says_what_was_created_and_a_second_time_that_nothing_changed(data_dir: Path, seed: Path) -> None:
    first = kanbin("load", seed)
    assert first.exit_code == 0, first.output
    assert "created" in first.output
    assert first.output.rstrip().endswith(f"into {data_dir / 'kanbin.sqlite'} (a new database)")
    again = kanbin("load", seed)
    assert again.exit_code == 0, again.output
    assert "created" not in again.output
    assert "changed" not in again.output.replace("unchanged", "")


def test_a_dry_run_says_what_would_change_and_changes_nothing(data_dir: Path, seed: Path) -> None:
    for _ in range(2):
        shown = kanbin("load", "--dry-run", seed)
        assert shown.exit_code == 0, shown.output
        assert "created" in shown.output
        assert "nothing was changed" in shown.output
    assert not data_dir.exists()


@pytest.mark.usefixtures("data_dir")
def test_a_mistake_in_a_seed_names_its_place_and_loads_nothing(seed: Path) -> None:
    said = seed_data(order_multiple=500)
    seed.write_text(yaml.safe_dump(said))
    refused = kanbin("load", seed)
    assert refused.exit_code == 1
    assert "policies[0]" in refused.output
    seed.write_text(yaml.safe_dump(seed_data()))
    assert "created" in kanbin("load", seed).output


@pytest.mark.usefixtures("data_dir")
def test_a_seed_that_is_not_there_is_a_sentence_not_a_traceback(tmp_path: Path) -> None:
    refused = kanbin("load", tmp_path / "nowhere.yaml")
    assert refused.exit_code == 1
    assert "nowhere.yaml" in refused.output
    assert "Traceback" not in refused.output


@pytest.mark.usefixtures("data_dir")
def test_a_wrong_setting_names_its_key_and_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANBIN_COAP_PORT", "many")
    refused = kanbin("serve")
    assert refused.exit_code == 1
    assert "KANBIN_COAP_PORT" in refused.output
    assert "1 to 65535" in refused.output


@pytest.mark.usefixtures("data_dir")
def test_a_taken_http_port_is_named_with_the_option_that_moves_it(taken_tcp_port: int) -> None:
    refused = serve("--http-port", taken_tcp_port, "--coap-port", free_port(socket.SOCK_DGRAM))
    assert refused.returncode == 1
    assert str(taken_tcp_port) in refused.stderr
    assert "--http-port" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.usefixtures("data_dir")
def test_a_taken_coap_port_is_named_with_the_option_that_moves_it(taken_udp_port: int) -> None:
    refused = serve(
        "--http-port", free_port(socket.SOCK_STREAM), "--coap-port", taken_udp_port, "--coap-host", "127.0.0.1"
    )
    assert refused.returncode == 1
    assert str(taken_udp_port) in refused.stderr
    assert "--coap-port" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_data_folder_that_cannot_be_made_is_named_with_the_option_that_moves_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused = serve("--data-dir", tmp_path / "file" / "data")
    assert refused.returncode == 1
    assert "--data-dir" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_loading_into_a_folder_that_cannot_be_made_says_which_option_moves_it(tmp_path: Path, seed: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    refused = kanbin("load", seed, "--data-dir", tmp_path / "file" / "data")
    assert refused.exit_code == 1
    assert "--data-dir" in refused.output


@pytest.mark.usefixtures("data_dir")
@pytest.mark.parametrize("url", ["nonsense", "postgresql://localhost/kanbin", "sqlite:////dev/null/kanbin.sqlite"])
def test_a_store_that_cannot_be_opened_is_a_sentence_that_names_the_setting(
    url: str, seed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KANBIN_DATABASE_URL", url)
    for refused in (kanbin("load", seed), kanbin("serve")):
        assert refused.exit_code == 1
        assert "KANBIN_" in refused.output
        assert "Traceback" not in refused.output


def test_a_broken_database_is_named_and_so_is_the_remedy(data_dir: Path, seed: Path) -> None:
    data_dir.mkdir()
    (data_dir / "kanbin.sqlite").write_text("this is no database, whatever its name says")
    for refused in (kanbin("load", seed), kanbin("serve")):
        assert refused.exit_code == 1
        assert "kanbin.sqlite" in refused.output
        assert "backup" in refused.output
        assert "Traceback" not in refused.output


def test_a_password_in_a_refused_database_url_is_not_shown(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANBIN_DATABASE_URL", "postgresql://kanbin:hush-hush@localhost/kanbin")
    refused = kanbin("serve")
    assert "KANBIN_DATABASE_URL" in refused.output
    assert "sqlite:///" in refused.output
    assert "hush-hush" not in refused.output
    assert not data_dir.exists()


def test_what_the_fleet_keeps_is_for_its_owner_alone(data_dir: Path, seed: Path) -> None:
    assert kanbin("load", seed).exit_code == 0
    assert [path.name for path in data_dir.iterdir() if path.stat().st_mode & 0o077] == []
