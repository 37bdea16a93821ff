# SPDX-License-Identifier: Apache-2.0
"""What decides and what it stands on: the fleet service."""
