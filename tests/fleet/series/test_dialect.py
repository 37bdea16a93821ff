# SPDX-License-Identifier: Apache-2.0
"""How each family of InfluxDB is talked to: by what it says it is, or by what the operator says."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from fleet.series.dialect import Dialect, dialect_of
from fleet.series.influx import InfluxSeries, line
from fleet.series.model import Point, PointsRefusedError, StoreDownError
from fleet.series.schema import BIN_LEVEL
from tests.fleet.series.conftest import KEEP_DAYS
from tests.servers.influxd import Influxd

POINT = Point(BIN_LEVEL.name, ("acme", "plant-1", "line-1", "M4", "bin-1"), 1_790_000_000_000_000_001, {"pieces": 3.0})


class Listener:
    """Answers as a server of some version would, and remembers what it was asked."""

    def __init__(self, version: str, status: int = 204, body: bytes = b"") -> None:
        self.asked: list[tuple[str, dict[str, str], str | None, str]] = []
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                url = urlsplit(self.path)
                text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(errors="replace")
                asked.append((url.path, dict(parse_qsl(url.query)), self.headers.get("Authorization"), text))
                answer = json.dumps({"results": [{}]}).encode() if url.path == "/query" else body
                self._answer(200 if url.path == "/query" else status, answer)

            def do_GET(self) -> None:
                self._answer(204, b"")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("X-Influxdb-Version", version)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def listeners() -> Iterator[list[Listener]]:
    made: list[Listener] = []
    yield made
    for listener in made:
        listener.close()


def store_at(url: str, token: str = "", dialect: Dialect | None = None) -> InfluxSeries:
    return InfluxSeries(url, "kanbin", token, "our-org", KEEP_DAYS, dialect)


@pytest.mark.parametrize(
    ("version", "dialect"),
    [
        ("1.6.7~rc0", Dialect.V1_OLD),
        ("1.7.10", Dialect.V1_OLD),
        ("1.8.10", Dialect.V1),
        ("1.12.1", Dialect.V1),
        ("v2.7.1", Dialect.V2),
        ("2.0.0", Dialect.V2),
        ("3.0.1-core", Dialect.V3),
    ],
)
def test_a_server_is_what_it_says_it_is(version: str, dialect: Dialect) -> None:
    assert dialect_of(version) is dialect


@pytest.mark.parametrize("version", ["", "unknown", "4.0", "victoria"])
def test_a_server_that_says_nothing_we_know_is_not_guessed_at(version: str, listeners: list[Listener]) -> None:
    listeners.append(Listener(version))
    store = store_at(listeners[0].url)
    with pytest.raises(StoreDownError, match=r"none of 1\.x, 2\.x, 3\.x; say which it is with KANBIN_SERIES_DIALECT"):
        store.prepare()
    store.close()
    told = store_at(listeners[0].url, dialect=Dialect.V2)
    told.write([POINT])
    told.close()


@pytest.mark.parametrize(
    ("version", "path", "query", "token", "authorization"),
    [
        ("1.6.7", "/write", {"db": "kanbin_raw", "precision": "ns"}, "me:secret", "Basic bWU6c2VjcmV0"),
        ("1.8.10", "/api/v2/write", {"bucket": "kanbin_raw", "precision": "ns"}, "me:secret", "Token me:secret"),
        ("v2.7.1", "/api/v2/write", {"bucket": "kanbin_raw", "precision": "ns"}, "abc", "Token abc"),
        ("3.1.0", "/api/v2/write", {"bucket": "kanbin_raw", "precision": "ns"}, "", None),
    ],
)
def test_each_is_written_to_by_its_own_path(
    listeners: list[Listener], version: str, path: str, query: dict[str, str], token: str, authorization: str | None
) -> None:
    listeners.append(Listener(version))
    store = store_at(listeners[0].url, token)
    store.write([POINT])
    store.close()
    written = listeners[0].asked[-1]
    assert written[0] == path
    assert query.items() <= written[1].items()
    assert written[2] == authorization


def test_databases_are_made_on_1_x_alone(listeners: list[Listener]) -> None:
    for version in ("1.6.7", "1.8.10", "v2.7.1", "3.0.0"):
        listeners.append(Listener(version))
        store = store_at(listeners[-1].url)
        store.prepare()
        store.close()
    made = [[dict(parse_qsl(body))["q"] for path, _, _, body in one.asked if path == "/query"] for one in listeners]
    assert (
        made[0]
        == made[1]
        == [
            f'CREATE DATABASE "kanbin_{shelf}" WITH DURATION 36500d REPLICATION 1 NAME "autogen"'
            for shelf in ("raw", "rollup")
        ]
    )
    assert made[2] == made[3] == []


def test_who_lacks_a_bucket_is_told_how_to_make_it(listeners: list[Listener]) -> None:
    listeners.append(Listener("v2.7.1", 404, b'{"message": "bucket \\"kanbin_raw\\" not found"}'))
    store = store_at(listeners[0].url)
    with pytest.raises(StoreDownError, match="influx bucket create --name kanbin_raw"):
        store.write([POINT])
    store.close()


def test_who_is_not_let_in_is_told_which_setting_says_so_and_the_token_is_not_repeated(
    listeners: list[Listener],
) -> None:
    listeners.append(Listener("v2.7.1", 401, b'{"message": "unauthorized"}'))
    store = store_at(listeners[0].url, "very-secret")
    with pytest.raises(StoreDownError, match=r"401: .*set KANBIN_SERIES_TOKEN") as error:
        store.write([POINT])
    assert "very-secret" not in str(error.value)
    store.close()


@pytest.mark.parametrize("status", [400, 413, 422])
def test_what_will_never_be_taken_is_refused(listeners: list[Listener], status: int) -> None:
    listeners.append(Listener("v2.7.1", status, b'{"message": "partial write"}'))
    store = store_at(listeners[0].url)
    with pytest.raises(PointsRefusedError, match=f"{status}: .*partial write"):
        store.write([POINT])
    store.close()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_be_taken_later_is_tried_again(listeners: list[Listener], status: int) -> None:
    listeners.append(Listener("v2.7.1", status, b"busy"))
    store = store_at(listeners[0].url)
    with pytest.raises(StoreDownError, match=f"{status}: busy"):
        store.write([POINT])
    store.close()


def test_nobody_at_the_address_is_a_store_that_is_down() -> None:
    store = store_at("http://127.0.0.1:9")
    with pytest.raises(StoreDownError, match=r"http://127\.0\.0\.1:9: "):
        store.prepare()
    store.close()


def test_a_line_break_in_a_name_does_not_end_the_line() -> None:
    point = POINT._replace(tags=("acme", "two\nlines", "line-1", "M4", "back\\"))
    assert line(point) == (
        "bin_level,customer=acme,site=two\\ lines,stocking_location=line-1,item=M4,bin=back\\\\  "
        "pieces=3.0 1790000000000000001"
    )


def test_an_old_server_says_which_points_it_dropped(influxd: Influxd) -> None:
    store = InfluxSeries(influxd.url, "conflict", "", "", KEEP_DAYS)
    store.prepare()
    store.write([POINT])
    other = POINT._replace(time_ns=POINT.time_ns + 1, fields={"pieces": "many"})
    with pytest.raises(PointsRefusedError, match=r"400: .*field type conflict"):
        store.write([other])
    store.close()
