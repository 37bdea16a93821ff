# SPDX-License-Identifier: Apache-2.0
"""What the gate needs of devices: find one by its key identifier, note that it was heard, reserve sequence numbers."""

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from fleet import db
from fleet.devices import store
from fleet.devices.model import Device, DeviceChangedError

SEQUENCE_BLOCK = 256
SEQUENCE_MAX = 2**40 - 1  # RFC 8613 section 7.2.1: a Partial IV has at most five bytes
_SEQUENCES_PER_SECOND = 16  # the wall clock's pace of the floor: reaches SEQUENCE_MAX in the year 4100


def find(engine: Engine, kid: bytes) -> Device | None:
    """The device with this key identifier, as the database knows it now."""
    with db.read(engine) as session:
        return store.find_by_kid(session, kid)


def heard(session: Session, device: Device, at_ms: int, boot: tuple[int, int] | None) -> bool:
    """Notes that the device was heard, and its (boot_count, epoch) where they are the present ones.

    Returns whether it is to follow another sampling plan than it did so far. Raises DeviceChangedError, so that
    nothing is stored in the name of a device that was removed or got new keys.
    """
    plans = store.mark_seen(session, device, at_ms, boot)
    if plans is None:
        raise DeviceChangedError
    wanted, followed = plans
    return wanted is not None and wanted != followed


def renew(session: Session, device: Device, id_context: bytes) -> None:
    """The device has the keys of another ID context from here on. DeviceChangedError when it is not as it was."""
    if not store.set_id_context(session, device, id_context):
        raise DeviceChangedError


def reserve_sequence(session: Session, device: Device, now_ms: int, count: int = SEQUENCE_BLOCK) -> range:
    """Numbers for the fleet's own OSCORE messages to the device, never given out before. Use them after the commit.

    They never go back: each block begins where the last one ended, in whatever process that was. They also never
    begin below a floor that rises with the wall clock, so that a database restored from a backup, or a device
    removed and loaded again with its old key, does not lead to a number used twice. Raises DeviceChangedError.
    """
    end = store.raise_sender_sequence(session, device, count, floor=max(0, now_ms // 1000 * _SEQUENCES_PER_SECOND))
    if end is None:
        raise DeviceChangedError
    return range(end - count, min(end, SEQUENCE_MAX + 1))
