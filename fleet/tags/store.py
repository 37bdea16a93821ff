# SPDX-License-Identifier: Apache-2.0
"""SQL of tags: the log's cursor, stays before antennas, bindings and the places of antennas."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from fleet.stock.store import Pair
from fleet.tags.model import Role
from fleet.tags.tables import AntennaRow, TagBindingRow, TagCursorRow, TagEventRow, TagPresenceRow


def cursor(session: Session) -> TagCursorRow:
    """The one row of it, locked for this transaction."""
    row = session.get(TagCursorRow, 1, with_for_update=True)
    if row is None:
        row = TagCursorRow(id=1, last_event_id=0)
        session.add(row)
    return row


def events_after(session: Session, event_id: int, limit: int) -> Sequence[TagEventRow]:
    """The next events of the log."""
    statement = select(TagEventRow).where(TagEventRow.id > event_id).order_by(TagEventRow.id).limit(limit)
    return session.scalars(statement).all()


def newest_stay(session: Session, device_id: int, antenna: int, epc: bytes) -> TagPresenceRow | None:
    """The newest stay of a tag before an antenna, over or not."""
    statement = (
        select(TagPresenceRow)
        .where(TagPresenceRow.epc == epc, TagPresenceRow.device_id == device_id, TagPresenceRow.antenna == antenna)
        .order_by(TagPresenceRow.id.desc())
        .limit(1)
    )
    return session.scalars(statement).one_or_none()


def stays_left(session: Session, before_ms: int, limit: int) -> Sequence[TagPresenceRow]:
    """Stays, not yet over, of tags that have left before a moment."""
    statement = (
        select(TagPresenceRow)
        .where(TagPresenceRow.is_over.is_(False), TagPresenceRow.left_at_ms <= before_ms)
        .order_by(TagPresenceRow.left_at_ms)
        .limit(limit)
    )
    return session.scalars(statement).all()


def stays_missed(session: Session, silent_ms: int, limit: int) -> Sequence[TagPresenceRow]:
    """Stays, not yet over, of tags of which their reader says nothing more, though it goes on telling of others.

    Its own later events are the evidence, so that a reader that is away takes no tag with it.
    """
    heard = (
        select(TagPresenceRow.device_id, func.max(TagPresenceRow.seen_at_ms).label("at_ms"))
        .group_by(TagPresenceRow.device_id)
        .subquery()
    )
    statement = (
        select(TagPresenceRow)
        .join(heard, heard.c.device_id == TagPresenceRow.device_id)
        .where(
            TagPresenceRow.is_over.is_(False),
            TagPresenceRow.left_at_ms.is_(None),
            TagPresenceRow.seen_at_ms < heard.c.at_ms - silent_ms,
        )
        .order_by(TagPresenceRow.id)
        .limit(limit)
    )
    return session.scalars(statement).all()


def is_before(
    session: Session, epc: bytes, role: Role, location_id: int | None = None, other_than: int | None = None
) -> bool:
    """Whether the tag has a stay, but that one, before an antenna of this role, at this place where one is given."""
    statement = _stays_of_role(epc, role).where(TagPresenceRow.is_over.is_(False))
    if location_id is not None:
        statement = statement.where(AntennaRow.stocking_location_id == location_id)
    if other_than is not None:
        statement = statement.where(TagPresenceRow.id != other_than)
    return session.scalars(statement.limit(1)).first() is not None


def present_stays(session: Session, epc: bytes) -> Sequence[TagPresenceRow]:
    """Where a tag is just now, by the time that it came."""
    statement = (
        select(TagPresenceRow)
        .where(TagPresenceRow.epc == epc, TagPresenceRow.is_over.is_(False), TagPresenceRow.left_at_ms.is_(None))
        .order_by(TagPresenceRow.entered_at_ms, TagPresenceRow.id)
    )
    return session.scalars(statement).all()


def left_empties_at_ms(session: Session, epc: bytes) -> int | None:
    """When the tag last left the empties, of the stays that are over."""
    stays = _stays_of_role(epc, Role.EMPTIES).where(TagPresenceRow.is_over.is_(True)).subquery()
    left_at_ms: int | None = session.scalar(select(func.max(stays.c.left_at_ms)))
    return left_at_ms


def antenna_of(session: Session, device_id: int, antenna: int) -> AntennaRow | None:
    """Where an antenna is, if that was said."""
    return session.get(AntennaRow, (device_id, antenna))


def binding_of(session: Session, epc: bytes) -> TagBindingRow | None:
    """What a tag is bound to."""
    return session.scalars(select(TagBindingRow).where(TagBindingRow.epc == epc)).one_or_none()


def pairs_seen(session: Session, pairs: Iterable[Pair] | None = None) -> dict[Pair, bool]:
    """Those of the pairs (None: of all) that tags are bound to; whether any of their pieces was ever seen."""
    was_seen = case((or_(TagBindingRow.is_in_stock, TagBindingRow.was_used), 1), else_=0)
    statement = (
        select(TagBindingRow.item_id, TagBindingRow.stocking_location_id, func.max(was_seen))
        .where(TagBindingRow.item_id.is_not(None))
        .group_by(TagBindingRow.item_id, TagBindingRow.stocking_location_id)
    )
    if pairs is not None:
        key = tuple_(TagBindingRow.item_id, TagBindingRow.stocking_location_id)
        statement = statement.where(key.in_(sorted(pairs)))
    return {(item_id, location_id): bool(seen) for item_id, location_id, seen in session.execute(statement)}


def _stays_of_role(epc: bytes, role: Role) -> Select[TagPresenceRow]:
    return (
        select(TagPresenceRow)
        .join(
            AntennaRow,
            and_(AntennaRow.device_id == TagPresenceRow.device_id, AntennaRow.antenna == TagPresenceRow.antenna),
        )
        .where(TagPresenceRow.epc == epc, AntennaRow.role == role)
    )
