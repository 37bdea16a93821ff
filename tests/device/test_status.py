# SPDX-License-Identifier: Apache-2.0
"""The status: the worst that holds is shown and said, once."""

import sys

from device.sentences import SENTENCES
from device.status import CODES, Status


def new_status():
    said = []
    return Status(said.append), said


def test_the_worst_status_is_shown():
    status, said = new_status()
    status.set("no_fleet", "no answer")
    status.set("scale_fault", "channel 1")
    status.set("no_network")

    assert status.code == "scale_fault"
    assert [line.split()[1] for line in said] == ["no_fleet", "scale_fault"]
    assert said[1].startswith("status scale_fault ")
    assert said[1].endswith(": channel 1")


def test_what_is_mended_makes_room_for_the_next_worst():
    status, said = new_status()
    status.set("no_fleet")
    status.set("scale_fault")
    status.clear("scale_fault")
    status.clear("no_fleet")

    assert status.code == "ok"
    assert [line.split()[1] for line in said] == ["no_fleet", "scale_fault", "no_fleet", "ok"]


def test_the_same_status_is_said_once():
    status, said = new_status()
    for _ in range(3):
        status.set("no_fleet", "no answer")
        status.clear("outbox_full")

    assert len(said) == 1


def test_nothing_is_said_before_something_is_known():
    status, said = new_status()
    status.clear("no_fleet")

    assert (status.code, said) == ("ok", [])

    status.set("ok")

    assert said == ["status ok " + SENTENCES[0][1]]


def test_every_status_has_its_own_code_and_blinks():
    """But for the one that a bin has never, and a reader in the place of another."""
    blinks = {code: SENTENCES[place][0] for place, code in enumerate(CODES)}
    assert len(blinks) == len(CODES)
    assert blinks.pop("reader_fault") == blinks["scale_fault"]
    assert sorted(blinks.values()) == list(range(1, len(SENTENCES)))


class Broken:
    """What a module is when flash or memory did not suffice to load it."""


def test_a_status_is_shown_though_its_sentence_cannot_be_loaded():
    status, said = new_status()
    sys.modules["device.sentences"] = Broken()
    status.set("flash_error", "EIO")
    del sys.modules["device.sentences"]

    assert said == ["status flash_error its sentence cannot be loaded: EIO"]
    assert status.blinks == SENTENCES[CODES.index("flash_error")][0]

    status.set("crashed")

    assert said[1].startswith("status crashed the program failed")
