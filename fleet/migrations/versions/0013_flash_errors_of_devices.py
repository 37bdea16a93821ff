# SPDX-License-Identifier: Apache-2.0
"""How often a device's flash failed, as it says."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Adds the column in place; records of before tell nothing of it."""
    op.add_column("device_health", sa.Column("flash_errors", INTEGER, nullable=True))
