# SPDX-License-Identifier: Apache-2.0
"""Instructions that a message costs a device, counted by valgrind: python -m tests.bench.instructions."""

import tempfile
from pathlib import Path

from tests.callgrind import instructions_of

OPERATIONS = {
    "request": "protect a request of 27 bytes, and encode it",
    "response": "open a response that is decoded already",
    "received": "decode a response, open it, say what it means",
}

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for name, meaning in OPERATIONS.items():
            print(f"{meaning:50} {instructions_of(name, Path(folder)):8} instructions (x86-64)")
