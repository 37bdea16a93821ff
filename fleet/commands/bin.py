# SPDX-License-Identifier: Apache-2.0
"""`kanbin bin`: the commands about one bin."""

import typer

from fleet.commands.check_bin import check
from fleet.commands.explain import explain

bin_app = typer.Typer(help="About one bin: can it be counted, and how did a count come about?", no_args_is_help=True)
bin_app.command()(check)
bin_app.command()(explain)
