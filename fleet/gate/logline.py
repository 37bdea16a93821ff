# SPDX-License-Identifier: Apache-2.0
"""Log lines that strangers can cause: at most one of a kind a second, with the number of those left out."""

import logging
import time
from collections.abc import Callable

KINDS_MAX = 256


class OnePerSecond(logging.Filter):
    """A filter for a logger: lets one line of a kind (the same text before its arguments) through each second.

    The next line of that kind says how many were left out before it. Errors' tracebacks count as their line.
    """

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._now_s = now_s
        self._kinds: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written; changes its text when others were left out."""
        kind, now_s = str(record.msg), self._now_s()
        last_s, suppressed = self._kinds.get(kind, (-1.0, 0))
        if last_s >= 0 and now_s - last_s < 1:
            self._kinds[kind] = (last_s, suppressed + 1)
            return False
        if kind not in self._kinds and len(self._kinds) >= KINDS_MAX:
            self._kinds.clear()
        self._kinds[kind] = (now_s, 0)
        if suppressed:
            record.msg = f"{kind} (and {suppressed} more like this)"
        return True


def limited(name: str) -> logging.Logger:
    """The logger `name`, with the filter on it."""
    logger = logging.getLogger(name)
    if not any(isinstance(one, OnePerSecond) for one in logger.filters):
        logger.addFilter(OnePerSecond())
    return logger
