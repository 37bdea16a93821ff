# SPDX-License-Identifier: Apache-2.0
"""What an image of our own holds beside MicroPython's own modules: the program (make ... FROZEN_MANIFEST=).

Not boot.py and main.py: an image runs a frozen one in place of a file, and these must be mendable by a file.
"""

# ruff: noqa: F821 - MicroPython's makemanifest.py has these names
include("$(PORT_DIR)/boards/manifest.py")
for name in ("apps", "boards", "device", "drivers", "wire"):
    package(name)
