# SPDX-License-Identifier: Apache-2.0
"""What is known of the clock of each boot of a device."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the table; it fills with the messages to come."""
    op.create_table(
        "device_boots",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("device_id", INTEGER, nullable=False),
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("boot_count", INTEGER, nullable=False),
        sa.Column("anchors", sa.String(), nullable=False),
        sa.Column("slow_ppb", INTEGER, nullable=False),
        sa.Column("off_ppm", INTEGER, nullable=False),
        sa.Column("uptime_s", INTEGER, nullable=False),
        sa.Column("began_after_ms", INTEGER, nullable=True),
        sa.Column("ended_before_ms", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("device_id", "epoch", "boot_count"),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "device_boots", ["device_id"])
