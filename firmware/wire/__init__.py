# SPDX-License-Identifier: Apache-2.0
"""What device and fleet say to each other, in the subset of Python that MicroPython and CPython share."""
