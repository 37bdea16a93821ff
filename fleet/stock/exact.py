# SPDX-License-Identifier: Apache-2.0
"""A column for exact decimal numbers, which SQLite has not of its own."""

from decimal import Decimal
from typing import Any

from sqlalchemy import Dialect, Numeric, String, TypeDecorator
from sqlalchemy.types import TypeEngine


class ExactDecimal(TypeDecorator[Decimal]):
    """A Decimal: NUMERIC on PostgreSQL, its written form on SQLite (exact up to 15 digits in any column there)."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type this database keeps the number as."""
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        """The number as this database takes it."""
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """The number back; SQLite gives a text, or a float where the column was declared NUMERIC."""
        return None if value is None else Decimal(str(value))
