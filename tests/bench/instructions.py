# SPDX-License-Identifier: Apache-2.0
"""Instructions that a message and a start cost a device, counted by valgrind: python -m tests.bench.instructions."""

import tempfile
from pathlib import Path

from tests.callgrind import instructions_of, instructions_to_start

OPERATIONS = {
    "request": "protect a request of 27 bytes, and encode it",
    "response": "open a response that is decoded already",
    "received": "decode a response, open it, say what it means",
}
WAYS = ("sources", "files", "image")

if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        for name, meaning in OPERATIONS.items():
            print(f"{meaning:50} {instructions_of(name, Path(folder)):8} instructions (x86-64)")
        for way in WAYS:
            to_start = instructions_to_start(way, Path(folder))
            print(f"{f'start a weigh bin whose program is {way}':50} {to_start / 1e6:8.1f} million")
