# SPDX-License-Identifier: Apache-2.0
"""What a counter remembers, as bytes: little-endian, of one length whatever was learnt, at most 1,000."""

from struct import Struct
from typing import Any

from fleet.counting.belief import KEEP, Belief
from fleet.counting.estimate import Estimate
from fleet.counting.hypothesis import Alien, Hypothesis

MAKE = b"B2"
_HYPOTHESIS = Struct("<ii7fBd")
_DERIVED = {"rate2_least", "rate2_most", "walk2", "wander2", "width"}  # of the setup, or constant
_SMALL = {"is_counted", "is_told", "is_zero_seen", "mode", "state"}  # whole numbers, each a byte


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
    body = memory[len(MAKE) + head.size :]
    if not memory.startswith(MAKE) or len(memory) < len(MAKE) + head.size or len(body) % _HYPOTHESIS.size:
        raise ValueError("memory: not what this counter remembers; count the bin anew from its readings")
    *numbers, count = head.unpack_from(memory, len(MAKE))
    if count != len(body) // _HYPOTHESIS.size or count > KEEP:
        raise ValueError("memory: cut off; count the bin anew from its readings")
    for (part, name), number in zip(names, numbers, strict=True):
        setattr(part, name, float(number))
    known.belief = Belief([_unpack_hypothesis(fields) for fields in _HYPOTHESIS.iter_unpack(body)])
    known.belief.weigh()


def _all_names(known: Estimate) -> list[tuple[Any, str]]:
    parts: tuple[Any, ...] = (known.watch, known.level, known.drift, known.habits, known.run, known.loose)
    return [(part, name) for part in parts for name in type(part).__slots__ if name not in _DERIVED]


def _head(names: list[tuple[Any, str]]) -> Struct:
    return Struct("<" + "".join("B" if name in _SMALL else "d" for _, name in names) + "B")


def _pack_hypothesis(each: Hypothesis) -> bytes:
    return _HYPOTHESIS.pack(
        each.pieces, each.poured, each.contents_g, each.zero_g, each.var_contents, each.covariance, each.var_zero,
        each.log_weight, each.alien_g, each.alien, each.alien_since_s,
    )  # fmt: skip


def _unpack_hypothesis(fields: tuple[Any, ...]) -> Hypothesis:
    pieces, poured, contents_g, zero_g, var_contents, covariance, var_zero, log_weight, alien_g, alien, since_s = fields
    each = Hypothesis(pieces, contents_g, zero_g, var_contents, covariance, var_zero)
    each.poured, each.log_weight, each.alien_g = poured, log_weight, alien_g
    each.alien, each.alien_since_s = Alien(alien), since_s
    return each
