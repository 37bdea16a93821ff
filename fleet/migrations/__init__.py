# SPDX-License-Identifier: Apache-2.0
"""The schema's revisions, applied by fleet.db.upgrade."""
