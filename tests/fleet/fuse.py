# SPDX-License-Identifier: Apache-2.0
"""A crash at a chosen instant: in a statement, a commit, a file's sync or a rename."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from fleet.orders import files


class CrashError(Exception):
    """The process ends here, with no chance to tidy up."""


class Fuse:
    """Raises CrashError at the `left`-th instant from now that could be the last; at 0 never."""

    def __init__(self) -> None:
        self.left = 0

    def tick(self, *_: Any) -> None:
        """One such instant."""
        if self.left == 1:
            self.left = 0
            raise CrashError
        self.left = max(0, self.left - 1)

    def wire(self, engine: Engine) -> None:
        """Every statement and every commit of the engine is an instant."""
        for moment in ("before_cursor_execute", "commit"):
            event.listen(engine, moment, self.tick)

    @contextmanager
    def in_files(self) -> Iterator[None]:
        """So is every sync and naming of a file by the relay."""
        with pytest.MonkeyPatch.context() as patch:
            for name in ("fsync", "link", "replace"):
                patch.setattr(files.os, name, self._fused(getattr(os, name)))
            yield

    def _fused(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def fused(*arguments: Any) -> Any:
            self.tick()
            return function(*arguments)

        return fused
