# SPDX-License-Identifier: Apache-2.0
"""What a counter remembers, as bytes: little-endian, at most 1,000; moments as doubles, what is learnt as singles."""

from collections.abc import Iterator
from struct import Struct, error
from typing import Any

from fleet.counting import drift, habits, watch
from fleet.counting.belief import ALIEN_ROOM, PLAIN_ROOM
from fleet.counting.estimate import Estimate
from fleet.counting.hypothesis import Alien, Hypothesis

MAKE = b"B3"
_PLAIN = Struct("<BiH6f")
_BESIDE = Struct("<fd")  # what a hypothesis with something else on the bin adds
assert (_PLAIN.size, _PLAIN.size + _BESIDE.size) == (PLAIN_ROOM, ALIEN_ROOM)
_DERIVED = {"rate2_least", "rate2_most", "walk2", "wander2", "width"}  # of the setup, or constant
_SMALL = {"is_counted", "is_told", "is_zero_seen", "mode", "state"}  # whole numbers, each a byte
_SINGLE = {*drift.SINGLES.names, *habits.SINGLES.names, *watch.SINGLES.names}


def pack(known: Estimate) -> bytes:
    """The bytes of an estimate."""
    names = _all_names(known)
    numbers = [int(getattr(part, name)) if name in _SMALL else getattr(part, name) for part, name in names]
    packed = [MAKE, _head(names).pack(*numbers, len(known.belief.hypotheses))]
    packed += [_pack_hypothesis(each) for each in known.belief.hypotheses]
    return b"".join(packed)


def unpack(memory: bytes, known: Estimate) -> None:
    """Puts what `pack` gave into an estimate of the same setup. Raises ValueError for anything else."""
    names = _all_names(known)
    head = _head(names)
    if not memory.startswith(MAKE) or len(memory) < len(MAKE) + head.size:
        raise ValueError("memory: not what this counter remembers; count the bin anew from its readings")
    *numbers, count = head.unpack_from(memory, len(MAKE))
    try:
        hypotheses = list(_unpack_hypotheses(memory, len(MAKE) + head.size))
    except (error, ValueError):
        hypotheses = []
    if len(hypotheses) != count:
        raise ValueError("memory: cut off; count the bin anew from its readings")
    for (part, name), number in zip(names, numbers, strict=True):
        setattr(part, name, float(number))
    known.belief.hypotheses = hypotheses
    known.belief.weigh()


def _all_names(known: Estimate) -> list[tuple[Any, str]]:
    parts: tuple[Any, ...] = (known.watch, known.level, known.drift, known.habits, known.run, known.loose)
    return [(part, name) for part in parts for name in type(part).__slots__ if name not in _DERIVED]


def _head(names: list[tuple[Any, str]]) -> Struct:
    kinds = ("B" if name in _SMALL else "f" if name in _SINGLE else "d" for _, name in names)
    return Struct("<" + "".join(kinds) + "B")


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
