# SPDX-License-Identifier: Apache-2.0
"""How orders leave: whole files, the right bytes, once, whatever fails on the way."""

import errno
import logging
import os
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from fleet.db import read, write
from fleet.orders.relay import relay_outbox
from fleet.orders.service import replenish
from fleet.orders.tables import OrderLineRow, OrderOutboxRow, ReplenishmentOrderRow
from fleet.stock.model import Cause
from fleet.stock.service import book_count_change, note_doubt
from tests.fleet.fuse import CrashError, Fuse
from tests.fleet.plant import NOW_MS, PAIR, assert_books_agree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "orders"
    folder.mkdir()
    return folder


@pytest.fixture
def document(plant: Engine) -> str:
    """What the one order that waits in the outbox says."""
    with write(plant) as session:
        book_count_change(session, *PAIR, 40, NOW_MS, 1, "test", Cause.FIRST)
        note_doubt(session, *PAIR, in_doubt=False)
        replenish(session, {PAIR}, NOW_MS)
        return session.scalars(select(OrderOutboxRow.document)).one()


def states(engine: Engine) -> tuple[str, str, int | None, int | None]:
    with read(engine) as session:
        assert_books_agree(session)
        order = session.scalars(select(ReplenishmentOrderRow)).one()
        line = session.scalars(select(OrderLineRow)).one()
        outbox = session.scalars(select(OrderOutboxRow)).one()
        return order.state, line.state, order.sent_at_ms, outbox.sent_at_ms


def test_an_order_leaves_as_one_file_and_only_once(plant: Engine, folder: Path, document: str) -> None:
    assert relay_outbox(plant, folder, NOW_MS + 5) == ["RO-000001"]
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"RO-000001.json": document}
    assert states(plant) == ("sent", "sent", NOW_MS + 5, NOW_MS + 5)
    assert relay_outbox(plant, folder, NOW_MS + 6) == []


INSTANTS = 15  # a query, two syncs and a rename, then the statements of the note and its commit, which is the last


@pytest.mark.parametrize("crash_at", range(1, INSTANTS + 1))
def test_after_a_crash_at_any_instant_there_is_one_file_with_the_right_bytes(
    plant: Engine, folder: Path, document: str, crash_at: int
) -> None:
    fuse = Fuse()
    fuse.wire(plant)
    fuse.left = crash_at
    with fuse.in_files(), pytest.raises(CrashError):
        relay_outbox(plant, folder, NOW_MS)
    assert states(plant) == ("unsent", "unsent", None, None)
    assert {path.read_text() for path in folder.glob("*.json")} <= {document}
    assert relay_outbox(plant, folder, NOW_MS) == ["RO-000001"]
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"RO-000001.json": document}
    assert states(plant)[:2] == ("sent", "sent")


@pytest.mark.parametrize("step", ["fsync", "replace", "fsync of the folder"])
def test_a_full_disk_leaves_the_order_unsent_and_says_so(
    plant: Engine,
    folder: Path,
    document: str,
    step: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with monkeypatch.context() as patch:
        _break(step, patch, OSError(errno.ENOSPC, "No space left on device"))
        with caplog.at_level(logging.ERROR, "kanbin.orders"):
            assert relay_outbox(plant, folder, NOW_MS) == []
    assert caplog.messages == [
        f"order RO-000001 is not sent: {folder}: No space left on device; "
        "make room or make the folder writable, it is tried again by itself"
    ]
    assert [path.name for path in folder.iterdir() if path.suffix == ".tmp"] == []
    assert states(plant) == ("unsent", "unsent", None, None)
    assert relay_outbox(plant, folder, NOW_MS) == ["RO-000001"]
    assert (folder / "RO-000001.json").read_text() == document


def test_a_missing_folder_leaves_the_order_unsent_and_is_not_made(
    plant: Engine, folder: Path, document: str, caplog: pytest.LogCaptureFixture
) -> None:
    folder.rmdir()
    assert relay_outbox(plant, folder, NOW_MS) == []
    assert not folder.exists()
    assert "order RO-000001 is not sent" in caplog.text
    assert "No such file or directory" in caplog.text
    folder.mkdir()
    assert relay_outbox(plant, folder, NOW_MS) == ["RO-000001"]


def _break(step: str, patch: pytest.MonkeyPatch, error: OSError) -> None:
    """Makes a file operation fail: the first sync (the file's), the second (its folder's) or the rename."""
    name = "replace" if step == "replace" else "fsync"
    calls_left = 2 if step == "fsync of the folder" else 1
    real = getattr(os, name)

    def failing(*arguments: Any) -> Any:
        nonlocal calls_left
        calls_left -= 1
        if calls_left == 0:
            raise error
        return real(*arguments)

    patch.setattr(os, name, failing)
