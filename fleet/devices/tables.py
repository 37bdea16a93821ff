# SPDX-License-Identifier: Apache-2.0
"""The tables of devices, of the sampling plans they are to follow, and of what they say of themselves."""

from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fleet.db import Base


class DeviceRow(Base):
    """One device: its name, its OSCORE keys and what was last heard of it."""

    __tablename__ = "devices"
    __table_args__ = (CheckConstraint("sender_sequence_reserved >= 0", name="sender_sequence_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    device: Mapped[str] = mapped_column(unique=True)
    kid: Mapped[bytes] = mapped_column(unique=True)
    """The device's OSCORE sender id, 1 to 3 bytes."""
    master_secret: Mapped[bytes] = mapped_column(unique=True)
    """Unique: two devices with one secret would get the same key, and the fleet would give both the same nonces."""
    master_salt: Mapped[bytes]
    """Empty when the device has none."""
    oscore_id_context: Mapped[bytes | None]
    """The ID context of the keys in use (RFC 8613 appendix B.2); none before the first renewal."""
    sender_sequence_reserved: Mapped[int] = mapped_column(default=0, server_default="0")
    """The fleet may use its own sequence numbers below this one; it is raised, durably, before any is used."""
    last_seen_at_ms: Mapped[int | None]
    boot_count: Mapped[int | None]
    epoch: Mapped[int | None]
    plan_wanted: Mapped[int | None]
    """The version of its sampling plan; null: it goes by its own settings."""
    plan_followed: Mapped[int | None]
    """The version it said it follows; 0: its own settings; null: it has not said."""
    silence_s: Mapped[int | None]
    """It said that it sleeps and is heard at least this often; 0: that it does not sleep; null: it has not said."""


class SamplingPlanRow(Base):
    """One version of a device's sampling plan; never changed."""

    __tablename__ = "sampling_plans"

    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    heartbeat_s: Mapped[int]
    settle_s: Mapped[int]
    sample_ms: Mapped[int]
    sleep_s: Mapped[int | None]
    report_s: Mapped[int | None]
    change_counts: Mapped[list[Any]] = mapped_column(JSON)
    set_at_ms: Mapped[int]


class DeviceHealthRow(Base):
    """What a device said of itself once; what it could not tell is null."""

    __tablename__ = "device_health"
    __table_args__ = (
        UniqueConstraint("device_id", "epoch", "boot_count", "uptime_s"),
        Index("ix_device_health_newest", "device_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))
    epoch: Mapped[int]
    boot_count: Mapped[int]
    uptime_s: Mapped[int]
    received_at_ms: Mapped[int]
    reset_cause: Mapped[int | None]
    plan_version: Mapped[int | None]
    free_heap_bytes: Mapped[int | None]
    free_flash_bytes: Mapped[int | None]
    flash_writes: Mapped[int | None]
    rssi_dbm: Mapped[int | None]
    battery_mv: Mapped[int | None]
    dropped: Mapped[int | None]
    rejected: Mapped[int | None]
    flash_errors: Mapped[int | None]
    silence_s: Mapped[int | None]
    cell_faults: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """Pairs of channel and fault (firmware/wire/health.cddl)."""
    traceback: Mapped[str | None] = mapped_column(Text)
