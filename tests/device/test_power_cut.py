# SPDX-License-Identifier: Apache-2.0
"""The power goes at every step of writing there is: no reading that was kept is lost, no number is used twice."""

from device.keys import fingerprint
from device.link import Link
from device.outbox import Outbox
from device.reading_source import ReadingSource
from device.sequence import BLOCK, PartialIvs, ReadingSequence
from device.session import Session

from tests.fakes.clock import FakeClock
from tests.fakes.flash import FakeFlash, PowerCutError
from tests.fakes.fleet import KID, SALT, SECRET, ScriptedFleet, device_context
from tests.fakes.notice import FakeNotice
from tests.fakes.provisioned import provision
from tests.fakes.radio import FakeRadio
from tests.fakes.random import FakeRandom

KEYS = fingerprint(SECRET, SALT, KID)
SEGMENTS_MAX, RECORDS = 64, 8  # small segments, so that many begin and end


def run(flash, fleet, kept, readings, seed):
    """A device from its start: takes readings, sends some; `kept` gets the name of each once it is said to be kept."""
    clock = FakeClock()
    random = FakeRandom(seed)
    sequence = ReadingSequence(flash, random)
    outbox = Outbox(flash, segments_max=SEGMENTS_MAX, per_segment=RECORDS)
    session = Session(PartialIvs(flash, KEYS), random, device_context)
    link = Link((ReadingSource(outbox),), FakeRadio(fleet), clock, random, session, FakeNotice())
    for index in range(readings):
        number = sequence.take()
        outbox.append(sequence.epoch, sequence.boot_count, (number, 0, clock.uptime_s(), seed * 1000 + index, 5, None))
        kept.append((sequence.epoch, number))
        if index % 12 == 11:
            poll(link, sequence, clock, 3)
    poll(link, sequence, clock, 20)


def poll(link, sequence, clock, times):
    for _ in range(times):
        link.poll(sequence.epoch, sequence.boot_count)
        clock.sleep_ms(1000)


def provisioned():
    flash = FakeFlash()
    provision(flash, KEYS)
    return flash.files


def run_until_cut(files, fleet, kept, cut_after, seed):
    """Says whether the power was cut."""
    try:
        run(FakeFlash(files, cut_after), fleet, kept, 40, seed)
        return False
    except PowerCutError:
        return True


def test_every_reading_kept_reaches_the_fleet_wherever_the_power_is_cut():
    cut_after = 0
    cut = True
    while cut:
        files, fleet, kept = provisioned(), ScriptedFleet(), []
        cut = run_until_cut(files, fleet, kept, cut_after, seed=1)
        run_until_cut(files, fleet, kept, cut_after % 11, seed=2)  # and again while it recovers
        run(FakeFlash(files), fleet, kept, 3, seed=3)

        assert all(name in fleet.stored for name in kept), cut_after
        assert len(set(kept)) == len(kept), cut_after
        cut_after += 1
    assert cut_after > 100


def test_no_number_is_taken_twice_wherever_the_power_is_cut():
    cut_after = 0
    cut = True
    while cut:
        files, ivs_taken, names_taken = provisioned(), [], []
        cut = False
        for flash in (FakeFlash(files, cut_after), FakeFlash(files, cut_after // 2), FakeFlash(files)):
            try:
                take(flash, ivs_taken, names_taken, cut_after)
            except PowerCutError:
                cut = True

        assert len(set(ivs_taken)) == len(ivs_taken), cut_after
        assert len(set(names_taken)) == len(names_taken), cut_after
        cut_after += 1
    assert cut_after > 10


def take(flash, ivs_taken, names_taken, seed):
    sequence = ReadingSequence(flash, FakeRandom(seed))
    ivs = PartialIvs(flash, KEYS)
    for _ in range(2 * BLOCK + 1):
        ivs_taken.append(ivs.take())
        names_taken.append((sequence.epoch, sequence.take()))


def test_readings_keep_their_epoch_when_only_the_sequence_is_lost():
    files, fleet, kept = provisioned(), ScriptedFleet(["lose"] * 99), []
    run(FakeFlash(files), fleet, kept, 8, seed=1)
    del files["state/readings"]

    fleet_again = ScriptedFleet()
    run(FakeFlash(files), fleet_again, kept, 8, seed=2)

    assert sorted(fleet_again.stored) == sorted(kept)
    assert len({epoch for epoch, _ in kept}) == 2
