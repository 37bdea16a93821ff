# SPDX-License-Identifier: Apache-2.0
"""Sampling plans, kept and followed; what reads them is loaded for each anew, since they are rare."""

from device.forget import forget
from wire import const

_TYPING = const(0)
if _TYPING:
    from device.weigh_bin import WeighBin
    from drivers.flash import Flash


def follow_plans(weigh_bin: "WeighBin", flash: "Flash") -> None:
    """The plan on flash now, and those to come."""

    def keep_news(payload: bytes) -> "tuple | None":
        from device import plan

        found = plan.keep(flash, payload)
        del plan
        _forget_reader()
        return found

    from device import plan

    kept = plan.load(flash)
    del plan
    _forget_reader()
    if kept is not None:
        weigh_bin.follow(kept)
    weigh_bin.keep_news = keep_news


def _forget_reader() -> None:
    forget("device.plan", "wire.plan", "wire.cbor_decode")
