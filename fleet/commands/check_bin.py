# SPDX-License-Identifier: Apache-2.0
"""`kanbin bin check`: can this part be counted on this cell?"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from math import isfinite
from typing import Annotated

import typer

from fleet.counting.resolvability import (
    EXACT_RHO,
    LOT_SHIFT,
    PERCENT_RHO,
    PIECE_CV,
    TOO_HEAVY,
    Cell,
    Contents,
    Resolvability,
    pack_rho,
    remedies,
    resolve,
)
from fleet.counting.verdict import VERDICTS, grams, kilograms, ways_out

BAR_RHO = 12  # the bar ends here: twice what is needed
BAR_PER_RHO = 4  # characters


def _finite(value: float | None) -> float | None:
    if value is not None and not isfinite(value):
        raise typer.BadParameter("give a number")
    return value


def check(
    cell_kg: Annotated[float, typer.Option(min=0.001, callback=_finite, help="What the cell carries, in kilograms.")],
    apw_g: Annotated[float, typer.Option(min=0.0001, callback=_finite, help="What a piece weighs, in grams.")],
    max_pieces: Annotated[int, typer.Option(min=1, max=10**9, help="The most pieces that lie in the bin.")],
    bin_g: Annotated[float, typer.Option(min=0, callback=_finite, help="What the empty bin weighs, in grams.")] = 0.0,
    pack_size: Annotated[int, typer.Option(min=1, max=10**9, help="Pieces in a pack, if they come in packs.")] = 1,
    piece_cv: Annotated[
        float, typer.Option(min=0, max=1, callback=_finite, help="Spread from piece to piece, a share of its weight.")
    ] = PIECE_CV,
    counts_per_g: Annotated[
        float | None,
        typer.Option(
            min=0.001, callback=_finite, help="Counts per gram. Default: those of a cell of 1 mV/V.", show_default=False
        ),
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="The same in JSON, on one line.")] = False,
) -> None:
    """Say whether a part can be counted on a cell, how far, and what would do. Exit code 1: it cannot."""
    cell = Cell(cell_kg * 1000, counts_per_g)
    contents = Contents(apw_g, max_pieces, bin_g, piece_cv, pack_size)
    found = resolve(cell, contents)
    if is_json:
        instead = remedies(cell, contents)
        typer.echo(json.dumps({**asdict(found), "can_be_counted": found.can_be_counted, "instead": asdict(instead)}))
    else:
        for line in _report(cell, contents, found):
            typer.echo(line)
    raise typer.Exit(0 if found.can_be_counted else 1)


def _report(cell: Cell, contents: Contents, found: Resolvability) -> Iterator[str]:
    yield f"{contents.apw_g:g} g pieces, up to {contents.max_pieces:,}, on a cell of {kilograms(cell.capacity_g)}:"
    yield f"{VERDICTS[found.verdict]}."
    yield ""
    yield from _picture(found.rho)
    yield ""
    yield from _physics(cell, found)
    if found.verdict != TOO_HEAVY:
        yield ""
        yield from _how_far(cell, contents, found)
    ways = ways_out(remedies(cell, contents))
    if ways or not found.can_be_counted:
        yield ""
        yield f"What would do: {', or '.join(ways) if ways else 'nothing that is to be had'}."


def _picture(rho: float) -> Iterator[str]:
    """rho as a bar, with the marks at 3 and 6."""
    marks = {PERCENT_RHO * BAR_PER_RHO, EXACT_RHO * BAR_PER_RHO}
    filled = round(min(rho, BAR_RHO) * BAR_PER_RHO)
    places = range(BAR_RHO * BAR_PER_RHO)
    bar = "".join("|" if place in marks else "#" if place < filled else "." for place in places)
    yield f"rho {rho:5.1f}  [{bar}{'>' if rho > BAR_RHO else ']'}"
    yield f"            {'shares only':<12}{'3  nearly':<12}6  exactly"


def _physics(cell: Cell, found: Resolvability) -> Iterator[str]:
    yield f"  on the cell             {grams(found.load_g)} of {grams(cell.capacity_g)}"
    yield f"  noise of a reading      {grams(found.noise_g)}"
    yield f"  wander between looks    {grams(found.wander_g)}"
    yield f"  contents off centre     {grams(found.off_centre_g)}"
    yield f"  from piece to piece     {grams(found.spread_g)}"


def _how_far(cell: Cell, contents: Contents, found: Resolvability) -> Iterator[str]:
    lot = f"{LOT_SHIFT:.1%}"
    yield "How far it is exact (half a piece is three standard deviations):"
    yield f"  {found.followed_to:,} pieces in the bin, as long as each change is seen from rest to rest"
    yield f"  {found.move_unlearned:,} pieces in or out of the full bin in one go, while a lot may be {lot} off"
    if found.move_learned is not None:
        yield f"  {found.move_learned:,} pieces in one go, once a pack of {contents.pack_size:,} was weighed"
    yield f"  {found.weighed_to:,} pieces by weighing all of them at once, with a scale tared just before"
    if contents.pack_size > 1:
        rho = pack_rho(cell, contents, contents.pack_size)
        told = "is told" if rho >= EXACT_RHO else "is not told"
        yield f"A pack of {contents.pack_size:,} that comes or goes whole {told} (rho {rho:.1f})."
