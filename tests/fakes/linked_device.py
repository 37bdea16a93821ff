# SPDX-License-Identifier: Apache-2.0
"""A link with everything around it: an outbox on a flash in memory, a radio, a clock and a fleet."""

from device.keys import fingerprint
from device.link import Link
from device.outbox import Outbox
from device.reading_source import ReadingSource
from device.sequence import PartialIvs
from device.session import Session

from tests.fakes.clock import FakeClock
from tests.fakes.flash import FakeFlash
from tests.fakes.fleet import KID, SALT, SECRET, device_context
from tests.fakes.notice import FakeNotice
from tests.fakes.provisioned import provision
from tests.fakes.radio import FakeRadio
from tests.fakes.random import FakeRandom

KEYS = fingerprint(SECRET, SALT, KID)
EPOCH, BOOT = 7, 3


class Device:
    """A link and everything around it; `run` lets time pass.

    `before` are sources that go before the readings; `seed` is of its random numbers. A device that is not provisioned
    has no OSCORE state but what is on its flash.
    """

    def __init__(
        self,
        fleet,
        drop_out=(),
        drop_in=(),
        start_ms=0,
        before=(),
        flash=None,
        clock=None,
        provisioned=True,
        seed=1,
        is_doubted=False,
    ):
        self.fleet = fleet
        self.flash = flash or FakeFlash()
        if provisioned:
            provision(self.flash, KEYS)
        self.clock = clock or FakeClock(start_ms)
        self.outbox = Outbox(self.flash)
        self.notice = FakeNotice()
        self.radio = FakeRadio(fleet, drop_out, drop_in)
        random = FakeRandom(seed)
        self.session = Session(PartialIvs(self.flash, KEYS), random, device_context, is_doubted)
        sources = tuple(before) + (ReadingSource(self.outbox),)  # noqa: RUF005 - as MicroPython has it
        self.link = Link(sources, self.radio, self.clock, random, self.session, self.notice)

    def take(self, first, last, epoch=EPOCH, boot_count=BOOT):
        for sequence in range(first, last + 1):
            self.outbox.append(epoch, boot_count, (sequence, 0, self.clock.uptime_s(), 1000 + sequence, 50, None))

    def run(self, seconds, step_ms=100):
        for _ in range(seconds * 1000 // step_ms):
            self.link.poll(EPOCH, BOOT)
            self.clock.sleep_ms(step_ms)

    def stored(self):
        return sorted(sequence for _, sequence in self.fleet.stored)
