# SPDX-License-Identifier: Apache-2.0
"""Which store of time series the settings choose, and what stops the start."""

from pathlib import Path
from typing import Any

import pytest

from fleet.bootstrap import StartError, series_store
from fleet.series.influx import InfluxSeries
from fleet.series.sqlite import SqliteSeries
from fleet.settings import Settings


def settings(folder: Path, **given: Any) -> Settings:
    return Settings(data_dir=folder, **given)


def test_without_a_setting_they_are_in_a_file_in_the_data_folder(tmp_path: Path) -> None:
    store = series_store(settings(tmp_path))
    assert isinstance(store, SqliteSeries)
    store.prepare()
    store.close()
    assert (tmp_path / "series.sqlite").exists()


def test_a_file_may_be_elsewhere(tmp_path: Path) -> None:
    store = series_store(settings(tmp_path, series_url=f"sqlite:///{tmp_path}/other/pictures.sqlite"))
    store.prepare()
    store.close()
    assert (tmp_path / "other" / "pictures.sqlite").exists()


@pytest.mark.parametrize("address", ["http://127.0.0.1:8086", "https://influx.example/prefix"])
def test_an_address_is_an_influxdb_which_need_not_answer_yet(tmp_path: Path, address: str) -> None:
    store = series_store(settings(tmp_path, series_url=address, series_token="me:secret", series_dialect="1.6"))
    assert isinstance(store, InfluxSeries)
    store.close()
    assert not list(tmp_path.iterdir())


def test_the_file_of_the_database_is_not_taken(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="is the database already"):
        series_store(settings(tmp_path, series_url=f"sqlite:///{tmp_path}/kanbin.sqlite"))


def test_a_file_that_cannot_be_is_named_with_the_setting(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"/proc/none/series\.sqlite: .*KANBIN_SERIES_URL"):
        series_store(settings(tmp_path, series_url="sqlite:////proc/none/series.sqlite"))


def test_the_token_is_not_shown_with_the_settings(tmp_path: Path) -> None:
    assert "secret" not in repr(settings(tmp_path, series_token="me:secret"))
