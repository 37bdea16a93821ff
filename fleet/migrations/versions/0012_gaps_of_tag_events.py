# SPDX-License-Identifier: Apache-2.0
"""What readers of tags lost and say so."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the table of gaps; there are none yet."""
    op.create_table(
        "tag_gaps",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("device_id", INTEGER, nullable=False),
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("sequence", INTEGER, nullable=False),
        sa.Column("boot_count", INTEGER, nullable=False),
        sa.Column("antenna", INTEGER, nullable=False),
        sa.Column("uptime_s", INTEGER, nullable=False),
        sa.Column("lost", INTEGER, nullable=False),
        sa.Column("received_at_ms", INTEGER, nullable=False),
        sa.Column("taken_at_ms", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("device_id", "epoch", "sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "tag_gaps", ["received_at_ms"])
