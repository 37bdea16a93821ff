# SPDX-License-Identifier: Apache-2.0
"""Tables of counting: bins and their calibrations, the counts, and how far counting has come."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from fleet.db import Base


class BinRow(Base):
    """A container for one item on one load cell: a channel of a device."""

    __tablename__ = "bins"
    __table_args__ = (
        UniqueConstraint("device_id", "channel"),
        Index("ix_bins_pair", "item_id", "stocking_location_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bin: Mapped[str] = mapped_column(unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))
    channel: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    stocking_location_id: Mapped[int] = mapped_column(ForeignKey("stocking_locations.id"))
    bin_weight_g: Mapped[Decimal]
    cell_capacity_g: Mapped[Decimal]


class CalibrationRow(Base):
    """What raw counts mean on a bin from a moment on; never changed, a better one is the next version.

    `tare_raw` is the raw value with the empty bin on the cell.
    """

    __tablename__ = "calibrations"
    __table_args__ = (UniqueConstraint("bin_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"))
    version: Mapped[int]
    tare_raw: Mapped[int]
    counts_per_gram: Mapped[Decimal]
    from_at_ms: Mapped[int]


class CountRow(Base):
    """What one reading says: the pieces with their bounds (null while nothing has been counted yet) and the state.

    An absent, faulty or moving bin carries the pieces it was last counted with and `settled` false. A count lives as
    long as its reading.
    """

    __tablename__ = "counts"
    __table_args__ = (Index("ix_counts_bin", "bin_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[int] = mapped_column(ForeignKey("readings.id", ondelete="CASCADE"), unique=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"))
    at_ms: Mapped[int]
    pieces: Mapped[int | None]
    lower: Mapped[int | None]
    upper: Mapped[int | None]
    state: Mapped[str]
    settled: Mapped[bool]


class CounterStateRow(Base):
    """What a bin's counter remembers (JSON), and the pieces the ledger holds for the bin (null: none booked yet)."""

    __tablename__ = "counter_states"

    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    pieces: Mapped[int | None]


class CountingCursorRow(Base):
    """The one row that says up to which reading of the log everything has been counted."""

    __tablename__ = "counting_cursor"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    last_reading_id: Mapped[int]
