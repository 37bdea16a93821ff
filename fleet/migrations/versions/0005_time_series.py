# SPDX-License-Identifier: Apache-2.0
"""What is on its way to the time series, how items stand, and which counts a recount has rewritten."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables; all that is there is collected once the fleet runs."""
    _outbox()
    op.create_table(
        "item_standings",
        sa.Column("item_id", INTEGER, nullable=False),
        sa.Column("stocking_location_id", INTEGER, nullable=False),
        sa.Column("site_id", INTEGER, nullable=False),
        sa.Column("qty_on_hand", INTEGER, nullable=False),
        sa.Column("qty_on_order", INTEGER, nullable=False),
        sa.Column("in_doubt", sa.Boolean(), nullable=False),
        sa.Column("usage_per_day", sa.Double(), nullable=False),
        sa.Column("days_of_cover", sa.Double(), nullable=True),
        sa.Column("safety_stock", sa.Double(), nullable=True),
        sa.Column("reorder_point", INTEGER, nullable=True),
        sa.Column("order_up_to", INTEGER, nullable=True),
        sa.Column("standing", INTEGER, nullable=False),
        sa.Column("weighed_at_ms", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"]),
        sa.ForeignKeyConstraint(["stocking_location_id"], ["stocking_locations.id"]),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"]),
        sa.PrimaryKeyConstraint("item_id", "stocking_location_id"),
    )
    op.create_index("ix_item_standings_cover", "item_standings", ["site_id", "standing", "days_of_cover"])
    op.create_index(None, "item_standings", ["weighed_at_ms"])
    op.create_table(
        "counts_rewritten",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("count_id", INTEGER, nullable=False),
        sa.Column("kinds_before", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["count_id"], ["counts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "counts_rewritten", ["count_id"])
    op.create_index("ix_movements_pair_at", "movements", ["item_id", "stocking_location_id", "at_ms"])
    op.create_index("ix_movements_at", "movements", ["at_ms"])


def _outbox() -> None:
    op.create_table(
        "series_cursors",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "series_outbox",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("points", INTEGER, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at_ms", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "series_refused",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("points", INTEGER, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_at_ms", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
