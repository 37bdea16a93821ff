# SPDX-License-Identifier: Apache-2.0
"""The first tables, room by room.

Names of keys and constraints follow the naming convention of fleet.db.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DECIMAL = sa.Numeric().with_variant(sa.String(), "sqlite")


def upgrade() -> None:
    """Makes them, those that others refer to first."""
    _devices()
    _readings()
    _customers_and_items()
    _stock_and_movements()
    _bins_and_counts()
    _counter_states_and_counting_cursor()
    _replenishment_policies_and_replenishment_orders()
    _order_numbers_order_lines_and_order_outbox()


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("kid", sa.LargeBinary(), nullable=False),
        sa.Column("master_secret", sa.LargeBinary(), nullable=False),
        sa.Column("master_salt", sa.LargeBinary(), nullable=False),
        sa.Column("sender_sequence_reserved", INTEGER, server_default="0", nullable=False),
        sa.Column("last_seen_at_ms", INTEGER, nullable=True),
        sa.Column("boot_count", INTEGER, nullable=True),
        sa.Column("epoch", INTEGER, nullable=True),
        sa.CheckConstraint("sender_sequence_reserved >= 0", name="sender_sequence_not_negative"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("device"),
        sa.UniqueConstraint("kid"),
        sa.UniqueConstraint("master_secret"),
    )


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("device_id", INTEGER, nullable=False),
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("sequence", INTEGER, nullable=False),
        sa.Column("boot_count", INTEGER, nullable=False),
        sa.Column("channel", INTEGER, nullable=False),
        sa.Column("uptime_s", INTEGER, nullable=False),
        sa.Column("raw", INTEGER, nullable=False),
        sa.Column("spread", INTEGER, nullable=False),
        sa.Column("temp_cc", INTEGER, nullable=True),
        sa.Column("received_at_ms", INTEGER, nullable=False),
        sa.Column("taken_at_ms", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("device_id", "epoch", "sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_readings_received_at_ms", "readings", ["received_at_ms"])
    op.create_table(
        "reading_conflicts",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("reading_id", INTEGER, nullable=True),
        sa.Column("device_id", INTEGER, nullable=False),
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("sequence", INTEGER, nullable=False),
        sa.Column("boot_count", INTEGER, nullable=False),
        sa.Column("channel", INTEGER, nullable=False),
        sa.Column("uptime_s", INTEGER, nullable=False),
        sa.Column("raw", INTEGER, nullable=False),
        sa.Column("spread", INTEGER, nullable=False),
        sa.Column("temp_cc", INTEGER, nullable=True),
        sa.Column("received_at_ms", INTEGER, nullable=False),
        sa.Column("taken_at_ms", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reading_conflicts_reading_id", "reading_conflicts", ["reading_id"])


def _customers_and_items() -> None:
    op.create_table(
        "customers",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("customer", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("customer"),
    )
    op.create_table(
        "sites",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("customer_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("site"),
    )
    op.create_table(
        "stocking_locations",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("stocking_location", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("site_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("stocking_location"),
    )
    op.create_table(
        "items",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("apw_g", DECIMAL, nullable=False),
        sa.Column("pack_size", INTEGER, nullable=False),
        sa.CheckConstraint("pack_size >= 1", name="pack_size_positive"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item"),
    )


def _stock_and_movements() -> None:
    op.create_table(
        "stock",
        sa.Column("item_id", INTEGER, nullable=False),
        sa.Column("stocking_location_id", INTEGER, nullable=False),
        sa.Column("qty_on_hand", INTEGER, nullable=False),
        sa.Column("qty_on_order", INTEGER, nullable=False),
        sa.Column("qty_unsent", INTEGER, nullable=False),
        sa.Column("in_doubt", sa.Boolean(), nullable=False),
        sa.CheckConstraint("qty_on_order >= 0", name="qty_on_order_not_negative"),
        sa.CheckConstraint("qty_unsent >= 0 AND qty_unsent <= qty_on_order", name="qty_unsent_within_on_order"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"]),
        sa.ForeignKeyConstraint(["stocking_location_id"], ["stocking_locations.id"]),
        sa.PrimaryKeyConstraint("item_id", "stocking_location_id"),
    )
    op.create_table(
        "movements",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("item_id", INTEGER, nullable=False),
        sa.Column("stocking_location_id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("on_hand_delta", INTEGER, nullable=False),
        sa.Column("on_order_delta", INTEGER, nullable=False),
        sa.Column("at_ms", INTEGER, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("bin_id", INTEGER, nullable=True),
        sa.CheckConstraint(
            "kind IN ('usage', 'receipt', 'return', 'adjustment', 'transfer', 'count', 'ordered')",
            name="kind_known",
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"]),
        sa.ForeignKeyConstraint(["stocking_location_id"], ["stocking_locations.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_movements_pair", "movements", ["item_id", "stocking_location_id", "id"])
    op.create_index("ix_movements_bin", "movements", ["bin_id", "at_ms"])


def _bins_and_counts() -> None:
    op.create_table(
        "bins",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("bin", sa.String(), nullable=False),
        sa.Column("device_id", INTEGER, nullable=False),
        sa.Column("channel", INTEGER, nullable=False),
        sa.Column("item_id", INTEGER, nullable=False),
        sa.Column("stocking_location_id", INTEGER, nullable=False),
        sa.Column("bin_weight_g", DECIMAL, nullable=False),
        sa.Column("cell_capacity_g", DECIMAL, nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"]),
        sa.ForeignKeyConstraint(["stocking_location_id"], ["stocking_locations.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bin"),
        sa.UniqueConstraint("device_id", "channel"),
    )
    op.create_index("ix_bins_pair", "bins", ["item_id", "stocking_location_id"])
    op.create_table(
        "calibrations",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("bin_id", INTEGER, nullable=False),
        sa.Column("version", INTEGER, nullable=False),
        sa.Column("tare_raw", INTEGER, nullable=False),
        sa.Column("counts_per_gram", DECIMAL, nullable=False),
        sa.Column("from_at_ms", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bin_id", "version"),
    )
    op.create_table(
        "counts",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("reading_id", INTEGER, nullable=False),
        sa.Column("bin_id", INTEGER, nullable=False),
        sa.Column("at_ms", INTEGER, nullable=False),
        sa.Column("pieces", INTEGER, nullable=True),
        sa.Column("lower", INTEGER, nullable=True),
        sa.Column("upper", INTEGER, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("reading_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_counts_bin", "counts", ["bin_id", "id"])


def _counter_states_and_counting_cursor() -> None:
    op.create_table(
        "counter_states",
        sa.Column("bin_id", INTEGER, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("pieces", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bin_id"),
    )
    op.create_table(
        "counting_cursor",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("last_reading_id", INTEGER, nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id"),
    )


def _replenishment_policies_and_replenishment_orders() -> None:
    op.create_table(
        "replenishment_policies",
        sa.Column("item_id", INTEGER, nullable=False),
        sa.Column("stocking_location_id", INTEGER, nullable=False),
        sa.Column("reorder_point", INTEGER, nullable=False),
        sa.Column("order_up_to", INTEGER, nullable=False),
        sa.Column("order_multiple", INTEGER, nullable=False),
        sa.Column("min_order_qty", INTEGER, nullable=False),
        sa.Column("lead_time_s", INTEGER, nullable=False),
        sa.CheckConstraint("lead_time_s >= 0", name="lead_time_not_negative"),
        sa.CheckConstraint("min_order_qty >= 0", name="min_order_qty_not_negative"),
        sa.CheckConstraint("order_multiple <= order_up_to - reorder_point", name="order_multiple_fits"),
        sa.CheckConstraint("order_multiple >= 1", name="order_multiple_positive"),
        sa.CheckConstraint("order_up_to > reorder_point", name="order_up_to_above_reorder_point"),
        sa.CheckConstraint("reorder_point >= 0", name="reorder_point_not_negative"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"]),
        sa.ForeignKeyConstraint(["stocking_location_id"], ["stocking_locations.id"]),
        sa.PrimaryKeyConstraint("item_id", "stocking_location_id"),
    )
    op.create_table(
        "replenishment_orders",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("order_no", sa.String(), nullable=False),
        sa.Column("stocking_location_id", INTEGER, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at_ms", INTEGER, nullable=False),
        sa.Column("sent_at_ms", INTEGER, nullable=True),
        sa.CheckConstraint("state IN ('unsent', 'sent', 'received')", name="state_known"),
        sa.ForeignKeyConstraint(["stocking_location_id"], ["stocking_locations.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_no"),
        sqlite_autoincrement=True,
    )


def _order_numbers_order_lines_and_order_outbox() -> None:
    op.create_table(
        "order_numbers",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("highest", INTEGER, nullable=False),
        sa.CheckConstraint("id = 1", name="one_row"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "order_lines",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("order_id", INTEGER, nullable=False),
        sa.Column("item_id", INTEGER, nullable=False),
        sa.Column("stocking_location_id", INTEGER, nullable=False),
        sa.Column("qty_ordered", INTEGER, nullable=False),
        sa.Column("qty_received", INTEGER, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('unsent', 'sent', 'received')", name="state_known"),
        sa.CheckConstraint("qty_ordered > 0", name="qty_ordered_positive"),
        sa.CheckConstraint("qty_received >= 0 AND qty_received <= qty_ordered", name="qty_received_within_ordered"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"]),
        sa.ForeignKeyConstraint(["order_id"], ["replenishment_orders.id"]),
        sa.ForeignKeyConstraint(["stocking_location_id"], ["stocking_locations.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_order_lines_order_id", "order_lines", ["order_id"])
    op.create_index("ix_order_lines_pair", "order_lines", ["item_id", "stocking_location_id", "state"])
    op.create_index(
        "uq_order_lines_one_unsent",
        "order_lines",
        ["item_id", "stocking_location_id"],
        unique=True,
        sqlite_where=sa.text("state = 'unsent'"),
        postgresql_where=sa.text("state = 'unsent'"),
    )
    op.create_table(
        "order_outbox",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("order_id", INTEGER, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at_ms", INTEGER, nullable=False),
        sa.Column("sent_at_ms", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["replenishment_orders.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("order_id"),
    )
    op.create_index("ix_order_outbox_unsent", "order_outbox", ["sent_at_ms", "id"])
