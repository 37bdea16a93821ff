# SPDX-License-Identifier: Apache-2.0
"""The virtual reader: the firmware on its board, the module on its UART, power for both."""

import asyncio
from pathlib import Path

from tools.simulate.uhf.tag_world import Visit
from tools.simulate.virtual_reader import ReaderPlan, VirtualReader

EPC = bytes(range(12))
WITHIN_S = 30.0


async def seen_after_each_start(folder: Path, starts: int) -> list[str]:
    """The first event after each time that the power came."""
    events: asyncio.Queue[str] = asyncio.Queue()

    def hear(line: str) -> None:
        if "kanbin: tag " in line:
            events.put_nowait(line)

    reader = VirtualReader(ReaderPlan("reader-01", "0101", [Visit(EPC, 0, 1e9)], 1), folder, 20, on_line=hear)
    await reader.furnish("127.0.0.1", 9)
    found = []
    for _ in range(starts):
        await reader.start()
        async with asyncio.timeout(WITHIN_S):
            found.append(await events.get())
        assert reader.check() is None
        await reader.kill()
    return found


def test_a_tag_is_seen_and_after_a_power_cut_seen_again(tmp_path: Path) -> None:
    first, second = asyncio.run(seen_after_each_start(tmp_path, 2))

    for event in (first, second):
        assert "kind=entered antenna=1" in event
        assert event.endswith(f" epc={EPC.hex()}")
