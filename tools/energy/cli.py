# SPDX-License-Identifier: Apache-2.0
"""`kanbin energy`: the command line of the power budget."""

import json
from typing import Annotated

import typer

from tools.energy.budget import DAY_S, Plan, make_budget
from tools.energy.figures import CHIP_SLEEP_UA, MEASURED_CHIP, figures_of
from tools.energy.quantity import CHARGES_MAH, CURRENTS_UA, TIMES_S, QuantityError, parse

WRONG_USE = 2
SHORTEST_S = 10  # a wake takes a second or two, which the budget does not take off the sleep
LONGEST_S = 7 * DAY_S  # as long as an outbox keeps its readings


def energy(
    interval: Annotated[str, typer.Option(help="Time between two looks at the cell, such as 10m.")] = "10m",
    report: Annotated[str, typer.Option(help="Time between two reports, such as 1h.")] = "1h",
    battery: Annotated[str, typer.Option(help="What the battery holds, such as 2600mAh.")] = "2600mAh",
    usable: Annotated[
        float, typer.Option(min=0.05, max=1, help="Share of it that can be had: cold, age, self-discharge, cut-off.")
    ] = 0.8,
    changes: Annotated[int, typer.Option(min=0, max=1000, help="Changes a day that are reported at once.")] = 0,
    board: Annotated[str, typer.Option(help=f"Board: {', '.join(CHIP_SLEEP_UA)}.")] = MEASURED_CHIP,
    frozen: Annotated[bool, typer.Option("--frozen", help="An image that has the program built in.")] = False,
    dhcp: Annotated[bool, typer.Option("--dhcp", help="Each report asks for an address anew.")] = False,
    as_sold: Annotated[
        bool, typer.Option("--as-sold", help="The board keeps its regulator, USB bridge and power LED.")
    ] = False,
    sleep_current: Annotated[
        str | None, typer.Option(help="What the whole device takes asleep, measured, such as 35uA.", show_default=False)
    ] = None,
    is_json: Annotated[bool, typer.Option("--json", help="The same in JSON, on one line.")] = False,
) -> None:
    """Say how many days a battery lasts, and what it goes into."""
    try:
        plan = _plan(interval, report, changes)
        battery_mah = parse("--battery", battery, CHARGES_MAH, "2600mAh")
        sleep_ua = None if sleep_current is None else parse("--sleep-current", sleep_current, CURRENTS_UA, "35uA")
        if board not in CHIP_SLEEP_UA:
            raise QuantityError(f"--board: there is no {board!r}; choose one of {', '.join(CHIP_SLEEP_UA)}")
        if as_sold and sleep_ua is not None:
            raise QuantityError("--as-sold: says nothing beside --sleep-current; leave one of them out")
    except QuantityError as error:
        typer.secho(f"kanbin: {error}", fg="red", err=True)
        raise typer.Exit(WRONG_USE) from None
    figures = figures_of(board, frozen=frozen, dhcp=dhcp, as_sold=as_sold, sleep_ua=sleep_ua)
    budget = make_budget(plan, figures)
    from tools.energy.show import as_json, show  # late, as Rich is for people alone

    if is_json:
        typer.echo(json.dumps(as_json(budget, battery_mah, usable)))
    else:
        show(budget, battery_mah, usable)


def _plan(interval: str, report: str, changes: int) -> Plan:
    interval_s = parse("--interval", interval, TIMES_S, "10m")
    report_s = parse("--report", report, TIMES_S, "1h")
    if interval_s < SHORTEST_S:
        raise QuantityError(f"--interval: {interval} is too short to sleep in; from {SHORTEST_S}s on, or use the mains")
    if report_s < interval_s:
        raise QuantityError(f"--report: {report} is shorter than --interval {interval}; give the same or longer")
    if report_s > LONGEST_S:
        raise QuantityError(f"--report: {report} is longer than a week, which is what a bin keeps; give 7d or less")
    return Plan(interval_s, report_s, changes)
