# SPDX-License-Identifier: Apache-2.0
"""Checkpoints of counters and the setups they were given, so that every count can be made again; recounts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables. A bin's first checkpoint is made when it is heard next."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    with op.batch_alter_table("counter_states", recreate="always" if is_sqlite else "auto") as states:
        states.add_column(sa.Column("checkpoint_at_ms", INTEGER, nullable=True))
    _counter_setups_and_counter_checkpoints()
    _recounts()


def _counter_setups_and_counter_checkpoints() -> None:
    op.create_table(
        "counter_setups",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("bin_id", INTEGER, nullable=False),
        sa.Column("from_reading_id", INTEGER, nullable=False),
        sa.Column("calibration_version", INTEGER, nullable=False),
        sa.Column("setup", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bin_id", "from_reading_id"),
    )
    op.create_table(
        "counter_checkpoints",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("bin_id", INTEGER, nullable=False),
        sa.Column("count_id", INTEGER, nullable=False),
        sa.Column("at_ms", INTEGER, nullable=False),
        sa.Column("begins", sa.Boolean(), nullable=False),
        sa.Column("staged", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counter", sa.LargeBinary(), nullable=True),
        sa.Column("pieces", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_counter_checkpoints_bin", "counter_checkpoints", ["bin_id", "count_id"])


def _recounts() -> None:
    op.create_table(
        "recounts",
        sa.Column("bin_id", INTEGER, nullable=False),
        sa.Column("phase", sa.String(), nullable=False),
        sa.Column("since_ms", INTEGER, nullable=False),
        sa.Column("setup", sa.Text(), nullable=True),
        sa.Column("applied_from_id", INTEGER, nullable=True),
        sa.Column("base_id", INTEGER, nullable=False),
        sa.Column("count_id", INTEGER, nullable=False),
        sa.Column("total", INTEGER, nullable=False),
        sa.Column("counted", INTEGER, nullable=False),
        sa.Column("differing", INTEGER, nullable=False),
        sa.Column("touched_at_ms", INTEGER, nullable=False),
        sa.Column("checkpoint_at_ms", INTEGER, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counter", sa.LargeBinary(), nullable=True),
        sa.Column("pieces", INTEGER, nullable=True),
        sa.CheckConstraint("phase IN ('counting', 'rewriting', 'done')", name="phase_known"),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("bin_id"),
    )
    op.create_table(
        "recounted_counts",
        sa.Column("count_id", INTEGER, nullable=False),
        sa.Column("bin_id", INTEGER, nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["count_id"], ["counts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("count_id"),
    )
    op.create_index("ix_recounted_counts_bin_id", "recounted_counts", ["bin_id"])
