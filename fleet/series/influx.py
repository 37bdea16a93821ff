# SPDX-License-Identifier: Apache-2.0
"""Time series in InfluxDB: written as lines through influxdb-client, read by InfluxQL, which all versions answer.

Never by the client's batching: it loses points without a word. Each write here is one request, and its answer counts.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from fleet.series import dialect as dialects
from fleet.series.dialect import Dialect
from fleet.series.model import NS_IN_MS, Answer, Point, PointsRefusedError, Question, StoreDownError, Value
from fleet.series.schema import MEASUREMENTS, Shelf

TIMEOUT_MS = 10_000
FORM = "application/x-www-form-urlencoded"
NOT_FOUND, TOO_LARGE, TOO_MANY = 404, 413, 429
LOGINS_REFUSED = (401, 403)


class InfluxSeries:
    """A `TimeSeriesStore` on a server at `url`, in the databases (buckets) `prefix`_raw and `prefix`_rollup.

    `token` is a token, for 1.x `user:password`, empty for none; `dialect` None asks the server what it is.
    """

    def __init__(
        self,
        url: str,
        prefix: str,
        token: str,
        org: str,
        keep_days: Mapping[Shelf, int],
        dialect: Dialect | None = None,
    ) -> None:
        self._url, self._prefix, self._token, self._org = url, prefix, token, org
        self._keep_days = keep_days
        self._dialect = dialect
        self._client = InfluxDBClient(url, token="", org=org, timeout=TIMEOUT_MS, enable_gzip=True)

    def prepare(self) -> None:
        """Asks the server what it is, and makes the databases where that is ours to do."""
        dialect = self._known()
        if dialects.makes_databases(dialect):
            for shelf in Shelf:
                name = dialects.database(self._prefix, shelf)
                self._influxql(None, dialects.create_database(name, self._keep_days[shelf]), {})

    def write(self, points: Sequence[Point]) -> None:
        """A request for each shelf; a partial write counts as refused, since what is missing is never told."""
        dialect = self._known()
        refusals = []
        for shelf, lines in _by_shelf(points).items():
            request = dialects.write_request(dialect, self._org, dialects.database(self._prefix, shelf))
            headers = dialects.authorization(dialect, self._token) | {"Content-Type": "text/plain; charset=utf-8"}
            try:
                self._request("POST", request.path, request.query, headers, "\n".join(lines))
            except PointsRefusedError as error:
                refusals.append(str(error))
        if refusals:
            raise PointsRefusedError("; ".join(refusals))

    def series(self, question: Question) -> list[Answer]:
        """One statement."""
        if question.every_ms is None:
            columns = ", ".join(f'"{name}"' for name in question.fields)
            return self._ask(question, columns, "", "")
        aggregate = question.aggregate
        columns = ", ".join(f'{aggregate}("{name}") AS "{name}"' for name in question.fields)
        return self._ask(question, columns, f"time({question.every_ms}ms)", "fill(none)")

    def latest(self, question: Question) -> list[Answer]:
        """One statement."""
        columns = ", ".join(f'"{name}"' for name in question.fields)
        return self._ask(question, columns, "", "ORDER BY time DESC LIMIT 1")

    def forget_before(self, shelf: Shelf, before_ms: int, limit: int) -> int:
        """Nothing: the databases keep as long as they were told when they were made."""
        return 0

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def _ask(self, question: Question, columns: str, by_time: str, rest: str) -> list[Answer]:
        where, given = _where(question)
        groups = ", ".join((*(f'"{tag}"' for tag in question.by), *([by_time] if by_time else [])))
        statement = (
            f'SELECT {columns} FROM "{question.measurement.name}" WHERE time >= {question.start_ms}ms'  # noqa: S608
            f" AND time < {question.end_ms}ms{where}{' GROUP BY ' + groups if groups else ''} {rest}"
        )
        database = dialects.database(self._prefix, question.measurement.shelf)
        answers = []
        for series in self._influxql(database, statement, given):
            by = tuple(series.get("tags", {}).get(tag, "") for tag in question.by)
            for row in series["values"]:
                answers.append(Answer(by, row[0] // NS_IN_MS, tuple(_value(value) for value in row[1:])))
        return sorted(answers, key=lambda answer: answer[:2])

    def _influxql(self, database: str | None, statement: str, given: dict[str, str]) -> list[dict[str, Any]]:
        form = [("q", statement), ("epoch", "ns"), *([("db", database)] if database else [])]
        if given:
            form.append(("params", json.dumps(given)))
        headers = dialects.authorization(self._known(), self._token) | {"Content-Type": FORM}
        answer = self._request("POST", "/query", [], headers, form=form)
        result: dict[str, Any] = json.loads(answer.data)["results"][0]
        if "error" in result:
            raise StoreDownError(f"{self._url}: {result['error']}")
        series: list[dict[str, Any]] = result.get("series", [])
        return series

    def _known(self) -> Dialect:
        if self._dialect is None:
            answer = self._request("GET", "/ping", [], {})
            version = answer.headers.get("X-Influxdb-Version", "")
            try:
                self._dialect = dialects.dialect_of(version)
            except ValueError as error:
                raise StoreDownError(f"{self._url}: {error}") from None
        return self._dialect

    def _request(
        self,
        method: str,
        path: str,
        query: list[tuple[str, str]],
        headers: dict[str, str],
        body: str | None = None,
        form: list[tuple[str, str]] | None = None,
    ) -> Any:
        """One request. 400 and 413 are about the points; all else may go well later, when somebody has seen to it."""
        try:
            answer = self._client.api_client.call_api(  # whatever version: it does the login, TLS, pooling and gzip
                path,
                method,
                query_params=query,
                header_params=headers,
                body=body,
                post_params=form,
                _preload_content=False,
                _return_http_data_only=True,
            )
            _ = answer.data  # read to its end, so that the connection is free again
            return answer
        except ApiException as error:
            said = (error.body or b"").decode(errors="replace") if isinstance(error.body, bytes) else str(error.body)
            if path.endswith("write") and error.status in (400, TOO_LARGE, 422):
                raise PointsRefusedError(f"{error.status}: {said.strip()}") from None
            raise StoreDownError(f"{self._url}: {self._remedy(error.status, said.strip())}") from None
        except (HTTPError, OSError) as error:
            raise StoreDownError(f"{self._url}: {error}") from None

    def _remedy(self, status: int, said: str) -> str:
        if status in LOGINS_REFUSED:
            return f"{status}: {said}; set KANBIN_SERIES_TOKEN"
        if status == NOT_FOUND and self._dialect is not None:
            names = ", ".join(dialects.how_to_make(self._dialect, dialects.database(self._prefix, s)) for s in Shelf)
            return f"{status}: {said}; make what is missing: {names}"
        return f"{status}: {said}"


def line(point: Point) -> str:
    """The point in line protocol, its time in nanoseconds (docs.influxdata.com, "line protocol").

    A tag without text is left out, since the protocol has no empty ones; a line break in a name becomes a space.
    """
    measurement = MEASUREMENTS[point.measurement]
    tags = "".join(f",{tag}={_name(value)}" for tag, value in zip(measurement.tags, point.tags, strict=True) if value)
    fields = ",".join(f"{name}={_field(value)}" for name, value in point.fields.items())
    return f"{point.measurement}{tags} {fields} {point.time_ns}"


def _name(text: str) -> str:
    text = _stored(text)
    for character in ", =":
        text = text.replace(character, "\\" + character)
    return text


def _stored(text: str) -> str:
    """A tag as it can be kept: no line break, and no backslash at its end, which would escape what follows."""
    for character in "\n\r":
        text = text.replace(character, " ")
    return text + " " if text.endswith("\\") else text


def _field(value: Value) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(float(value))


def _by_shelf(points: Iterable[Point]) -> dict[Shelf, list[str]]:
    lines: dict[Shelf, list[str]] = {}
    for point in points:
        if point.measurement not in MEASUREMENTS:
            raise PointsRefusedError(f"{point.measurement}: there is no such measurement")
        lines.setdefault(MEASUREMENTS[point.measurement].shelf, []).append(line(point))
    return lines


def _where(question: Question) -> tuple[str, dict[str, str]]:
    """The condition on tags; the values are bound, never put into the text."""
    condition, given = "", dict[str, str]()
    for tag, values in question.where.items():
        names = []
        for value in values:
            name = f"p{len(given)}"
            given[name] = _stored(value)
            names.append(f'"{tag}" = ${name}')
        condition += f" AND ({' OR '.join(names)})" if names else " AND false"
    return condition, given


def _value(value: Any) -> Value | None:
    return value if value is None or isinstance(value, str) else float(value)
