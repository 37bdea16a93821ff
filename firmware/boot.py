# SPDX-License-Identifier: Apache-2.0
"""Runs before main.py on a board and leaves everything to it."""
