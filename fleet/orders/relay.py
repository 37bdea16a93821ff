# SPDX-License-Identifier: Apache-2.0
"""Sends the documents in the order outbox: each becomes one JSON file in the orders folder, whole or not at all."""

import logging
import os
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine

from fleet.db import read, write
from fleet.orders.service import note_order_sent
from fleet.orders.store import unsent_documents

ORDERS_A_TURN = 100

_log = logging.getLogger("kanbin.orders")


def relay_outbox(engine: Engine, folder: Path, now_ms: int) -> list[str]:
    """Sends what is unsent, oldest first, and returns the order numbers sent.

    A crash between the file and the note of it makes the next turn write the same bytes under the same name again. When
    the folder refuses (full, missing, not ours) the order stays unsent and is tried again at the next turn.
    """
    with read(engine) as session:
        documents = list(unsent_documents(session, ORDERS_A_TURN))
    sent = []
    for order_id, order_no, document in documents:
        try:
            write_whole(folder / f"{order_no}.json", document.encode())
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


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that it is seen whole or not at all, and on disk when this returns. Raises OSError."""
    aside = path.with_name(f".{path.name}.tmp")  # hidden: whoever collects *.json never sees it
    try:
        with aside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except OSError:
        with suppress(OSError):
            aside.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
