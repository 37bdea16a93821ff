# SPDX-License-Identifier: Apache-2.0
"""Packages with tags, before a reader at the door of a store: they come, stay for a while, and are taken away."""

from typing import Any

from tools.simulate.uhf.tag_world import Visit
from tools.simulate.virtual_reader import ReaderPlan

ITEM, LOCATION = "hinge-set", "store-1"
QTY = 24  # pieces in a package
_EPC = 0x3074257BF7194E4000000000  # SGTIN-96 of one product; the serial number stands in its last bits
_STAY, _COME, _GO = 3, 2, 2
_FOR_EVER_S = 1e9


def plan_reader(seed: int) -> ReaderPlan:
    """A reader before which some packages stay, some come, and some are taken."""
    visits = [Visit(_epc(number), 0, _FOR_EVER_S) for number in range(_STAY)]
    for number in range(_STAY, _STAY + _COME):
        visits.append(Visit(_epc(number), 240 + 180 * number, _FOR_EVER_S))
    for number in range(_STAY + _COME, _STAY + _COME + _GO):
        visits.append(Visit(_epc(number), 0, 60 * number))
    return ReaderPlan("reader-01", "0200", visits, seed * 1000 + 900)


def seed_of_reader(plan: ReaderPlan) -> dict[str, list[dict[str, Any]]]:
    """What the fleet's seed file says of it, by section."""
    epcs = sorted({visit.epc.hex() for visit in plan.visits})
    bound = {"kind": "package", "item": ITEM, "stocking_location": LOCATION, "qty": QTY}
    return {
        "stocking_locations": [{"stocking_location": LOCATION, "name": "Store 1", "site": "plant-1"}],
        "items": [{"item": ITEM, "name": "Set of hinges", "apw_g": "310", "pack_size": QTY}],
        "devices": [
            {
                "device": plan.device,
                "kid": plan.kid,
                "master_secret": plan.master_secret,
                "master_salt": plan.master_salt,
            }
        ],
        "readers": [{"device": plan.device, "antenna": 1, "stocking_location": LOCATION, "role": "stock"}],
        "tags": [{"epc": epc} | bound for epc in epcs],
    }


def _epc(number: int) -> bytes:
    return (_EPC + 1000 + number).to_bytes(12, "big")
