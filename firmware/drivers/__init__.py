# SPDX-License-Identifier: Apache-2.0
"""The only code that touches the board: chips, pins, network, flash and time. Decides nothing."""
