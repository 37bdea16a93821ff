# SPDX-License-Identifier: Apache-2.0
"""An HTTP server that answers the few requests of Grafana's that a push makes, and remembers them. Not a Grafana."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple, Self
from urllib.parse import unquote

TOKEN = "glsa_right"
BODIES = {
    "POST /api/folders": {"uid", "title"},
    "POST /api/dashboards/db": {"dashboard", "folderUid", "overwrite"},
    "PUT /api/v1/provisioning/folder/": {"title", "folderUid", "interval", "rules"},
}
"""Which members each request must have; others Grafana does not know here."""


class Asked(NamedTuple):
    """A request that was let in."""

    method: str
    path: str
    body: dict[str, Any] | None


class GrafanaServer:
    """`with GrafanaServer() as grafana`: on loopback at `grafana.url`, what it was asked in `grafana.asked`.

    `refusing` begins the path of what it answers with 412, as Grafana does when something is in the way.
    """

    def __init__(self, refusing: str = "nothing") -> None:
        self.asked: list[Asked] = []
        self.folders: dict[str, str] = {}
        self.refusing = refusing
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, asked: Asked, login: str | None) -> tuple[int, dict[str, Any] | str]:
        """Status and body; a page for people, outside of the API."""
        if not asked.path.startswith("/api/"):
            return 405, "<h1>A wiki</h1>"
        if login != f"Bearer {TOKEN}":
            return 401, {"message": "Invalid API key"}
        if asked.path.startswith(self.refusing):
            return 412, {"message": "something is in the way"}
        uid = asked.path.removeprefix("/api/folders/")
        if asked.method == "GET":
            return (200, {"uid": uid}) if uid in self.folders else (404, {"message": "folder not found"})
        wanted = next((names for way, names in BODIES.items() if f"{asked.method} {asked.path}".startswith(way)), None)
        if wanted is None:
            return 404, {"message": "Not found"}
        if asked.body is None or set(asked.body) != wanted:
            return 400, {"message": "bad request data"}
        if asked.path == "/api/folders":
            self.folders[asked.body["uid"]] = asked.body["title"]
        self.asked.append(asked)
        return 200, {}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        grafana = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = json.loads(self.rfile.read(length)) if length else None
                asked = Asked(self.command, unquote(self.path), body)
                status, said = grafana.answer(asked, self.headers["Authorization"])
                answer = (said if isinstance(said, str) else json.dumps(said)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        return Handler
