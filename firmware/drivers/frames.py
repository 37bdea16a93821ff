# SPDX-License-Identifier: Apache-2.0
"""Finds frames in a stream of bytes; a kind of frame says what it begins with, how long it is and whether it is whole.

Whatever is not a whole frame is given up one byte at a time, never more: a frame that follows noise, or the stump of
another frame, is found however the stump says its length is.
"""


class Frames:
    """`head` begins a frame, whose length shows in its first `least` bytes; none is longer than `longest`."""

    def __init__(self, head: int, least: int, longest: int):
        self._head = head
        self._least = least
        self._buffer = bytearray(longest)
        self._filled = 0
        self._wanted = least  # bytes in the buffer until there is something to look at
        self._sized = False  # whether that is the length of the frame begun

    def feed(self, data):
        """Yields the frames that end in `data`."""
        buffer = self._buffer
        for byte in data:
            if self._filled or byte == self._head:
                buffer[self._filled] = byte
                self._filled += 1
                while self._filled >= self._wanted:
                    frame = self._look()
                    if frame is not None:
                        yield frame

    def idle(self):
        """The line is silent, so that what is begun is a stump: yields the frames that lie behind its head."""
        while self._filled:
            self._drop(1)
            while self._filled >= self._wanted:
                frame = self._look()
                if frame is not None:
                    yield frame

    def _look(self):
        """The frame that is complete now, if one is; moves on in any case."""
        if not self._sized:
            size = self._size(self._buffer)
            if not size:
                self._drop(1)
                return None
            self._wanted = size
            self._sized = True
            if self._filled < size:
                return None
        size = self._wanted
        frame = self._frame(self._buffer, size)
        self._drop(1 if frame is None else size)
        return frame

    def _drop(self, count: int) -> None:
        """Give up the first `count` bytes, and all up to the next head."""
        buffer, filled = self._buffer, self._filled
        while count < filled and buffer[count] != self._head:
            count += 1
        for index in range(count, filled):
            buffer[index - count] = buffer[index]
        self._filled = filled - count
        self._wanted = self._least
        self._sized = False

    def _size(self, buffer: bytearray) -> int:
        """How long the frame at the beginning of `buffer` says it is, all in all; 0: it is none."""
        raise NotImplementedError

    def _frame(self, buffer: bytearray, size: int):
        """The frame in the first `size` bytes of `buffer`; None: it is none."""
        raise NotImplementedError
