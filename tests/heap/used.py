# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython: prints how many bytes of its heap are in use."""

import gc

print("used", gc.mem_alloc())
