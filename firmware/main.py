# SPDX-License-Identifier: Apache-2.0
"""Runs on a board after boot.py: the app this device is."""

import wire.oscore  # noqa: F401 - the largest module first: compiling it takes most, and now the heap is empty
from apps import weigh_bin

weigh_bin.main()
