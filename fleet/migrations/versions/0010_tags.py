# SPDX-License-Identifier: Apache-2.0
"""What RFID readers see, where their antennas are, and what the tags are bound to."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Makes the tables."""
    op.create_table(
        "tag_events",
        *_said(),
        sa.UniqueConstraint("device_id", "epoch", "sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "tag_events", ["received_at_ms"])
    op.create_index(None, "tag_events", ["epc", "id"])
    op.create_table(
        "tag_event_conflicts",
        *_said(),
        sa.Column("tag_event_id", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["tag_event_id"], ["tag_events.id"], ondelete="SET NULL"),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "tag_event_conflicts", ["tag_event_id"])
    op.create_table(
        "tag_cursor",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("last_event_id", INTEGER, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    _antennas()
    _bindings()
    _presences()


def _said() -> tuple[sa.Column[object] | sa.Constraint, ...]:
    return (
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("device_id", INTEGER, nullable=False),
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("sequence", INTEGER, nullable=False),
        sa.Column("boot_count", INTEGER, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("antenna", INTEGER, nullable=False),
        sa.Column("uptime_s", INTEGER, nullable=False),
        sa.Column("rssi_dbm", INTEGER, nullable=True),
        sa.Column("reads", INTEGER, nullable=False),
        sa.Column("epc", sa.LargeBinary(), nullable=False),
        sa.Column("received_at_ms", INTEGER, nullable=False),
        sa.Column("taken_at_ms", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _antennas() -> None:
    op.create_table(
        "antennas",
        sa.Column("device_id", INTEGER, nullable=False),
        sa.Column("antenna", INTEGER, nullable=False),
        sa.Column("stocking_location_id", INTEGER, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.CheckConstraint("role IN ('stock', 'empties')", name=op.f("ck_antennas_role_known")),
        sa.CheckConstraint("antenna BETWEEN 0 AND 15", name=op.f("ck_antennas_antenna_in_range")),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.ForeignKeyConstraint(["stocking_location_id"], ["stocking_locations.id"]),
        sa.PrimaryKeyConstraint("device_id", "antenna"),
    )


def _bindings() -> None:
    op.create_table(
        "tag_bindings",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("epc", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("item_id", INTEGER, nullable=True),
        sa.Column("stocking_location_id", INTEGER, nullable=True),
        sa.Column("qty", INTEGER, nullable=True),
        sa.Column("bin_id", INTEGER, nullable=True),
        sa.Column("is_in_stock", sa.Boolean(), nullable=False),
        sa.Column("was_used", sa.Boolean(), nullable=False),
        sa.Column("bound_at_ms", INTEGER, nullable=False),
        sa.CheckConstraint("kind IN ('package', 'box', 'bin')", name=op.f("ck_tag_bindings_kind_known")),
        sa.CheckConstraint(
            "(kind = 'bin' AND bin_id IS NOT NULL AND item_id IS NULL AND stocking_location_id IS NULL"
            " AND qty IS NULL AND NOT is_in_stock)"
            " OR (kind <> 'bin' AND bin_id IS NULL AND item_id IS NOT NULL AND stocking_location_id IS NOT NULL"
            " AND qty >= 1)",
            name=op.f("ck_tag_bindings_of_one_thing"),
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"]),
        sa.ForeignKeyConstraint(["stocking_location_id"], ["stocking_locations.id"]),
        sa.ForeignKeyConstraint(["bin_id"], ["bins.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("epc"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_tag_bindings_pair", "tag_bindings", ["item_id", "stocking_location_id"])


def _presences() -> None:
    op.create_table(
        "tag_presences",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("device_id", INTEGER, nullable=False),
        sa.Column("antenna", INTEGER, nullable=False),
        sa.Column("epc", sa.LargeBinary(), nullable=False),
        sa.Column("entered_at_ms", INTEGER, nullable=False),
        sa.Column("seen_at_ms", INTEGER, nullable=False),
        sa.Column("left_at_ms", INTEGER, nullable=True),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("rssi_dbm", INTEGER, nullable=True),
        sa.Column("epoch", INTEGER, nullable=False),
        sa.Column("sequence", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"]),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_tag_presences_open",
        "tag_presences",
        ["device_id", "antenna", "epc"],
        unique=True,
        sqlite_where=sa.text("NOT is_over"),
        postgresql_where=sa.text("NOT is_over"),
    )
    op.create_index("ix_tag_presences_tag", "tag_presences", ["epc", "device_id", "antenna", "id"])
    op.create_index("ix_tag_presences_leaving", "tag_presences", ["is_over", "left_at_ms"])
    op.create_index("ix_tag_presences_seen", "tag_presences", ["device_id", "seen_at_ms"])
