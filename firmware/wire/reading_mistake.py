# SPDX-License-Identifier: Apache-2.0
"""Says what is wrong with a reading message; the text begins with the name of the field."""


def in_field(field, value, index):
    """A value that its field (name, least, greatest, nullable) does not allow."""
    if type(value) is int:
        return f"{field[0]}: {value} is outside {field[1]}..{field[2]}{_place(index)}"
    allowed = "an integer or null" if field[3] else "an integer"
    # A type's name, never the value: it may be a kilobyte of somebody else's bytes on its way into a log.
    shown = "null" if value is None else type(value).__name__
    return f"{field[0]}: {shown} is not {allowed}{_place(index)}"


def in_step(d_sequence, d_uptime_s, index):
    """A reading that does not come after the one before it."""
    if d_sequence < 1:
        return f"sequence: a step of {d_sequence} is less than 1{_place(index)}"
    return f"uptime_s: a step of {d_uptime_s} is less than 0{_place(index)}"


def in_gap(index):
    """A gap that says more than how many readings were lost."""
    return f"raw: null is a gap, whose temp_cc is null as well{_place(index)}"


def _place(index):
    return "" if index is None else f" (readings[{index}])"
