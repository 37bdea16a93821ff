# SPDX-License-Identifier: Apache-2.0
"""Master data from a seed file."""
