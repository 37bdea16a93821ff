# SPDX-License-Identifier: Apache-2.0
"""A bin on a load cell, as its device reports it: heartbeats of five minutes, a reading a second around a handling."""

from random import Random

from fleet.counting.bayes import BayesCounter
from fleet.counting.counter import BinSetup, Count, Event

SETUP = BinSetup(
    tare_raw=100_000,
    counts_per_gram=214.7,
    cell_capacity_g=10_000.0,
    bin_weight_g=500.0,
    apw_g=5.0,
    pack_size=200,
    packs_per_refill=2,
    initial_count=500,
)
NOISE_COUNTS = 19.0  # of the mean of ten samples, rms


class WeighedBin:
    """Pieces of `piece_g` on a cell with white noise; its zero (g) may be moved. Feeds a counter, keeps its counts."""

    def __init__(self, setup: BinSetup = SETUP, piece_g: float = 5.02, seed: int = 1) -> None:
        self.setup = setup
        self.counter = BayesCounter(setup)
        self.random = Random(seed)
        self.now_s = 0.0
        self.zero_g = 0.0
        self.temp_c: float | None = None
        self.piece_g = piece_g
        self.contents_g = (setup.initial_count or 0) * piece_g
        self.counts: list[Count] = []

    @property
    def count(self) -> Count:
        """The newest count."""
        return self.counts[-1]

    @property
    def events(self) -> list[Event]:
        """All events so far."""
        return [event for count in self.counts for event in count.events]

    def say(self, load_g: float, noise: float = 1.0) -> Count:
        """One reading with so much on the cell, beside the bin itself."""
        counts = self.setup.tare_raw + (load_g + self.zero_g) * self.setup.counts_per_gram
        return self.say_raw(round(counts + self.random.gauss(0, noise * NOISE_COUNTS)))

    def say_raw(self, raw: int) -> Count:
        """One reading as the converter gave it."""
        self.counts.append(self.counter.update(self.now_s, raw, self.temp_c))
        return self.count

    def seconds(self, number: int, load_g: float | None = None, noise: float = 1.0) -> None:
        """A reading a second; the contents press unless told otherwise."""
        for _ in range(number):
            self.now_s += 1
            self.say(self.contents_g if load_g is None else load_g, noise)

    def wait(self, minutes: float) -> Count:
        """Heartbeats, until so many minutes have passed."""
        for _ in range(max(1, round(minutes / 5))):
            self.now_s += 300
            self.say(self.contents_g)
        return self.count

    def handle(self, pieces: int, piece_g: float | None = None) -> Count:
        """Somebody takes (negative) or puts so many pieces: a hand for five seconds, then rest for nine."""
        for _ in range(5):
            self.now_s += 1
            self.say(self.contents_g + self.random.uniform(-200, 400))
        self.contents_g = max(0.0, self.contents_g + pieces * (piece_g or self.piece_g))
        self.seconds(9)
        return self.count


def at_rest(**of: object) -> WeighedBin:
    """A bin that has stood for an hour."""
    bin = WeighedBin(**of)  # type: ignore[arg-type]
    bin.seconds(5)
    bin.wait(60)
    return bin
