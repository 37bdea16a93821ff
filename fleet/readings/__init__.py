# SPDX-License-Identifier: Apache-2.0
"""Readings: the durable log of what the load cells said, exactly as they said it."""
