# SPDX-License-Identifier: Apache-2.0
"""What is special to the virtual board's processor, the first ESP32."""


def raw_temperature():
    """Of the die, in degrees Fahrenheit; a board in a room is about so warm."""
    return 128
