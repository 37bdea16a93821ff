# SPDX-License-Identifier: Apache-2.0
"""Frees the memory of modules that are needed once, or now and then."""

import gc
import sys


def forget(*names: str) -> None:
    """Unload modules that nobody refers to any more; whoever imports one again gets it anew."""
    for name in names:
        if sys.modules.pop(name, None) is not None:
            package, _, attribute = name.rpartition(".")
            delattr(sys.modules[package], attribute)
    gc.collect()
