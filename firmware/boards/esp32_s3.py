# SPDX-License-Identifier: Apache-2.0
"""Pins of an ESP32-S3 DevKitC-1: free of boot straps, flash, octal RAM, USB and the console; the LED is on a wire."""

LED = 21  # the board's own LED is an addressable one
LED_LIT = 1
SCALES = ((4, 5), (6, 7), (15, 16), (17, 18))  # (DOUT, PD_SCK) of channel 0, 1, ...
