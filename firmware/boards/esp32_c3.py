# SPDX-License-Identifier: Apache-2.0
"""Pins of an ESP32-C3 SuperMini: free of boot straps, flash, USB and the console, except the LED's own strap."""

LED = 8
LED_LIT = 0
SCALES = ((4, 5), (6, 7), (3, 10))  # (DOUT, PD_SCK) of each channel
THERMOMETER = 1
BATTERY_ADC = 0
UHF_UART = (1, 10, 3)  # (UART, TX, RX): a reader has no scale 2
