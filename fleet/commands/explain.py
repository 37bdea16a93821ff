# SPDX-License-Identifier: Apache-2.0
"""`kanbin bin explain`: says in words and numbers how a count came about."""

from typing import Annotated

import typer

from fleet.api import iso
from fleet.clock import SystemClock
from fleet.commands.store import DataDir, moment_ms, opened, stop
from fleet.counting.explain import Explanation, Happened
from fleet.counting.explain import explain as explained
from fleet.counting.replay import NotKeptError
from fleet.db import read
from fleet.listing import UnknownNameError

HAPPENED_MAX = 20


def explain(
    bin: Annotated[str, typer.Argument(help="The bin's name.")],
    at: Annotated[
        str | None, typer.Option(help="The moment (UTC), like 2026-11-23T08:15:30Z. Now, unless said.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Say how a bin's count of a moment came about."""
    at_ms = SystemClock().now_ms() if at is None else moment_ms("--at", at)
    with opened(data_dir) as engine, read(engine) as session:
        try:
            explanation = explained(session, bin, at_ms)
        except (NotKeptError, UnknownNameError) as error:
            stop(str(error))
        for line in lines(explanation):
            typer.echo(line)


def lines(said: Explanation) -> list[str]:
    """The explanation, line by line."""
    count, setup = said.told.count, said.setup
    told = [f"{said.bin}: {said.item} at {said.stocking_location}, by its newest count of {_moment(said.told.at_ms)}"]
    if count.pieces is None:
        told.append(f"  nothing has been counted yet; the state is {count.state}")
    else:
        told.append(f"  {count.pieces} pieces {_how_sure(said)}")
        told.append(
            f"  state {count.state}; {'at rest' if count.is_settled else 'not at rest'}; "
            f"{'evidence: stock is booked on it' if count.is_evidence else 'no evidence: nothing is booked on it'}"
        )
    told.append("how it came about:")
    if said.begins:
        told.append(f"  {_moment(said.base_at_ms)}  counting began with nothing known")
    else:
        pieces = "nothing booked" if said.pieces_at_base is None else f"{said.pieces_at_base} pieces booked"
        told.append(f"  {_moment(said.base_at_ms)}  checkpoint: {pieces}")
    told.append(f"  since then {said.readings} readings, {said.at_rest} of them at rest")
    if len(said.happened) > HAPPENED_MAX:
        told.append(f"  ({len(said.happened) - HAPPENED_MAX} earlier changes are left out)")
    told += [f"  {_moment(each.at_ms)}  {_what(each)}" for each in said.happened[-HAPPENED_MAX:]]
    if setup is not None:
        told.append(
            f"weighed by: calibration {said.calibration_version or '?'} (empty bin at {setup.tare_raw}, "
            f"{setup.counts_per_gram:g} counts a gram), {setup.apw_g:g} g a piece, packs of {setup.pack_size}, "
            f"{setup.packs_per_refill} a delivery"
        )
    if said.others:
        others = ", ".join(f"{pieces} ({_percent(p)})" for pieces, p in said.others)
        told.append(f"what else it might be: {others}")
    told.append(
        "made again just now: the same as stored, bit for bit"
        if said.is_as_stored
        else "made again just now: not the same as stored; another version of Kanbin counted then"
    )
    return told


def _how_sure(said: Explanation) -> str:
    count = said.told.count
    sd = "" if count.sd is None else f"± {round(count.sd, 2):.2g} "
    bounds = "" if count.lower is None else f"({count.lower} to {count.upper}, 95 times in 100), "
    return f"{sd}{bounds}{_percent(said.p)} sure of this very number"


def _what(each: Happened) -> str:
    if each.event is not None:
        return f"{each.event.kind} {each.event.delta:+d}"
    assert each.said is not None
    unit = "pieces" if each.said.kind == "stocktake" else "packs"
    note = f' "{each.said.note}"' if each.said.note else ""
    return f"{each.said.kind} by {each.said.said_by}: {each.said.quantity} {unit}{note}"


def _percent(p: float) -> str:
    return f"{100 * p:.0f} %" if 0.005 <= p <= 0.995 else "more than 99 %" if p > 0.5 else "less than 1 %"


def _moment(at_ms: int) -> str:
    return iso(at_ms)[:19].replace("T", " ")
