# SPDX-License-Identifier: Apache-2.0
"""Runs before main.py on a board."""

import gc

# Collect often: what lives long then lies together at the low end, and a whole message finds room in one piece.
gc.threshold(4096)
