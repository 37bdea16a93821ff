# SPDX-License-Identifier: Apache-2.0
"""Runs on MicroPython: scripts that share one interpreter, as tests/run_wasm32.mjs runs them on WebAssembly.

Arguments: SCRIPT [ARGUMENT ...] [-- SCRIPT [ARGUMENT ...] ...]
"""

import gc
import sys

for step in "\n".join(sys.argv[1:]).split("\n--\n"):
    sys.argv[:] = step.split("\n")
    with open(sys.argv[0]) as script:
        exec(compile(script.read(), sys.argv[0], "exec"), {"__name__": "__main__", "__file__": sys.argv[0]})
    gc.collect()
