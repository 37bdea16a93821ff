# SPDX-License-Identifier: Apache-2.0
"""Tables of time series in the relational store: what is on its way to the store of time series, and how far it is."""

from sqlalchemy import ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from fleet.db import Base


class SeriesCursorRow(Base):
    """How far something has been collected: a count's or a movement's id, or a moment (ms), as `name` says."""

    __tablename__ = "series_cursors"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class SeriesOutboxRow(Base):
    """A batch of points that is still to be written; it goes when the store of time series has it."""

    __tablename__ = "series_outbox"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[int]
    packed: Mapped[bytes] = mapped_column(LargeBinary)
    """The points, as `fleet.series.packing` packs them."""
    made_at_ms: Mapped[int]


class SeriesRefusedRow(Base):
    """A batch that the store refused for good, and why; the newest 1,000 are kept."""

    __tablename__ = "series_refused"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    points: Mapped[int]
    packed: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(Text)
    refused_at_ms: Mapped[int]


class ItemStandingRow(Base):
    """How an item stands at a stocking location, as it was told to the time series last."""

    __tablename__ = "item_standings"
    __table_args__ = (Index("ix_item_standings_cover", "site_id", "standing", "days_of_cover"),)

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    stocking_location_id: Mapped[int] = mapped_column(ForeignKey("stocking_locations.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))
    qty_on_hand: Mapped[int]
    qty_on_order: Mapped[int]
    in_doubt: Mapped[bool]
    usage_per_day: Mapped[float]
    days_of_cover: Mapped[float | None]
    safety_stock: Mapped[float | None]
    reorder_point: Mapped[int | None]
    order_up_to: Mapped[int | None]
    standing: Mapped[int]
    weighed_at_ms: Mapped[int] = mapped_column(index=True)
