# SPDX-License-Identifier: Apache-2.0
"""The tables of all rooms together, as the code has them."""

import importlib
from pathlib import Path

from sqlalchemy import MetaData

from fleet.db import Base


def metadata() -> MetaData:
    """The metadata with every room's `tables.py` loaded, whether or not anything else imports it."""
    rooms = Path(__file__).parents[1]
    for tables in sorted(rooms.glob("*/tables.py")):
        importlib.import_module(f"fleet.{tables.parent.name}.tables")
    return Base.metadata
