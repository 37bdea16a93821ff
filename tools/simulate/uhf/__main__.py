# SPDX-License-Identifier: Apache-2.0
"""`python -m tools.simulate.uhf plan.json`: a virtual module; its first line is the terminal a host may open.

The plan: {"module": "m100", "seed": 1, "speed": 1, "visits": [{"epc": "3034...", "from_s": 0, "to_s": 60,
"rssi_dbm": -55}], "damage": {"noise": 0.1, "truncated": 0.05, "flipped": 0.05, "lost": 0.05}, "terminal": a path that
leads there, too}
"""

import json
import sys
import time
from pathlib import Path

from tools.simulate.uhf.line import Damage, Line
from tools.simulate.uhf.module import ROUND_S, VirtualModule, speaker
from tools.simulate.uhf.tag_world import TagWorld, visits_of


def main(path: str) -> None:
    plan = json.loads(Path(path).read_text())
    seed, speed = plan.get("seed", 1), plan.get("speed", 1)
    started = time.monotonic()
    module = VirtualModule(
        speaker(plan["module"]),
        TagWorld(visits_of(plan["visits"]), seed),
        Line(Damage(**plan.get("damage", {})), seed),
        lambda: (time.monotonic() - started) * speed,
    )
    if "terminal" in plan:
        Path(plan["terminal"]).symlink_to(module.path)
    print(module.path, flush=True)
    while True:
        module.run_round()
        time.sleep(ROUND_S / speed)


if __name__ == "__main__":
    main(sys.argv[1])
