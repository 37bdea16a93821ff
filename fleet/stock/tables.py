# SPDX-License-Identifier: Apache-2.0
"""Tables of what is kept where: master data, the ledger of movements, and its running sum."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from fleet.db import Base


class ItemRow(Base):
    """A part number; `apw_g` is the average weight of one piece, `pack_size` the pieces in a vendor's pack."""

    __tablename__ = "items"
    __table_args__ = (CheckConstraint("pack_size >= 1", name="pack_size_positive"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    apw_g: Mapped[Decimal]
    pack_size: Mapped[int]


class CustomerRow(Base):
    """Who owns the sites."""

    __tablename__ = "customers"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class SiteRow(Base):
    """A plant of a customer."""

    __tablename__ = "sites"

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))


class StockingLocationRow(Base):
    """A place on a site where stock is held with its own levels."""

    __tablename__ = "stocking_locations"

    id: Mapped[int] = mapped_column(primary_key=True)
    stocking_location: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    site_id: Mapped[int] = mapped_column(ForeignKey("sites.id"))


class StockRow(Base):
    """The running sum of the ledger for one item at one stocking location.

    `qty_unsent` is the part of `qty_on_order` that has not left the house yet, so nobody can have delivered it.
    `in_doubt` is true while any bin of the pair lacks a fresh count that is evidence. `order_due` is true when, on such
    evidence, no more is left than calls for an order that has not been made yet; only then is one fired.
    """

    __tablename__ = "stock"
    __table_args__ = (
        CheckConstraint("qty_on_order >= 0", name="qty_on_order_not_negative"),
        CheckConstraint("qty_unsent >= 0 AND qty_unsent <= qty_on_order", name="qty_unsent_within_on_order"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    stocking_location_id: Mapped[int] = mapped_column(ForeignKey("stocking_locations.id"), primary_key=True)
    qty_on_hand: Mapped[int] = mapped_column(default=0)
    qty_on_order: Mapped[int] = mapped_column(default=0)
    qty_unsent: Mapped[int] = mapped_column(default=0)
    in_doubt: Mapped[bool] = mapped_column(default=True)
    order_due: Mapped[bool] = mapped_column(default=False, server_default=false())


class MovementRow(Base):
    """One line of the append-only ledger: kind is usage, receipt, return, adjustment, count or ordered.

    `bin_id` names the bin that saw it (null for orders and bookings by hand); it is no foreign key, because the ledger
    outlives the bin.
    """

    __tablename__ = "movements"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('usage', 'receipt', 'return', 'adjustment', 'transfer', 'count', 'ordered')", name="kind_known"
        ),
        Index("ix_movements_pair", "item_id", "stocking_location_id", "id"),
        Index("ix_movements_pair_at", "item_id", "stocking_location_id", "at_ms"),
        Index("ix_movements_at", "at_ms"),
        Index("ix_movements_bin", "bin_id", "at_ms"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    stocking_location_id: Mapped[int] = mapped_column(ForeignKey("stocking_locations.id"))
    kind: Mapped[str]
    on_hand_delta: Mapped[int]
    on_order_delta: Mapped[int]
    at_ms: Mapped[int]
    reference: Mapped[str]
    bin_id: Mapped[int | None]
