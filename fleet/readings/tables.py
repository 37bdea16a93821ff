# SPDX-License-Identifier: Apache-2.0
"""The log of readings, beside it what contradicted it and what devices lost, and the boots that tell when it was."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fleet.db import Base


class _Said:
    """What a device said in one reading, and when we heard it."""

    epoch: Mapped[int]
    sequence: Mapped[int]
    boot_count: Mapped[int]
    channel: Mapped[int]
    uptime_s: Mapped[int]
    raw: Mapped[int]
    spread: Mapped[int]
    temp_cc: Mapped[int | None]
    """Hundredths of a degree Celsius; null when the device has no thermometer."""
    received_at_ms: Mapped[int]
    taken_at_ms: Mapped[int | None]
    """Null when only bounds are known: by those of its boot (`DeviceBootRow`)."""


class ReadingRow(_Said, Base):
    """One reading for ever named by (device, epoch, sequence); `id` is the order of the log and never used again."""

    __tablename__ = "readings"
    __table_args__ = (
        UniqueConstraint("device_id", "epoch", "sequence"),
        Index(None, "received_at_ms"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))


class ReadingConflictRow(_Said, Base):
    """A reading under a name already taken by another content; the newest 10,000 are kept."""

    __tablename__ = "reading_conflicts"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("readings.id", ondelete="SET NULL"), index=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))


class ReadingGapRow(Base):
    """Readings that a device lost, having no room; (device, epoch, sequence) names the last of them, and the gap."""

    __tablename__ = "reading_gaps"
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
    channel: Mapped[int]
    uptime_s: Mapped[int]
    lost: Mapped[int]
    received_at_ms: Mapped[int]
    taken_at_ms: Mapped[int | None]


class DeviceBootRow(Base):
    """A device's clock from one power-up to the next (see timing.py); the newest 100 of a device are kept.

    `id` is their order. A reading at some uptime of a boot without anchors was taken so long after the boot began, and
    so long before it ended.
    """

    __tablename__ = "device_boots"
    __table_args__ = (UniqueConstraint("device_id", "epoch", "boot_count"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"), index=True)
    epoch: Mapped[int]
    boot_count: Mapped[int]
    anchors: Mapped[str]
    """JSON: [[uptime_s when a message was sent, at_ms when it was heard], ...]"""
    slow_ppb: Mapped[int]
    off_ppm: Mapped[int]
    uptime_s: Mapped[int]
    """The greatest we know of, when the row was written; the log may know of later readings."""
    began_after_ms: Mapped[int | None]
    ended_before_ms: Mapped[int | None]
