# SPDX-License-Identifier: Apache-2.0
"""The writer: one durable transaction for all that wait, and a future that speaks only after it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.orm import Session

from fleet import db
from fleet.devices.tables import DeviceRow
from fleet.gate import writer
from fleet.gate.writer import StoreUnavailableError, Writer

Run = Callable[[Awaitable[Any]], Any]


def add(name: str) -> Callable[[Session], str]:
    def job(session: Session) -> str:
        session.add(DeviceRow(device=name, kid=name.encode(), master_secret=name.encode(), master_salt=b""))
        session.flush()
        return name

    return job


def devices(engine: Engine) -> int:
    with db.read(engine) as session:
        return session.scalar(select(func.count()).select_from(DeviceRow)) or 0


def transactions(engine: Engine) -> list[str]:
    begun: list[str] = []
    event.listen(engine, "commit", lambda _: begun.append("commit"))
    return begun


def test_the_writers_connection_waits_for_the_disk(engine: Engine, run: Run) -> None:
    async def scene() -> tuple[Any, Any]:
        one = Writer(engine, lambda: None)
        one.start()
        try:
            return await one.submit(
                lambda session: (
                    session.scalar(text("PRAGMA synchronous")),
                    session.scalar(text("PRAGMA journal_mode")),
                )
            )
        finally:
            one.stop()

    assert run(scene()) == (2, "wal")  # 2 is FULL: the log is on the disk before a commit returns


def test_what_waits_shares_one_transaction(engine: Engine, run: Run) -> None:
    committed = transactions(engine)

    async def scene() -> list[str]:
        one = Writer(engine, lambda: None)
        jobs = [one.submit(add(f"d{i}")) for i in range(50)]
        one.start()
        done = await asyncio.gather(*jobs)
        one.stop()
        return done

    assert run(scene()) == [f"d{i}" for i in range(50)]
    assert (len(committed), devices(engine)) == (1, 50)


def test_a_batch_has_a_limited_weight(engine: Engine, run: Run, monkeypatch: Any) -> None:
    monkeypatch.setattr(writer, "BATCH_WEIGHT_MAX", 10)
    committed = transactions(engine)

    async def scene() -> None:
        one = Writer(engine, lambda: None)
        jobs = [one.submit(add(f"d{i}"), weight=4) for i in range(6)]
        one.start()
        await asyncio.gather(*jobs)
        one.stop()

    run(scene())
    assert len(committed) == 3


def test_the_future_speaks_after_the_commit_and_the_signal_comes_after_it_too(engine: Engine, run: Run) -> None:
    let_go, seen = threading.Event(), []
    event.listen(engine, "commit", lambda _: let_go.wait(30))

    async def scene() -> None:
        one = Writer(engine, lambda: seen.append(devices(engine)))
        one.start()
        done = one.submit(add("d"))
        stuck = one.submit(add("e"))
        assert devices(engine) == 0
        assert not done.done()
        assert seen == []
        let_go.set()
        await asyncio.gather(done, stuck)
        assert devices(engine) == 2
        one.stop()

    run(scene())
    assert seen[-1] == 2


def test_one_that_fails_does_not_take_the_others_along(engine: Engine, run: Run) -> None:
    async def scene() -> list[Any]:
        one = Writer(engine, lambda: None)
        jobs = [one.submit(add(name)) for name in ("a", "b", "a", "c")]
        one.start()
        done = await asyncio.gather(*jobs, return_exceptions=True)
        one.stop()
        return done

    first, second, twice, last = run(scene())
    assert (first, second, last) == ("a", "b", "c")
    assert type(twice).__name__ == "IntegrityError"
    assert devices(engine) == 3


def test_a_failing_database_fails_the_batch_at_once_and_the_next_one_is_tried(engine: Engine, run: Run) -> None:
    async def scene() -> None:
        one = Writer(engine, lambda: None)
        runs: list[int] = []

        def fail(session: Session) -> None:
            runs.append(1)
            session.execute(text("INSERT INTO nowhere VALUES (1)"))

        jobs: list[Any] = [one.submit(fail), one.submit(add("a"))]
        one.start()
        for error in await asyncio.gather(*jobs, return_exceptions=True):
            assert isinstance(error, StoreUnavailableError)
        assert runs == [1]
        assert await one.submit(add("b")) == "b"
        one.stop()

    run(scene())
    assert devices(engine) == 1


def test_a_full_queue_refuses_at_once(engine: Engine, run: Run) -> None:
    async def scene() -> None:
        one = Writer(engine, lambda: None, queue_weight_max=10)
        taken = [one.submit(add("a"), weight=6), one.submit(add("b"), weight=4)]
        with pytest.raises(StoreUnavailableError):
            one.submit(add("c"))
        one.start()
        await asyncio.gather(*taken)
        assert await one.submit(add("c"), weight=10) == "c"
        one.stop()

    run(scene())


def test_who_has_gone_does_not_disturb_the_others(engine: Engine, run: Run) -> None:
    async def scene() -> None:
        one = Writer(engine, lambda: None)
        gone, waits = one.submit(add("a")), one.submit(add("b"))
        gone.cancel()
        one.start()
        assert await waits == "b"
        one.stop()
        with pytest.raises(StoreUnavailableError):
            one.submit(add("c"))

    run(scene())
    assert devices(engine) == 2


def test_a_signal_that_fails_does_not_stop_the_writer(engine: Engine, run: Run, caplog: Any) -> None:
    def fail() -> None:
        raise RuntimeError("a defect elsewhere")

    async def scene() -> None:
        one = Writer(engine, fail)
        one.start()
        await one.submit(add("a"))
        await one.submit(add("b"))
        one.stop()

    run(scene())
    assert devices(engine) == 2
    assert "on_committed failed" in caplog.text
