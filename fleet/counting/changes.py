# SPDX-License-Identifier: Apache-2.0
"""What can have happened between two levels, and how probable each is: the children of a hypothesis."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import log, sqrt

from fleet.counting.counter import BinSetup
from fleet.counting.habits import KEEP_SHIFT, MISFILLS, Habits
from fleet.counting.hypothesis import HAND_AT_MOST_S, POURED_AT_MOST, Alien, Hypothesis

NEAR = 4.0  # standard deviations within which a number of pieces is considered
PICKS_AT_MOST = 13  # numbers of pieces considered at once
LEAVES, STAYS = 0.6, 0.4  # of what rests on the bin beside the contents
HAND_DOWN, HAND_UP, OBJECT = 0.012, 0.003, 0.004  # of all changes: these begin
HAND_LEAST_G, HAND_OCTAVES, HAND_TOO_LIGHT = 150.0, 4.0, -3.0  # forces spread over so many e-folds from 150 g up
TOUCH_DOWN, TOUCH_UP, TOUCH_OCTAVES = 0.02, 0.004, 8.0  # the same of one reading alone: any force from 3 g up
OBJECT_MOST_G, OBJECT_SPREAD_G = 600.0, 400.0
ALIEN_LEAST_G = 3.0
WHOLE_REFILL, OTHER_REFILL = 0.9, 0.05  # of refills: as many packs as always, or another number
SCANNED_REFILL = 0.97  # that a refill brought the packs that were scanned
LONG_GAP_S = 300.0  # in so long a gap a refill and picks may both have happened
PICK_EVERY_S = 3600.0
PACKS_BESIDE = 2
UNDONE = 0.3  # of what is put back so soon: exactly what was taken


@dataclass(frozen=True, slots=True)
class Change:
    """A new level (`high_g`) after another (`low_g`), and what came between.

    `var_shift`: of the new level: noise and the off-centre shift. `var_zero`: how far the zero may have walked since.
    `gap_s`: without a quiet reading. `is_lifted`: the bin was off the cell. `packs`: were scanned, None: no scan.
    `undo`: as many pieces as were just taken, which may only have been looked at; 0: none.
    `is_glimpse`: one reading alone tells of it, in which a hand may just have been in the bin.
    """

    t_s: float
    low_g: float
    high_g: float
    var_shift: float
    var_zero: float
    gap_s: float
    is_lifted: bool
    packs: int | None
    undo: int = 0
    is_glimpse: bool = False

    @property
    def odds(self) -> tuple[float, float, float, float]:
        """Of nothing, a pick, a hand-back, a refill."""
        none, pick, back, refill = (0.55, 0.35, 0.01, 0.02) if self.is_lifted else (0.15, 0.78, 0.02, 0.02)
        return (none, pick, back, 0.5) if self.packs is not None else (none, pick, back, refill)


def children(parent: Hypothesis, change: Change, setup: BinSetup, habits: Habits) -> Iterator[Hypothesis]:
    """All explanations of a change by what a parent holds to be true before it."""
    if parent.alien == Alien.HAND and change.gap_s > HAND_AT_MOST_S:
        parent, change = _let_go(parent, change)
    if parent.alien:
        base_g = change.low_g - parent.alien_g
        yield from _handled(parent, change, setup, habits, base_g, leaves=True)
        yield from _handled(parent, change, setup, habits, base_g, leaves=False)
    else:
        yield from _handled(parent, change, setup, habits, change.low_g, leaves=False)
    yield from _aliens(parent, change)


def _let_go(parent: Hypothesis, change: Change) -> tuple[Hypothesis, Change]:
    """A hand is gone after so long a gap: what moved did so from the level without it."""
    alone = parent.copy()
    alone.alien, alone.alien_g = Alien.NOTHING, 0.0
    return alone, replace(change, low_g=change.low_g - parent.alien_g)


def _handled(
    parent: Hypothesis, change: Change, setup: BinSetup, habits: Habits, low_g: float, leaves: bool
) -> Iterator[Hypothesis]:
    """Pieces were taken or put, or nothing was; what else rests on the bin leaves or stays."""
    stays = parent.alien and not leaves
    high_g = change.high_g - parent.alien_g if stays else change.high_g
    share = log(LEAVES) if leaves else log(STAYS) if stays else 0.0
    for child in _moved(parent, change, setup, habits, low_g, high_g, share, leaves):
        if stays:
            child.alien, child.alien_g, child.alien_since_s = parent.alien, parent.alien_g, parent.alien_since_s
        yield child


def _moved(
    parent: Hypothesis,
    change: Change,
    setup: BinSetup,
    habits: Habits,
    low_g: float,
    high_g: float,
    share: float,
    leaves: bool,
) -> Iterator[Hypothesis]:
    pieces = parent.pieces
    piece_g = parent.piece_g(habits.lot_g)
    none, pick, back, refill = change.odds
    var_piece = habits.piece_cv2 * piece_g * piece_g
    gone = (low_g - high_g) / piece_g
    var = change.var_shift + abs(gone) * var_piece + (gone / max(1, pieces)) ** 2 * parent.var_contents
    near = NEAR * sqrt(var) / piece_g
    first, last = int(gone - near - 0.5), int(gone + near + 1.5)
    if last - first >= PICKS_AT_MOST:
        first = round(gone) - PICKS_AT_MOST // 2
        last = first + PICKS_AT_MOST - 1
    last = min(last, pieces)
    for taken in range(min(first, last), last + 1):  # one at least: whatever comes has an explanation
        added_g = 0.0
        if taken > 0:
            prior = log(pick) + habits.log_pick(taken, change.gap_s) - (2.3 if leaves else 0.0)
            spread = var_piece * taken * (pieces - taken) / pieces
        elif taken == 0:
            prior, spread = log(0.85 if leaves else none), 0.0
        else:
            likely = log(UNDONE) if -taken == change.undo else habits.log_pick(-taken, change.gap_s)
            prior = log(back) + likely - (3.0 if leaves else 0.0)
            if pieces > 0:
                spread = var_piece * -taken * (pieces - taken) / pieces
            else:
                added_g = -taken * habits.lot_g
                spread = -taken * var_piece + habits.lot_cv2 * added_g**2
        yield _child(parent, change, -taken, low_g, high_g, added_g, spread, prior + share)
    if high_g - low_g > 0.5 * setup.pack_size * habits.lot_g:
        prior = log(refill) + share - (5.0 if leaves else 0.0)
        yield from _poured(parent, change, setup, habits, low_g, high_g, prior)


def _poured(
    parent: Hypothesis, change: Change, setup: BinSetup, habits: Habits, low_g: float, high_g: float, prior: float
) -> Iterator[Hypothesis]:
    """A refill of whole packs, perhaps some pieces more or less; after a gap perhaps with picks beside it."""
    lot_g, usual = habits.lot_g, change.packs or setup.packs_per_refill
    misfill = habits.misfill
    beside = min(0.5, 0.01 + change.gap_s / PICK_EVERY_S)
    for packs in _packs((high_g - low_g) / (setup.pack_size * lot_g), setup.packs_per_refill, usual):
        whole = packs * setup.pack_size
        sd_g = whole * lot_g * sqrt(habits.lot_cv2 * (1 + 1 / habits.lots))
        near_g = NEAR * sqrt(sd_g * sd_g + change.var_shift)
        ours = prior + log(_pack_odds(packs, usual, change.packs is not None))

        def child(pieces: int, log_prior: float, sd_g: float = sd_g, poured: int | None = None) -> Hypothesis:
            spread = sd_g * sd_g + pieces * habits.piece_cv2 * lot_g * lot_g
            made = _child(parent, change, pieces, low_g, high_g, pieces * lot_g, spread, log_prior)
            made.poured = min(pieces if poured is None else poured, POURED_AT_MOST)
            return made

        if abs(high_g - low_g - whole * lot_g) < near_g:
            yield child(whole, ours + log(1 - misfill))
            for more, odds in MISFILLS:
                if whole + more > 0:
                    yield child(whole + more, ours + log(odds * misfill))
        if change.gap_s > LONG_GAP_S:
            short, wide = (whole * lot_g - high_g + low_g) / lot_g, near_g / lot_g
            first, last = max(1, int(short - wide)), min(int(short + wide) + 1, whole)
            step = max(1, (last - first) // 40)
            for taken in range(first, last + 1, step):
                log_prior = ours + log(beside * step) + habits.log_pick(taken, change.gap_s)
                yield child(whole - taken, log_prior, poured=whole)


def _packs(rise: float, per_refill: int, usual: int) -> list[int]:
    """Numbers of packs that come near a rise of so many, no more than a few of them, however small a pack is."""
    near = max(1, round(rise))
    numbers = {*range(max(1, near - PACKS_BESIDE), near + PACKS_BESIDE + 1), usual}
    return sorted(packs for packs in numbers if packs <= max(2 * per_refill, usual))


def _pack_odds(packs: int, usual: int, is_scanned: bool) -> float:
    if is_scanned:
        return SCANNED_REFILL if packs == usual else 1e-3
    return WHOLE_REFILL if packs == usual else OTHER_REFILL


def _aliens(parent: Hypothesis, change: Change) -> Iterator[Hypothesis]:
    """The pieces are as they were; all the difference is a hand or an object."""
    alien_g = change.high_g - change.low_g + parent.alien_g
    if abs(alien_g) <= ALIEN_LEAST_G:
        return
    yield _alien(parent, Alien.HAND, alien_g, change.t_s, _log_hand(alien_g, change.is_glimpse))
    if 0 < alien_g < OBJECT_MOST_G:
        yield _alien(parent, Alien.OBJECT, alien_g, change.t_s, log(OBJECT / OBJECT_SPREAD_G))


def _log_hand(force_g: float, is_glimpse: bool) -> float:
    """Log density of such a force (per g): of one that holds still, or of whatever a hand in the bin may do."""
    if is_glimpse:
        return log((TOUCH_UP if force_g < 0 else TOUCH_DOWN) / TOUCH_OCTAVES / abs(force_g))
    light = HAND_TOO_LIGHT if abs(force_g) < HAND_LEAST_G else 0.0
    return log((HAND_UP if force_g < 0 else HAND_DOWN) / HAND_OCTAVES / max(HAND_LEAST_G, abs(force_g))) + light


def _alien(parent: Hypothesis, alien: Alien, alien_g: float, t_s: float, log_prior: float) -> Hypothesis:
    child = parent.copy()
    child.alien, child.alien_g = alien, alien_g
    child.alien_since_s = parent.alien_since_s if parent.alien == alien else t_s
    child.log_weight += log_prior
    return child


def _child(
    parent: Hypothesis,
    change: Change,
    pieces: int,
    low_g: float,
    high_g: float,
    added_g: float,
    var_pieces: float,
    log_prior: float,
) -> Hypothesis:
    return parent.after(
        pieces, low_g, high_g, KEEP_SHIFT, change.var_shift, change.var_zero, added_g, var_pieces, log_prior
    )
