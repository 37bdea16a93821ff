# SPDX-License-Identifier: Apache-2.0
"""Waiting for what other processes and sockets do: until it holds, and never longer than a deadline."""

import asyncio
from collections.abc import Callable

LOOK_EVERY_S = 0.002


async def eventually(condition: Callable[[], bool], within_s: float = 10) -> None:
    """Returns as soon as the condition holds; raises TimeoutError when it does not within the time."""
    async with asyncio.timeout(within_s):
        while True:
            if condition():
                return
            await asyncio.sleep(LOOK_EVERY_S)
