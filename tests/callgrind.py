# SPDX-License-Identifier: Apache-2.0
"""What one operation of the wire costs, in instructions that valgrind counts: the difference of a short and a long run.

The device's half alone, compiled, in a heap of 64 KB as an ESP32 begins with; collecting the garbage is counted too.
"""

import os
import subprocess
import sys
from pathlib import Path

from wire import coap
from wire.oscore import Context
from wire.oscore_server import ServerContext

from tests.board import compile_to
from tests.ciphers import AEAD

TOP = Path(__file__).parents[1]
SCRIPT = TOP / "tests/micropython/count_instructions.py"
MICROPYTHON = Path(sys.executable).with_name("micropython")
HEAP = "64k"
PARTIAL_IV = 300
SHORT, LONG = 100, 300


def response() -> bytes:
    """An acknowledgement with news of nothing, as the fleet protects it: under a partial IV of its own."""
    key, peer_key, iv = bytes(range(16)), bytes(range(16, 32)), bytes(range(13))
    device = Context(AEAD, b"\x00\x01", key, b"", peer_key, iv)
    fleet = ServerContext(AEAD, b"", peer_key, b"\x00\x01", key, iv)
    binding = device.protect_request(PARTIAL_IV, coap.POST, [], b"")[2]
    option, ciphertext = fleet.protect_response(binding, coap.CHANGED, [], b"", 70000)
    return coap.encode(coap.Message(coap.ACK, coap.CHANGED, 1, b"", [(coap.OSCORE, option)], ciphertext))


def instructions_of(what: str, folder: Path) -> int:
    """Instructions of a request, response or received of count_instructions.py; `folder` is for the compiled files."""
    if not (folder / SCRIPT.with_suffix(".mpy").name).exists():
        compile_to(folder, SCRIPT)
    return (_total(what, LONG, folder) - _total(what, SHORT, folder)) // (LONG - SHORT)


def _total(what: str, times: int, folder: Path) -> int:
    counts = folder / f"{what}.{times}"
    subprocess.run(
        [
            *("valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}", sys.executable, MICROPYTHON),
            *("-X", f"heapsize={HEAP}", "-m", SCRIPT.stem, what, str(times), str(PARTIAL_IV), response().hex()),
        ],
        cwd=folder,
        env={**os.environ, "MICROPYPATH": ":.frozen", "PYTHONHASHSEED": "0"},
        capture_output=True,
        timeout=300,
        check=True,
    )
    (summary,) = [line for line in counts.read_text().splitlines() if line.startswith("summary:")]
    return int(summary.split()[1])
