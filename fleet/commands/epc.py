# SPDX-License-Identifier: Apache-2.0
"""`kanbin epc`: what the bytes of a tag name."""

from typing import Annotated

import typer

from fleet.tags.epc import Epc, decode

UNKNOWN = 2


def epc(
    digits: Annotated[
        list[str], typer.Argument(metavar="HEX...", help="EPCs as readers show them: hexadecimal digits.")
    ],
) -> None:
    """Decode EPCs, one a line. Exit code 2: one is unknown, or no hexadecimal digits."""
    is_known = True
    for each in digits:
        try:
            found = decode(bytes.fromhex(each))
        except ValueError:
            named, found = "no hexadecimal digits, two for each byte", None
        else:
            named = "unknown" if found is None else _named(found)
        is_known = is_known and found is not None
        typer.echo(f"{each}: {named}")
    raise typer.Exit(0 if is_known else UNKNOWN)


def _named(found: Epc) -> str:
    keys = " ".join(f"{name} {value}" for name, value in found.keys.items())
    return f"{found.scheme} {keys} {found.uri}"
