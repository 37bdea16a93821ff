# SPDX-License-Identifier: Apache-2.0
"""A UHF reader module on a UART: is set up one command after the other, then says tag after tag; nothing ever waits."""

from drivers import const

_TYPING = const(0)
if _TYPING:
    from machine import UART

    from drivers.clock import Clock
    from drivers.frames import Frames

_ANSWER_MS = const(1000)
_TRIES = const(3)
_IDLE_MS = const(100)  # of silence: a frame has no pauses, and the longest takes 22 ms
SILENT_MS = const(3000)  # a module that reads says something each second, be it that there is no tag
_CHUNK = const(128)
_CHUNKS_MAX = const(32)  # in one poll: somebody else wants to work, too


class UhfError(OSError):
    """The module did not behave; `reason` is `no_answer` or `refused`, the text says to what."""

    def __init__(self, reason: str, what: str):
        super().__init__(5, "%s: %s" % (reason, what))
        self.reason = reason


class UhfReader:
    """`commands` holds (name, bytes to send, code of the answer, whether a refusal matters); the last starts reading.

    `uart` has `write`, and a `readinto` that returns at once. `firmware` is what the module says of itself.
    """

    def __init__(self, uart: "UART", clock: "Clock", frames: "Frames", commands: "tuple[tuple, ...]"):
        self._uart = uart
        self._clock = clock
        self._frames = frames
        self._commands = commands
        self._chunk = bytearray(_CHUNK)
        self._view = memoryview(self._chunk)
        self._step = 0  # len(commands): it reads
        self._heard_ms = clock.ticks_ms()  # bytes, be they noise
        self.firmware = ""
        self.start()

    def start(self) -> None:
        """Set the module up, from the first command on."""
        self._begin(0)

    @property
    def reads(self) -> bool:
        return self._step == len(self._commands)

    def poll(self):
        """Yields (EPC, RSSI in dBm, antenna) of each tag read since; raises UhfError, and then wants a `start`."""
        for _ in range(_CHUNKS_MAX):
            count = self._uart.readinto(self._chunk)
            if not count:
                break
            self._heard_ms = self._clock.ticks_ms()
            yield from self._tags(self._frames.feed(self._view[:count]))
        if self._passed_ms(self._heard_ms) > _IDLE_MS:
            yield from self._tags(self._frames.idle())
        self._see_to_it()

    def _tags(self, frames):
        for frame in frames:
            self._told_ms = self._clock.ticks_ms()
            tag = self._take(frame)
            if tag is not None and self.reads:
                yield tag

    def _take(self, frame) -> "tuple[bytes, int, int] | None":
        """The tag in a frame; what else it may say is for `_answered` and `_refused`."""
        raise NotImplementedError

    def _answered(self, code: int) -> None:
        """The command on its way was carried out, if it is that one."""
        if not self.reads and self._commands[self._step][2] == code:
            self._begin(self._step + 1)

    def _refused(self, code: int, why: int) -> None:
        """The same, but it was not; the lowest byte of `code` is enough."""
        if not self.reads and self._commands[self._step][2] & 0xFF == code & 0xFF:
            name, _, _, matters = self._commands[self._step]
            if matters:
                raise UhfError("refused", "%s (0x%X)" % (name, why))
            self._begin(self._step + 1)

    def _begin(self, step: int) -> None:
        self._step = step
        self._tries = 0
        self._told_ms = self._clock.ticks_ms()
        if not self.reads:
            self._ask()

    def _ask(self) -> None:
        self._tries += 1
        self._asked_ms = self._clock.ticks_ms()
        self._uart.write(self._commands[self._step][1])

    def _see_to_it(self) -> None:
        """Ask again where no answer came; a module that reads no more is told to."""
        if self.reads:
            if self._passed_ms(self._told_ms) > SILENT_MS:
                self._begin(len(self._commands) - 1)
        elif self._passed_ms(self._asked_ms) > _ANSWER_MS:
            name, _, _, matters = self._commands[self._step]
            if self._tries < _TRIES:
                self._ask()
            elif matters:
                raise UhfError("no_answer", name)
            else:
                self._begin(self._step + 1)

    def _passed_ms(self, since_ms: int) -> int:
        return (self._clock.ticks_ms() - since_ms) & 0x3FFFFFFF
