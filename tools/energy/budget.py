# SPDX-License-Identifier: Apache-2.0
"""The power budget of a bin that sleeps: charge a day, term by term, as a range. Nothing here knows a figure.

Charges are those that the regulator passes on: a linear one takes as much from the battery as it gives.
"""

from dataclasses import dataclass

DAY_S = 86_400
MC_PER_MAH = 3_600
MAH_A_DAY_PER_UA = 24 / 1_000


@dataclass(frozen=True)
class Span:
    """From `low` to `high`: what is not known better."""

    low: float
    high: float

    def __add__(self, other: "Span") -> "Span":
        return Span(self.low + other.low, self.high + other.high)

    def __mul__(self, factor: float) -> "Span":
        return Span(self.low * factor, self.high * factor)

    @property
    def middle(self) -> float:
        """Halfway."""
        return (self.low + self.high) / 2


@dataclass(frozen=True)
class Figure:
    """`span` in mC for what happens once, in uA for what flows all day; `basis` says how far it is to be trusted."""

    span: Span
    basis: str
    source: str


@dataclass(frozen=True)
class Figures:
    """What one board takes."""

    boot: Figure
    program: Figure
    weighing: Figure
    report: Figure
    sleep: Figure


@dataclass(frozen=True)
class Plan:
    """How often a bin looks at its cell and how often it reports; `changes` a day are reported at once."""

    interval_s: float
    report_s: float
    changes: float = 0


@dataclass(frozen=True)
class Term:
    """A part of the budget; `times` a day, None for all day long."""

    name: str
    times: float | None
    figure: Figure

    @property
    def mah(self) -> Span:
        """Charge a day."""
        if self.times is None:
            return self.figure.span * MAH_A_DAY_PER_UA
        return self.figure.span * (self.times / MC_PER_MAH)


@dataclass(frozen=True)
class Budget:
    """The terms of a day."""

    terms: tuple[Term, ...]

    @property
    def mah(self) -> Span:
        """Charge a day, all in all."""
        return sum((term.mah for term in self.terms), Span(0, 0))

    @property
    def dominant(self) -> Term:
        """What the most goes into."""
        return max(self.terms, key=lambda term: term.mah.middle)

    def share(self, term: Term) -> float:
        """A term's share of the whole, by the middles."""
        return term.mah.middle / self.mah.middle

    def days(self, usable_mah: float) -> Span:
        """How long a battery lasts."""
        return Span(usable_mah / self.mah.high, usable_mah / self.mah.low)


def make_budget(plan: Plan, figures: Figures) -> Budget:
    """A bin wakes for each look, and has Wi-Fi on for a report only, which falls on a look."""
    looks = DAY_S / plan.interval_s
    reports = DAY_S / plan.report_s + plan.changes
    return Budget(
        (
            Term("boot", looks, figures.boot),
            Term("program", looks, figures.program),
            Term("weighing", looks, figures.weighing),
            Term("reports", reports, figures.report),
            Term("sleep", None, figures.sleep),
        )
    )
