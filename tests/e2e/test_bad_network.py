# SPDX-License-Identifier: Apache-2.0
"""Over a network that drops, doubles and reorders, every reading arrives, and once."""

import asyncio
import time
from pathlib import Path
from typing import Any

from tests.e2e import figures
from tests.e2e.arena import arena
from tests.e2e.size import READINGS, SEED, SOAK
from tools.simulate.lossy_network import Weather
from tools.simulate.scenario import plan_bins

SPEED = 30
BINS = 5
WITHIN_S = 60 + READINGS / 20
BAD = Weather(drop=0.3, duplicate=0.1, delay=0.2, delay_s=0.1)


def test_every_acked_reading_is_stored_once_over_a_bad_network(tmp_path: Path) -> None:
    print(f"seed {SEED}")
    found = asyncio.run(send_readings(tmp_path))
    print(found)
    if SOAK:
        figures.record("bad_network", found)
    assert found["readings_sent"] >= READINGS
    assert found["lost"] == 0
    assert found["stored_twice"] == 0
    assert found["nonce_violations"] == []
    assert found["datagrams_dropped"] > 0.25 * found["datagrams"]


async def send_readings(folder: Path) -> dict[str, Any]:
    began_s = time.monotonic()
    async with arena(folder, plan_bins(BINS, SEED, stir_every_s=1.1), BAD, seed=SEED, speed=SPEED) as set_up:
        stage, tally = set_up.stage, set_up.stage.tally
        await stage.until(lambda: len(tally.acked) >= READINGS, WITHIN_S, f"{READINGS} acknowledged readings")
        await stage.drain()
        await stage.power_off()
        verdict = await stage.judge()
    up, down = (set_up.network.traffic[way] for way in ("up", "down"))
    return {
        "seed": SEED,
        "bins": BINS,
        "speed": SPEED,
        "readings_sent": verdict.sent,
        "readings_stored": verdict.stored,
        "lost": verdict.lost,
        "stored_twice": verdict.duplicated,
        "datagrams": up.seen + down.seen,
        "datagrams_dropped": up.dropped + down.dropped,
        "datagrams_doubled": up.duplicated + down.duplicated,
        "datagrams_delayed": up.delayed + down.delayed,
        "nonces_of_requests": len(set_up.recorder.requests),
        "nonce_violations": set_up.recorder.violations,
        "seconds": round(time.monotonic() - began_s, 1),
    }
