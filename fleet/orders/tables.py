# SPDX-License-Identifier: Apache-2.0
"""Tables of replenishment: the levels, the orders, and the outbox they leave by."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from fleet.db import Base


class ReplenishmentPolicyRow(Base):
    """The levels of one item at one stocking location ("min" and "max" on screen), in pieces."""

    __tablename__ = "replenishment_policies"
    __table_args__ = (
        CheckConstraint("reorder_point >= 0", name="reorder_point_not_negative"),
        CheckConstraint("order_up_to > reorder_point", name="order_up_to_above_reorder_point"),
        CheckConstraint("order_multiple >= 1", name="order_multiple_positive"),
        CheckConstraint("min_order_qty >= 0", name="min_order_qty_not_negative"),
        CheckConstraint("lead_time_s >= 0", name="lead_time_not_negative"),
        CheckConstraint("order_multiple <= order_up_to - reorder_point", name="order_multiple_fits"),
    )

    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"), primary_key=True)
    stocking_location_id: Mapped[int] = mapped_column(ForeignKey("stocking_locations.id"), primary_key=True)
    reorder_point: Mapped[int]
    order_up_to: Mapped[int]
    order_multiple: Mapped[int]
    min_order_qty: Mapped[int]
    lead_time_s: Mapped[int]


class ReplenishmentOrderRow(Base):
    """An order to one stocking location: unsent until its document has left, received when every line is."""

    __tablename__ = "replenishment_orders"
    __table_args__ = (
        CheckConstraint("state IN ('unsent', 'sent', 'received')", name="state_known"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_no: Mapped[str] = mapped_column(unique=True)
    stocking_location_id: Mapped[int] = mapped_column(ForeignKey("stocking_locations.id"))
    state: Mapped[str]
    created_at_ms: Mapped[int]
    sent_at_ms: Mapped[int | None]


class OrderNumberRow(Base):
    """The one row that says which order number was given last; it outlives the orders."""

    __tablename__ = "order_numbers"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    highest: Mapped[int]


class OrderLineRow(Base):
    """One item of an order. The database itself refuses a second unsent line for an item at a location.

    `qty_received` is what receipts have settled of `qty_ordered`; the pieces really counted are in the ledger.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("state IN ('unsent', 'sent', 'received')", name="state_known"),
        CheckConstraint("qty_ordered > 0", name="qty_ordered_positive"),
        CheckConstraint("qty_received >= 0 AND qty_received <= qty_ordered", name="qty_received_within_ordered"),
        Index(
            "uq_order_lines_one_unsent",
            "item_id",
            "stocking_location_id",
            unique=True,
            sqlite_where=text("state = 'unsent'"),
            postgresql_where=text("state = 'unsent'"),
        ),
        Index("ix_order_lines_pair", "item_id", "stocking_location_id", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("replenishment_orders.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    stocking_location_id: Mapped[int] = mapped_column(ForeignKey("stocking_locations.id"))
    qty_ordered: Mapped[int]
    qty_received: Mapped[int] = mapped_column(default=0)
    state: Mapped[str]


class OrderOutboxRow(Base):
    """The document of an order, written in the order's own transaction; it leaves later and as often as need be."""

    __tablename__ = "order_outbox"
    __table_args__ = (Index("ix_order_outbox_unsent", "sent_at_ms", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("replenishment_orders.id"), unique=True)
    document: Mapped[str] = mapped_column(Text)
    created_at_ms: Mapped[int]
    sent_at_ms: Mapped[int | None]
