# SPDX-License-Identifier: Apache-2.0
"""What differs between the InfluxDB versions, and nothing else: how to write, how to log in, who makes the databases.

Tried on 1.6.7. What is here of 1.8, 2.x and 3.x is taken from their documents and sources, until somebody tries it.
"""

import base64
from dataclasses import dataclass
from enum import Enum

from fleet.series.schema import Shelf


class Dialect(Enum):
    """A family of servers that are talked to alike, called by its first version."""

    V1_OLD = "1.6"
    V1 = "1.8"
    V2 = "2"
    V3 = "3"


@dataclass(frozen=True, slots=True)
class Request:
    """Where a batch of lines goes."""

    path: str
    query: list[tuple[str, str]]


def dialect_of(version: str) -> Dialect:
    """By the header X-Influxdb-Version of /ping: `1.6.7~rc0`, `v2.7.1`, `3.0.1`. Raises ValueError for another one."""
    numbers = version.removeprefix("v").split(".")
    major, minor = numbers[0], numbers[1] if len(numbers) > 1 else ""
    if major == "1":
        return Dialect.V1 if minor.isdigit() and int(minor) >= 8 else Dialect.V1_OLD
    if major == "2":
        return Dialect.V2
    if major == "3":
        return Dialect.V3
    raise ValueError(f'version: "{version}" is none of 1.x, 2.x, 3.x; say which it is with KANBIN_SERIES_DIALECT')


def database(prefix: str, shelf: Shelf) -> str:
    """The database (bucket) of a shelf. Not a retention policy of one: 3.x knows none."""
    return f"{prefix}_{shelf}"


def write_request(dialect: Dialect, org: str, database: str) -> Request:
    """Lines with times in nanoseconds."""
    if dialect is Dialect.V1_OLD:
        return Request("/write", [("db", database), ("precision", "ns")])
    return Request("/api/v2/write", [("org", org), ("bucket", database), ("precision", "ns")])


def authorization(dialect: Dialect, token: str) -> dict[str, str]:
    """The header by which we are known. For 1.x a token is `user:password`."""
    if not token:
        return {}
    if dialect is Dialect.V1_OLD:
        return {"Authorization": f"Basic {base64.b64encode(token.encode()).decode()}"}
    return {"Authorization": f"Token {token}"}


def makes_databases(dialect: Dialect) -> bool:
    """Whether we can make what is missing by InfluxQL; the operator makes buckets (2.x) and databases (3.x)."""
    return dialect in (Dialect.V1_OLD, Dialect.V1)


def how_to_make(dialect: Dialect, database: str) -> str:
    """What to tell an operator whose server lacks a database."""
    if dialect is Dialect.V2:
        return f"influx bucket create --name {database} --retention ..."
    return f"influxdb3 create database {database}"


def create_database(database: str, keep_days: int) -> str:
    """InfluxQL of 1.x; does nothing when it is there."""
    return f'CREATE DATABASE "{database}" WITH DURATION {keep_days}d REPLICATION 1 NAME "autogen"'
