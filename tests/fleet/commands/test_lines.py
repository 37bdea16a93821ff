# SPDX-License-Identifier: Apache-2.0
"""Lines out of blocks as they come, whatever the blocks are."""

import os
from io import BufferedReader, BytesIO

import pytest

from fleet.commands.lines import comes_within, read_lines


class Blocks:
    """Gives each block when it is asked for the next one, as a pipe does with what was written at a time."""

    def __init__(self, *blocks: bytes) -> None:
        self._blocks = list(blocks)
        self.given = 0

    def read1(self, size: int) -> bytes:
        """The next block; nothing at the end."""
        self.given += 1
        return self._blocks.pop(0) if self._blocks else b""


def lines(blocks: Blocks | BytesIO, bytes_max: int = 100) -> list[bytes]:
    return list(read_lines(blocks, bytes_max, lambda size: True))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "blocks",
    [
        [b"one\ntwo\nthree\n"],
        [b"one\n", b"two\n", b"three\n"],
        [b"o", b"ne\ntw", b"o", b"\n", b"three\n"],
        [b"one\ntwo\nthree"],
        [b"one\ntwo\nthr", b"ee"],
    ],
)
def test_lines_are_the_same_in_whatever_blocks_they_come(blocks: list[bytes]) -> None:
    assert lines(Blocks(*blocks)) == [b"one", b"two", b"three"]


def test_empty_lines_are_lines_and_nothing_is_none() -> None:
    assert lines(Blocks(b"\n\na\n")) == [b"", b"", b"a"]
    assert lines(Blocks()) == []


def test_a_line_too_long_is_cut_and_the_rest_of_it_is_not_kept() -> None:
    told = lines(Blocks(b"ab\n", b"x" * 50, b"x" * 50, b"x" * 50, b"\ncd\n" + b"y" * 50 + b"\n"), bytes_max=10)
    assert told == [b"ab", b"x" * 11, b"cd", b"y" * 11]


def test_so_is_a_line_that_never_ends() -> None:
    assert lines(Blocks(b"ab\n", b"x" * 50, b"x" * 50), bytes_max=10) == [b"ab", b"x" * 11]


def test_whoever_waits_is_heard_after_each_block_and_before_the_next_one_is_waited_for() -> None:
    blocks = Blocks(b"one\ntwo\nth", b"ree\n")
    heard: list[object] = []
    for line in read_lines(blocks, 100, lambda size: not heard.append((size, blocks.given))):  # type: ignore[arg-type,func-returns-value]
        heard.append(line)
    assert heard == [b"one", b"two", (10, 1), b"three", (4, 2)]


def test_reading_ends_when_nobody_wants_more() -> None:
    blocks = Blocks(b"one\n", b"two\n")
    assert list(read_lines(blocks, 100, lambda size: False)) == [b"one"]  # type: ignore[arg-type]
    assert blocks.given == 1


def test_an_open_pipe_has_nothing_until_something_is_written_or_it_is_closed() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as stream:
        assert not comes_within(stream, 0)
        os.write(writer, b"x")
        assert comes_within(stream, 0)
        stream.read1(1)
        assert not comes_within(stream, 0)
        os.close(writer)
        assert comes_within(stream, 0)


def test_what_is_no_file_never_lets_anybody_wait() -> None:
    assert comes_within(BufferedReader(BytesIO(b"")), 0)  # type: ignore[arg-type]
