# SPDX-License-Identifier: Apache-2.0
"""What stands before every answer: whose name the request was sent to, and what a browser may do with the answer.

An error nobody foresaw ends here too, as a 500 that tells no details.

The Host header is checked because HTTP is open on loopback without accounts: a page elsewhere could have its own name
point to 127.0.0.1 (DNS rebinding) and read the fleet through the planner's browser. Answers carry no CORS headers. What
writes is also refused when a browser says that another page asks (Origin), and when its body is long.
"""

import logging
import re
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fleet.web.errors import refuse

log = logging.getLogger(__name__)

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

BODY_BYTES_MAX = 16 * 1024

_OUR_FAULT = "an error of the server's own; its log says more"
_PORT = re.compile(r":[0-9]{1,5}$")


class Guard:
    """ASGI middleware: refuses requests under a foreign host name, adds the security headers to every answer."""

    def __init__(self, app: ASGIApp, host_names: Collection[str]) -> None:
        self._app = app
        self._host_names = {name.lower() for name in host_names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        is_answered = False

        async def send_guarded(message: Message) -> None:
            nonlocal is_answered
            is_answered = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if not scope["path"].startswith("/static/"):
                    headers["Cache-Control"] = "no-store"
            await send(message)

        host = Headers(scope=scope).get("host", "")
        if not self._is_ours(host):
            names = ", ".join(sorted(self._host_names))
            refusal = refuse(400, "Host", f"{host[:80]!r} is not a name of this server; it answers to: {names}")
            await refusal(scope, receive, send_guarded)
            return
        forbidden = self._refuse_writing(scope)
        if forbidden is not None:
            await forbidden(scope, receive, send_guarded)
            return
        try:
            await self._app(scope, receive, send_guarded)
        except Exception:
            log.exception("%s: an error nobody foresaw", scope["path"])
            if is_answered:
                raise  # too late for another answer: the connection breaks
            await refuse(500, "server", _OUR_FAULT)(scope, receive, send_guarded)

    def _is_ours(self, host: str) -> bool:
        return _PORT.sub("", host).lower() in self._host_names

    def _refuse_writing(self, scope: Scope) -> JSONResponse | None:
        """Why this request may not write, if so: a page elsewhere asks, or it says too much."""
        headers = Headers(scope=scope)
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return None
        origin = headers.get("origin")
        if origin is not None and not self._is_ours(origin.partition("://")[2]):
            return refuse(403, "Origin", f"{origin[:80]!r} is another page's: only the fleet's own page may write")
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers or (length.isdigit() and int(length[:20]) > BODY_BYTES_MAX):
            return refuse(413, "Content-Length", f"say it in a body of at most {BODY_BYTES_MAX} bytes, with its length")
        return None
