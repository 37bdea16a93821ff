# SPDX-License-Identifier: Apache-2.0
"""The verdict on a cell and its contents in words: whether it can be counted, why not, and what would do."""

from fleet.counting.resolvability import (
    APPROXIMATE,
    EXACT,
    PERCENT,
    PERCENT_RHO,
    TOO_HEAVY,
    Cell,
    Contents,
    Remedies,
    Resolvability,
    remedies,
    resolve,
)

VERDICTS = {
    EXACT: "every single piece can be counted",
    APPROXIMATE: "can be counted nearly; a piece is missed now and then",
    PERCENT: "cannot be counted; only shares of the whole can be told",
    TOO_HEAVY: "cannot be counted; the cell does not carry it",
}


def refusal(cell: Cell, contents: Contents) -> tuple[str, list[str]] | None:
    """Why the contents cannot be counted on the cell, and each thing that would do; None when they can."""
    found = resolve(cell, contents)
    return None if found.can_be_counted else (_reason(cell, contents, found), ways_out(remedies(cell, contents)))


def ways_out(found: Remedies) -> list[str]:
    """Each remedy in a few words, the best one first."""
    packs = None if found.pack_pieces is None else f"weighing by packs of {found.pack_pieces:,} or more"
    ways = []
    if found.cells:
        (smallest_g, best_rho), (largest_g, least_rho) = found.cells[0], found.cells[-1]
        if best_rho < PERCENT_RHO:
            return [f"a cell of {kilograms(smallest_g)} and {packs}"]
        if smallest_g == largest_g:
            ways.append(f"a cell of {kilograms(smallest_g)} (rho {best_rho:.1f})")
        else:
            sizes = f"{smallest_g / 1000:g} to {kilograms(largest_g)}"
            ways.append(f"a cell of {sizes} (rho {best_rho:.1f} to {least_rho:.1f})")
    if packs is not None:
        ways.append(packs)
    if found.max_pieces is not None:
        ways.append(f"at most {found.max_pieces:,} pieces in the bin")
    return ways


def grams(mass_g: float) -> str:
    """A mass for people: three digits, no fewer than the grams."""
    return f"{mass_g:,.0f} g" if mass_g >= 100 else f"{mass_g:.3g} g"


def kilograms(mass_g: float) -> str:
    """The capacity of a cell."""
    return f"{mass_g / 1000:g} kg"


def _reason(cell: Cell, contents: Contents, found: Resolvability) -> str:
    if found.verdict == TOO_HEAVY:
        bin = f" and the bin of {grams(contents.bin_weight_g)}" if contents.bin_weight_g else ""
        pieces = f"{contents.max_pieces:,} pieces of {contents.apw_g:g} g{bin}"
        return f"{pieces} are {grams(found.load_g)}, more than the cell of {kilograms(cell.capacity_g)} carries"
    return (
        f"pieces of {contents.apw_g:g} g cannot be counted on a cell of {kilograms(cell.capacity_g)} that carries "
        f"{grams(found.load_g)}: rho is {found.rho:.1f}, and below {PERCENT_RHO:g} single pieces are not told"
    )
