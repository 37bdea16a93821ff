# SPDX-License-Identifier: Apache-2.0
"""The only code that touches the board: chips, pins, network, flash and time. Decides nothing."""


def const(value):
    """As wire.const, of which a driver knows nothing: a number that takes no memory under a name with an underscore."""
    return value
