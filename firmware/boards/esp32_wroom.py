# SPDX-License-Identifier: Apache-2.0
"""Pins of an ESP32 DevKitC (ESP32-WROOM-32): free of boot straps, flash and the console."""

LED = 2
LED_LIT = 1
SCALES = ((32, 33), (25, 26), (27, 14), (18, 19))  # (DOUT, PD_SCK) of channel 0, 1, ...
