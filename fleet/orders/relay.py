# SPDX-License-Identifier: Apache-2.0
"""Sends the documents in the order outbox: each becomes one JSON file in the orders folder, whole or not at all."""

import logging
from pathlib import Path

from sqlalchemy import Engine

from fleet.db import read, write
from fleet.orders.files import add_whole
from fleet.orders.numbers import mark_number
from fleet.orders.service import note_order_sent
from fleet.orders.store import unsent_documents

ORDERS_A_TURN = 100

_log = logging.getLogger("kanbin.orders")


def relay_outbox(engine: Engine, folder: Path, now_ms: int) -> list[str]:
    """Sends what is unsent, oldest first, and returns the order numbers sent.

    A crash between the file and the note of it makes the next turn write the same bytes under the same name again. When
    the folder refuses (full, missing, not ours) the order stays unsent and is tried again at the next turn; so it does
    while a file of that name says something else, which is never overwritten.
    """
    with read(engine) as session:
        documents = list(unsent_documents(session, ORDERS_A_TURN))
    sent = []
    for order_id, order_no, document in documents:
        path = folder / f"{order_no}.json"
        try:
            mark_number(folder, order_id)
            add_whole(path, document.encode())
        except FileExistsError:
            _log.error(
                "alarm: order %s is not sent: %s is there already and says something else; ask the vendor what came "
                "under this number, then move the file away: this order is sent by itself",
                order_no,
                path,
            )
            continue
        except OSError as error:
            _log.error(
                "order %s is not sent: %s: %s; make room or make the folder writable, it is tried again by itself",
                order_no,
                folder,
                error.strerror or error,
            )
            break
        with write(engine) as session:
            note_order_sent(session, order_id, now_ms)
        sent.append(order_no)
    return sent
