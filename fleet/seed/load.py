# SPDX-License-Identifier: Apache-2.0
"""Loads a seed into the store: all of it or nothing, and a second time changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from fleet.counting.service import release_bin
from fleet.counting.tables import BinRow, CalibrationRow
from fleet.db import Base
from fleet.devices.plan import PlanError, SamplingPlan
from fleet.devices.plans import FollowsNoneError, set_plan
from fleet.devices.tables import DeviceRow
from fleet.orders.policy import Policy, PolicyError
from fleet.orders.tables import ReplenishmentPolicyRow
from fleet.seed.countable import uncountable
from fleet.seed.model import (
    BinEntry,
    DeviceEntry,
    PolicyEntry,
    ReaderEntry,
    SamplingEntry,
    Seed,
    SeedError,
    TagEntry,
)
from fleet.seed.read import read_seed
from fleet.stock.tables import CustomerRow, ItemRow, SiteRow, StockingLocationRow
from fleet.tags.binding import Binding, BindingError, bind, changed_fields, unbind
from fleet.tags.store import binding_of, pairs_seen
from fleet.tags.tables import AntennaRow

__all__ = ["Change", "SeedError", "load", "read_seed"]

KNOWN_MAX = 10


@dataclass(frozen=True, slots=True)
class Change:
    """What loading does to one entry: `outcome` is created, changed or unchanged; `fields` are those that changed."""

    what: str
    outcome: str
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.outcome:9} {self.what}" + (f" ({', '.join(self.fields)})" if self.fields else "")


class _ProblemError(Exception):
    """This entry cannot be loaded: `field` and why."""


def load(session: Session, seed: Seed, *, now_ms: int, dry_run: bool = False) -> list[Change]:
    """Brings the master data to what the seed says and tells what that changed; leaves out what it does not name.

    A dry run tells the same and changes nothing. Raises SeedError with every problem found; nothing is loaded then.
    """
    loader = _Loader(session, now_ms)
    steps: list[tuple[str, Callable[[Any], None]]] = [
        ("customers", loader.customer),
        ("sites", loader.site),
        ("stocking_locations", loader.stocking_location),
        ("items", loader.item),
        ("devices", loader.device),
        ("bins", loader.bin),
        ("policies", loader.policy),
        ("readers", loader.reader),
        ("tags", loader.tag),
    ]
    problems = []
    failed = set()
    savepoint = session.begin_nested()
    for section, step in steps:
        for index, entry in enumerate(getattr(seed, section)):
            try:
                step(entry)
            except _ProblemError as problem:
                problems.append(f"{section}[{index}].{problem}")
                failed.add((section, index))
    problems += uncountable(session, seed, failed)
    if problems or dry_run:
        savepoint.rollback()
    else:
        savepoint.commit()
    if problems:
        raise SeedError(problems)
    return loader.changes


class _Loader:
    """Loads entry after entry and notes the changes."""

    def __init__(self, session: Session, now_ms: int) -> None:
        self.changes: list[Change] = []
        self._session = session
        self._now_ms = now_ms

    def customer(self, entry: Any) -> None:
        self._put(CustomerRow, {"customer": entry.customer}, {"name": entry.name})

    def site(self, entry: Any) -> None:
        customer = self._find(CustomerRow, "customer", entry.customer)
        self._put(SiteRow, {"site": entry.site}, {"name": entry.name, "customer_id": customer.id})

    def stocking_location(self, entry: Any) -> None:
        site = self._find(SiteRow, "site", entry.site)
        key = {"stocking_location": entry.stocking_location}
        self._put(StockingLocationRow, key, {"name": entry.name, "site_id": site.id})

    def item(self, entry: Any) -> None:
        values = {"name": entry.name, "apw_g": entry.apw_g, "pack_size": entry.pack_size}
        self._put(ItemRow, {"item": entry.item}, values)

    def device(self, entry: DeviceEntry) -> None:
        other = self._other(DeviceRow, {"kid": entry.kid}, "device", entry.device)
        if other is not None:
            raise _ProblemError(f'kid: {entry.kid.hex()} is that of device "{other}" already; give another')
        other = self._other(DeviceRow, {"master_secret": entry.master_secret}, "device", entry.device)
        if other is not None:
            raise _ProblemError(
                f'master_secret: is that of device "{other}" already; each device needs a key of its own: '
                "openssl rand -hex 16"
            )
        values = {"kid": entry.kid, "master_secret": entry.master_secret, "master_salt": entry.master_salt}
        if any(getattr(self._row(DeviceRow, {"device": entry.device}), each, None) != values[each] for each in values):
            values["oscore_id_context"] = None  # a new key begins without one
        row = self._put(DeviceRow, {"device": entry.device}, values)
        if entry.sampling is not None:
            self._plan(row, entry.device, entry.sampling)

    def bin(self, entry: BinEntry) -> None:
        device = self._find(DeviceRow, "device", entry.device)
        item = self._find(ItemRow, "item", entry.item)
        location = self._find(StockingLocationRow, "stocking_location", entry.stocking_location)
        other = self._other(BinRow, {"device_id": device.id, "channel": entry.channel}, "bin", entry.bin)
        if other is not None:
            raise _ProblemError(
                f'channel: {entry.channel} of device "{entry.device}" weighs bin "{other}" already; give another'
            )
        if entry.bin_weight_g >= entry.cell_capacity_g:
            raise _ProblemError(
                f"bin_weight_g: {entry.bin_weight_g} leaves nothing of cell_capacity_g {entry.cell_capacity_g}; "
                "give the empty bin's weight and the cell's capacity, both in grams"
            )
        values = {
            "device_id": device.id,
            "channel": entry.channel,
            "item_id": item.id,
            "stocking_location_id": location.id,
            "bin_weight_g": entry.bin_weight_g,
            "cell_capacity_g": entry.cell_capacity_g,
            "count_anyway_reason": entry.count_anyway,
        }
        if pairs_seen(self._session, [(item.id, location.id)]):
            raise _ProblemError(
                f"item: {entry.item} at {entry.stocking_location} is told by tags already, and stock told by scales "
                "and by tags would count twice; give another stocking location, or take those bindings off first"
            )
        row = self._row(BinRow, {"bin": entry.bin})
        if row is not None and (row.item_id, row.stocking_location_id) != (item.id, location.id):
            release_bin(self._session, row.id, self._now_ms)
        self._calibrate(self._put(BinRow, {"bin": entry.bin}, values), entry)

    def policy(self, entry: PolicyEntry) -> None:
        item = self._find(ItemRow, "item", entry.item)
        location = self._find(StockingLocationRow, "stocking_location", entry.stocking_location)
        values = {
            "reorder_point": entry.reorder_point,
            "order_up_to": entry.order_up_to,
            "order_multiple": item.pack_size if entry.order_multiple is None else entry.order_multiple,
            "min_order_qty": entry.min_order_qty,
            "lead_time_s": entry.lead_time_s,
        }
        try:
            Policy(**values)
        except PolicyError as error:
            raise _ProblemError(str(error)) from None
        key = {"item_id": item.id, "stocking_location_id": location.id}
        what = f"policy {entry.item} at {entry.stocking_location}"
        self._put(ReplenishmentPolicyRow, key, values, what)

    def reader(self, entry: ReaderEntry) -> None:
        device = self._find(DeviceRow, "device", entry.device)
        location = self._find(StockingLocationRow, "stocking_location", entry.stocking_location)
        key = {"device_id": device.id, "antenna": entry.antenna}
        values = {"stocking_location_id": location.id, "role": entry.role.value}
        self._put(AntennaRow, key, values, f"antenna {entry.antenna} of {entry.device}")

    def tag(self, entry: TagEntry) -> None:
        """A binding is never changed: another one takes its place, and the ledger follows."""
        what = f"tag {entry.epc.hex()}"
        for table, field in ((ItemRow, "item"), (StockingLocationRow, "stocking_location"), (BinRow, "bin")):
            name = getattr(entry, field)
            if name is not None:
                self._find(table, field, name)
        said = Binding(**entry.model_dump())
        row = binding_of(self._session, entry.epc)
        fields = () if row is None else changed_fields(self._session, row, said)
        if row is not None and not fields:
            self.changes.append(Change(what, "unchanged"))
            return
        try:
            if row is not None:
                unbind(self._session, row, self._now_ms)
            bind(self._session, said, self._now_ms)
        except BindingError as error:
            raise _ProblemError(f"{error.field}: {error}") from None
        self.changes.append(Change(what, "changed" if fields else "created", fields))

    def _calibrate(self, bin_row: BinRow, entry: BinEntry) -> None:
        """A calibration is never changed: another one is the next version, in force from now on."""
        newest = self._session.scalars(
            select(CalibrationRow).where(CalibrationRow.bin_id == bin_row.id).order_by(CalibrationRow.version.desc())
        ).first()
        if newest is not None and (newest.tare_raw, newest.counts_per_gram) == (entry.tare_raw, entry.counts_per_gram):
            return
        version, from_at_ms = (1, 0) if newest is None else (newest.version + 1, self._now_ms)
        self._put(
            CalibrationRow,
            {"bin_id": bin_row.id, "version": version},
            {"tare_raw": entry.tare_raw, "counts_per_gram": entry.counts_per_gram, "from_at_ms": from_at_ms},
            f"calibration {version} of {entry.bin}",
        )

    def _plan(self, device: DeviceRow, name: str, entry: SamplingEntry) -> None:
        """A plan is never changed: another one is the next version."""
        try:
            plan = SamplingPlan(**entry.model_dump(exclude_none=True))
        except PlanError as error:
            raise _ProblemError(f"sampling.{error}") from None
        before = device.plan_wanted
        try:
            version = set_plan(self._session, device.id, plan, self._now_ms)
        except FollowsNoneError as error:
            raise _ProblemError(f"sampling: {error}, and take this out here") from None
        self.changes.append(
            Change(f"sampling plan {version} of {name}", "unchanged" if before == version else "created")
        )

    def _put(self, table: type[Base], key: dict[str, Any], values: dict[str, Any], what: str | None = None) -> Any:
        """Makes or changes the row with this key, and notes which."""
        what = what or " ".join(str(part) for pair in key.items() for part in pair)
        row = self._row(table, key)
        if row is None:
            row = table(**key, **values)
            self._session.add(row)
            self.changes.append(Change(what, "created"))
        else:
            fields = tuple(field for field, value in values.items() if getattr(row, field) != value)
            for field in fields:
                setattr(row, field, values[field])
            names = tuple(field.removesuffix("_id").removesuffix("_reason") for field in fields)
            self.changes.append(Change(what, "changed" if fields else "unchanged", names))
        self._session.flush()
        return row

    def _row(self, table: type[Base], key: dict[str, Any]) -> Any:
        return self._session.scalars(select(table).filter_by(**key)).one_or_none()

    def _other(self, table: Any, key: dict[str, Any], field: str, name: str) -> str | None:
        """The name of another row that has this key, which only one may have."""
        row = self._row(table, key)
        return None if row is None or getattr(row, field) == name else getattr(row, field)

    def _find(self, table: Any, field: str, name: str) -> Any:
        """The row of this name, from this seed or loaded before."""
        row = self._row(table, {field: name})
        if row is None:
            column = getattr(table, field)
            names = list(self._session.scalars(select(column).order_by(column).limit(KNOWN_MAX + 1)))
            known = ", ".join(names[:KNOWN_MAX]) + (", ..." if len(names) > KNOWN_MAX else "")
            raise _ProblemError(f'{field}: no such {field} "{name}"; known: {known or "none yet"}')
        return row
