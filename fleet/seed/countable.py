# SPDX-License-Identifier: Apache-2.0
"""Bins whose items their cells cannot count: refused, unless a person insists and says why."""

from collections.abc import Iterator, Set
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased

from fleet.counting.resolvability import Cell, Contents
from fleet.counting.tables import BinRow, CalibrationRow
from fleet.counting.verdict import refusal
from fleet.orders.tables import ReplenishmentPolicyRow
from fleet.seed.model import Seed
from fleet.stock.tables import ItemRow, StockingLocationRow


def uncountable(session: Session, seed: Seed, failed: Set[tuple[str, int]]) -> list[str]:
    """Problems: bins that the seed names, or whose item or levels it names, and that cannot count what they hold.

    A bin is judged when it is as full as it may be: its share of `order_up_to`, or one piece where there are no levels.
    `failed` are the entries (section, index) that could not be loaded; their bins are not judged.
    """
    problems = []
    judged = {entry.bin for index, entry in enumerate(seed.bins) if ("bins", index) in failed}
    for path, concerned in _concerned(seed):
        for row in session.execute(_bins().where(concerned)):
            if row.bin in judged:
                continue
            judged.add(row.bin)
            refused = _refusal(row)
            if refused is not None:
                bin = "" if path.startswith("bins") else f'bin "{row.bin}": '
                problems.append(f"{path}: {bin}{refused}")
    return problems


def _concerned(seed: Seed) -> Iterator[tuple[str, ColumnElement[bool]]]:
    """Each field by which the seed may give a bin what it cannot count, and the bins it does that to."""
    for index, bin in enumerate(seed.bins):
        yield f"bins[{index}].item", BinRow.bin == bin.bin
    for index, item in enumerate(seed.items):
        yield f"items[{index}].apw_g", ItemRow.item == item.item
    for index, policy in enumerate(seed.policies):
        pair = and_(ItemRow.item == policy.item, StockingLocationRow.stocking_location == policy.stocking_location)
        yield f"policies[{index}].order_up_to", pair


def _bins() -> Select[*tuple[Any, ...]]:
    """Bins with all that decides whether they can be counted."""
    other = aliased(BinRow)
    bins_of_pair = (
        select(func.count(other.id))
        .where(other.item_id == BinRow.item_id, other.stocking_location_id == BinRow.stocking_location_id)
        .correlate(BinRow)
        .scalar_subquery()
    )
    newest = select(func.max(CalibrationRow.version)).where(CalibrationRow.bin_id == BinRow.id).correlate(BinRow)
    return (
        select(
            BinRow.bin,
            BinRow.bin_weight_g,
            BinRow.cell_capacity_g,
            BinRow.count_anyway_reason,
            CalibrationRow.counts_per_gram,
            ItemRow.apw_g,
            ReplenishmentPolicyRow.order_up_to,
            bins_of_pair.label("bins_of_pair"),
        )
        .join_from(BinRow, ItemRow)
        .join(StockingLocationRow)
        .join(
            CalibrationRow,
            and_(CalibrationRow.bin_id == BinRow.id, CalibrationRow.version == newest.scalar_subquery()),
        )
        .outerjoin(
            ReplenishmentPolicyRow,
            and_(
                ReplenishmentPolicyRow.item_id == BinRow.item_id,
                ReplenishmentPolicyRow.stocking_location_id == BinRow.stocking_location_id,
            ),
        )
        .order_by(BinRow.id)
    )


def _refusal(row: Any) -> str | None:
    if row.count_anyway_reason is not None:
        return None
    max_pieces = 1 if row.order_up_to is None else -(-row.order_up_to // row.bins_of_pair)
    refused = refusal(
        Cell(float(row.cell_capacity_g), float(row.counts_per_gram)),
        Contents(float(row.apw_g), max_pieces, float(row.bin_weight_g)),
    )
    if refused is None:
        return None
    reason, ways = refused
    insist = "say in the bin's count_anyway why it is to be counted all the same"
    return (
        f"{reason}; choose {', or '.join(ways)}, or {insist}" if ways else f"{reason}; choose another cell, or {insist}"
    )
