# SPDX-License-Identifier: Apache-2.0
"""How the level moves though nobody touches the bin: temperature, creep and a slow trend, learnt at rest."""

from fleet.counting.single import Singles

AIR_TO_CELL_S = 2400.0  # how late a cell follows the air
CREEP_S = (300.0, 10800.0)  # half of the creep each
CREEP, CREEP_SD = 2.5e-4, 2e-4  # share of the load that comes late, before anything is learnt
LEARN_EVERY_S, LEARN_WITHIN_S = 1800.0, 5400.0
FORGET = 0.9995
SLOPE_RIDGE_K2 = 5.0
SINGLES = Singles("creep", "g_per_k", "ref_c", "ref_g", "ref_load_g", "scc", "scy", "sxc", "sxx", "sxy")


class Drift:
    """Predicts the movement of a quiet level (g). All of it floats, so that it can be packed; NaN is not known yet.

    The slope by temperature and the creep's gain come from a ridge regression of how the level went over half an hour
    and more without handling on how temperature and creep went: recursive, with forgetting.
    """

    __slots__ = (
        "cell_c", "creep", "fast_g", "g_per_k", "moved_g", "ref_c", "ref_g", "ref_load_g", "ref_s", "scc", "scy",
        "slow_g", "sxc", "sxx", "sxy",
    )  # fmt: skip

    def __init__(self) -> None:
        nan = float("nan")
        self.cell_c = self.fast_g = self.slow_g = nan
        self.g_per_k, self.creep = 0.0, CREEP
        self.moved_g = 0.0  # by temperature and creep, since the level was last followed
        self.ref_s = self.ref_g = self.ref_c = self.ref_load_g = nan
        self.sxx = self.sxy = self.scc = self.scy = self.sxc = 0.0
        SINGLES.round(self)

    @property
    def has_temperature(self) -> bool:
        """Whether any has been told."""
        return self.cell_c == self.cell_c

    def pass_time(self, dt_s: float, temp_c: float | None, load_g: float | None) -> float:
        """Grams by which temperature and creep move the level in this time; `load_g` all that presses on the cell."""
        moved_g = 0.0
        if temp_c is not None and temp_c == temp_c:
            if self.cell_c != self.cell_c:
                self.cell_c = temp_c
            warmer_k = dt_s / (dt_s + AIR_TO_CELL_S) * (temp_c - self.cell_c)
            self.cell_c += warmer_k
            moved_g = self.g_per_k * warmer_k
        if load_g is not None:
            if self.fast_g != self.fast_g:
                self.fast_g = self.slow_g = load_g
            fast_g = dt_s / (dt_s + CREEP_S[0]) * (load_g - self.fast_g)
            slow_g = dt_s / (dt_s + CREEP_S[1]) * (load_g - self.slow_g)
            self.fast_g += fast_g
            self.slow_g += slow_g
            moved_g += 0.5 * self.creep * (fast_g + slow_g)
        self.moved_g += moved_g
        return moved_g

    def forget_reference(self) -> None:
        """The bin is touched: what is learnt begins anew after it."""
        self.ref_s = float("nan")

    def learn(self, t_s: float, level_g: float, cell_g: float) -> None:
        """The level at rest; `cell_g` is the capacity of the cell, for the strength of what is known beforehand."""
        self.moved_g = 0.0
        cell_c = self.cell_c if self.cell_c == self.cell_c else 0.0
        load_g = 0.5 * (self.fast_g + self.slow_g)
        since_s = t_s - self.ref_s
        if since_s < LEARN_EVERY_S or load_g != load_g:
            return
        if since_s < LEARN_WITHIN_S:
            x, c, y = cell_c - self.ref_c, load_g - self.ref_load_g, level_g - self.ref_g
            self.sxx, self.sxy = FORGET * self.sxx + x * x, FORGET * self.sxy + x * y
            self.scc, self.scy = FORGET * self.scc + c * c, FORGET * self.scy + c * y
            self.sxc = FORGET * self.sxc + x * c
            self._solve(cell_g)
        self.ref_s, self.ref_g, self.ref_c, self.ref_load_g = t_s, level_g, cell_c, load_g
        SINGLES.round(self)

    def _solve(self, cell_g: float) -> None:
        known = (1e-5 * cell_g / CREEP_SD) ** 2
        a, b, d = self.sxx + SLOPE_RIDGE_K2, self.sxc, self.scc + known
        p, q = self.sxy, self.scy + known * CREEP
        determinant = a * d - b * b
        self.g_per_k = (d * p - b * q) / determinant
        self.creep = (a * q - b * p) / determinant
