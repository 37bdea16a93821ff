# SPDX-License-Identifier: Apache-2.0
"""Pins of an ESP32-S3 DevKitC-1: free of boot straps, flash, octal RAM, USB and the console; the LED is on a wire."""

LED = 21  # the board's own LED is an addressable one
LED_LIT = 1
SCALES = ((4, 5), (6, 7), (15, 16), (17, 18), (8, 9), (10, 11), (12, 13), (39, 40))  # (DOUT, PD_SCK) of each channel
THERMOMETER = 2
BATTERY_ADC = 1
UHF_UART = (1, 41, 42)  # (UART, TX, RX)
