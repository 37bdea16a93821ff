# SPDX-License-Identifier: Apache-2.0
"""The classes of bins: which piece, on which cell, in which place, handled how. Figures compare within a class."""

from dataclasses import dataclass, replace

COUNTS_PER_CAPACITY = 2.147e6
"""Counts of an HX711 (gain 128) from an empty to a full cell of 1 mV/V."""
SAMPLES = 10  # conversions in a reading, at 10 a second
DELTA_PIECES = 0.4
DELTA_SIGMAS = 6


@dataclass(frozen=True)
class BinClass:
    """What bins of a class have in common. ppm are parts of a million of the capacity; rates are a working day."""

    piece_g: float = 5.0
    capacity_g: float = 10_000.0
    bin_weight_g: float = 500.0
    piece_cv: float = 0.015  # piece to piece, 1 sd
    lot_shift: float = 0.015  # mean of a lot to the nominal piece, 1 sd
    pack_size: int = 200
    packs_per_refill: int = 2
    pack_filling: float = 0.0  # pieces in a pack, relative, 1 sd
    reorder_point: int = 120
    initial_count: int = 500
    picks: float = 12.0
    pick_pieces: float = 5.0  # mean
    returns: float = 0.3
    rummages: float = 1.0
    leans: float = 0.5
    lifts: float = 0.1
    foreigns: float = 0.03
    faults: float = 0.0  # a calendar day
    spikes: float = 2e-4  # share of the readings
    zero_ppm_per_k: float = 30.0  # 1 sd
    zero_walk_ppm: float = 20.0  # after a day, 1 sd
    ageing_ppm: float = 150.0  # in a year, 1 sd
    noise_counts: float = 60.0  # rms of a conversion
    wander_ppm: float = 4.0  # 1/f noise, 1 sd
    vibration: float = 1.0  # the noise is so many times as strong while a machine runs nearby
    swing_k: float = 2.0  # amplitude of the day
    has_temperature: bool = True
    creep: float = 3e-4  # of the load
    hysteresis: float = 1e-4  # of the load moved
    off_centre: float = 4e-5  # of the load, after each handling, 1 sd
    heartbeat_s: float = 300.0
    has_bursts: bool = True

    @property
    def counts_per_g(self) -> float:
        """What the type plate of the cell says; a cell's own span differs a little."""
        return COUNTS_PER_CAPACITY / self.capacity_g

    @property
    def noise_g(self) -> float:
        """White noise of one reading, rms."""
        return float(self.noise_counts / SAMPLES**0.5 / self.counts_per_g)

    @property
    def send_delta_g(self) -> float | None:
        """The change that makes a device of this class report at once; None when it never does."""
        delta_g = max(DELTA_PIECES * self.piece_g, DELTA_SIGMAS * self.noise_g)
        return round(delta_g, 3) if self.has_bursts else None


_TYPICAL = BinClass()
_EASY = replace(_TYPICAL, piece_cv=0.005, lot_shift=0.005, zero_ppm_per_k=15.0, zero_walk_ppm=8.0, ageing_ppm=80.0)

CLASSES: dict[str, BinClass] = {
    "easy-50g": replace(
        _EASY, piece_g=50.0, capacity_g=20_000.0, bin_weight_g=900.0, pack_size=50, packs_per_refill=3,
        reorder_point=60, initial_count=200, picks=10.0, pick_pieces=3.0,
    ),
    "easy-12g": replace(
        _EASY, piece_g=12.0, pack_size=100, packs_per_refill=3, reorder_point=90, initial_count=350, pick_pieces=4.0
    ),
    "typical-25g": replace(
        _TYPICAL, piece_g=25.0, capacity_g=20_000.0, bin_weight_g=900.0, piece_cv=0.01, pack_size=100,
        reorder_point=80, initial_count=250, pick_pieces=4.0,
    ),
    "typical-5g": _TYPICAL,
    "too-big-2g": replace(
        _TYPICAL, piece_g=2.0, capacity_g=20_000.0, bin_weight_g=900.0, pack_size=250, reorder_point=150,
        initial_count=600,
    ),
    "light-1g": replace(
        _TYPICAL, piece_g=1.0, capacity_g=5_000.0, bin_weight_g=300.0, pack_size=500, reorder_point=300,
        initial_count=1200, pick_pieces=10.0,
    ),
    "faulty-5g": replace(_TYPICAL, faults=0.15, lifts=0.5, foreigns=0.3, leans=2.0, spikes=2e-3),
    "sleeping-5g": replace(_TYPICAL, heartbeat_s=600.0, has_bursts=False),
    "hard-4g": replace(
        _TYPICAL, piece_g=4.0, piece_cv=0.03, lot_shift=0.03, pack_filling=0.002, zero_ppm_per_k=80.0,
        zero_walk_ppm=60.0, ageing_ppm=500.0, noise_counts=120.0, wander_ppm=10.0, vibration=3.0, swing_k=4.0,
        has_temperature=False, creep=6e-4, hysteresis=2e-4, off_centre=1.2e-4,
    ),
    "hard-light-0.5g": replace(
        _TYPICAL, piece_g=0.5, capacity_g=5_000.0, bin_weight_g=300.0, piece_cv=0.02, lot_shift=0.02, pack_size=1000,
        pack_filling=0.002, reorder_point=500, initial_count=2000, pick_pieces=12.0, zero_ppm_per_k=60.0,
        zero_walk_ppm=40.0, ageing_ppm=300.0, noise_counts=100.0, wander_ppm=8.0, off_centre=8e-5,
    ),
    "tiny-0.1g": replace(
        _TYPICAL, piece_g=0.1, capacity_g=5_000.0, bin_weight_g=300.0, piece_cv=0.03, lot_shift=0.02, pack_size=2000,
        pack_filling=0.002, reorder_point=1500, initial_count=5000, pick_pieces=40.0,
    ),
}  # fmt: skip
