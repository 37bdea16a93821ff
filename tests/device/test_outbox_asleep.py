# SPDX-License-Identifier: Apache-2.0
"""An outbox that is made anew at each wake of a device thins as one that is always there."""

from device.outbox import Outbox

from tests.fakes.flash import FakeFlash

SEGMENTS_MAX, PER_SEGMENT = 8, 16
RECORDS = 1200


def fill(keep_state):
    """The number of segments after so many records, nine of ten heartbeats, and an outbox anew for each."""
    flash, state = FakeFlash(), b""
    for number in range(RECORDS):
        outbox = Outbox(flash, segments_max=SEGMENTS_MAX, per_segment=PER_SEGMENT)
        outbox.go_on(state if keep_state else b"")
        outbox.append(7, 1, (number, 0, 300 * number, 1000, 5, None), number % 10 > 0)
        state = outbox.state()
    return outbox.count


def test_thinning_goes_on_after_each_sleep():
    assert fill(keep_state=True) <= 2 * SEGMENTS_MAX


def test_without_what_was_kept_it_would_not():
    assert fill(keep_state=False) > 4 * SEGMENTS_MAX


def test_nothing_is_to_be_kept_while_there_is_room():
    assert Outbox(FakeFlash()).state() == b""
