# SPDX-License-Identifier: Apache-2.0
"""Runs on a board after boot.py: the app this device is."""

from apps import weigh_bin

weigh_bin.main()
