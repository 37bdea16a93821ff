# SPDX-License-Identifier: Apache-2.0
"""What a seed file may say: the schema of every entry, and the checks that need no database."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from fleet.tags.model import Kind, Role

RAW_MIN = -0x800000
RAW_MAX = 0x7FFFFF
REASON_CHARACTERS_MAX = 500


class SeedError(ValueError):
    """What is wrong with a seed, all of it: one line a problem, each with its path, the field and the remedy."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = list(problems)


def _hexadecimal(least: int, most: int) -> BeforeValidator:
    """Takes `least` to `most` bytes written as hexadecimal digits."""
    size = f"{least}" if least == most else f"{least} to {most}"

    def parse(value: Any) -> bytes:
        if not isinstance(value, str):
            raise ValueError("must be hexadecimal digits in quotes (YAML reads them as a number otherwise)")
        try:
            parsed = bytes.fromhex(value)
        except ValueError:
            raise ValueError("must be hexadecimal digits, two for each byte") from None
        if not least <= len(parsed) <= most:
            raise ValueError(f"has {len(parsed)} bytes; give {size}, two hexadecimal digits for each")
        return parsed

    return BeforeValidator(parse)


def _sentence(value: Any) -> Any:
    """Takes a reason; a bare yes is none."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a reason; say in a sentence why it is to be counted all the same, or take it out")
    if len(value.strip()) > REASON_CHARACTERS_MAX:
        raise ValueError(f"must be a reason; say it in no more than {REASON_CHARACTERS_MAX} characters")
    return value.strip()


Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
Secret = Annotated[bytes, _hexadecimal(16, 16)]
Grams = Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=6)]
Reason = Annotated[str, BeforeValidator(_sentence)]
Pieces = Annotated[int, Field(ge=0, le=1_000_000_000)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=False, hide_input_in_errors=True)


class CustomerEntry(_Entry):
    """Who owns the sites."""

    customer: Name
    name: str = ""


class SiteEntry(_Entry):
    """A plant of a customer."""

    site: Name
    name: str = ""
    customer: Name


class StockingLocationEntry(_Entry):
    """A place on a site with levels of its own."""

    stocking_location: Name
    name: str = ""
    site: Name


class ItemEntry(_Entry):
    """A part number; `apw_g` is the average weight of one piece."""

    item: Name
    name: str = ""
    apw_g: Grams
    pack_size: Annotated[int, Field(ge=1, le=1_000_000)]


class SamplingEntry(_Entry):
    """How often a device weighs and reports (fleet/devices/plan.py has what is usual, and the ranges)."""

    heartbeat_s: int | None = None
    settle_s: int | None = None
    sample_ms: int | None = None
    sleep_s: int | None = None
    report_s: int | None = None
    change_counts: tuple[int | None, ...] | None = None


class DeviceEntry(_Entry):
    """A device and its key: 16 bytes in hex, or the name of a file with them, beside the seed file.

    Without `sampling` it goes by the plan it has, or by its own settings.
    """

    device: Name
    kid: Annotated[bytes, _hexadecimal(1, 3)]
    master_secret: Secret | None = None
    master_secret_file: str | None = None
    master_salt: Annotated[bytes, _hexadecimal(0, 16)] = b""
    sampling: SamplingEntry | None = None


class BinEntry(_Entry):
    """A bin: the channel it is weighed by, what it holds where, and its calibration.

    `count_anyway` is a person's reason to count pieces on it that it cannot tell.
    """

    bin: Name
    device: Name
    channel: Annotated[int, Field(ge=0, le=7)]
    item: Name
    stocking_location: Name
    bin_weight_g: Grams
    cell_capacity_g: Grams
    tare_raw: Annotated[int, Field(gt=RAW_MIN, lt=RAW_MAX)]
    counts_per_gram: Grams
    count_anyway: Reason | None = None


class ReaderEntry(_Entry):
    """An antenna of a reader: where it is, and whether it watches over stock or over the empties."""

    device: Name
    antenna: Annotated[int, Field(ge=0, le=15)] = 0
    stocking_location: Name
    role: Role = Role.STOCK


class TagEntry(_Entry):
    """What a tag is stuck to: a package or box (item, stocking_location, qty) or a bin (bin).

    `in_stock` says, when the tag is bound, that the pieces are there already, unseen by any reader.
    """

    epc: Annotated[bytes, _hexadecimal(2, 62)]
    kind: Kind
    item: Name | None = None
    stocking_location: Name | None = None
    qty: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    bin: Name | None = None
    in_stock: bool = False


class PolicyEntry(_Entry):
    """Levels of an item at a stocking location; `order_multiple` is the item's pack size unless said otherwise."""

    item: Name
    stocking_location: Name
    reorder_point: Pieces
    order_up_to: Pieces
    order_multiple: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    min_order_qty: Pieces = 0
    lead_time_s: Annotated[int, Field(ge=0, le=366 * 86_400)] = 0


class Seed(_Entry):
    """A whole seed file; every section may be left out."""

    customers: list[CustomerEntry] = []
    sites: list[SiteEntry] = []
    stocking_locations: list[StockingLocationEntry] = []
    items: list[ItemEntry] = []
    devices: list[DeviceEntry] = []
    bins: list[BinEntry] = []
    policies: list[PolicyEntry] = []
    readers: list[ReaderEntry] = []
    tags: list[TagEntry] = []


UNIQUE_FIELDS: dict[str, list[tuple[str, ...]]] = {
    "customers": [("customer",)],
    "sites": [("site",)],
    "stocking_locations": [("stocking_location",)],
    "items": [("item",)],
    "devices": [("device",), ("kid",), ("master_secret",)],
    "bins": [("bin",), ("device", "channel")],
    "policies": [("item", "stocking_location")],
    "readers": [("device", "antenna")],
    "tags": [("epc",)],
}


def plans_of_readers(seed: Seed) -> list[str]:
    """Problems: sampling plans for devices that read tags, which follow none."""
    readers = {entry.device: index for index, entry in enumerate(seed.readers)}
    return [
        f"devices[{index}].sampling: readers[{readers[entry.device]}] says that it reads tags, and such a device "
        "follows no sampling plan; take it out, and set the reader up by its kanbin.json"
        for index, entry in enumerate(seed.devices)
        if entry.sampling is not None and entry.device in readers
    ]


def repetitions(seed: Seed) -> list[str]:
    """Problems: entries that say twice what may be there only once."""
    problems = []
    for section, keys in UNIQUE_FIELDS.items():
        for key in keys:
            first: dict[tuple[Any, ...], int] = {}
            for index, entry in enumerate(getattr(seed, section)):
                value = tuple(getattr(entry, field) for field in key)
                if value in first and None not in value:
                    path = f"{section}[{index}].{' + '.join(key)}"
                    problems.append(f"{path}: the same as in {section}[{first[value]}]; give another or take one out")
                first.setdefault(value, index)
    return problems
