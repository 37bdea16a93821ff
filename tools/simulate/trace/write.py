# SPDX-License-Identifier: Apache-2.0
"""Writes traces as JSON lines: the readings as `kanbin count` takes them, and the truth."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from tools.simulate.trace.trace import REFILL, Trace

STANDARD_OUTPUT = "-"


def reading_lines(trace: Trace, packs_per_scan: int | None = None) -> Iterator[str]:
    """The configuration, each reading, the end.

    With `packs_per_scan`, somebody scans so many packs at the end of each refill, and that is a line too.
    """
    yield json.dumps(trace.config)
    refills = [each.end_s for each in trace.activities if each.kind == REFILL and packs_per_scan is not None]
    scans = iter([*refills, float("inf")])
    scan_s = next(scans)
    for t_s, raw, temp_c in zip(trace.t_s.tolist(), trace.raw.tolist(), trace.temp_c.tolist(), strict=True):
        while t_s > scan_s:
            yield json.dumps({"type": "refill", "t": scan_s, "packs": packs_per_scan})
            scan_s = next(scans)
        yield f'{{"type": "reading", "t": {t_s}, "raw": {raw}, "temp": {temp_c if temp_c == temp_c else "null"}}}'
    yield json.dumps({"type": "end"})


def truth_lines(trace: Trace) -> Iterator[str]:
    """The first count, and each activity with the true count after it (or what it was when the activity was over)."""
    yield json.dumps({"type": "start", "bin_id": trace.config["bin_id"], "t": 0.0, "count": trace.first_count})
    counts = trace.count_at([each.end_s for each in trace.activities]).tolist()
    for activity, count in zip(trace.activities, counts, strict=True):
        yield json.dumps(
            {
                "type": "activity",
                "kind": activity.kind,
                "start": activity.start_s,
                "end": activity.end_s,
                "delta": activity.delta,
                "changes_at": activity.changes_at_s,
                "detail": activity.detail,
                "count": count,
            }
        )


def write_lines(path: str, lines: Iterable[str]) -> None:
    """Writes all of them or, to a file, none: what was there before stays until the last line is written.

    `-` is standard output. Raises OSError when the file cannot be written.
    """
    with _opened(path) as file:
        file.writelines(f"{line}\n" for line in lines)


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    target = Path(path)
    if path == STANDARD_OUTPUT:
        yield sys.stdout
        sys.stdout.flush()
    elif target.exists() and not target.is_file():  # a pipe, or a folder, which cannot be opened
        with target.open("w", encoding="utf-8") as file:
            yield file
    else:
        part = target.with_name(f"{target.name}.part")
        try:
            with part.open("w", encoding="utf-8") as file:
                yield file
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)
