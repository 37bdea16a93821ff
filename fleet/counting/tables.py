# SPDX-License-Identifier: Apache-2.0
"""Tables of counting: bins and their calibrations, evidence, counts and their events, and how far counting has come."""

from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from fleet.db import Base


class BinRow(Base):
    """A container for one item on one load cell: a channel of a device.

    `count_anyway_reason` is why a person insists on counting an item that the cell cannot tell; null: nobody does.
    """

    __tablename__ = "bins"
    __table_args__ = (
        UniqueConstraint("device_id", "channel"),
        Index("ix_bins_pair", "item_id", "stocking_location_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bin: Mapped[str] = mapped_column(unique=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"))
    channel: Mapped[int]
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id"))
    stocking_location_id: Mapped[int] = mapped_column(ForeignKey("stocking_locations.id"))
    bin_weight_g: Mapped[Decimal]
    cell_capacity_g: Mapped[Decimal]
    count_anyway_reason: Mapped[str | None]


class CalibrationRow(Base):
    """What raw counts mean on a bin from a moment on; never changed, a better one is the next version.

    `tare_raw` is the raw value with the empty bin on the cell.
    """

    __tablename__ = "calibrations"
    __table_args__ = (UniqueConstraint("bin_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"))
    version: Mapped[int]
    tare_raw: Mapped[int]
    counts_per_gram: Mapped[Decimal]
    from_at_ms: Mapped[int]


class EvidenceRow(Base):
    """What somebody said of a bin beside its scale: a stocktake (`quantity` in pieces) or a refill (in packs).

    Never changed, but that counting notes its place in the log: it was taken after reading `after_reading_id` (null:
    not taken yet), so that it has the same place whenever the bin is counted again. `said_key` is the caller's own
    name for it: under one name a bin is told once. It lives as long as the readings of its time.
    """

    __tablename__ = "count_evidence"
    __table_args__ = (
        CheckConstraint("kind IN ('stocktake', 'refill')", name="kind_known"),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        UniqueConstraint("bin_id", "said_key"),
        Index("ix_count_evidence_taken", "after_reading_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"))
    kind: Mapped[str]
    quantity: Mapped[int]
    at_ms: Mapped[int]
    said_by: Mapped[str]
    note: Mapped[str]
    said_key: Mapped[str | None]
    after_reading_id: Mapped[int | None]


class CountRow(Base):
    """What one reading, or one piece of evidence, says: the pieces, how sure that is, and the state.

    `pieces` with `mean`, standard deviation and bounds are null while nothing has been counted yet. An absent, faulty
    or moving bin carries the pieces it was last counted with; `is_evidence` says whether stock may be booked and
    orders made on it. A count lives as long as what it is of.
    """

    __tablename__ = "counts"
    __table_args__ = (
        CheckConstraint("(reading_id IS NULL) <> (evidence_id IS NULL)", name="of_one_thing"),
        Index("ix_counts_bin", "bin_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("readings.id", ondelete="CASCADE"), unique=True)
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("count_evidence.id", ondelete="CASCADE"), unique=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"))
    at_ms: Mapped[int]
    pieces: Mapped[int | None]
    mean: Mapped[float | None]
    sd: Mapped[float | None]
    lower: Mapped[int | None]
    upper: Mapped[int | None]
    state: Mapped[str]
    is_settled: Mapped[bool]
    is_evidence: Mapped[bool]


class CountEventRow(Base):
    """A change of a bin's count: `kind` is pick, refill, return or correct, `delta` the signed pieces.

    The deltas of a bin's events add up to the change of its pieces. An event lives as long as what showed it.
    """

    __tablename__ = "count_events"
    __table_args__ = (
        CheckConstraint("kind IN ('pick', 'refill', 'return', 'correct')", name="kind_known"),
        CheckConstraint("(reading_id IS NULL) <> (evidence_id IS NULL)", name="of_one_thing"),
        Index("ix_count_events_bin", "bin_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reading_id: Mapped[int | None] = mapped_column(ForeignKey("readings.id", ondelete="CASCADE"), index=True)
    evidence_id: Mapped[int | None] = mapped_column(ForeignKey("count_evidence.id", ondelete="CASCADE"), index=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"))
    at_ms: Mapped[int]
    kind: Mapped[str]
    delta: Mapped[int]


class CounterStateRow(Base):
    """What is remembered of a bin's counting: by its counter (bytes) and beside it (JSON); `pieces` are the ledger's.

    `pieces` is null while none are booked. The other columns say in SQL what the JSON says too, for those who look
    after bins: the state of the newest count and when, since when none was evidence (null: the newest is), since when
    all are ok (null: the newest is not).
    """

    __tablename__ = "counter_states"

    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(Text)
    counter: Mapped[bytes | None]
    pieces: Mapped[int | None]
    newest_state: Mapped[str | None]
    newest_at_ms: Mapped[int | None] = mapped_column(index=True)
    doubt_since_ms: Mapped[int | None] = mapped_column(index=True)
    well_since_ms: Mapped[int | None]
    checkpoint_at_ms: Mapped[int | None]
    """The moment of the newest checkpoint; null: there is none."""


class CounterSetupRow(Base):
    """What a bin was counted by from a reading on: the setup (JSON) that its counter was really given, in full.

    Master data may change at any moment; this says which reading was the first to be counted by what.
    """

    __tablename__ = "counter_setups"
    __table_args__ = (UniqueConstraint("bin_id", "from_reading_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"))
    from_reading_id: Mapped[int]
    calibration_version: Mapped[int]
    setup: Mapped[str] = mapped_column(Text)


class CounterCheckpointRow(Base):
    """What was remembered of a bin's counting after its count `count_id`: whatever came later can be counted again.

    One is made a day. One that `begins` remembers nothing: there the bin was new, or got another item or place. One
    that is `staged` belongs to a recount that is not in force yet.
    """

    __tablename__ = "counter_checkpoints"
    __table_args__ = (Index("ix_counter_checkpoints_bin", "bin_id", "count_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"))
    count_id: Mapped[int]
    at_ms: Mapped[int]
    begins: Mapped[bool]
    staged: Mapped[bool]
    state: Mapped[str] = mapped_column(Text)
    counter: Mapped[bytes | None]
    pieces: Mapped[int | None]


class RecountRow(Base):
    """How far a bin has been counted again from a checkpoint: up to its count `count_id`, and what is remembered there.

    `phase` is counting, rewriting (in force; its counts are being put in the place of the old ones) or done. `setup`
    (JSON) is what it is counted by from `since_ms` on, null: by what it was; `applied_from_id` is the first reading so
    counted. `differing` are the counts that came out otherwise.
    """

    __tablename__ = "recounts"
    __table_args__ = (CheckConstraint("phase IN ('counting', 'rewriting', 'done')", name="phase_known"),)

    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"), primary_key=True)
    phase: Mapped[str]
    since_ms: Mapped[int]
    setup: Mapped[str | None] = mapped_column(Text)
    applied_from_id: Mapped[int | None]
    base_id: Mapped[int]
    """The checkpoint it began at."""
    count_id: Mapped[int]
    total: Mapped[int]
    counted: Mapped[int]
    differing: Mapped[int]
    touched_at_ms: Mapped[int]
    checkpoint_at_ms: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    counter: Mapped[bytes | None]
    pieces: Mapped[int | None]


class RecountedRow(Base):
    """A count that a recount found to be another; it goes in the place of the old one once the recount is in force."""

    __tablename__ = "recounted_counts"

    count_id: Mapped[int] = mapped_column(ForeignKey("counts.id", ondelete="CASCADE"), primary_key=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"), index=True)
    said: Mapped[str] = mapped_column(Text)
    """The columns of the count, and its events: JSON."""


class CountRewrittenRow(Base):
    """That a recount has put a count in the place of another, until whoever passes counts on has heard of it.

    `kinds_before` are the kinds of the events that the old one had, between commas.
    """

    __tablename__ = "counts_rewritten"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    count_id: Mapped[int] = mapped_column(ForeignKey("counts.id", ondelete="CASCADE"), index=True)
    kinds_before: Mapped[str]


class CountTaskRow(Base):
    """A bin to count by hand, because its scale could not for too long ("count me"): one at a time, as the index says.

    `reason` is the state it was in, since `since_ms`. `closed_by` is stocktake or well.
    """

    __tablename__ = "count_tasks"
    __table_args__ = (
        CheckConstraint("(closed_at_ms IS NULL) = (closed_by IS NULL)", name="closed_by_something"),
        Index(
            "uq_count_tasks_one_open",
            "bin_id",
            unique=True,
            sqlite_where=text("closed_at_ms IS NULL"),
            postgresql_where=text("closed_at_ms IS NULL"),
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    bin_id: Mapped[int] = mapped_column(ForeignKey("bins.id", ondelete="CASCADE"))
    reason: Mapped[str]
    since_ms: Mapped[int]
    raised_at_ms: Mapped[int]
    closed_at_ms: Mapped[int | None] = mapped_column(index=True)
    closed_by: Mapped[str | None]


class CountingCursorRow(Base):
    """The one row that says up to which reading of the log everything has been counted."""

    __tablename__ = "counting_cursor"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    last_reading_id: Mapped[int]
