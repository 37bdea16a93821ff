# SPDX-License-Identifier: Apache-2.0
"""Tags that are present, the log of their events, and what they are bound to, as lists."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, aliased

from fleet.counting.tables import BinRow
from fleet.devices.queries import device_id
from fleet.devices.tables import DeviceRow
from fleet.listing import KNOWN_MAX, Page, UnknownNameError, read_page
from fleet.stock.tables import ItemRow, StockingLocationRow
from fleet.tags.store import binding_of
from fleet.tags.tables import AntennaRow, TagBindingRow, TagEventRow, TagGapRow, TagPresenceRow


def list_present(session: Session, *, limit: int, after: int | None, device: str | None, epc: bytes | None) -> Page:
    """Rows of the tags that are before an antenna now, where that is, and what they are bound to, by stay."""
    where, home = aliased(StockingLocationRow), aliased(StockingLocationRow)
    statement = (
        select(
            TagPresenceRow.id,
            TagPresenceRow.epc,
            TagPresenceRow.antenna,
            TagPresenceRow.entered_at_ms,
            TagPresenceRow.seen_at_ms,
            TagPresenceRow.rssi_dbm,
            DeviceRow.device,
            AntennaRow.role,
            where.stocking_location.label("at_stocking_location"),
            *_bound(home),
        )
        .join(DeviceRow, DeviceRow.id == TagPresenceRow.device_id)
        .outerjoin(
            AntennaRow,
            and_(AntennaRow.device_id == TagPresenceRow.device_id, AntennaRow.antenna == TagPresenceRow.antenna),
        )
        .outerjoin(where, where.id == AntennaRow.stocking_location_id)
        .outerjoin(TagBindingRow, TagBindingRow.epc == TagPresenceRow.epc)
        .where(TagPresenceRow.is_over.is_(False), TagPresenceRow.left_at_ms.is_(None))
    )
    statement = _with_names(statement, home)
    if device is not None:
        statement = statement.where(TagPresenceRow.device_id == device_id(session, device))
    if epc is not None:
        statement = statement.where(TagPresenceRow.epc == epc)
    return read_page(session, statement, TagPresenceRow.id, limit=limit, after=after)


def list_events(
    session: Session, *, limit: int, after: int | None, newest: bool, device: str | None, epc: bytes | None
) -> Page:
    """Rows of tag events with the device's name, in the order of the log."""
    statement = select(*TagEventRow.__table__.columns, DeviceRow.device).join(DeviceRow)
    if device is not None:
        statement = statement.where(TagEventRow.device_id == device_id(session, device))
    if epc is not None:
        statement = statement.where(TagEventRow.epc == epc)
    return read_page(session, statement, TagEventRow.id, limit=limit, after=after, newest=newest)


def list_gaps(session: Session, *, limit: int, after: int | None, newest: bool, device: str | None) -> Page:
    """Rows of gaps with the device's name, in the order in which they came."""
    statement = select(*TagGapRow.__table__.columns, DeviceRow.device).join(DeviceRow)
    if device is not None:
        statement = statement.where(TagGapRow.device_id == device_id(session, device))
    return read_page(session, statement, TagGapRow.id, limit=limit, after=after, newest=newest)


def list_bindings(session: Session, *, limit: int, after: int | None, epc: bytes | None) -> Page:
    """Rows of what tags are bound to, by names."""
    home = aliased(StockingLocationRow)
    statement = _with_names(
        select(
            TagBindingRow.id,
            TagBindingRow.epc,
            TagBindingRow.is_in_stock,
            TagBindingRow.was_used,
            TagBindingRow.bound_at_ms,
            *_bound(home),
        ).select_from(TagBindingRow),
        home,
    )
    if epc is not None:
        statement = statement.where(TagBindingRow.epc == epc)
    return read_page(session, statement, TagBindingRow.id, limit=limit, after=after)


def list_antennas(session: Session) -> Sequence[Any]:
    """Rows of all antennas of which it was said where they are, by their reader."""
    statement = (
        select(
            DeviceRow.device,
            DeviceRow.last_seen_at_ms,
            AntennaRow.antenna,
            AntennaRow.role,
            StockingLocationRow.stocking_location,
        )
        .join_from(AntennaRow, DeviceRow)
        .join(StockingLocationRow)
        .order_by(DeviceRow.device, AntennaRow.antenna)
    )
    return session.execute(statement).all()


def get_binding(session: Session, epc: bytes) -> TagBindingRow:
    """The binding of a tag. Raises UnknownNameError."""
    row = binding_of(session, epc)
    if row is None:
        known = session.scalars(select(TagBindingRow.epc).order_by(TagBindingRow.epc).limit(KNOWN_MAX + 1))
        raise UnknownNameError("epc", epc.hex(), [each.hex() for each in known], lists="tag-bindings")
    return row


def _bound(home: Any) -> tuple[Any, ...]:
    return (
        TagBindingRow.kind.label("bound_kind"),
        TagBindingRow.qty,
        ItemRow.item,
        ItemRow.name.label("item_name"),
        home.stocking_location.label("stocking_location"),
        BinRow.bin,
    )


def _with_names(statement: Select[*tuple[Any, ...]], home: Any) -> Select[*tuple[Any, ...]]:
    return (
        statement.outerjoin(ItemRow, ItemRow.id == TagBindingRow.item_id)
        .outerjoin(home, home.id == TagBindingRow.stocking_location_id)
        .outerjoin(BinRow, BinRow.id == TagBindingRow.bin_id)
    )
