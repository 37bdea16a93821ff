# SPDX-License-Identifier: Apache-2.0
"""The sampling plan on flash: what the fleet said last, or nothing. Needed at the start, and when news come."""

from wire import const, plan

from device.sealed import CRC_SIZE, is_sealed, seal

_TYPING = const(0)
if _TYPING:
    from device.ports import Flash

FILE = "state/plan"


def load(flash: "Flash") -> "tuple | None":
    """The plan kept (wire.plan says what is in it), None when there is none that is whole: then the settings hold."""
    data = _read(flash)
    if data is None or not is_sealed(data, 0, len(data)):
        return None
    return _plan_in(data[:-CRC_SIZE])


def keep(flash: "Flash", news: bytes) -> "tuple | None":
    """The plan in the news, on flash on return; None when there is none in them that a device could follow."""
    found = _plan_in(news)
    if found is not None and _read(flash) != seal(news):  # the fleet repeats them until it hears that they are followed
        flash.replace(FILE, seal(news))
    return found


def _read(flash: "Flash") -> "bytes | None":
    try:
        return flash.read(FILE)
    except OSError:
        return None


def _plan_in(news: bytes) -> "tuple | None":
    try:
        return plan.unpack(news)
    except plan.PlanError:
        return None  # what is left of it is told by the version in the health record, which stays what it was
