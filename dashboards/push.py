# SPDX-License-Identifier: Apache-2.0
"""Folders, boards and alert rules into a running Grafana, over its HTTP API.

With httpx alone: grafana-client brings a urllib3 of its own, in place of the one that influxdb-client stands on.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx

from dashboards import alerts, board, rules
from dashboards.boards import all_boards
from dashboards.output import FOLDER, FOLDER_UID

TIMEOUT_S = 30
NOT_FOUND = 404
LOGINS_REFUSED = (401, 403)
EDITABLE = {"X-Disable-Provenance": "true"}
"""Rules that were pushed may be changed in Grafana too; the next push takes them back."""


class PushError(Exception):
    """Grafana could not be reached or refused something; says what and what to do. What was told before is done."""


def push_all(url: str, token: str) -> Iterator[str]:
    """A line for each folder, board and group of rules once it is in Grafana. Raises PushError; never tells the token.

    Data sources are not pushed: they hold a login. Boards and rules find them by name and uid (`sources.uid`).
    """
    try:
        client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=TIMEOUT_S)
    except (httpx.InvalidURL, ValueError) as error:
        raise PushError(f"{url}: {error}; give one like http://127.0.0.1:3000") from None
    with client:
        for uid, title in ((FOLDER_UID, FOLDER), (alerts.FOLDER_UID, alerts.FOLDER)):
            if _ask(client, "GET", f"/api/folders/{uid}", missing_is_fine=True) is None:
                _ask(client, "POST", "/api/folders", {"uid": uid, "title": title})
            yield f"folder {title}"
        for made in all_boards():
            body = {"dashboard": board.rendered(made), "folderUid": FOLDER_UID, "overwrite": True}
            _ask(client, "POST", "/api/dashboards/db", body)
            yield f"board {made.title}"
        for group in alerts.groups():
            path = f"/api/v1/provisioning/folder/{alerts.FOLDER_UID}/rule-groups/{quote(group.name, safe='')}"
            _ask(client, "PUT", path, rules.for_api(group))
            yield f"alert rules {', '.join(alert.title for alert in group.alerts)}"


def _ask(
    client: httpx.Client, method: str, path: str, body: dict[str, Any] | None = None, missing_is_fine: bool = False
) -> httpx.Response | None:
    try:
        answer = client.request(method, path, json=body, headers=EDITABLE)
    except (httpx.TransportError, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise PushError(f"{client.base_url}: Grafana cannot be reached: {error}") from None
    if answer.status_code == NOT_FOUND and missing_is_fine:
        return None
    if answer.status_code in LOGINS_REFUSED:
        raise PushError(
            f"{path}: {answer.status_code}: {_said(answer)}; give the token of a service account with the role Admin"
        )
    if not answer.is_success:
        raise PushError(f"{path}: {answer.status_code}: {_said(answer)}")
    return answer


def _said(answer: httpx.Response) -> str:
    """What Grafana says is wrong; or, of something that is no Grafana, the beginning of it."""
    try:
        return str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        return answer.text[:200].strip() or answer.reason_phrase
