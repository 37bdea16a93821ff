# SPDX-License-Identifier: Apache-2.0
"""What a change of the count is booked as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.stock.model import Booking, Cause, classify, taken_lately

PACK = 100


@pytest.mark.parametrize(
    ("delta", "receivable", "booking"),
    [
        (-5, 0, Booking("usage", -5, 0)),
        (-5, 300, Booking("usage", -5, 0)),
        (80, 0, Booking("return", 80, 0)),
        (49, 300, Booking("return", 49, 0)),
        (300, 300, Booking("receipt", 300, -300)),
        (100, 300, Booking("receipt", 100, -100)),
        (350, 300, Booking("receipt", 350, -300)),
    ],
    ids=[
        "fewer is usage",
        "fewer is usage whatever is on order",
        "more with nothing on order is handed back",
        "less than half a pack is handed back",
        "what was ordered is a receipt",
        "a part of it is a receipt of that part",
        "more than was ordered settles no more than was ordered",
    ],
)
def test_a_change_is_booked_by_what_is_on_order(delta: int, receivable: int, booking: Booking) -> None:
    assert classify(delta, receivable, PACK, Cause.HANDLED) == booking


@pytest.mark.parametrize("delta", [98, 1096], ids=["two pieces", "less than two in a hundred"])
def test_a_delivery_counted_a_little_short_was_complete(delta: int) -> None:
    receivable = (delta // 100 + 1) * 100
    assert classify(delta, receivable, 1, Cause.HANDLED) == Booking("receipt", delta, -receivable)


def test_a_delivery_that_is_really_short_leaves_the_rest_on_order() -> None:
    assert classify(60, 100, 1, Cause.HANDLED) == Booking("receipt", 60, -60)


def test_a_pick_while_packs_are_poured_leaves_nothing_on_order_for_ever() -> None:
    assert classify(288, 300, PACK, Cause.HANDLED) == Booking("receipt", 288, -300)
    assert classify(188, 300, PACK, Cause.HANDLED) == Booking("receipt", 188, -200)


def test_a_pack_poured_in_two_unequal_parts_is_received_once() -> None:
    """Vendors ship whole packs, so the larger part stands for the pack, and the rest cannot settle anything more."""
    first = classify(60, 200, PACK, Cause.HANDLED)
    second = classify(40, 200 + first.on_order_delta, PACK, Cause.HANDLED)
    assert (first, second) == (Booking("receipt", 60, -100), Booking("return", 40, 0))


def test_what_people_pick_while_a_delivery_is_poured_leaves_nothing_on_order() -> None:
    assert classify(729, 800, 200, Cause.HANDLED) == Booking("receipt", 729, -800)


@pytest.mark.parametrize("delta", [35, 40, 42])
def test_what_was_taken_lately_and_comes_again_is_put_back_and_no_delivery(delta: int) -> None:
    assert classify(delta, 150, 50, Cause.HANDLED, taken=40) == Booking("return", delta, 0)


@pytest.mark.parametrize(
    ("delta", "taken", "booking"),
    [
        (150, 40, Booking("receipt", 150, -150)),
        (190, 40, Booking("receipt", 190, -150)),
        (100, 40, Booking("receipt", 100, -100)),
        (43, 40, Booking("receipt", 43, -50)),
        (150, 160, Booking("receipt", 150, -150)),
        (149, 200, Booking("receipt", 149, -150)),
        (150, 150, Booking("return", 150, 0)),
        (100, 200, Booking("return", 100, 0)),
    ],
    ids=[
        "a delivery right after a pick",
        "a delivery and what was picked, poured in together",
        "a part of a delivery right after a pick",
        "more than was taken",
        "exactly what was ordered, after more was taken",
        "the same, counted a little short",
        "exactly what was ordered and exactly what was taken",
        "less than was taken and not what was ordered",
    ],
)
def test_more_than_was_taken_or_just_what_was_ordered_is_a_delivery(delta: int, taken: int, booking: Booking) -> None:
    assert classify(delta, 150, 50, Cause.HANDLED, taken) == booking


@pytest.mark.parametrize(
    ("bookings", "taken"),
    [
        ([("usage", -40, 0)], 40),
        ([("usage", -40, 0), ("return", 38, 0)], 2),
        ([("return", 80, 0), ("usage", -40, 0)], 40),
        ([("usage", -40, 0), ("receipt", 150, -150)], 40),
        ([("usage", -40, 0), ("receipt", 190, -150)], 0),
        ([("receipt", 288, -300)], 12),
    ],
    ids=[
        "a pick",
        "mostly put back",
        "what came from elsewhere covers no later pick",
        "a delivery puts nothing back",
        "what a delivery brought too much was put back with it",
        "what a delivery lacks was picked meanwhile",
    ],
)
def test_what_is_out_of_the_bin_is_what_people_took_and_did_not_put_back(
    bookings: list[tuple[str, int, int]], taken: int
) -> None:
    assert taken_lately(Booking(*booking) for booking in bookings) == taken


def test_a_first_count_and_a_new_calibration_are_no_delivery() -> None:
    assert classify(300, 300, PACK, Cause.FIRST) == Booking("count", 300, 0)
    assert classify(300, 300, PACK, Cause.RESCALED) == Booking("adjustment", 300, 0)
    assert classify(-300, 300, PACK, Cause.RESCALED) == Booking("adjustment", -300, 0)


@given(
    st.integers(-10_000, 10_000).filter(bool),
    st.integers(0, 10_000),
    st.integers(1, 5_000),
    st.sampled_from(Cause),
    st.integers(0, 10_000),
)
def test_a_booking_never_makes_on_order_negative_nor_loses_a_piece(
    delta: int, receivable: int, pack_size: int, cause: Cause, taken: int
) -> None:
    booking = classify(delta, receivable, pack_size, cause, taken)
    assert booking.on_hand_delta == delta
    assert 0 <= -booking.on_order_delta <= receivable
    if booking.kind != "receipt":
        assert booking.on_order_delta == 0


@pytest.mark.parametrize(
    ("delta", "receivable", "settled", "booking"),
    [
        (-200, 0, 200, Booking("adjustment", -200, 200)),
        (-100, 100, 300, Booking("adjustment", -100, 100)),
        (-400, 0, 200, Booking("adjustment", -400, 200)),
        (-3, 0, 200, Booking("adjustment", -3, 0)),
        (-200, 0, 0, Booking("adjustment", -200, 0)),
        (200, 200, 200, Booking("adjustment", 200, -200)),
        (200, 200, 0, Booking("adjustment", 200, 0)),
        (3, 200, 200, Booking("adjustment", 3, 0)),
    ],
    ids=[
        "a delivery that was none is still to come",
        "of one that was smaller the rest is",
        "no more than was settled is put back on order",
        "a few pieces are no delivery",
        "nothing was delivered lately",
        "a delivery that was counted short has come",
        "without a delivery it is only an adjustment",
        "a few pieces more are no delivery either",
    ],
)
def test_what_proves_wrong_about_a_delivery_is_put_right_on_order_too(
    delta: int, receivable: int, settled: int, booking: Booking
) -> None:
    assert classify(delta, receivable, PACK, Cause.CORRECTED, settled=settled) == booking
