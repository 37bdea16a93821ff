# SPDX-License-Identifier: Apache-2.0
"""Packs the sampling plan: the half of wire.plan that a device never needs."""

from wire import cbor
from wire.plan import KIND, check


def pack(plan):
    """The news that hold a plan; PlanError for one that is none."""
    check(plan)
    return cbor.encode({KIND: list(plan)})
