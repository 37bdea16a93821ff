# SPDX-License-Identifier: Apache-2.0
"""Counts with their deviation and their evidence, events, what people say of bins, and tasks to count by hand.

What a counter of the first revision remembered is read as: begin anew, with the ledger's pieces kept.
"""

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """What counts hang on first."""
    _count_evidence()
    _counts()
    _count_events()
    _counter_states()
    _count_tasks()
    with _altered("stock") as stock:
        stock.add_column(sa.Column("order_due", sa.Boolean(), nullable=False, server_default=sa.false()))


def _altered(table: str, **kept: bool) -> AbstractContextManager[BatchOperations]:
    """The table, to be altered; on SQLite it is copied, so that its definition is as if made anew."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    return op.batch_alter_table(table, recreate="always" if is_sqlite else "auto", table_kwargs=kept)


def _count_evidence() -> None:
    op.create_table(
        "count_evidence",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("bin_id", INTEGER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("quantity", INTEGER, nullable=False),
        sa.Column("at_ms", INTEGER, nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("said_key", sa.String(), nullable=True),
        sa.Column("after_reading_id", INTEGER, nullable=True),
        sa.CheckConstraint("kind IN ('stocktake', 'refill')", name="kind_known"),
        sa.CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("bin_id", "said_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_count_evidence_taken", "count_evidence", ["after_reading_id", "id"])


def _counts() -> None:
    with _altered("counts", sqlite_autoincrement=True) as counts:
        counts.alter_column("reading_id", existing_type=INTEGER, nullable=True)
        counts.add_column(sa.Column("evidence_id", INTEGER, nullable=True))
        counts.add_column(sa.Column("mean", sa.Double(), nullable=True))
        counts.add_column(sa.Column("sd", sa.Double(), nullable=True))
        counts.alter_column("settled", existing_type=sa.Boolean(), new_column_name="is_settled")
        counts.add_column(sa.Column("is_evidence", sa.Boolean(), nullable=False, server_default=sa.false()))
        counts.create_foreign_key(
            "fk_counts_evidence_id", "count_evidence", ["evidence_id"], ["id"], ondelete="CASCADE"
        )
        counts.create_unique_constraint("uq_counts_evidence_id", ["evidence_id"])
        counts.create_check_constraint("of_one_thing", "(reading_id IS NULL) <> (evidence_id IS NULL)")
    op.execute("UPDATE counts SET is_evidence = is_settled WHERE state = 'ok'")
    with _altered("counts", sqlite_autoincrement=True) as counts:
        counts.alter_column("is_evidence", existing_type=sa.Boolean(), server_default=None)


def _count_events() -> None:
    op.create_table(
        "count_events",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("reading_id", INTEGER, nullable=True),
        sa.Column("evidence_id", INTEGER, nullable=True),
        sa.Column("bin_id", INTEGER, nullable=False),
        sa.Column("at_ms", INTEGER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("delta", INTEGER, nullable=False),
        sa.CheckConstraint("kind IN ('pick', 'refill', 'return', 'correct')", name="kind_known"),
        sa.CheckConstraint("(reading_id IS NULL) <> (evidence_id IS NULL)", name="of_one_thing"),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["evidence_id"], ["count_evidence.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_count_events_bin", "count_events", ["bin_id", "id"])
    op.create_index("ix_count_events_evidence_id", "count_events", ["evidence_id"])
    op.create_index("ix_count_events_reading_id", "count_events", ["reading_id"])


def _counter_states() -> None:
    with _altered("counter_states") as states:
        states.add_column(sa.Column("counter", sa.LargeBinary(), nullable=True))
        states.add_column(sa.Column("newest_state", sa.String(), nullable=True))
        states.add_column(sa.Column("newest_at_ms", INTEGER, nullable=True))
        states.add_column(sa.Column("doubt_since_ms", INTEGER, nullable=True))
        states.add_column(sa.Column("well_since_ms", INTEGER, nullable=True))
    for column in ("newest_at_ms", "doubt_since_ms"):
        op.create_index(f"ix_counter_states_{column}", "counter_states", [column])


def _count_tasks() -> None:
    op.create_table(
        "count_tasks",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("bin_id", INTEGER, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since_ms", INTEGER, nullable=False),
        sa.Column("raised_at_ms", INTEGER, nullable=False),
        sa.Column("closed_at_ms", INTEGER, nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.CheckConstraint("(closed_at_ms IS NULL) = (closed_by IS NULL)", name="closed_by_something"),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_count_tasks_closed_at_ms", "count_tasks", ["closed_at_ms"])
    op.create_index(
        "uq_count_tasks_one_open",
        "count_tasks",
        ["bin_id"],
        unique=True,
        sqlite_where=sa.text("closed_at_ms IS NULL"),
        postgresql_where=sa.text("closed_at_ms IS NULL"),
    )
