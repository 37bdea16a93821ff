# SPDX-License-Identifier: Apache-2.0
"""Lines as they come: who writes one and waits for its answer does not wait in vain; a long file goes by in blocks."""

from collections.abc import Callable, Iterator
from io import BufferedReader
from select import select

BLOCK_BYTES = 65_536


def read_lines(stream: BufferedReader, bytes_max: int, before_waiting: Callable[[int], bool]) -> Iterator[bytes]:
    """Lines without their ends. Of one longer than `bytes_max`, one byte more than that is given and the rest skipped.

    `before_waiting` hears, when all that has come was taken up and before more is waited for, how many bytes that was;
    reading ends when it says false.
    """
    rest = b""
    while block := stream.read1(BLOCK_BYTES):
        lines = block.split(b"\n")
        lines[0] = rest + lines[0]
        rest = lines.pop()[: bytes_max + 1]
        for line in lines:
            yield line[: bytes_max + 1]
        if not before_waiting(len(block)):
            return
    if rest:
        yield rest


def comes_within(stream: BufferedReader, seconds: float) -> bool:
    """Whether something, if only the end, comes that soon; of what is no file or pipe, always."""
    try:
        return bool(select([stream], [], [], seconds)[0])
    except (OSError, TypeError, ValueError):
        return True
