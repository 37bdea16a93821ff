# SPDX-License-Identifier: Apache-2.0
"""A bin that people handle, told to a counter as a device tells it; every count that comes back is checked."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import pi, sin

from fleet.counting.bayes import BayesCounter
from fleet.counting.counter import BinSetup, Count, Event

SETUP = BinSetup(
    tare_raw=100_000,
    counts_per_gram=214.7,  # 1 mV/V, 10 kg
    cell_capacity_g=10_000.0,
    bin_weight_g=500.0,
    apw_g=5.0,
    pack_size=200,
    packs_per_refill=2,
    initial_count=100,
    send_delta_g=2.0,
)
NOISE_RAW = 19.0  # of a reading: ten samples of 60 counts rms each
OFF_CENTRE = 2e-5  # of the load, drawn anew by every handling
CREEP, CREEP_S = 2e-4, 600.0  # share of the load that comes late
SETTLED_S = 8
MEAN_C = 21.0


@dataclass
class HandledBin:
    """Pieces of their own weights on a cell with noise, creep and drift. `lot` is how many times as heavy as `apw_g`.

    The cell itself is that of SETUP, whatever the counter's `setup` says of it. `bin_off_g` is what it makes of the bin
    beyond the bin's weight. `told` is what the counter answered last. Grams, seconds, degrees.
    """

    setup: BinSetup = SETUP
    tare_raw: int = SETUP.tare_raw
    counts_per_gram: float = SETUP.counts_per_gram
    pieces: int = 100
    lot: float = 1.0
    piece_cv: float = 0.01
    zero_g: float = 0.0
    zero_g_per_day: float = 0.0
    zero_g_per_k: float = 0.0
    noise_raw: float = NOISE_RAW
    seed: int = 1
    t_s: float = 0.0
    swing_k: float = 0.0
    has_thermometer: bool = True
    on_top_g: float = 0.0
    bin_off_g: float = 0.0
    is_lifted: bool = False
    counter: BayesCounter = field(init=False)
    told: Count = field(init=False)
    history: list[Count] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.counter = BayesCounter(self.setup)
        self.weights_g = [self._piece_g() for _ in range(self.pieces)]
        self._crept_g = self._load_g()
        self._shift_g = 0.0
        self._last_pieces: int | None = self.setup.initial_count
        self.burst()

    # --- what people do ---

    def take(self, pieces: int) -> "HandledBin":
        """Somebody takes pieces, a hand in the bin for a moment."""
        self.remove(pieces)
        return self._handled()

    def put(self, pieces: int, *, lot: float | None = None) -> "HandledBin":
        """Somebody puts pieces in, of this lot or another."""
        self.add(pieces, lot=lot)
        return self._handled()

    def refill(self, packs: int = 2, *, lot: float | None = None) -> "HandledBin":
        """Somebody pours packs in."""
        return self.put(packs * self.setup.pack_size, lot=lot)

    def rummage(self) -> "HandledBin":
        """Somebody looks for something in the bin and takes nothing."""
        return self._handled()

    def lift(self, seconds: int = SETTLED_S) -> "HandledBin":
        """Somebody takes the bin off the cell."""
        self.is_lifted = True
        return self.burst(seconds)

    def put_back(self, *, lighter_by: int = 0) -> "HandledBin":
        """The bin comes back, perhaps with fewer pieces."""
        self.remove(lighter_by)
        self.is_lifted = False
        return self._handled()

    def lean(self, grams: float, seconds: int = 30) -> "HandledBin":
        """Somebody leans on the bin (or pulls at it) quite still for so long, then goes."""
        self.press(grams).burst(seconds)
        return self.press(0.0)

    def press(self, grams: float) -> "HandledBin":
        """From now on something rests on the bin beside the pieces: a hand, an object; 0 takes it away."""
        self.on_top_g = grams
        return self._handled()

    def remove(self, pieces: int) -> None:
        """Pieces go without that the device tells it."""
        self.chance.shuffle(self.weights_g)
        del self.weights_g[:pieces]
        self.pieces -= pieces

    def add(self, pieces: int, *, lot: float | None = None) -> None:
        """Pieces come without that the device tells it."""
        self.lot = self.lot if lot is None else lot
        self.weights_g += [self._piece_g() for _ in range(pieces)]
        self.pieces += pieces

    # --- what the device tells ---

    def burst(self, seconds: int = SETTLED_S) -> "HandledBin":
        """A reading each second."""
        for _ in range(seconds):
            self.read(1.0)
        return self

    def rest(self, minutes: float = 30) -> "HandledBin":
        """Nobody comes near: heartbeats alone."""
        for _ in range(max(1, round(minutes * 60 / self.setup.heartbeat_s))):
            self.read(self.setup.heartbeat_s)
        return self

    def read(self, after_s: float, raw: int | None = None) -> Count:
        """One reading, as the cell says it unless `raw` says otherwise."""
        self.t_s += after_s
        load_g = self._load_g()
        self._crept_g += after_s / (after_s + CREEP_S) * (load_g - self._crept_g)
        return self.tell(self.raw() if raw is None else raw)

    def raw(self, grams: float | None = None) -> int:
        """What the cell says of the bin as it is, or of a bin with so many grams in it."""
        in_bin_g = self._load_g() - self.setup.bin_weight_g if grams is None else grams
        if self.is_lifted and grams is None:
            in_bin_g -= self.bin_off_g
        days = self.t_s / 86_400
        drift_g = self.zero_g + self.zero_g_per_day * days + self.zero_g_per_k * (self.temp_c - MEAN_C)
        seen_g = in_bin_g + drift_g + self._shift_g - CREEP * (self._load_g() - self._crept_g)
        noise = self.chance.gauss(0, self.noise_raw)
        return round(self.tare_raw + seen_g * self.counts_per_gram + noise)

    def tell(self, raw: int) -> Count:
        """Tells the counter a reading and takes its answer."""
        return self.take_answer(self.counter.update(self.t_s, raw, self.temp_c if self.has_thermometer else None))

    def take_answer(self, count: Count) -> Count:
        """Checks what holds of every count whatever happened."""
        if count.pieces is not None:
            if self._last_pieces is not None:
                assert sum(event.delta for event in count.events) == count.pieces - self._last_pieces, "deltas add up"
            self._last_pieces = count.pieces
            assert count.pieces >= 0
        if count.lower is not None and count.upper is not None and count.pieces is not None:
            assert count.lower <= count.pieces <= count.upper, "the bounds hold the count"
        assert count.is_settled or not count.is_evidence
        self.told = count
        self.history.append(count)
        return count

    @property
    def temp_c(self) -> float:
        """Of the cell: warmest at noon, `swing_k` above the mean."""
        return MEAN_C + self.swing_k * sin(2 * pi * (self.t_s / 86_400 - 0.25))

    @property
    def events(self) -> list[tuple[str, int]]:
        """All that was told so far."""
        return [(event.kind, event.delta) for event in self.all_events()]

    def all_events(self) -> Iterator[Event]:
        """The events of all counts."""
        for count in self.history:
            yield from count.events

    @property
    def states(self) -> list[str]:
        """The state of every count so far."""
        return [count.state for count in self.history]

    def is_order_due(self, point: int) -> bool:
        """What the counter decides now."""
        return self.counter.is_order_due(point)

    def _handled(self) -> "HandledBin":
        """A hand for two seconds, then rest."""
        for _ in range(2):
            self.read(1.0, self.raw() + round(self.chance.uniform(40, 150) * self.setup.counts_per_gram))
        self._shift_g = self.chance.gauss(0, OFF_CENTRE) * self._load_g()
        return self.burst()

    def _load_g(self) -> float:
        return 0.0 if self.is_lifted else self.setup.bin_weight_g + sum(self.weights_g) + self.on_top_g

    def _piece_g(self) -> float:
        return self.setup.apw_g * self.lot * self.chance.gauss(1, self.piece_cv)
