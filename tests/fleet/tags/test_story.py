# SPDX-License-Identifier: Apache-2.0
"""Whatever readers say of a tag, and however often: the ledger has its pieces once or not at all."""

import random
from functools import cache

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from fleet.db import open_engine, write
from fleet.migrations.schema import metadata
from fleet.tags.model import KINDS, Kind
from fleet.tags.tables import TagBindingRow, TagPresenceRow
from tests.fleet.plant import build
from tests.fleet.tags.shelf import EMPTIES, QTY, SHELF, Shelf

WORDS = st.tuples(st.sampled_from(KINDS), st.sampled_from([SHELF, EMPTIES]), st.sampled_from([5, 50, 90, 20_000]))


@cache
def new_shelf() -> Shelf:
    engine = open_engine("sqlite:///:memory:")
    metadata().create_all(engine)
    build(engine, None)
    return Shelf(engine)


def begin_anew(shelf: Shelf) -> None:
    with write(shelf.engine) as session:
        for table in (TagBindingRow, TagPresenceRow):
            session.execute(delete(table))


def on_hand(shelf: Shelf) -> int:
    return sum(pieces for _, pieces, _ in shelf.booked())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([Kind.PACKAGE, Kind.BOX]),
    st.booleans(),
    st.lists(WORDS, min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_a_tags_pieces_are_in_the_ledger_once_or_not_at_all(
    kind: Kind, in_stock: bool, words: list[tuple[str, int, int]], chance: random.Random
) -> None:
    shelf = new_shelf()
    begin_anew(shelf)
    before = on_hand(shelf)
    shelf.bind(kind, in_stock=in_stock)
    at_s = 0
    messages = []
    for word, antenna, later_s in words:
        at_s += later_s
        messages.append(shelf.message((word, antenna, at_s)))
    chance.shuffle(messages)
    for message in messages + messages[: len(messages) // 2]:
        shelf.deliver(message)
        shelf.turn(message[1])
        shelf.send_orders()
        binding = shelf.binding()
        assert binding is not None
        assert on_hand(shelf) - before == QTY * binding.is_in_stock, (kind, words)
