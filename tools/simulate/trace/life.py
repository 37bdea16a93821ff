# SPDX-License-Identifier: Apache-2.0
"""What people do with a bin, from Monday to Friday, from 6 to 18 o'clock. A trace begins on a Monday at midnight."""

import heapq
from math import ceil

import numpy as np

from tools.simulate.trace import hands, trace
from tools.simulate.trace.classes import BinClass
from tools.simulate.trace.contents import Contents
from tools.simulate.trace.script import Script
from tools.simulate.trace.trace import Activity

DAY_S = 86400.0
HOUR_S = 3600.0
OPENS_S = 6 * HOUR_S
CLOSES_S = 18 * HOUR_S
WAITS_S = 120.0  # who finds somebody else at the bin waits so long, or goes away
REFILL_AFTER_S = (0.5 * DAY_S, 1.5 * DAY_S)
FOREIGN_G = (15.0, 400.0)
FOREIGN_S = (300.0, 8 * HOUR_S)
LIFT_S = (30.0, 2 * HOUR_S)
TAKES_FROM_LIFTED = 1 / 3
BACK_PIECES = 2.0  # mean of what is handed back
_TAKE_OUT = "take out"


class Life:
    """Lives `days` of one bin: `activities` says what happened, `script` what the cell felt of it."""

    def __init__(self, bin_class: BinClass, contents: Contents, days: float, random: np.random.Generator) -> None:
        self.activities: list[Activity] = []
        self.script = Script()
        self._class = bin_class
        self._contents = contents
        self._random = random
        self._end_s = days * DAY_S
        self._free_at_s = 60.0
        self._is_refill_due = False
        self._foreign: tuple[float, float, float] | None = None  # grams, since when, until when
        self._plans: list[tuple[float, str]] = []
        self._plan_days(ceil(days))
        self._live()
        self.activities.sort(key=lambda each: each.start_s)

    def _plan_days(self, days: int) -> None:
        rates = {
            trace.PICK: self._class.picks,
            trace.RETURN: self._class.returns,
            trace.RUMMAGE: self._class.rummages,
            trace.LEAN: self._class.leans,
            trace.LIFT: self._class.lifts,
            trace.FOREIGN: self._class.foreigns,
        }
        for day in range(days):
            if day % 7 < 5:
                for kind, rate in rates.items():
                    for at_s in self._random.uniform(OPENS_S, CLOSES_S, self._random.poisson(rate)):
                        self._plans.append((day * DAY_S + float(at_s), kind))
        heapq.heapify(self._plans)

    def _live(self) -> None:
        happen = {
            trace.PICK: self._pick,
            trace.RETURN: self._return,
            trace.REFILL: self._refill,
            trace.RUMMAGE: self._rummage,
            trace.LEAN: self._lean,
            trace.LIFT: self._lift,
            trace.FOREIGN: self._put_in,
            _TAKE_OUT: self._take_out,
        }
        while self._plans:
            at_s, kind = heapq.heappop(self._plans)
            if at_s >= self._end_s:
                return
            must = kind in (trace.REFILL, _TAKE_OUT)
            if at_s < self._free_at_s:
                if must or self._free_at_s - at_s < WAITS_S:
                    self._plan(self._free_at_s + self._random.uniform(5.0, 30.0), kind)
                continue
            if self._foreign and kind in (trace.REFILL, trace.LIFT, trace.FOREIGN):
                if kind == trace.REFILL:
                    self._plan(max(self._foreign[2], at_s) + 60.0, kind)
                continue
            happen[kind](round(at_s, 1))
            self._watch_level(at_s)

    def _watch_level(self, now_s: float) -> None:
        """Somebody refills about a day after the reorder point was passed, when people are there."""
        if self._contents.pieces > self._class.reorder_point or self._is_refill_due:
            return
        self._is_refill_due = True
        self._plan(now_s + self._random.uniform(*REFILL_AFTER_S), trace.REFILL)

    def _when_open(self, at_s: float) -> float:
        """The same moment, or one in the first hours of the next working day when nobody is there."""
        if at_s % DAY_S >= CLOSES_S:
            at_s = (at_s // DAY_S + 1) * DAY_S
        while at_s % (7 * DAY_S) >= 5 * DAY_S:
            at_s = (at_s // DAY_S + 1) * DAY_S
        if at_s % DAY_S < OPENS_S:
            at_s = at_s // DAY_S * DAY_S + OPENS_S + self._random.uniform(0.0, 4 * HOUR_S)
        return at_s

    def _plan(self, at_s: float, kind: str) -> None:
        heapq.heappush(self._plans, (self._when_open(at_s) if kind == trace.REFILL else at_s, kind))

    def _seconds(self, low: float, high: float) -> int:
        return ceil(self._random.uniform(low, high))

    def _is_over(self, until_s: float) -> bool:
        """Whether the trace ends before this would have been over and come to rest."""
        return until_s > self._end_s - 60.0

    def _happened(
        self, kind: str, start_s: float, end_s: float, delta: int, changes_at_s: float | None = None, detail: str = ""
    ) -> None:
        changes_at_s = round(end_s, 1) if changes_at_s is None else round(changes_at_s, 2)
        self.activities.append(Activity(kind, start_s, round(end_s, 1), delta, changes_at_s, detail))

    def _handled(self, start_s: float, end_s: float) -> None:
        self.script.busy.append((start_s, end_s))
        self.script.handlings_s.append(end_s - 1.0)
        self._free_at_s = end_s + 5.0

    def _pick(self, at_s: float) -> None:
        pieces = min(int(self._random.geometric(1 / self._class.pick_pieces)), self._contents.pieces)
        seconds = self._seconds(3.0, 15.0)
        if pieces and not self._is_over(at_s + seconds):
            self._move_pieces(trace.PICK, at_s, seconds, -pieces)

    def _return(self, at_s: float) -> None:
        pieces = min(int(self._random.geometric(1 / BACK_PIECES)), self._contents.out)
        seconds = self._seconds(3.0, 15.0)
        if pieces and not self._is_over(at_s + seconds):
            self._move_pieces(trace.RETURN, at_s, seconds, pieces)

    def _move_pieces(self, kind: str, at_s: float, seconds: int, delta: int) -> None:
        mass_g = -self._contents.take(-delta) if delta < 0 else self._contents.give_back(delta)
        moves_at_s = at_s + self._random.uniform(0.3, 0.9) * (seconds - 1)
        self.script.moves.append((moves_at_s, mass_g))
        self.script.pushes.append((at_s, hands.reach_in(seconds, self._random)))
        self._handled(at_s, at_s + seconds)
        self._happened(kind, at_s, at_s + seconds, delta, moves_at_s)

    def _refill(self, at_s: float) -> None:
        seconds = self._seconds(20.0, 90.0)
        self._is_refill_due = False
        if self._is_over(at_s + seconds):
            return
        packs = self._contents.fill()
        each_s = (seconds - 4) / len(packs)
        last_s = at_s
        for number, (_, mass_g) in enumerate(packs):
            pours_s = int(min(self._random.uniform(3.0, 8.0), each_s))
            begins_s = at_s + 2 + number * each_s + self._random.uniform(0.0, each_s - pours_s)
            self.script.moves += [(begins_s + second, mass_g / pours_s) for second in range(pours_s)]
            last_s = begins_s + pours_s
        self.script.pushes.append((at_s, hands.rummage(seconds, self._random)))
        self._handled(at_s, at_s + seconds)
        self._happened(trace.REFILL, at_s, at_s + seconds, sum(pieces for pieces, _ in packs), last_s)

    def _rummage(self, at_s: float) -> None:
        seconds = self._seconds(5.0, 40.0)
        self._press(trace.RUMMAGE, at_s, hands.rummage(seconds, self._random))

    def _lean(self, at_s: float) -> None:
        seconds = self._seconds(15.0, 240.0)
        force_g, detail = hands.lean(seconds, self._random, self._class.bin_weight_g + self._contents.mass_g)
        self._press(trace.LEAN, at_s, force_g, detail)

    def _press(self, kind: str, at_s: float, force_g: trace.Floats, detail: str = "") -> None:
        end_s = at_s + len(force_g)
        if not self._is_over(end_s):
            self.script.pushes.append((at_s, force_g))
            self._handled(at_s, end_s)
            self._happened(kind, at_s, end_s, 0, detail=detail)

    def _lift(self, at_s: float) -> None:
        """The bin leaves the cell and comes back; meanwhile somebody may take pieces out of it."""
        back_s = round(at_s + hands.log_uniform(self._random, LIFT_S), 1)
        end_s = back_s + 4.0
        pieces = min(int(self._random.geometric(1 / self._class.pick_pieces)), self._contents.pieces)
        is_lighter = self._random.random() < TAKES_FROM_LIFTED and pieces > 0
        if self._is_over(end_s):
            return
        self.script.busy.append((at_s, at_s + 4.0))
        self.script.stands += [(at_s + 1.5, -1.0), (back_s, 1.0)]
        self.script.pushes += [(at_s, hands.reach_in(3, self._random)), (back_s, hands.set_down(self._random))]
        if is_lighter:
            self.script.moves.append((back_s - 3.0, -self._contents.take(pieces)))
        self._handled(back_s - 4.0, end_s)
        self._happened(trace.LIFT, at_s, end_s, -pieces if is_lighter else 0, back_s if is_lighter else None)

    def _put_in(self, at_s: float) -> None:
        """Something that does not belong into the bin; people go on taking pieces."""
        seconds = self._seconds(3.0, 6.0)
        until_s = round(at_s + hands.log_uniform(self._random, FOREIGN_S), 1)
        if self._is_over(until_s + 600.0):
            return
        mass_g = hands.log_uniform(self._random, FOREIGN_G)
        self._foreign = (mass_g, at_s, until_s)
        self.script.moves.append((at_s + 1.5, mass_g))
        self.script.pushes.append((at_s, hands.reach_in(seconds, self._random)))
        self._handled(at_s, at_s + seconds)
        self._plan(until_s, _TAKE_OUT)

    def _take_out(self, at_s: float) -> None:
        if self._foreign is None:
            return
        mass_g, since_s, _ = self._foreign
        seconds = self._seconds(3.0, 6.0)
        self._foreign = None
        self.script.moves.append((at_s + 1.5, -mass_g))
        self.script.pushes.append((at_s, hands.reach_in(seconds, self._random)))
        self._handled(at_s, at_s + seconds)
        self._happened(trace.FOREIGN, since_s, at_s + seconds, 0, detail=f"{mass_g:.0f} g")
