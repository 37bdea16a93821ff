# SPDX-License-Identifier: Apache-2.0
"""The bin as a whole: faults of scale, flash and fleet are told and outlived."""

from device.batch import RECORD_SIZE
from device.cell_faults import CODES
from device.keys import fingerprint
from device.link import Link
from device.outbox import Outbox
from device.reading_source import ReadingSource
from device.sequence import PartialIvs, ReadingSequence
from device.session import Session
from device.status import Status
from device.weigh_bin import WeighBin
from device.weigher import Weigher

from tests.fakes.clock import FakeClock
from tests.fakes.flash import FakeFlash
from tests.fakes.fleet import KID, SALT, SECRET, ScriptedFleet, device_context
from tests.fakes.provisioned import provision
from tests.fakes.radio import FakeRadio
from tests.fakes.random import FakeRandom
from tests.fakes.scale import FakeScale
from tests.fakes.thermometer import FakeThermometer

KEYS = fingerprint(SECRET, SALT, KID)
OK, NO_CHIP, FRAME, STUCK, SATURATED, OPEN_BRIDGE = range(len(CODES))


def moving(seconds):
    """Conversions of a load that moves each second for so long."""
    for second in range(seconds):
        for _ in range(10):
            yield second % 2 * 900


def noisy(level, count):
    return [level + index * 37 % 11 for index in range(count)]


class Device:
    """A whole bin; each scale plays back its list and then repeats the last."""

    def __init__(self, scales, fleet=None, flash=None, linked=True, thermometer=None, settle_s=3, **outbox):
        self.flash = flash or FakeFlash()
        self.clock = FakeClock()
        self.said = []
        self.status = Status(self.said.append)
        self.outbox = Outbox(self.flash, **outbox)
        channels = tuple((number, scale, Weigher(100, 300, settle_s, 100)) for number, scale in enumerate(scales))
        sequence = ReadingSequence(self.flash, FakeRandom())
        self.bin = WeighBin(channels, self.outbox, sequence, self.clock, self.status, self.said.append, thermometer)
        if linked:
            provision(self.flash, KEYS)
            session = Session(PartialIvs(self.flash, KEYS), FakeRandom(), device_context)
            radio = FakeRadio(fleet or ScriptedFleet())
            self.bin.link = Link((ReadingSource(self.outbox),), radio, self.clock, FakeRandom(), session, self.bin)

    def run(self, seconds):
        for _ in range(seconds * 10):
            self.bin.poll()
            self.clock.sleep_ms(100)

    def heard(self, word):
        return [line for line in self.said if line.startswith(word + " ")]


def test_a_reading_is_said_kept_sent_and_acked():
    fleet = ScriptedFleet()
    device = Device([FakeScale([5000])], fleet)
    device.run(2)

    assert device.said[0] == "reading sequence=0 channel=0 uptime_s=0 raw=5000 spread=0 temp_cc=None"
    assert device.heard("acked")[0].endswith(" boot=1 first=0 last=0 count=1")
    assert device.status.code == "ok"
    assert list(fleet.stored.values()) == [(1, (0, 0, 0, 5000, 0, None)), (1, (1, 0, 1, 5000, 0, None))]


def test_a_settled_change_is_at_the_fleet_within_two_seconds_whenever_it_comes():
    for tenths in range(600, 620):
        fleet = ScriptedFleet()
        device = Device([FakeScale([5000] * tenths + [8000])], fleet)

        for _ in range(tenths + 20):
            device.bin.poll()
            device.clock.sleep_ms(100)

        assert 8000 in [reading[3] for _, reading in fleet.stored.values()], tenths


def test_two_scales_are_two_channels_of_one_sequence():
    fleet = ScriptedFleet()
    device = Device([FakeScale([5000]), FakeScale([-7])], fleet)
    device.run(1)

    readings = sorted(each for _, each in fleet.stored.values())
    assert [(each[0], each[1], each[3]) for each in readings] == [(0, 0, 5000), (1, 1, -7)]


def test_a_faulty_scale_is_restarted_told_and_forgiven():
    faulty = FakeScale([OSError(5, "no_chip"), OSError(5, "no_chip"), 5000])
    device = Device([faulty])
    device.bin.poll()
    assert device.bin.cell_faults() == ((0, NO_CHIP),)
    device.run(1)
    assert faulty.restarts == 2
    assert device.heard("status")[0].endswith(": channel 0: no_chip")

    device.run(2)

    assert device.bin.cell_faults() == ((0, OK),)
    assert device.heard("cell") == ["cell channel=0 fault=no_chip", "cell channel=0 fault=ok"]
    assert device.status.code == "ok"


def test_one_bad_frame_restarts_the_chip_and_is_no_fault_yet():
    scale = FakeScale([OSError(5, "frame"), 5000])
    device = Device([scale])
    device.run(2)

    assert scale.restarts == 1
    assert device.heard("cell") == []


def test_one_scale_that_is_well_again_does_not_hide_another_that_is_not():
    dead = FakeScale([OSError(5, "no_chip")])
    device = Device([FakeScale([OSError(5, "no_chip"), 5000]), dead])
    device.run(3)

    assert [line.split()[1] for line in device.heard("status")] == ["scale_fault"]
    assert device.bin.cell_faults() == ((0, OK), (1, NO_CHIP))
    assert device.heard("reading")


def test_each_of_eight_cells_has_its_own_fault_and_stops_no_other():
    swinging = [-0x800000, 0x7FFFFF] * 400
    scales = [FakeScale(noisy(1000 * each, 700)) for each in range(3)]
    scales.extend([FakeScale([OSError(5, "no_chip")]), FakeScale([OSError(5, "frame")])])
    scales.extend([FakeScale([4711], hangs=True), FakeScale([0x7FFFFF], hangs=True), FakeScale(swinging)])
    device = Device(scales)
    device.run(65)

    expected = (OK, OK, OK, NO_CHIP, FRAME, STUCK, SATURATED, OPEN_BRIDGE)
    assert device.bin.cell_faults() == tuple(enumerate(expected))
    channels = {int(line.split()[2][-1]) for line in device.heard("reading")}
    assert channels == {0, 1, 2, 5, 6, 7}
    assert device.status.code == "scale_fault"


def test_a_saturated_cell_is_read_on_for_the_fleet_judges():
    device = Device([FakeScale([0x7FFFFF], hangs=True)])
    device.run(10)

    assert device.bin.cell_faults() == ((0, SATURATED),)
    assert device.heard("cell") == ["cell channel=0 fault=saturated"]
    assert " raw=8388607 spread=0 " in device.heard("reading")[-1]


def test_what_is_read_to_find_out_what_is_wrong_is_never_a_reading():
    scale = FakeScale([0x7FFFFF], hangs=True)
    device = Device([scale], settle_s=20)
    looked = []
    widen = scale.widen
    scale.widen = lambda: looked.append(1) or widen()
    device.run(20)

    assert len(looked) == 1
    assert not scale.is_wide
    assert len(device.heard("reading")) >= 19
    assert all(" raw=8388607 spread=0 " in line for line in device.heard("reading"))


def test_a_cell_without_half_its_gain_is_saturated_without_a_look():
    scale = FakeScale([0x7FFFFF], hangs=True)
    scale.widen = lambda: False
    device = Device([scale])
    device.run(10)

    assert device.bin.cell_faults() == ((0, SATURATED),)
    assert device.heard("reading")


def test_a_thermometer_tells_the_temperature_of_every_reading_and_may_be_silent():
    fleet = ScriptedFleet()
    device = Device([FakeScale([5000])], fleet, thermometer=FakeThermometer([None] * 20 + [2150]))
    device.run(4)

    temperatures = [each[5] for _, each in sorted(fleet.stored.values())]
    assert temperatures == [None, None, 2150, 2150]


def test_uptime_goes_on_while_no_scale_answers():
    """The ticks wrap after twelve days; whoever does not look at the clock in that time loses them."""
    device = Device([FakeScale([None])])
    looks = []
    uptime_s = device.clock.uptime_s
    device.clock.uptime_s = lambda: looks.append(1) or uptime_s()
    device.run(10)

    assert len(looks) >= 100


def test_conversions_before_and_after_a_fault_are_not_mixed():
    device = Device([FakeScale([900_000] * 9 + [OSError(5, "frame"), 5000])])
    device.run(3)

    assert " raw=5000 spread=0 " in device.heard("reading")[0]


def test_without_a_link_the_bin_weighs_and_keeps():
    device = Device([FakeScale([5000])], linked=False)
    device.run(3)

    assert len(device.outbox.peek(60)) == 3


def test_a_flash_that_fails_is_told_and_the_bin_weighs_on():
    flash = FakeFlash(capacity=150, error=5)
    device = Device([FakeScale(moving(30))], ScriptedFleet(["lose"] * 99), flash)
    device.run(10)
    assert device.status.code == "flash_error"
    kept = len(device.heard("reading"))

    flash.room_for(100_000)
    device.run(2)

    assert device.status.code != "flash_error"
    assert len(device.heard("reading")) > kept


def test_cells_that_move_together_are_kept_by_one_write():
    flash = FakeFlash()
    writes = []
    append = flash.append
    flash.append = lambda name, data: writes.append(len(data)) or append(name, data)
    device = Device([FakeScale(moving(30)) for _ in range(8)], flash=flash, linked=False)
    device.run(3)

    assert writes == [8 * RECORD_SIZE] * 3
    batch = device.outbox.peek(60)
    assert [each[:2] for each in batch] == [(number, number % 8) for number in range(24)]
    assert len(device.heard("reading")) == 24


def test_no_cell_has_told_what_the_flash_did_not_take():
    flash = FakeFlash()
    device = Device([FakeScale([5000]), FakeScale([6000])], flash=flash, linked=False)
    flash.room_for(0)
    device.run(10)
    assert device.heard("reading") == []

    flash.room_for(None)
    device.run(2)

    assert {line.split()[2] for line in device.heard("reading")} == {"channel=0", "channel=1"}


def test_a_reading_that_found_no_room_is_taken_again_as_soon_as_there_is():
    flash = FakeFlash(capacity=50)
    device = Device([FakeScale([5000])], flash=flash)
    device.run(10)
    assert device.heard("reading") == []

    flash.room_for(100_000)
    device.run(2)

    assert device.heard("reading")


def test_a_full_outbox_is_told_until_the_fleet_takes_readings_again():
    fleet = ScriptedFleet(["lose"])
    device = Device([FakeScale(moving(30))], fleet, segments_max=2, per_segment=4)
    device.run(20)
    assert device.status.code == "outbox_full"

    device.run(180)

    assert device.status.code == "ok"
    assert fleet.stored


def test_refused_readings_are_counted_and_told():
    device = Device([FakeScale([5000])], ScriptedFleet(["reject"]))
    device.run(2)

    assert device.bin.rejected == 1
    assert device.status.code == "rejected"
    assert device.heard("rejected")[0].endswith(" boot=1 first=0 last=0 count=1")


def test_a_silent_fleet_and_a_missing_network_are_told():
    device = Device([FakeScale([5000])], ScriptedFleet(["lose"] * 9))
    device.run(100)
    assert device.status.code == "no_fleet"

    device.bin.no_network()
    device.bin.acked(device.outbox.peek(1))

    assert device.status.code == "ok"
