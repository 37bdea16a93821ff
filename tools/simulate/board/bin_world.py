# SPDX-License-Identifier: Apache-2.0
"""What happens to one bin: people pick, lean and pour, by a script that its seed decides."""

from chance import Chance

SCRIPT = {
    "seed": 1,
    "piece_g": 5.0,
    "piece_cv": 0.015,  # piece to piece
    "lot_cv": 0.005,  # the mean of a delivery to the mean of the next
    "bin_g": 200.0,
    "pieces": 100,
    "pick_every_s": 60.0,
    "pick_pieces": 5.0,
    "lean_share": 0.03,  # of all happenings: a hand rests on the bin
    "lean_g": 1500.0,
    "pour_s": 12.0,
    "stir_every_s": 0.0,  # above 0: never at rest, the contents are stirred all the time (for load tests)
    "stir_g": 40.0,
}
"""What a script can say, and what holds when it does not. Times are simulated seconds."""

IDLE, PICK, LEAN, POUR, STIR = "idle", "pick", "lean", "pour", "stir"


class BinWorld:
    """The mass on one load cell over time. `script` is a dict; its keys and their defaults are SCRIPT above.

    Times are simulated seconds of this world, which go on where they stopped when the bin's power was cut. Each
    happening draws from its own numbers (seed and number of the happening), so that a script does not depend on how
    often somebody looked at the scale.
    """

    def __init__(self, script, saved=None):
        """`saved` is what `state()` gave before the power went: pieces, contents, time, happenings, poured."""
        self.script = dict(SCRIPT)
        self.script.update(script)
        saved = saved or {}
        self.pieces = saved.get("pieces", self.script["pieces"])
        self.contents_g = saved.get("contents_g", self._first_contents_g())
        self.happenings = saved.get("happenings", 0)
        self.poured = saved.get("poured", [])
        self._begin_s = saved.get("at_s", 0.0)
        self.changed = saved == {}
        self._to_pour = []
        self._activity = IDLE
        self._from_s = self._begin_s
        self._until_s = self._begin_s
        self._delta_g = 0.0
        self._delta_pieces = 0
        self._hand_g = 0.0
        self._delivery = None
        self._now_s = self._begin_s
        self._rest()

    def state(self):
        """What survives a power cut, as JSON can carry it."""
        return {
            "pieces": self.pieces,
            "contents_g": self.contents_g,
            "happenings": self.happenings,
            "poured": self.poured[-50:],
            "at_s": self._now_s,
        }

    def deliver(self, name, pieces):
        """A delivery arrived; it is poured in at the next quiet moment, once and never again under this name."""
        waiting = [each for each, _ in self._to_pour]
        if name != self._delivery and name not in waiting and name not in self.poured:
            self._to_pour.append((name, pieces))

    def is_poured(self, name):
        return name in self.poured

    def mass_g(self, uptime_s):
        """Everything that presses on the cell now: bin, contents and hands."""
        now_s = self._now_s = self._begin_s + uptime_s
        if now_s >= self._until_s or (self._to_pour and self._activity is IDLE):
            self._finish()
            self._start(now_s)
        mass_g = self.script["bin_g"] + self.contents_g
        if self._activity is IDLE:
            return mass_g
        share = (now_s - self._from_s) / (self._until_s - self._from_s)
        return mass_g + self._delta_g * self._done(share) + self._hand_at(share)

    def _done(self, share):
        if self._activity is POUR:
            return min(1.0, share)
        return 1.0 if share > 0.5 else 0.0

    def _hand_at(self, share):
        if self._activity is LEAN:
            return self._hand_g * min(1.0, 8 * share, 8 * (1 - share))
        return self._hand_g * (1 + (share * 37 % 1)) / 2

    def _finish(self):
        if self._delta_pieces:
            self.pieces += self._delta_pieces
            self.contents_g = self.contents_g + self._delta_g if self.pieces else 0.0
            self.changed = True
        if self._delivery:
            self.poured.append(self._delivery)
            self._delivery = None
        self._delta_g, self._delta_pieces, self._hand_g = 0.0, 0, 0.0

    def _start(self, now_s):
        self._from_s = now_s
        if self._to_pour:
            self._pour(*self._to_pour.pop(0))
        elif self._activity is not IDLE:
            self._rest()
        elif self.script["stir_every_s"]:
            self._stir()
        elif self._draw().fraction() < self.script["lean_share"]:
            self._lean()
        else:
            self._pick()

    def _draw(self):
        return Chance(self.script["seed"] * 100003 + self.happenings)

    def _next(self):
        self.happenings += 1
        return self._draw()

    def _for(self, activity, duration_s):
        self._activity = activity
        self._until_s = self._from_s + duration_s

    def _rest(self):
        if self.script["stir_every_s"]:
            return self._for(IDLE, self.script["stir_every_s"] / 10)
        return self._for(IDLE, 1 + self._next().wait(self.script["pick_every_s"]))

    def _pick(self):
        chance = self._next()
        pieces = min(self.pieces, chance.pieces(self.script["pick_pieces"]))
        if not pieces:
            return self._rest()
        self._delta_pieces = -pieces
        self._delta_g = -min(self.contents_g, self._mass_of(pieces, self.contents_g / self.pieces, chance))
        self._hand_g = chance.between(-30, 250)
        return self._for(PICK, chance.between(1.5, 4))

    def _lean(self):
        chance = self._next()
        self._hand_g = chance.between(0.1, 1) * self.script["lean_g"]
        return self._for(LEAN, chance.between(3, 20))

    def _stir(self):
        chance = self._next()
        self._hand_g = chance.between(-1, 1) * self.script["stir_g"]
        return self._for(STIR, self.script["stir_every_s"] * 0.9)

    def _pour(self, name, pieces):
        chance = self._next()
        lot_g = self.script["piece_g"] * (1 + self.script["lot_cv"] * chance.bell())
        self._delivery = name
        self._delta_pieces = pieces
        self._delta_g = self._mass_of(pieces, lot_g, chance)
        self._hand_g = chance.between(0, 100)
        return self._for(POUR, self.script["pour_s"] * chance.between(0.7, 1.3))

    def _mass_of(self, pieces, mean_g, chance):
        one_sd_g = self.script["piece_cv"] * self.script["piece_g"]
        return max(0.0, pieces * mean_g + one_sd_g * pieces**0.5 * chance.bell())

    def _first_contents_g(self):
        chance = Chance(self.script["seed"])
        lot_g = self.script["piece_g"] * (1 + self.script["lot_cv"] * chance.bell())
        return self._mass_of(self.pieces, lot_g, chance)
