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
from fleet.stock.service import book_count_change, note_evidence
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
        note_evidence(session, *PAIR, in_doubt=False, order_due=True)
        replenish(session, {PAIR}, NOW_MS)
        return session.scalars(select(OrderOutboxRow.document)).one()


def states(engine: Engine) -> tuple[str, str, int | None, int | None]:
    with read(engine) as session:
        assert_books_agree(session)
        order = session.scalars(select(ReplenishmentOrderRow)).one()
        line = session.scalars(select(OrderLineRow)).one()
        outbox = session.scalars(select(OrderOutboxRow)).one()
        return order.state, line.state, order.sent_at_ms, outbox.sent_at_ms


def files(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_an_order_leaves_as_one_file_and_only_once(plant: Engine, folder: Path, document: str) -> None:
    assert relay_outbox(plant, folder, NOW_MS + 5) == ["RO-000001"]
    assert files(folder) == {"RO-000001.json": document, ".highest-order-no": "RO-000001\n"}
    assert states(plant) == ("sent", "sent", NOW_MS + 5, NOW_MS + 5)
    assert relay_outbox(plant, folder, NOW_MS + 6) == []


INSTANTS = 18  # a query; two syncs and a naming each of the mark and of the file; then the note, up to its commit


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
    assert files(folder) == {"RO-000001.json": document, ".highest-order-no": "RO-000001\n"}
    assert states(plant)[:2] == ("sent", "sent")


@pytest.mark.parametrize("step", ["fsync", "link", "fsync of the folder"])
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


def test_a_file_that_says_something_else_is_never_overwritten(
    plant: Engine, folder: Path, document: str, caplog: pytest.LogCaptureFixture
) -> None:
    other = folder / "RO-000001.json"
    other.write_text("another order of this number")
    assert relay_outbox(plant, folder, NOW_MS) == []
    assert caplog.messages == [
        f"alarm: order RO-000001 is not sent: {other} is there already and says something else; "
        "ask the vendor what came under this number, then move the file away: this order is sent by itself"
    ]
    assert files(folder) == {"RO-000001.json": "another order of this number", ".highest-order-no": "RO-000001\n"}
    assert states(plant) == ("unsent", "unsent", None, None)
    other.unlink()
    assert relay_outbox(plant, folder, NOW_MS) == ["RO-000001"]
    assert other.read_text() == document


@pytest.mark.parametrize("is_there", [False, True])
def test_a_folder_without_links_gets_its_files_whole_too_and_keeps_those_it_has(
    plant: Engine, folder: Path, document: str, is_there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_there:
        (folder / "RO-000001.json").write_text("another")
    monkeypatch.setattr(os, "link", _refuse(OSError(errno.EPERM, "Operation not permitted")))
    assert relay_outbox(plant, folder, NOW_MS) == ([] if is_there else ["RO-000001"])
    assert files(folder)["RO-000001.json"] == ("another" if is_there else document)
    assert list(folder.glob(".*.tmp")) == []


def test_two_services_that_send_the_same_order_disturb_each_other_at_no_instant(
    plant: Engine, folder: Path, document: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The second one sends it whole while the first has its own file written aside and not named yet."""
    link = os.link
    seconds: list[list[str]] = []

    def link_after_the_second(*arguments: Any) -> None:
        monkeypatch.setattr(os, "link", link)
        seconds.append(relay_outbox(plant, folder, NOW_MS))
        link(*arguments)

    monkeypatch.setattr(os, "link", link_after_the_second)
    assert relay_outbox(plant, folder, NOW_MS) == ["RO-000001"]
    assert seconds == [["RO-000001"]]
    assert files(folder) == {"RO-000001.json": document, ".highest-order-no": "RO-000001\n"}
    assert states(plant)[:2] == ("sent", "sent")
    assert caplog.messages == []


def _refuse(error: OSError) -> Any:
    def refuse(*_: Any) -> None:
        raise error

    return refuse


def _break(step: str, patch: pytest.MonkeyPatch, error: OSError) -> None:
    """Makes a file operation fail: the first sync (the mark's), that of the folder for the file, or the naming."""
    if step == "link":
        patch.setattr(os, "link", _refuse(error))
        patch.setattr(os, "replace", _refuse(error))
        return
    name = "fsync"
    calls_left = 4 if step == "fsync of the folder" else 1
    real = getattr(os, name)

    def failing(*arguments: Any) -> Any:
        nonlocal calls_left
        calls_left -= 1
        if calls_left == 0:
            raise error
        return real(*arguments)

    patch.setattr(os, name, failing)
