# SPDX-License-Identifier: Apache-2.0
"""The sampling plan, news of the fleet in the payload of a 2.04: how often a device weighs and reports (news.cddl)."""

from wire import const

KIND = const(1)  # of news
CHANNELS_MAX = const(8)

# Name, least, greatest value, and whether it may be None: as the device is set. Ranges are those of the settings.
FIELDS = (
    ("version", 1, 0xFFFFFFFF, False),
    ("heartbeat_s", 10, 600, False),
    ("settle_s", 1, 300, False),
    ("sample_ms", 20, 200, False),
    ("sleep_s", 0, 3600, True),  # between two looks of a device that sleeps; 0: it never sleeps
    ("report_s", 0, 86400, True),  # at least so long between two reports of such a device, movements apart
)
CHANGE_COUNTS = ("change_counts", 1, 0x7FFFFF, True)


class PlanError(ValueError):
    """The text begins with the name of the field and says what is allowed."""


def check(plan):
    """PlanError unless `plan` is (version, heartbeat_s, settle_s, sample_ms, sleep_s, report_s, change_counts).

    change_counts holds a number or None for each channel from 0 on, at most 8; None leaves the channel as it is set.
    """
    if type(plan) not in (list, tuple) or len(plan) != len(FIELDS) + 1:
        raise PlanError(f"plan: must be {len(FIELDS) + 1} values")
    for place, field in enumerate(FIELDS):
        _check(field, plan[place])
    counts = plan[len(FIELDS)]
    if type(counts) not in (list, tuple) or len(counts) > CHANNELS_MAX:
        raise PlanError(f"change_counts: must be a list of at most {CHANNELS_MAX} channels")
    for value in counts:
        _check(CHANGE_COUNTS, value)


def unpack(news):
    """The plan in the payload of a 2.04 as a tuple, None when there is none in it; PlanError when it is malformed."""
    from wire import cbor_decode  # not before: plans are rare, and a device's memory is small

    try:
        document, end = cbor_decode.decode(news)
    except cbor_decode.DecodeError as error:
        raise PlanError(f"news: not CBOR as used here: {error}") from None
    if type(document) is not dict or end != len(news):
        raise PlanError("news: must be one map")
    if KIND not in document:
        return None
    plan = document[KIND]
    check(plan)
    return tuple(plan)


def _check(field, value):
    if value is None and field[3]:
        return
    if type(value) is not int or not field[1] <= value <= field[2]:
        raise PlanError(f"{field[0]}: must be a whole number, {field[1]} to {field[2]}")
