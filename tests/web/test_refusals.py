# SPDX-License-Identifier: Apache-2.0
"""Requests that cannot be served are refused in one shape, with the field and the reason."""

import socket

import httpx
import pytest

from fleet.db import write
from fleet.devices.tables import DeviceRow
from fleet.web.guard import HEADERS
from tests.web.conftest import Fleet


def problems(answer: httpx.Response) -> list[tuple[str, str]]:
    assert set(answer.json()) == {"errors"}
    return [(problem["field"], problem["reason"]) for problem in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("path", "field", "reason"),
    [
        ("bins?limit=0", "limit", "greater than or equal to 1"),
        ("bins?limit=1001", "limit", "less than or equal to 1000"),
        ("bins?limit=many", "limit", "'many'"),
        ("counts?after=-1", "after", "greater than or equal to 0"),
        ("counts?after=99999999999999999999", "after", "a cursor is what"),
        ("counts?newest=perhaps", "newest", "valid boolean"),
        ("stock?after=7", "after", "pattern"),
        ("orders?state=lost", "state", "'unsent', 'sent' or 'received'"),
        ("counts?state=empty", "state", "'absent'"),
        ("levels?after=7", "after", "pattern"),
        ("readings?channel=8", "channel", "less than or equal to 7"),
        ("items?limt=5", "limt", "no such parameter"),
        ("bins?bin=", "bin", "at least 1 character"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_reason(client: httpx.Client, path: str, field: str, reason: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 422
    ((named, said),) = problems(answer)
    assert named == field
    assert reason in said


def test_every_wrong_parameter_is_named_at_once(client: httpx.Client) -> None:
    assert len(problems(client.get("/api/v1/bins?limit=0&after=x&colour=red"))) == 3


@pytest.mark.parametrize(
    ("path", "field", "lists"),
    [
        ("bins?bin=bin-99", "bin", "/api/v1/bins"),
        ("counts?bin=bin-01&bin=bin-99", "bin", "/api/v1/bins"),
        ("bins?device=bin-99", "device", "/api/v1/devices"),
        ("readings?device=bin-99", "device", "/api/v1/devices"),
        ("stock?item=bin-99", "item", "/api/v1/items"),
        ("levels?item=bin-99", "item", "/api/v1/items"),
        ("orders?stocking_location=bin-99", "stocking_location", "/api/v1/stocking-locations"),
        ("stocking-locations?site=bin-99", "site", "/api/v1/sites"),
    ],
)
def test_an_unknown_name_is_answered_with_what_there_is(
    client: httpx.Client, path: str, field: str, lists: str
) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    ((named, said),) = problems(answer)
    assert named == field
    assert '"bin-99"; there are: ' in said
    assert said.endswith(f"{lists} lists all")


def test_an_unknown_path_is_refused_in_the_same_shape(client: httpx.Client) -> None:
    answer = client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert problems(answer)[0][0] == "path"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_the_api_only_reads(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/api/v1/bins")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert problems(answer)[0][0] == "method"


@pytest.mark.parametrize("host", ["kanbin.example", "127.0.0.1.example:8080", "", "localhost:x", "[::2]:8080"])
def test_a_request_under_a_foreign_host_name_is_refused(client: httpx.Client, host: str) -> None:
    """Else a page elsewhere could point its own name at this machine and read the fleet."""
    for path in ("/", "/api/v1/bins", "/static/kanbin.css"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert problems(answer)[0][0] == "Host"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080"])
def test_loopback_names_are_answered(client: httpx.Client, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).json() == {"status": "ok"}


@pytest.mark.parametrize("path", ["/", "/api/v1/bins", "/api/v1/bins?limit=0", "/nothing", "/static/kanbin.css"])
def test_every_answer_carries_the_security_headers_and_no_leave_for_others(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"Origin": "http://elsewhere.example"})
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_static_files_stay_within_their_folder(client: httpx.Client) -> None:
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py"):
        port = client.base_url.port
        assert port
        with socket.create_connection(("127.0.0.1", port)) as connection:  # no client's tidying in between
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(4096), b""))
        assert b" 404 " in answer.split(b"\r\n")[0]
        assert b"create_app" not in answer


def test_a_failing_store_is_a_503_that_tells_no_details(empty_fleet: Fleet) -> None:
    with empty_fleet.served() as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        assert client.get("/healthz").status_code == 200
        with empty_fleet.engine.connect() as connection:
            connection.exec_driver_sql("ALTER TABLE devices RENAME TO elsewhere")
            connection.commit()
        for path in ("/healthz", "/api/v1/devices"):
            answer = client.get(path)
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
            assert "elsewhere" not in answer.text
            assert "SELECT" not in answer.text


def test_an_error_nobody_foresaw_is_a_500_that_tells_no_details(fleet: Fleet, caplog: pytest.LogCaptureFixture) -> None:
    with write(fleet.engine) as session:
        session.query(DeviceRow).update({"last_seen_at_ms": 10**18})  # beyond what a calendar has
    with fleet.served() as server:
        answer = httpx.get(f"{server.url}api/v1/devices", trust_env=False)
    assert answer.status_code == 500
    assert problems(answer) == [("server", "an error of the server's own; its log says more")]
    assert answer.headers["content-security-policy"]
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "/api/v1/devices: an error nobody foresaw"
    ]
