# SPDX-License-Identifier: Apache-2.0
"""The boards we know: one module of pins for each; this table says how many scales each has room for."""

CHANNELS = {"esp32_wroom": 8, "esp32_s3": 8, "esp32_c3": 3}
