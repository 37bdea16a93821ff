# SPDX-License-Identifier: Apache-2.0
"""The fleet's sampling plan is followed, kept over a power cut, and told back."""

from device import plan
from wire import pack_plan

from tests.fakes.flash import FakeFlash, PowerCutError

FIRST = (1, 300, 16, 100, 0, 0, (1200,))
SECOND = (2, 60, 30, 50, 0, 0, (None, 800))


def test_a_plan_is_there_after_a_restart():
    flash = FakeFlash()
    assert plan.load(flash) is None

    assert plan.keep(flash, pack_plan.pack(FIRST)) == (1, 300, 16, 100, 0, 0, [1200])

    assert plan.load(FakeFlash(flash.files))[0] == 1


def test_news_that_are_no_plan_leave_the_one_there_is():
    flash = FakeFlash()
    plan.keep(flash, pack_plan.pack(FIRST))

    for news in (b"", b"\xff", b"\xa0", b"\xa1\x02\x01", pack_plan.pack(SECOND)[:-1]):
        assert plan.keep(flash, news) is None

    assert plan.load(flash)[0] == 1


def test_a_broken_plan_is_no_plan():
    flash = FakeFlash()
    plan.keep(flash, pack_plan.pack(FIRST))
    kept = bytearray(flash.read(plan.FILE))
    kept[2] ^= 1
    flash.replace(plan.FILE, bytes(kept))

    assert plan.load(flash) is None


def test_wherever_the_power_is_cut_the_old_plan_holds_or_the_new_one():
    cut_after, found = 0, []
    cut = True
    while cut:
        flash = FakeFlash()
        plan.keep(flash, pack_plan.pack(FIRST))
        try:
            plan.keep(FakeFlash(flash.files, cut_after), pack_plan.pack(SECOND))
            cut = False
        except PowerCutError:
            pass
        found.append(plan.load(FakeFlash(flash.files))[0])
        cut_after += 1

    assert found[0] == 1
    assert found[-1] == 2
    assert sorted(found) == found
