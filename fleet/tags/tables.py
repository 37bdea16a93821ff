# SPDX-License-Identifier: Apache-2.0
"""Tables of tags: the log of events, where antennas are, what tags are bound to, and which are present."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fleet.db import Base


class _Said:
    """What a reader said in one event, and when we heard it."""

    epoch: Mapped[int]
    sequence: Mapped[int]
    boot_count: Mapped[int]
    kind: Mapped[str]
    """entered, left, or present: still there."""
    antenna: Mapped[int]
    uptime_s: Mapped[int]
    rssi_dbm: Mapped[int | None]
    reads: Mapped[int]
    epc: Mapped[bytes]
    received_at_ms: Mapped[int]
    taken_at_ms: Mapped[int | None]
    """Null when unknown: the event stems from before the device's last boot."""


class TagEventRow(_Said, Base):
    """One event for ever named by (device, epoch, sequence); `id` is the order of the log and never used again."""

    __tablename__ = "tag_events"
    __table_args__ = (
        UniqueConstraint("device_id", "epoch", "sequence"),
        Index(None, "received_at_ms"),
        Index(None, "epc", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))


class TagEventConflictRow(_Said, Base):
    """An event under a name already taken by another content; the newest 10,000 are kept."""

    __tablename__ = "tag_event_conflicts"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    tag_event_id: Mapped[int | None] = mapped_column(ForeignKey("tag_events.id", ondelete="SET NULL"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))


class TagGapRow(Base):
    """Events that a reader lost, having no room; (device, epoch, sequence) names the last of them, and the gap."""

    __tablename__ = "tag_gaps"
    __table_args__ = (
        UniqueConstraint("device_id", "epoch", "sequence"),
        Index(None, "received_at_ms"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))
    epoch: Mapped[int]
    sequence: Mapped[int]
    boot_count: Mapped[int]
    antenna: Mapped[int]
    uptime_s: Mapped[int]
    lost: Mapped[int]
    received_at_ms: Mapped[int]
    taken_at_ms: Mapped[int | None]


class TagCursorRow(Base):
    """The one row that says up to which event the log was taken."""

    __tablename__ = "tag_cursor"

    id: Mapped[int] = mapped_column(primary_key=True)
    last_event_id: Mapped[int]


class AntennaRow(Base):
    """Where an antenna of a reader is, and what it watches over: stock, or the empties."""

    __tablename__ = "antennas"
    __table_args__ = (
        CheckConstraint("role IN ('stock', 'empties')", name="role_known"),
        CheckConstraint("antenna BETWEEN 0 AND 15", name="antenna_in_range"),
    )

    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    antenna: Mapped[int] = mapped_column(primary_key=True)
    stocking_location_id: Mapped[int] = mapped_column(ForeignKey("stocking_locations.id"))
    role: Mapped[str]


class TagBindingRow(Base):
    """What a tag is stuck to: a package or box of so many pieces of an item at a place, or a bin.

    `is_in_stock` says that the ledger has its pieces on hand, `was_used` that it had them and they were used.
    """

    __tablename__ = "tag_bindings"
    __table_args__ = (
        CheckConstraint("kind IN ('package', 'box', 'bin')", name="kind_known"),
        CheckConstraint(
            "(kind = 'bin' AND bin_id IS NOT NULL AND item_id IS NULL AND stocking_location_id IS NULL"
            " AND qty IS NULL AND NOT is_in_stock)"
            " OR (kind <> 'bin' AND bin_id IS NULL AND item_id IS NOT NULL AND stocking_location_id IS NOT NULL"
            " AND qty >= 1)",
            name="of_one_thing",
        ),
        Index("ix_tag_bindings_pair", "item_id", "stocking_location_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    epc: Mapped[bytes] = mapped_column(unique=True)
    kind: Mapped[str]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id"))
    stocking_location_id: Mapped[int | None] = mapped_column(ForeignKey("stocking_locations.id"))
    qty: Mapped[int | None]
    bin_id: Mapped[int | None] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"))
    is_in_stock: Mapped[bool]
    was_used: Mapped[bool]
    bound_at_ms: Mapped[int]


class TagPresenceRow(Base):
    """One stay of a tag before an antenna. It is over (`is_over`) when the tag was away for long enough.

    `left_at_ms` is when it was last said to have left, null while it is there. `epoch` and `sequence` name the newest
    event of it.
    """

    __tablename__ = "tag_presences"
    __table_args__ = (
        Index(
            "uq_tag_presences_open",
            "device_id",
            "antenna",
            "epc",
            unique=True,
            sqlite_where=text("NOT is_over"),
            postgresql_where=text("NOT is_over"),
        ),
        Index("ix_tag_presences_tag", "epc", "device_id", "antenna", "id"),
        Index("ix_tag_presences_leaving", "is_over", "left_at_ms"),
        Index("ix_tag_presences_seen", "device_id", "seen_at_ms"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))
    antenna: Mapped[int]
    epc: Mapped[bytes]
    entered_at_ms: Mapped[int]
    seen_at_ms: Mapped[int]
    left_at_ms: Mapped[int | None]
    is_over: Mapped[bool]
    rssi_dbm: Mapped[int | None]
    epoch: Mapped[int]
    sequence: Mapped[int]
