# SPDX-License-Identifier: Apache-2.0
"""What makes a device's present keys of its secret."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the column in place; devices that are there go on without an ID context."""
    op.add_column("devices", sa.Column("oscore_id_context", sa.LargeBinary(), nullable=True))
