# SPDX-License-Identifier: Apache-2.0
"""Pins of an ESP32-C3 SuperMini: free of boot straps, flash, USB and the console, except the LED's own strap."""

LED = 8
LED_LIT = 0
SCALES = ((4, 5), (6, 7))  # (DOUT, PD_SCK) of channel 0, 1
