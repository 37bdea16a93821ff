# SPDX-License-Identifier: Apache-2.0
"""Why a bin counts an item that its cell cannot tell."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column in place: copying the table would delete all that hangs on its bins."""
    op.add_column("bins", sa.Column("count_anyway_reason", sa.String(), nullable=True))
