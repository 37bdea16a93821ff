# SPDX-License-Identifier: Apache-2.0
"""The table of devices."""

from sqlalchemy import CheckConstraint
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
    sender_sequence_reserved: Mapped[int] = mapped_column(default=0, server_default="0")
    """The fleet may use its own sequence numbers below this one; it is raised, durably, before any is used."""
    last_seen_at_ms: Mapped[int | None]
    boot_count: Mapped[int | None]
    epoch: Mapped[int | None]
