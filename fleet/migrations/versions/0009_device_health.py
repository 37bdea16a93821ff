# SPDX-License-Identifier: Apache-2.0
"""What devices say of themselves, and the sampling plans that they are to follow."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables; a device that says nothing goes on as it did."""
    op.add_column("devices", sa.Column("plan_wanted", INTEGER, nullable=True))
    op.add_column("devices", sa.Column("plan_followed", INTEGER, nullable=True))
    op.create_table(
        "sampling_plans",
        sa.Column("device_id", INTEGER, nullable=False),
        sa.Column("version", INTEGER, autoincrement=False, nullable=False),
        sa.Column("heartbeat_s", INTEGER, nullable=False),
        sa.Column("settle_s", INTEGER, nullable=False),
        sa.Column("sample_ms", INTEGER, nullable=False),
        sa.Column("sleep_s", INTEGER, nullable=True),
        sa.Column("report_s", INTEGER, nullable=True),
        sa.Column("change_counts", sa.JSON(), nullable=False),
        sa.Column("set_at_ms", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.PrimaryKeyConstraint("device_id", "version"),
    )
    op.create_table(
        "device_health",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("device_id", INTEGER, nullable=False),
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("boot_count", INTEGER, nullable=False),
        sa.Column("uptime_s", INTEGER, nullable=False),
        sa.Column("received_at_ms", INTEGER, nullable=False),
        sa.Column("reset_cause", INTEGER, nullable=True),
        sa.Column("plan_version", INTEGER, nullable=True),
        sa.Column("free_heap_bytes", INTEGER, nullable=True),
        sa.Column("free_flash_bytes", INTEGER, nullable=True),
        sa.Column("flash_writes", INTEGER, nullable=True),
        sa.Column("rssi_dbm", INTEGER, nullable=True),
        sa.Column("battery_mv", INTEGER, nullable=True),
        sa.Column("dropped", INTEGER, nullable=True),
        sa.Column("rejected", INTEGER, nullable=True),
        sa.Column("cell_faults", sa.JSON(), nullable=True),
        sa.Column("traceback", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("device_id", "epoch", "boot_count", "uptime_s"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_device_health_newest", "device_health", ["device_id", "id"])
