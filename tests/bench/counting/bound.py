# SPDX-License-Identifier: Apache-2.0
"""`python -m tests.bench.counting.bound`: what no counter can exceed on these traces, computed from the physics.

Two bounds, each generous: of everything that disturbs, only what is named here counts, all else is taken as known.

Picks: after every handling the level is off by a fresh off-centre shift (a share of the load), by 1/f noise and by the
noise of ten readings; the pieces taken scatter in weight. What the level was before is known from all earlier levels as
well as the best linear filter knows it (the steady state of the Riccati equation), with every earlier pick counted
right and no drift at all. A pick is told exactly if the error of all that is below half a piece.

Exact, where packs are not exact: nobody says how many pieces a refill brought. With j pieces more than thought the mean
weight is thought too high, and after K of n pieces have been taken the level is off by j x piece x K / n, which shows
above the scatter of their weights and two shifts. The most probable j is right as often as the posterior says.
"""

from math import erf, exp, sqrt
from statistics import fmean

import numpy as np

from tools.simulate.trace import CLASSES, BinClass, make_trace

READINGS = 10  # of a level that is known as well as can be
MISFILLS = range(-6, 7)


def picks_exact(name: str, seeds: range, days: float = 365.0) -> float:
    """The share of picks that can be told exactly, over the picks of these traces."""
    bin_class = CLASSES[name]
    shares = []
    for seed in seeds:
        trace = make_trace(name, seed, days)
        for activity in trace.activities:
            if activity.kind == "pick":
                left = int(trace.count_at(np.array([activity.end_s]))[0])
                shares.append(_told(bin_class, left, -activity.delta))
    return fmean(shares)


def exact(name: str) -> float:
    """The share of time in which the count can be exact, where the filling of packs is not."""
    bin_class = CLASSES[name]
    prior = _misfill_prior(bin_class)
    first = bin_class.reorder_point + bin_class.pack_size * bin_class.packs_per_refill
    taken = range(0, first - bin_class.reorder_point + 1, max(1, first // 100))
    return fmean(_most_probable(bin_class, prior, first, number) for number in taken)


def _told(bin_class: BinClass, left: int, taken: int) -> float:
    load_g = bin_class.bin_weight_g + left * bin_class.piece_g
    wander_g = 1e-6 * bin_class.wander_ppm * bin_class.capacity_g
    seen2 = (bin_class.off_centre * load_g) ** 2 + wander_g**2 + bin_class.noise_g**2 / READINGS
    piece2 = (bin_class.piece_cv * bin_class.piece_g) ** 2
    usual2 = bin_class.pick_pieces * piece2
    predicted2 = (usual2 + sqrt(usual2**2 + 4 * usual2 * seen2)) / 2
    known2 = predicted2 * seen2 / (predicted2 + seen2)
    return erf(bin_class.piece_g / 2 / sqrt(known2 + taken * piece2 + seen2) / sqrt(2))


def _misfill_prior(bin_class: BinClass) -> dict[int, float]:
    one_sd = bin_class.pack_filling * bin_class.pack_size
    pack = {j: _between(j - 0.5, j + 0.5, one_sd) for j in MISFILLS}
    refill = {0: 1.0}
    for _ in range(bin_class.packs_per_refill):
        longer: dict[int, float] = {}
        for sum_so_far, p in refill.items():
            for j, q in pack.items():
                longer[sum_so_far + j] = longer.get(sum_so_far + j, 0.0) + p * q
        refill = longer
    return refill


def _between(low: float, high: float, one_sd: float) -> float:
    return 0.5 * (erf(high / one_sd / sqrt(2)) - erf(low / one_sd / sqrt(2)))


def _most_probable(bin_class: BinClass, prior: dict[int, float], first: int, taken: int) -> float:
    """How often the most probable misfill is the true one, after so many of the first pieces were taken."""
    load_g = bin_class.bin_weight_g + first * bin_class.piece_g
    scatter2 = taken * (bin_class.piece_cv * bin_class.piece_g) ** 2 * (first - taken) / first
    sd_g = sqrt(2 * (bin_class.off_centre * load_g) ** 2 + 2 * bin_class.noise_g**2 / READINGS + scatter2)
    step_g = bin_class.piece_g * taken / first
    right = 0.0
    seen = np.linspace(-6 * sd_g - 6 * step_g, 6 * sd_g + 6 * step_g, 2001)
    for at_g in seen.tolist():
        densities = [p * exp(-0.5 * ((at_g - j * step_g) / sd_g) ** 2) for j, p in prior.items()]
        right += max(densities)
    return float(right * (seen[1] - seen[0]) / (sd_g * sqrt(2 * np.pi)))


def main() -> None:
    """Prints the bounds of every class."""
    print("| class | picks exact, at most | exact, at most |\n|---|---:|---:|")
    for name, bin_class in CLASSES.items():
        filling = f"{exact(name):.2f}" if bin_class.pack_filling else "–"  # noqa: RUF001
        print(f"| {name} | {picks_exact(name, range(101, 104)):.4f} | {filling} |")


if __name__ == "__main__":
    main()
