# SPDX-License-Identifier: Apache-2.0
"""Wiring drawings, made of the pin tables that the firmware runs by: `python -m hardware.wiring`."""
