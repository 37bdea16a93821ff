# SPDX-License-Identifier: Apache-2.0
"""How long a device that sleeps may be silent, as it says."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the columns in place: copying a table would delete what hangs on it."""
    for table in ("devices", "device_health"):
        op.add_column(table, sa.Column("silence_s", INTEGER, nullable=True))
