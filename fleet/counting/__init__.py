# SPDX-License-Identifier: Apache-2.0
"""From raw counts of a load cell to pieces with an error bar."""
