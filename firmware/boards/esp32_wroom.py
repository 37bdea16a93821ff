# SPDX-License-Identifier: Apache-2.0
"""Pins of an ESP32 DevKitC (ESP32-WROOM-32): free of boot straps, flash and the console, except the LED's own strap."""

LED = 2
LED_LIT = 1
# (DOUT, PD_SCK) of each channel. 34 and 35 have no pull-up of their own: 10 kOhm to 3.3 V make a cut wire tell.
SCALES = ((32, 33), (25, 26), (27, 14), (18, 19), (21, 22), (23, 13), (34, 16), (35, 17))
THERMOMETER = 4
BATTERY_ADC = 36
UHF_UART = (2, 17, 16)  # (UART, TX, RX): a reader has no scales 6 and 7
