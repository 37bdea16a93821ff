# SPDX-License-Identifier: Apache-2.0
"""How hands press on a bin, in grams, second by second; nothing in the first and in the last of these seconds."""

import numpy as np

from tools.simulate.trace.trace import Floats

TOUCHES = 0.75  # share of the picks in which the hand meets the bin
TOUCH_G = (10.0, 600.0)
DOWNWARD = 0.85
LEAN_G = (200.0, 9000.0)
UPWARD = 0.2  # share of the leans
STILL = 1 / 3  # share of the leans
JITTER = (0.01, 0.1)  # of the force, where it is not still
JITTER_S = 3.0


def log_uniform(random: np.random.Generator, between: tuple[float, float]) -> float:
    """As likely from 1 to 10 as from 10 to 100."""
    low, high = between
    return float(low * (high / low) ** random.random())


def reach_in(seconds: int, random: np.random.Generator) -> Floats:
    """A hand in the bin; often it does not touch it."""
    force_g = np.zeros(seconds)
    if random.random() < TOUCHES:
        most_g = log_uniform(random, TOUCH_G)
        signs = np.where(random.random(seconds) < DOWNWARD, 1.0, -0.4)
        force_g[:] = most_g * random.uniform(0.1, 1.0, seconds) * signs
    return _let_go(force_g)


def rummage(seconds: int, random: np.random.Generator) -> Floats:
    """A hand that searches among the pieces."""
    return _let_go(log_uniform(random, TOUCH_G) * random.uniform(-0.3, 1.0, seconds))


def lean(seconds: int, random: np.random.Generator, load_g: float) -> tuple[Floats, str]:
    """Somebody leans on the bin, or pulls at it without lifting it (it weighs `load_g`); and in which way."""
    most_g = log_uniform(random, LEAN_G)
    is_upward = random.random() < UPWARD
    if is_upward:
        most_g = -min(most_g, 0.9 * load_g)
    is_still = random.random() < STILL
    force_g = np.full(seconds, most_g)
    if not is_still:
        share = log_uniform(random, JITTER)
        keep = float(np.exp(-1 / JITTER_S))
        sway = 0.0
        for second in range(seconds):
            sway = keep * sway + (1 - keep**2) ** 0.5 * random.standard_normal()
            force_g[second] *= 1 + share * sway
    force_g[1] *= 0.5
    force_g[-2] *= 0.5
    words = ("up" if is_upward else "down", "still" if is_still else "unsteady", f"{abs(most_g):.0f} g")
    return _let_go(force_g), ", ".join(words)


def set_down(random: np.random.Generator) -> Floats:
    """The knock of something put on the cell."""
    return _let_go(np.array([0.0, 1.0, -0.3, 0.0]) * log_uniform(random, (20.0, 1000.0)))


def _let_go(force_g: Floats) -> Floats:
    force_g[0] = force_g[-1] = 0.0
    return force_g
