# SPDX-License-Identifier: Apache-2.0
"""What a counter remembers, as bytes: little-endian, at most 1,000; moments as doubles, what is learnt as singles."""

from collections.abc import Iterator
from operator import attrgetter
from struct import Struct, error
from typing import Any

from fleet.counting import drift, habits, level, watch
from fleet.counting.belief import ALIEN_ROOM, PLAIN_ROOM
from fleet.counting.estimate import Estimate
from fleet.counting.hypothesis import Alien, Hypothesis

MAKE = b"B4"
_PLAIN = Struct("<BiH6f")
_BESIDE = Struct("<fd")  # what a hypothesis with something else on the bin adds
assert (_PLAIN.size, _PLAIN.size + _BESIDE.size) == (PLAIN_ROOM, ALIEN_ROOM)
_DERIVED = {"rate2_least", "rate2_most", "walk2", "wander2", "width"}  # of the setup, or constant
_SMALL = {"is_counted", "is_told", "is_zero_seen", "mode", "readings", "same", "state"}  # whole numbers, each a byte
_SMALL_ENOUGH = {
    "change",
    "first_raw",
    "guessed",
    "raw",
    "scanned_packs",
    "stuck_raw",
}  # whole numbers below 2^24: a single holds them exactly
_SINGLE = {*drift.SINGLES.names, *habits.SINGLES.names, *watch.SINGLES.names, *_SMALL_ENOUGH}
_PARTS: dict[str, Any] = {
    "watch": watch.Watch,
    "level": level.Level,
    "drift": drift.Drift,
    "habits": habits.Habits,
    "run": level.Run,
    "loose": level.Run,
    "lull": level.Lull,
    "noise": level.Noise,
}
_NAMES = [
    (part, name)
    for part, kind in _PARTS.items()
    for name in kind.__slots__
    if name not in _DERIVED and (part, name) != ("loose", "last_s")  # both runs take every reading
]
_NUMBERS = attrgetter(*(f"{part}.{name}" for part, name in _NAMES))
_WHOLE = [index for index, (_, name) in enumerate(_NAMES) if name in _SMALL]
_KINDS = ("B" if name in _SMALL else "f" if name in _SINGLE else "d" for _, name in _NAMES)
_HEAD = Struct("<" + "".join(_KINDS) + "B")


def pack(known: Estimate) -> bytes:
    """The bytes of an estimate."""
    numbers = list(_NUMBERS(known))
    for index in _WHOLE:
        numbers[index] = int(numbers[index])
    packed = [MAKE, _HEAD.pack(*numbers, len(known.belief.hypotheses))]
    packed += [_pack_hypothesis(each) for each in known.belief.hypotheses]
    return b"".join(packed)


def unpack(memory: bytes, known: Estimate) -> None:
    """Puts what `pack` gave into an estimate of the same setup. Raises ValueError for anything else."""
    if not memory.startswith(MAKE) or len(memory) < len(MAKE) + _HEAD.size:
        raise ValueError("memory: not what this counter remembers; count the bin anew from its readings")
    *numbers, count = _HEAD.unpack_from(memory, len(MAKE))
    try:
        hypotheses = list(_unpack_hypotheses(memory, len(MAKE) + _HEAD.size))
    except (error, ValueError):
        hypotheses = []
    if len(hypotheses) != count:
        raise ValueError("memory: cut off; count the bin anew from its readings")
    for (part, name), number in zip(_NAMES, numbers, strict=True):
        setattr(getattr(known, part), name, float(number))
    known.loose.last_s = known.run.last_s
    known.belief.hypotheses = hypotheses
    known.belief.weigh()


def _pack_hypothesis(each: Hypothesis) -> bytes:
    plain = _PLAIN.pack(
        each.alien, each.pieces, each.poured, each.contents_g, each.zero_g, each.var_contents, each.covariance,
        each.var_zero, each.log_weight,
    )  # fmt: skip
    return plain + _BESIDE.pack(each.alien_g, each.alien_since_s) if each.alien else plain


def _unpack_hypotheses(memory: bytes, offset: int) -> Iterator[Hypothesis]:
    while offset < len(memory):
        alien, pieces, poured, *numbers, log_weight = _PLAIN.unpack_from(memory, offset)
        offset += _PLAIN.size
        each = Hypothesis(pieces, *numbers)
        each.poured, each.log_weight, each.alien = poured, log_weight, Alien(alien)
        if each.alien:
            each.alien_g, each.alien_since_s = _BESIDE.unpack_from(memory, offset)
            offset += _BESIDE.size
        yield each
