# SPDX-License-Identifier: Apache-2.0
"""Settings: from the command line, the environment, or defaults; a mistake names the key and what it takes."""

import os
from pathlib import Path

import pytest

from fleet.clock import SystemClock
from fleet.settings import PREFIX, Settings, SettingsError, allowed_values, load_settings

OPERATOR = Path(__file__).parents[3] / "docs" / "operator.md"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def test_the_defaults_need_no_environment() -> None:
    settings = load_settings()
    assert settings.url == "sqlite:///kanbin-data/kanbin.sqlite"
    assert settings.orders_folder == Path("kanbin-data/orders")
    assert (settings.coap_host, settings.coap_port, settings.http_host, settings.http_port) == (
        "::",
        5683,
        "127.0.0.1",
        8080,
    )


def test_the_command_line_beats_the_environment_and_the_environment_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KANBIN_COAP_PORT", "6000")
    monkeypatch.setenv("KANBIN_HTTP_PORT", "6001")
    monkeypatch.setenv("KANBIN_LOG_LEVEL", "")  # empty is not given
    settings = load_settings(coap_port=7000, http_port=None)
    assert (settings.coap_port, settings.http_port, settings.log_level) == (7000, 6001, "info")


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("KANBIN_COAP_PORT", "70000", "a whole number from 1 to 65535"),
        ("KANBIN_HTTP_PORT", "http", "a whole number from 1 to 65535"),
        ("KANBIN_CLOCK_SPEED", "0", "a number from 1 to 100000"),
        ("KANBIN_READINGS_KEEP_DAYS", "-1", "a whole number from 1 to 36500"),
        ("KANBIN_LOG_LEVEL", "loud", "one of debug, info, warning, error"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, key: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(key, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(error.value) == f"{key}: '{value}' will not do; allowed: {allowed}"


@pytest.mark.parametrize(
    ("key", "address"),
    [
        ("KANBIN_SERIES_URL", "ftp://me:secret@host"),
        ("KANBIN_SERIES_URL", "http://me:secret@host:8086"),
        ("KANBIN_DATABASE_URL", "ftp://me:secret@host"),
    ],
)
def test_a_wrong_address_is_not_repeated_since_it_may_hold_a_password(
    monkeypatch: pytest.MonkeyPatch, key: str, address: str
) -> None:
    monkeypatch.setenv(key, address)
    with pytest.raises(SettingsError, match=f"{key}: this value will not do; allowed: sqlite:///file") as error:
        load_settings()
    assert "secret" not in str(error.value)


def test_a_setting_that_is_none_is_named_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KANBIN_COAPPORT", "5683")
    with pytest.raises(SettingsError, match=r"KANBIN_COAPPORT: no such setting; .*KANBIN_COAP_PORT"):
        load_settings()


def test_the_operators_page_lists_every_setting_as_it_is() -> None:
    lines = [line for line in OPERATOR.read_text().splitlines() if line.startswith("| `KANBIN_")]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    expected = [
        (
            f"`{PREFIX}{name.upper()}`",
            f"`{field.default}`" if field.default is not None and str(field.default) else "",
            allowed_values(name),
            field.description,
        )
        for name, field in Settings.model_fields.items()
    ]
    assert rows == expected


def test_a_clock_that_runs_faster_still_only_runs_forward() -> None:
    clock = SystemClock(speed=1000)
    times_ms = [clock.now_ms() for _ in range(100)]
    assert times_ms == sorted(times_ms)
    with pytest.raises(ValueError, match="speed: 0"):
        SystemClock(speed=0)
