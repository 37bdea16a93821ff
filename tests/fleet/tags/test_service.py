# SPDX-License-Identifier: Apache-2.0
"""What tags do is booked once: arrival, use, return, and the empty box that calls for the next one."""

from itertools import permutations

import pytest
from sqlalchemy import select

from fleet.db import write
from fleet.orders.tables import OrderLineRow
from fleet.tags.model import Kind
from fleet.tags.tables import AntennaRow, TagEventConflictRow, TagEventRow
from tests.fleet.tags.shelf import ELSEWHERE, EMPTIES, EPC, HOUR_S, OTHER_EPC, QTY, SHELF, Shelf

RECEIPT, USAGE, RETURN = ("receipt", QTY, 0), ("usage", -QTY, 0), ("return", QTY, 0)


def test_a_package_that_comes_to_its_place_is_a_receipt_once(shelf: Shelf) -> None:
    shelf.bind()
    shelf.say(("entered", SHELF, 10))
    shelf.say(("present", SHELF, 900), ("present", SHELF, 1800))
    assert shelf.booked() == [RECEIPT]


def test_a_package_that_leaves_is_used_when_it_stays_away(shelf: Shelf) -> None:
    shelf.bind()
    shelf.say(("entered", SHELF, 10), ("left", SHELF, 500))
    assert shelf.booked() == [RECEIPT], "it may flap"
    shelf.turn(560)
    assert shelf.booked() == [RECEIPT, USAGE]
    shelf.turn(9999)
    assert shelf.booked() == [RECEIPT, USAGE]


def test_a_tag_that_flaps_changes_nothing(shelf: Shelf) -> None:
    shelf.bind()
    shelf.say(("entered", SHELF, 10))
    for at_s in range(100, 1000, 40):
        shelf.say(("left", SHELF, at_s), ("entered", SHELF, at_s + 20))
    shelf.turn(99_999)
    assert shelf.booked() == [RECEIPT]


def test_a_package_that_was_used_and_comes_again_is_a_return(shelf: Shelf) -> None:
    shelf.bind()
    shelf.say(("entered", SHELF, 10), ("left", SHELF, 500), ("entered", SHELF, 700))
    assert shelf.booked() == [RECEIPT, USAGE, RETURN]


def test_a_package_before_two_antennas_of_its_place_is_there_until_both_have_lost_it(shelf: Shelf) -> None:
    with write(shelf.engine) as session:
        session.add(AntennaRow(device_id=2, antenna=3, stocking_location_id=1, role="stock"))
    shelf.bind()
    shelf.say(("entered", SHELF, 10), ("entered", 3, 12), ("left", SHELF, 500))
    shelf.turn(700)
    assert shelf.booked() == [RECEIPT]
    shelf.say(("left", 3, 800))
    shelf.turn(900)
    assert shelf.booked() == [RECEIPT, USAGE]


def test_a_package_at_another_place_or_one_that_nobody_bound_is_seen_and_not_booked(shelf: Shelf) -> None:
    shelf.bind()
    shelf.say(("entered", ELSEWHERE, 10))
    shelf.say(("entered", SHELF, 10), epc=OTHER_EPC)
    shelf.say(("entered", 9, 20))
    assert shelf.booked() == []


def test_a_package_whose_coming_nobody_saw_was_there_when_it_leaves(shelf: Shelf) -> None:
    shelf.bind()
    shelf.say(("left", SHELF, 10))
    shelf.turn(100)
    assert shelf.booked() == [RECEIPT, USAGE]


def test_a_tag_that_its_reader_speaks_of_no_more_is_gone_and_one_whose_reader_is_silent_is_not(shelf: Shelf) -> None:
    shelf.bind()
    shelf.say(("entered", SHELF, 10))
    shelf.look(10 * HOUR_S)
    assert shelf.booked() == [RECEIPT], "the reader is silent"
    shelf.say(("entered", SHELF, 2 * HOUR_S), epc=OTHER_EPC)
    shelf.look(10 * HOUR_S)
    assert shelf.booked() == [RECEIPT, USAGE]
    shelf.say(("left", SHELF, 2 * HOUR_S + 5))
    assert shelf.booked() == [RECEIPT, USAGE], "that is no news"


def test_an_arrival_takes_off_order_what_was_sent_and_an_order_follows_from_the_position(shelf: Shelf) -> None:
    shelf.bind()
    shelf.say(("entered", SHELF, 10))
    assert (shelf.stock().qty_on_hand, shelf.stock().qty_on_order) == (QTY, QTY), "position 50 calls for 50 more"
    shelf.send_orders()
    shelf.bind(epc=OTHER_EPC)
    shelf.say(("entered", SHELF, 600), epc=OTHER_EPC)
    assert shelf.booked() == [RECEIPT, ("receipt", QTY, -QTY)]
    assert (shelf.stock().qty_on_hand, shelf.stock().qty_on_order) == (2 * QTY, 0)
    shelf.say(("left", SHELF, 900))
    assert shelf.turn(960) != []
    assert (shelf.stock().qty_on_hand, shelf.stock().qty_on_order) == (QTY, QTY)


def test_nothing_is_ordered_before_any_piece_was_seen(shelf: Shelf) -> None:
    shelf.bind()
    shelf.say(("entered", ELSEWHERE, 10))
    stock = shelf.stock()
    assert (stock.in_doubt, stock.order_due, stock.qty_on_order) == (True, False, 0)


def test_an_empty_box_of_two_is_the_signal_for_the_next(shelf: Shelf) -> None:
    for epc in (EPC, OTHER_EPC):
        shelf.bind(Kind.BOX, epc, in_stock=True)
    assert shelf.turn(0) == []
    shelf.say(("entered", EMPTIES, 10))
    assert shelf.booked() == [("count", QTY, 0), ("count", QTY, 0), USAGE]
    assert (shelf.stock().qty_on_hand, shelf.stock().qty_on_order) == (QTY, QTY), "the second box is in use"
    with shelf.reading() as session:
        assert session.scalars(select(OrderLineRow.qty_ordered)).all() == [QTY]


def test_a_box_in_use_may_leave_its_place(shelf: Shelf) -> None:
    shelf.bind(Kind.BOX)
    shelf.say(("entered", SHELF, 10), ("left", SHELF, 500))
    shelf.turn(9_999)
    assert shelf.booked() == [RECEIPT]


def test_a_box_that_comes_back_full_is_a_receipt_each_time(shelf: Shelf) -> None:
    shelf.bind(Kind.BOX)
    shelf.say(("entered", SHELF, 10), ("entered", EMPTIES, 5_000), ("left", SHELF, 5_001))
    shelf.send_orders()
    shelf.say(("left", EMPTIES, 20_000), ("entered", SHELF, 90_000))
    assert shelf.booked() == [RECEIPT, USAGE, ("receipt", QTY, -QTY)]


def test_a_box_that_nobody_saw_coming_back_full_was_refilled_when_it_was_away_for_long(shelf: Shelf) -> None:
    shelf.bind(Kind.BOX, in_stock=True)
    shelf.say(("entered", EMPTIES, 10))
    shelf.send_orders()
    shelf.say(("left", EMPTIES, 1_000), ("entered", EMPTIES, 1_000 + 5 * HOUR_S))
    assert shelf.booked()[2:] == [("receipt", QTY, -QTY), USAGE]


def test_a_box_that_is_only_turned_over_among_the_empties_is_booked_once(shelf: Shelf) -> None:
    shelf.bind(Kind.BOX, in_stock=True)
    shelf.say(("entered", EMPTIES, 10))
    shelf.send_orders()
    shelf.say(("left", EMPTIES, 1_000), ("entered", EMPTIES, 1_000 + 3 * HOUR_S))
    assert shelf.booked()[1:] == [USAGE]


def test_a_message_that_comes_again_changes_nothing(shelf: Shelf) -> None:
    shelf.bind()
    message = shelf.message(("entered", SHELF, 10), ("left", SHELF, 500), ("entered", SHELF, 700))
    assert shelf.deliver(message).stored == 3
    shelf.turn(700)
    before = shelf.booked()
    again = shelf.deliver(message)
    assert (again.stored, again.duplicates, again.conflicts) == (0, 3, 0)
    shelf.turn(701)
    assert shelf.booked() == before


def test_in_whatever_order_messages_come_and_come_again_the_books_end_the_same(shelf: Shelf) -> None:
    for number, order in enumerate(permutations(range(4))):
        epc = EPC[:-1] + bytes([number])
        shelf.bind(epc=epc)
        messages = [
            shelf.message(("entered", SHELF, 10), epc=epc),
            shelf.message(("left", SHELF, 500), epc=epc),
            shelf.message(("entered", SHELF, 700), epc=epc),
            shelf.message(("left", SHELF, 900), epc=epc),
        ]
        for index in order + order:
            shelf.deliver(messages[index])
            shelf.turn(900)
        shelf.turn(2_000)
        kinds = [kind for kind, _, _ in shelf.booked(epc)]
        assert kinds.count("receipt") == 1, order
        assert kinds.count("usage") == 1 + kinds.count("return"), order
        assert shelf.stock().qty_on_hand == 0, order


def test_a_reader_that_lost_its_epoch_is_heard_on_though_the_time_of_older_events_is_unknown(shelf: Shelf) -> None:
    shelf.bind()
    (_, boot_count, _, events), _ = shelf.message(("entered", SHELF, 10))
    shelf.deliver(((7, boot_count, None, events), 600))
    shelf.turn(600)
    (_, _, _, events), _ = shelf.message(("left", SHELF, 550))
    shelf.deliver(((8, boot_count + 1, 50, events), 600))
    shelf.turn(700)
    assert shelf.booked() == [RECEIPT, USAGE]


def test_events_that_contradict_the_log_are_kept_aside(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    shelf.deliver(shelf.message(("entered", SHELF, 10)))
    shelf.sequence = 0
    said = shelf.deliver(shelf.message(("entered", EMPTIES, 10)))
    assert (said.stored, said.conflicts) == (0, 1)
    assert "alarm: device id 2 sent 1 tag events that contradict the log" in caplog.text
    with shelf.reading() as session:
        assert session.scalars(select(TagEventRow.antenna)).all() == [SHELF]
        assert session.scalars(select(TagEventConflictRow.antenna)).all() == [EMPTIES]


def test_a_turn_that_takes_few_events_at_a_time_comes_to_the_same(shelf: Shelf) -> None:
    shelf.bind()
    shelf.deliver(shelf.message(("entered", SHELF, 10), ("left", SHELF, 500), ("entered", SHELF, 700)))
    for _ in range(4):
        shelf.turn(700, limit=1)
    assert shelf.booked() == [RECEIPT, USAGE, RETURN]
