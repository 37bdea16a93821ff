# SPDX-License-Identifier: Apache-2.0
"""A bin on a battery, on the virtual board: it wakes, weighs, reports when there is a reason, and sleeps."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from wire import pack_plan, unpack_health

from tests.eventually import eventually
from tests.fakes.renewing_fleet import RenewingFleet
from tests.fakes.udp_fleet import UdpFleet
from tools.simulate.scenario import KINDS, BinPlan
from tools.simulate.virtual_bin import VirtualBin

SPEED = 100
SLEEP_S = 120
POWER_UP = 1  # of machine.reset_cause


@dataclass(frozen=True)
class SleepingPlan(BinPlan):
    """A bin that nobody takes from, for so long."""

    more: dict[str, Any] = field(default_factory=dict)

    def settings(self, fleet_host: str, fleet_port: int) -> dict[str, Any]:
        keys = {"master_secret": bytes(range(16)).hex(), "master_salt": "", "kid": "0001"}
        return super().settings(fleet_host, fleet_port) | keys | {"sleep_s": SLEEP_S, "report_s": 600} | self.more

    def wired(self) -> dict[str, Any]:
        wired = super().wired()
        return wired | {"script": wired["script"] | {"pick_every_s": 1e9, "lean_share": 0}}


@pytest.fixture
def fleet() -> Iterator[UdpFleet]:
    fleet = UdpFleet(RenewingFleet())
    yield fleet
    fleet.close()


def plan(**more: Any) -> SleepingPlan:
    return SleepingPlan("bin-01", "bin-01", "line-1", "0001", KINDS[0], seed=3, more=more)


async def live(folder: Path, fleet: UdpFleet, until: Any, cut_at: int | None = None, **more: Any) -> list[str]:
    """What the console said until `until(lines)` holds; the power is cut once after so many naps."""
    lines: list[str] = []
    bin_ = VirtualBin(plan(**more), folder, SPEED, on_line=lambda line: lines.append(line.partition(": ")[2]))
    await bin_.furnish("127.0.0.1", fleet.port)
    await bin_.start()
    try:
        if cut_at is not None:
            await eventually(lambda: naps(lines) >= cut_at, within_s=30)
            await bin_.kill()
            await bin_.start()
        await eventually(lambda: bool(until(lines)), within_s=40)
    finally:
        await bin_.kill()
    return lines


def naps(lines: list[str]) -> int:
    return sum(line.startswith("kanbin: sleep ms=") for line in lines)


def boots(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("kanbin: boot ")]


def stored(fleet: UdpFleet) -> list[tuple[int, int]]:
    """(sequence, uptime_s) of the readings the fleet has."""
    assert fleet.only is not None
    return sorted((reading[0], reading[2]) for _, reading in fleet.only.stored.values())


def test_it_sleeps_between_readings_and_reports_them_together(tmp_path: Path, fleet: UdpFleet) -> None:
    lines = asyncio.run(live(tmp_path / "bin", fleet, lambda lines: naps(lines) >= 7))

    assert len(set(boots(lines))) == 1  # the clock went on, and nothing was lost
    known = stored(fleet)
    assert [sequence for sequence, _ in known] == list(range(len(known)))  # no number was left out
    looks = [uptime_s for _, uptime_s in known if uptime_s > 60]
    assert all(80 <= after - before <= 200 for before, after in pairwise(looks))
    joins = sum(line.startswith("kanbin: acked epoch") for line in lines)
    assert 2 <= joins <= 5  # at the start, and when ten minutes were over
    assert fleet.only is not None
    assert len(fleet.only.offers) == 1  # keys were made once


def test_a_power_cut_in_its_sleep_costs_a_boot_and_no_reading(tmp_path: Path, fleet: UdpFleet) -> None:
    lines = asyncio.run(live(tmp_path / "bin", fleet, lambda lines: naps(lines) >= 5, cut_at=2))

    assert len(set(boots(lines))) == 2
    taken = {line.split("sequence=")[1].split()[0] for line in lines if line.startswith("kanbin: reading ")}
    acked = {str(sequence) for sequence, _ in stored(fleet)}
    assert acked <= taken
    assert len(taken - acked) <= 4  # what was weighed since the last report
    assert [record["reset_cause"] for record in records(fleet)] == [POWER_UP, POWER_UP]


def test_the_fleet_wakes_it_for_good(tmp_path: Path, fleet: UdpFleet) -> None:
    assert fleet.only is not None
    fleet.only.news = pack_plan.pack((4, 60, 16, 100, 0, 0, []))

    lines = asyncio.run(
        live(tmp_path / "bin", fleet, lambda lines: followed(fleet)[-1:] == [4] and len(boots(lines)) > 1)
    )

    assert naps(lines) == 0
    assert "kanbin: plan version=4" in lines


def test_a_fault_that_it_finds_soon_after_its_start_is_told_long_before_the_next_report(
    tmp_path: Path, fleet: UdpFleet
) -> None:
    faults = tmp_path / "bin" / "world" / "faults.json"

    def is_told(lines: list[str]) -> bool:
        if naps(lines) and not faults.exists():
            faults.with_suffix(".tmp").write_text('{"0": "dead"}')
            faults.with_suffix(".tmp").rename(faults)
        return any(record["cell_faults"] == [(0, 1)] for record in records(fleet))

    asyncio.run(live(tmp_path / "bin", fleet, is_told, sleep_s=15, report_s=86_400))

    assert [record["cell_faults"] for record in records(fleet)] == [[(0, 0)], [(0, 1)]]
    assert records(fleet)[1]["uptime_s"] < 3600


def records(fleet: UdpFleet) -> list[dict[str, Any]]:
    """What it told of itself."""
    assert fleet.only is not None
    return [unpack_health.unpack(payload) for path, payload in fleet.only.posted if path == "h"]


def followed(fleet: UdpFleet) -> list[int]:
    """The versions that its health records told, one after the other."""
    return [record["plan_version"] for record in records(fleet)]
