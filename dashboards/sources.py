# SPDX-License-Identifier: Apache-2.0
"""The two data sources, one for each shelf; by which name boards and alerts know them. Pure.

Name and uid are the same: boards choose by name, alerts by uid.
"""

from fleet.series.schema import Shelf

TYPE = "influxdb"


def uid(shelf: Shelf) -> str:
    """The data source's uid, and its name."""
    return f"kanbin-{shelf}"


def by_variable(shelf: Shelf) -> str:
    """How a board names it."""
    return f"${{{shelf}}}"


def provisioned(url: str, user: str, password: str) -> list[dict[str, object]]:
    """Both as Grafana's file provisioning and its HTTP API take them.

    Of InfluxDB 2.x and 3.x the password is a token. POST, since a regex of many names outgrows a URL.
    """
    return [
        {
            "name": uid(shelf),
            "uid": uid(shelf),
            "type": TYPE,
            "access": "proxy",
            "url": url,
            "user": user,
            "jsonData": {"version": "InfluxQL", "dbName": f"kanbin_{shelf}", "httpMode": "POST"},
            "secureJsonData": {"password": password},
        }
        for shelf in Shelf
    ]
