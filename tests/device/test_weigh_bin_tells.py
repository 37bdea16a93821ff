# SPDX-License-Identifier: Apache-2.0
"""The bin follows the fleet's sampling plan and says so; it tells which cell is faulty."""

from device import plan
from device.health import Health
from device.link import Link
from device.outbox import Outbox, segment_name
from device.reading_source import ReadingSource
from device.sequence import PartialIvs, ReadingSequence
from device.session import Session
from device.sleeping_weigh_bin import SleepingWeighBin
from device.status import Status
from device.weigher import Weigher
from wire import health, pack_plan
from wire.unpack_health import unpack

from tests.fakes.clock import FakeClock
from tests.fakes.flash import FakeFlash
from tests.fakes.fleet import ScriptedFleet, device_context
from tests.fakes.linked_device import KEYS
from tests.fakes.provisioned import provision
from tests.fakes.radio import FakeRadio
from tests.fakes.random import FakeRandom
from tests.fakes.scale import FakeScale
from tests.fakes.vitals import FakeVitals
from tests.fakes.worn_flash import WornFlash


class Device:
    """A whole bin with a health record."""

    def __init__(self, scales, fleet, flash=None):
        self.fleet, self.clock, self.said = fleet, FakeClock(), []
        self.flash = flash = flash or FakeFlash()
        provision(flash, KEYS)
        outbox = Outbox(flash)
        channels = tuple((number, scale, Weigher(100, 300, 3, 100)) for number, scale in enumerate(scales))
        sequence = ReadingSequence(flash, FakeRandom())
        self.bin = SleepingWeighBin(channels, outbox, sequence, self.clock, Status(self.said.append), self.said.append)
        self.bin.keep_news = lambda news: plan.keep(flash, news)
        self.bin.health = Health(self.clock, FakeVitals().read, flash, self.bin.tell)
        sources = (self.bin.health, ReadingSource(outbox))
        session = Session(PartialIvs(flash, KEYS), FakeRandom(), device_context)
        self.bin.link = Link(sources, FakeRadio(fleet), self.clock, FakeRandom(), session, self.bin)

    def run(self, seconds):
        for _ in range(seconds * 10):
            self.bin.poll()
            self.clock.sleep_ms(100)

    def told(self):
        return [unpack(payload) for _, payload in self.fleet.posted]

    def readings(self):
        return sorted(each[2] for _, each in self.fleet.stored.values())


def test_a_plan_is_followed_at_once_and_told_back_once():
    fleet = ScriptedFleet()
    device = Device([FakeScale([5000])], fleet)
    device.run(20)
    before = len(device.readings())
    fleet.news = pack_plan.pack((9, 10, 3, 100, 0, 0, [None]))
    device.run(600)

    assert [record["plan_version"] for record in device.told()] == [0, 9]
    assert len(device.readings()) - before >= 20  # none would have come but one in 300 s
    assert device.said.count("plan version=9") == 1


def test_the_bin_tells_how_long_it_may_be_silent_by_its_settings_and_by_its_plan():
    fleet = ScriptedFleet()
    device = Device([FakeScale([5000])], fleet)
    device.run(70)
    device.bin.sleep_s, device.bin.report_s = 600, 3600
    for version, sleep_s, report_s in ((1, None, None), (2, None, 60), (3, 60, 7200), (4, 0, None)):
        fleet.news = pack_plan.pack((version, 300, 3, 100, sleep_s, report_s, []))
        device.run(310)

    told = [(record["plan_version"], record["silence_s"]) for record in device.told()]
    assert told == [(0, 0), (1, 3600), (2, 600), (3, 7200), (4, 0)]


def test_a_bin_that_wakes_for_its_report_only_later_may_be_silent_until_then():
    device = Device([FakeScale([5000])], ScriptedFleet())
    said = []
    for sleep_s, report_s in ((3000, 3600), (3600, 3600), (600, 0), (3500, 86400)):
        device.bin.sleep_s, device.bin.report_s = sleep_s, report_s
        said.append(device.bin.tell()[health.SILENCE_S])

    assert said == [6000, 3600, 600, 86400]  # a day is the longest that can be said


def test_a_plan_that_comes_with_the_first_ack_is_told_before_the_bin_may_sleep():
    fleet = ScriptedFleet()
    fleet.news = pack_plan.pack((1, 300, 3, 100, 60, 7200, []))
    device = Device([FakeScale([5000])], fleet)
    while not device.bin.link.is_done():
        device.run(1)

    assert [record["silence_s"] for record in device.told()] == [0, 7200]


def test_a_plan_says_what_is_a_movement_on_each_channel():
    wobble = [5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000, 5000] + [5050] * 10
    fleet = ScriptedFleet()
    fleet.news = pack_plan.pack((1, 300, 3, 100, 0, 0, [40]))
    device = Device([FakeScale(wobble * 30), FakeScale(wobble * 30)], fleet)
    device.run(60)

    channels = [each[1] for _, each in fleet.stored.values()]
    assert channels.count(0) > 30
    assert channels.count(1) < 10


def test_a_cell_that_fails_is_told_and_told_when_it_is_well():
    fleet = ScriptedFleet()
    device = Device([FakeScale([5000, 5001] * 350 + [OSError(5, "frame")] * 700 + [5000]), FakeScale([7])], fleet)
    device.run(220)

    faults = [record["cell_faults"] for record in device.told()]
    assert [each[1] for each in faults] == [(1, 0)] * len(faults)
    assert [each[0][1] > 0 for each in faults] == [False, True, False]


def test_a_fault_is_new_until_it_was_told_over_a_sleep_too():
    device = Device([FakeScale([OSError(5, "not_ready")])], ScriptedFleet())
    assert not device.bin.has_new_fault()
    device.run(2)
    assert device.bin.has_new_fault()

    asleep = device.bin.fall_asleep()
    woken = Device([FakeScale([OSError(5, "not_ready")])], ScriptedFleet())
    woken.bin.wake(asleep)
    woken.run(2)
    assert woken.bin.has_new_fault()  # it was never told
    woken.bin.faults_are_told()
    again = Device([FakeScale([OSError(5, "not_ready")])], ScriptedFleet())
    again.bin.wake(woken.bin.fall_asleep())
    again.run(2)

    assert not again.bin.has_new_fault()


def test_a_fault_that_begins_right_after_the_record_is_new_at_the_next_wake():
    device = Device([FakeScale([5000, 5001] * 25 + [OSError(5, "not_ready")])], ScriptedFleet())
    device.run(10)
    assert [record["cell_faults"] for record in device.told()] == [[(0, 0)]]
    assert device.bin.link.is_done()

    device.bin.faults_are_told()

    assert device.bin.has_new_fault()
    device.run(60)
    device.bin.faults_are_told()
    assert [record["cell_faults"] for record in device.told()] == [[(0, 0)], [(0, 1)]]
    assert not device.bin.has_new_fault()


def test_what_the_flash_lost_in_a_wake_without_a_report_is_a_reason_for_one():
    for lost, errors in ((20, 0), (0, 1)):
        device = Device([FakeScale([5000])], ScriptedFleet())
        device.run(2)
        assert not device.bin.has_new_fault()

        device.bin._outbox.dropped, device.bin.flash_errors = lost, errors

        assert device.bin.has_new_fault()


def test_a_flash_that_failed_is_told_once_it_is_and_counted_in_each_record():
    fleet = ScriptedFleet()
    device = Device([FakeScale([5000])], fleet, WornFlash())
    device.run(70)
    device.flash.writes_nothing = True
    device.run(300)
    device.flash.writes_nothing = False
    device.run(70)
    device.bin.changed()
    device.run(70)

    told = [record["flash_errors"] for record in device.told()]
    assert told[0] == 0
    assert told[1] >= 1  # with numbers that were reserved before
    assert told[-1] == device.bin.flash_errors > 1
    assert len(told) == 3
    assert device.readings()[-1] > 370


def test_so_many_failures_as_can_be_said_and_no_more():
    device = Device([FakeScale([5000])], ScriptedFleet())
    for _ in range(70_000):
        device.bin._flash_failed(OSError(5))

    assert device.bin.tell()[health.FLASH_ERRORS] == 65535


def test_readings_that_cannot_be_read_any_more_are_told_as_dropped():
    fleet = ScriptedFleet(["lose"])
    device = Device([FakeScale([5000])], fleet, WornFlash())
    device.run(3)
    device.flash.wear(segment_name(0))
    device.run(300)

    assert [record["dropped"] for record in device.told()] == [0, 3]
    assert len(device.readings()) > 0


def test_a_health_record_that_the_fleet_refuses_is_no_reading_that_it_refused():
    fleet = ScriptedFleet(["reject"])
    device = Device([FakeScale([5000])], fleet)
    device.run(30)

    assert device.bin.rejected == 0
    assert len(device.readings()) > 0


def test_a_fault_that_comes_and_goes_is_seen_whether_it_was_told_or_not():
    asleep, changed = [], []
    for conversion in (5000, OSError(5, "not_ready"), OSError(5, "not_ready"), 5000, 5000):
        device = Device([FakeScale([conversion])], ScriptedFleet())
        device.bin.wake(asleep)
        device.run(2)
        changed.append(device.bin.has_changed_fault())
        asleep = device.bin.fall_asleep()

    assert changed == [False, True, False, True, False]
