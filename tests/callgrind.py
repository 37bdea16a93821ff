# SPDX-License-Identifier: Apache-2.0
"""What a device's work costs, in instructions that valgrind counts: the difference of two runs.

One operation of the wire, of the device's half alone, compiled, in a heap of 64 KB as an ESP32 begins with; and whole
scripts, in one of 160, as it grows to. Collecting the garbage is counted too.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from wire import coap
from wire.oscore import Context
from wire.oscore_server import ServerContext

from tests.board import compile_to
from tests.ciphers import AEAD
from tests.image import build
from tools.technician.program import FIRMWARE

TOP = Path(__file__).parents[1]
SCRIPT = TOP / "tests/micropython/count_instructions.py"
MICROPYTHON = Path(sys.executable).with_name("micropython")
HEAP, HEAP_ALL = ("-X", "heapsize=64k"), ("-X", "heapsize=160k")
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


def instructions_to_run(script: Path, way: str, folder: Path) -> int:
    """Instructions of a script, the firmware being `way`: sources, files (compiled) or image."""
    board = folder / way
    if way == "sources":
        shutil.copytree(FIRMWARE, board)
    compile_to(board, script, sources=[] if way == "files" else [FIRMWARE / "boot.py"])
    path = ":.frozen" if way == "image" else ":"  # one interpreter for all three
    interpreter = build(bits=64)
    runs = [(script.stem, ("-m", script.stem)), ("nothing", ("-c", "pass"))]
    ran, nothing = (_count(board / name, [interpreter, *HEAP_ALL, *run], board, path) for name, run in runs)
    return ran - nothing


def _total(what: str, times: int, folder: Path) -> int:
    run = [*HEAP, "-m", SCRIPT.stem, what, str(times), str(PARTIAL_IV), response().hex()]
    return _count(folder / f"{what}.{times}", [sys.executable, MICROPYTHON, *run], folder, ":.frozen")


def _count(counts: Path, command: Sequence[str | Path], folder: Path, path: str) -> int:
    subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}.counts", *command],
        cwd=folder,
        env={**os.environ, "MICROPYPATH": path, "PYTHONHASHSEED": "0"},
        capture_output=True,
        timeout=300,
        check=True,
    )
    lines = counts.with_name(f"{counts.name}.counts").read_text().splitlines()
    (summary,) = [line for line in lines if line.startswith("summary:")]
    return int(summary.split()[1])
