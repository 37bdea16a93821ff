# SPDX-License-Identifier: Apache-2.0
"""Sampling plans in the fleet's news; what reads them is loaded for each anew, since they are rare."""

from device.forget import forget
from wire import const

_TYPING = const(0)
if _TYPING:
    from drivers.flash import Flash


def plan_keeper(flash: "Flash"):
    """A function from news to the plan in them, or None; the plan is on flash then."""

    def keep(payload: bytes) -> "tuple | None":
        from device import plan

        found = plan.keep(flash, payload)
        del plan
        forget("device.plan", "wire.plan", "wire.cbor_decode")
        return found

    return keep
