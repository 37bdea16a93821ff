# SPDX-License-Identifier: Apache-2.0
"""A device with the firmware's own clock, sequence and outbox, whose messages go straight into the log."""

from dataclasses import dataclass, field
from random import Random
from typing import Any

from device.batch import Batch
from device.outbox import Outbox
from device.reading_source import ReadingSource
from device.sequence import ReadingSequence
from device.uptime import Uptime
from sqlalchemy.orm import Session
from wire.unpack_reading import unpack

from fleet.readings.service import append
from tests.fakes.flash import FakeFlash
from tests.fakes.powered_board import PoweredBoard
from tests.fakes.random import FakeRandom

NOW_MS = 1_800_000_000_000
LATENESS_MS = [20, 200, 1_500, 2_600, 8_000, 45_000]  # up to the fourth repetition (RFC 7252 section 4.2)


@dataclass
class TimedDevice:
    """`taken` maps (epoch, sequence) to when the reading was really taken, `boots` maps (epoch, boot_count) to when the
    clock really began and how far it got.
    """

    session: Session
    ppm: int
    random: Random
    taken: dict[tuple[int, int], int] = field(default_factory=dict)
    boots: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    heard: set[tuple[int, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.board = PoweredBoard(self.ppm)
        self.sequences = FakeRandom(self.random.randrange(1 << 32))
        self.start()

    @property
    def now_ms(self) -> int:
        """The world's time."""
        return NOW_MS + self.board.world_ms

    @property
    def boot(self) -> tuple[int, int]:
        """(epoch, boot_count) of the clock that runs."""
        return self.sequence.epoch, self.sequence.boot_count

    def start(self) -> None:
        """The program starts."""
        self.clock, rtc = self.board.program()
        uptime = Uptime(rtc)
        flash = FakeFlash(self.files)
        self.sequence = ReadingSequence(flash, self.sequences, uptime.boot)
        uptime.go_on(self.clock, self.sequence.epoch, self.sequence.boot_count)
        self.boots.setdefault(self.boot, (self.now_ms, self.now_ms))
        self.outbox = Outbox(flash)
        self.source = ReadingSource(self.outbox)

    def reset(self) -> None:
        """A watchdog, an update, a deep sleep."""
        self.clock.uptime_s()
        self.board.pass_ms(self.random.randrange(100, 5_000))
        self.board.reset()
        self.start()

    def lose_power(self, away_ms: int) -> None:
        """The power is gone for a while; what was in the RTC memory may still be there."""
        self.clock.uptime_s()
        self.board.pass_ms(away_ms)
        self.board.lose_power(self.random.choice([b"", None]))
        self.board.pass_ms(self.random.randrange(200, 3_000))
        self.start()

    def read(self) -> None:
        """A reading is taken."""
        uptime_s = self.clock.uptime_s()
        sequence = self.sequence.take()
        self.taken[self.sequence.epoch, sequence] = self.now_ms
        self.boots[self.boot] = self.boots[self.boot][0], self.now_ms
        self.outbox.append(self.sequence.epoch, self.sequence.boot_count, (sequence, 0, uptime_s, 1000, 5, None))

    def live(self, duration_ms: int, every_ms: int, sends: bool) -> None:
        """Readings now and then; each is sent, or none."""
        end_ms = self.board.world_ms + duration_ms
        while self.board.world_ms < end_ms:
            self.board.pass_ms(self.random.randrange(every_ms // 2, 3 * every_ms // 2))
            self.read()
            if sends:
                self.send_all()

    def send_all(self) -> None:
        """All that waits goes out. A message may be repeated before it arrives, and its acknowledgement be lost."""
        while (batch := self.outbox.peek(60)) is not None:
            payload = self.source.pack(batch, *self.boot, self.clock.uptime_s())
            assert payload is not None
            self.board.pass_ms(self.random.choice(LATENESS_MS) if self.is_late(batch) else 50)
            message: Any = unpack(payload)
            append(self.session, 1, message, self.now_ms)
            if self.random.random() < 0.95:
                self.outbox.ack(batch)

    def is_late(self, batch: Batch) -> bool:
        """Whether the first copy of a message does not arrive. A clock's first message has none beside it that could
        tell how late it is: what stands on it alone is as late.
        """
        boot = batch.epoch, batch.boot_count
        is_first = boot not in self.heard
        self.heard.add(boot)
        return not is_first and self.random.random() < 0.2
