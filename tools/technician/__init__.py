# SPDX-License-Identifier: Apache-2.0
"""What a technician does with a board."""
