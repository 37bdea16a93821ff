# SPDX-License-Identifier: Apache-2.0
"""Fleet and devices are killed at any instant: no acknowledged reading is missing, no order is doubled, no nonce."""

import asyncio
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.e2e import figures
from tests.e2e.arena import Arena, arena
from tests.e2e.size import POWER_CUTS, SEED, SOAK
from tools.simulate.lossy_network import Way, Weather
from tools.simulate.scenario import plan_bins

SPEED = 30
BINS = 5
LEAD_TIME_S = 120
WITHIN_S = 60.0
MOMENT_S = 0.03  # commits, replies and their processing fall within
SHAKY = Weather(drop=0.05, duplicate=0.05, delay=0.1, delay_s=0.05)


def test_power_cuts_lose_no_acked_reading_and_double_no_order_and_no_nonce(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    found = asyncio.run(cut_power(tmp_path))
    print(found)
    if SOAK:
        figures.record("power_cuts", found)
    assert found["fleet_killed"] == found["devices_killed"] == POWER_CUTS
    assert found["readings_sent"] > 100
    assert found["lost"] == 0
    assert found["stored_twice"] == 0
    assert found["nonce_violations"] == []
    assert found["orders"] >= 1
    assert found["orders_of_the_fleet"] == found["orders_at_the_vendor"]
    assert found["orders_altered"] == []
    assert found["ordered_too_much"] == []


async def cut_power(folder: Path) -> dict[str, Any]:
    began_s = time.monotonic()
    plans = plan_bins(BINS, SEED, lead_time_s=LEAD_TIME_S)
    async with arena(folder, plans, SHAKY, seed=SEED, speed=SPEED) as set_up:
        stage, vendor = set_up.stage, set_up.stage.vendor
        fleets = await kill_at_random(set_up)
        await stage.until(lambda: bool(vendor.orders), WITHIN_S, "an order")
        await stage.drain(WITHIN_S)
        await stage.power_off()
        verdict = await stage.judge()
        orders = [order["order_no"] async for order in stage.fleet.get_all("/orders")]
        await stage.until(lambda: len(vendor.orders) >= len(orders), WITHIN_S, "all orders at the vendor")
        levels = {each.plan.kind.item: each.plan.kind.order_up_to for each in stage.bins}
    overordered = ordered_too_much(folder / "fleet" / "kanbin.sqlite", levels)
    return {
        "seed": SEED,
        "bins": BINS,
        "speed": SPEED,
        "fleet_killed": fleets - 1,
        "devices_killed": stage.tally.boots.total() - BINS,
        "readings_sent": verdict.sent,
        "readings_stored": verdict.stored,
        "lost": verdict.lost,
        "stored_twice": verdict.duplicated,
        "orders": len(orders),
        "orders_of_the_fleet": sorted(orders),
        "orders_at_the_vendor": sorted(vendor.orders),
        "orders_altered": vendor.look_again(),
        "ordered_too_much": overordered,
        "nonces_of_requests": len(set_up.recorder.requests),
        "nonce_violations": set_up.recorder.violations,
        "seconds": round(time.monotonic() - began_s, 1),
    }


async def kill_at_random(set_up: Arena) -> int:
    """SIGKILL to the fleet and to devices, in turn, a moment after a request or a reply passed on the wire.

    Returns how many processes the fleet has been.
    """
    chance = random.Random(SEED)
    stage, tally = set_up.stage, set_up.stage.tally
    fleets = {stage.fleet.child.pid}
    for _ in range(POWER_CUTS):
        await a_moment_after(set_up, "up", chance)
        await stage.fleet.kill()
        await stage.fleet.start()
        fleets.add(stage.fleet.child.pid)
        unlucky = chance.choice(stage.bins)
        boots = tally.boots[unlucky.plan.device]
        await a_moment_after(set_up, "down", chance)
        await unlucky.kill()
        await unlucky.start()
        await stage.until(lambda name=unlucky.plan.device, old=boots: tally.boots[name] > old, WITHIN_S, "a boot")
    return len(fleets)


async def a_moment_after(set_up: Arena, way: Way, chance: random.Random) -> None:
    async with asyncio.timeout(WITHIN_S):
        await set_up.tap.wait_for(way, chance.randrange(1, 8))
    await asyncio.sleep(chance.choice([0, chance.uniform(0, MOMENT_S)]))


def ordered_too_much(database: Path, order_up_to: dict[str, int]) -> list[str]:
    """Orders that lifted on hand plus on order above the level, by the ledger as it stood when they were made."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        ledger = connection.execute(
            "SELECT item, kind, reference, on_hand_delta + on_order_delta FROM movements "
            "JOIN items ON items.id = movements.item_id ORDER BY movements.id"
        ).fetchall()
    position: Counter[str] = Counter()
    wrong = []
    for item, kind, reference, delta in ledger:
        position[item] += delta
        if kind == "ordered" and position[item] > order_up_to[item]:
            wrong.append(f"{reference}: {position[item]} of {item}")
    return wrong
