# SPDX-License-Identifier: Apache-2.0
"""The device tells how it is: at its start, each day, when something changed; and again until the fleet has it."""

from device.health import TRACEBACK, Health
from wire import health
from wire.unpack_health import unpack

from tests.fakes.fleet import ScriptedFleet
from tests.fakes.linked_device import BOOT, EPOCH, Device
from tests.fakes.vitals import FakeVitals
from tests.fakes.worn_flash import WornFlash

DAY_S = 86_400


class Patient:
    """A device with a health record; what it knows of itself is `known`."""

    def __init__(self, fleet, flash=None):
        self.fleet = fleet
        self.known = {health.PLAN_VERSION: 0, health.CELL_FAULTS: [(0, 0)]}
        self.device = Device(fleet, flash=flash)
        self.health = Health(self.device.clock, FakeVitals(3700).read, self.device.flash, lambda: self.known)
        self.device = Device(fleet, before=(self.health,), flash=self.device.flash, clock=self.device.clock)

    def run(self, seconds):
        self.device.run(seconds)
        return self

    def told(self):
        return [unpack(payload) for path, payload in self.fleet.posted if path == "h"]


def test_a_start_is_told_at_once_and_once():
    patient = Patient(ScriptedFleet()).run(60)

    (record,) = patient.told()
    assert (record["epoch"], record["boot_count"]) == (EPOCH, BOOT)
    assert (record["reset_cause"], record["rssi_dbm"], record["battery_mv"]) == (1, -61, 3700)
    assert record["cell_faults"] == [(0, 0)]


def test_a_day_later_it_is_told_again():
    patient = Patient(ScriptedFleet()).run(5)
    patient.device.clock.sleep_ms((DAY_S - 100) * 1000)
    patient.run(5)
    assert len(patient.told()) == 1

    patient.device.clock.sleep_ms(100 * 1000)
    patient.run(5)

    assert [record["uptime_s"] // DAY_S for record in patient.told()] == [0, 1]


def test_a_change_is_told_before_the_day_is_over():
    patient = Patient(ScriptedFleet()).run(5)
    patient.known[health.CELL_FAULTS] = [(0, 1)]
    patient.health.changed()
    patient.run(60)

    assert [record["cell_faults"] for record in patient.told()] == [[(0, 0)], [(0, 1)]]


def test_a_loose_wire_is_told_once_a_minute():
    patient = Patient(ScriptedFleet()).run(5)
    for _ in range(60):
        patient.health.changed()
        patient.run(5)

    assert 4 <= len(patient.told()) <= 7


def test_what_is_urgent_waits_for_no_pause_but_once():
    patient = Patient(ScriptedFleet()).run(5)
    patient.health.changed(is_urgent=True)
    assert patient.health.state() == b""
    patient.run(5)
    assert len(patient.told()) == 2

    patient.health.changed()
    patient.run(5)

    assert len(patient.told()) == 2


def test_what_is_urgent_is_told_until_the_fleet_has_it():
    patient = Patient(ScriptedFleet(["store", "busy"], max_age_s=10)).run(5)
    patient.health.changed(is_urgent=True)
    patient.run(5)
    assert (len(patient.told()), patient.device.link.is_done()) == (1, False)

    patient.run(10)

    assert (len(patient.told()), patient.device.link.is_done()) == (2, True)


def test_a_change_while_a_record_is_on_its_way_is_told_too():
    patient = Patient(ScriptedFleet(["separate"])).run(1)
    patient.health.changed()
    patient.device.radio.deliver(patient.fleet.answer_late())
    patient.run(70)

    assert len(patient.told()) == 2


def test_a_record_that_was_lost_on_the_way_is_told_until_the_fleet_has_it():
    patient = Patient(ScriptedFleet(["lose", "busy"])).run(200)

    assert len(patient.told()) == 1


def test_a_fleet_that_refuses_the_record_keeps_no_reading_back():
    patient = Patient(ScriptedFleet(["reject"]))
    patient.device.take(0, 2)
    patient.run(30)

    assert patient.told() == []
    assert patient.device.stored() == [0, 1, 2]


def test_a_traceback_is_told_once_and_kept_until_then():
    patient = Patient(ScriptedFleet(["lose"]))
    patient.device.flash.replace(TRACEBACK, b"ZeroDivisionError: x")
    patient.run(1)
    assert patient.device.flash.read(TRACEBACK) is not None

    patient.run(200)
    patient.health.changed()
    patient.run(60)

    assert [record.get("traceback") for record in patient.told()] == ["ZeroDivisionError: x", None]
    assert patient.device.flash.read(TRACEBACK) is None


def test_to_wake_from_a_deep_sleep_is_no_start_and_the_day_goes_on():
    patient = Patient(ScriptedFleet()).run(5)
    assert patient.health.state() != b""
    woken = Health(patient.device.clock, FakeVitals().read, patient.device.flash, dict, patient.health.state())
    assert woken.peek(60) is None

    patient.device.clock.sleep_ms(DAY_S * 1000)

    assert woken.peek(60) is not None


def test_what_was_not_told_before_the_sleep_is_told_after_it():
    patient = Patient(ScriptedFleet()).run(5)
    patient.health.changed()

    woken = Health(patient.device.clock, FakeVitals().read, patient.device.flash, dict, patient.health.state())

    assert woken.peek(60) is not None


def test_a_traceback_that_cannot_be_read_is_told_as_such_and_keeps_nothing_back():
    patient = Patient(ScriptedFleet(), WornFlash())
    patient.device.flash.replace(TRACEBACK, b"ZeroDivisionError: x")
    patient.device.flash.wear(TRACEBACK)
    patient.device.take(0, 2)
    patient.run(5)

    assert [record["traceback"] for record in patient.told()] == ["state/traceback cannot be read"]
    assert patient.device.stored() == [0, 1, 2]
    assert patient.device.flash.size(TRACEBACK) == 0


def test_a_record_that_cannot_be_packed_keeps_no_reading_back_and_is_tried_again_tomorrow():
    for error in (OSError(5), ImportError("health_record")):
        patient = Patient(ScriptedFleet())
        tell = patient.health._tell
        patient.health._tell = failing(error)
        patient.device.take(0, 2)
        patient.run(30)
        assert (patient.told(), patient.device.stored()) == ([], [0, 1, 2])

        patient.health._tell = tell
        patient.device.clock.sleep_ms(DAY_S * 1000)
        patient.run(30)

        assert len(patient.told()) == 1


def failing(error):
    def fail():
        raise error

    return fail
