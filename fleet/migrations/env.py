# SPDX-License-Identifier: Apache-2.0
"""Alembic's environment: runs the revisions on the connection that fleet.db.upgrade hands in."""

from alembic import context

from fleet.migrations.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=True,  # SQLite alters tables by copying them
)
with context.begin_transaction():
    context.run_migrations()
