# SPDX-License-Identifier: Apache-2.0
"""What it takes a bin on a battery to load its program in a wake without a report: python -m tests.bench.wake.

The virtual board says which modules such a wake loads; to load them is done again and counted, in each way in which the
firmware may lie on a board.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

from tests.callgrind import instructions_to_run
from tests.fakes.renewing_fleet import RenewingFleet
from tests.fakes.udp_fleet import UdpFleet
from tests.image import build
from tests.simulate.test_sleeping_bin import live, naps
from tools.simulate import virtual_device
from tools.technician.compile import compile_to
from tools.technician.program import FIRMWARE, STARTERS, program

TOP = Path(__file__).parents[2]
PACKAGES = ("apps", "boards", "device", "drivers", "wire")
ASLEEP = "def deepsleep(duration_ms):\n"
SAY = ASLEEP + "    import sys\n    print('kanbin: loaded', ' '.join(sys.modules))\n"
LOAD = """
import gc
import sys

class Stub:
    def __getattr__(self, name):
        return self

gc.threshold(16384)  # as main.py has it
for name in ("machine", "network", "esp32"):
    sys.modules[name] = Stub()
for name in MODULES:
    __import__(name)
"""


def modules_of_a_wake(folder: Path) -> list[str]:
    """What the second wake of a bin loads, in which nothing is reported, what it forgets again too."""
    machine, firmware = folder / "board", folder / "firmware"
    shutil.copytree(virtual_device.BOARD, machine)
    shutil.copytree(FIRMWARE, firmware)
    (firmware / "device/forget.py").write_text("def forget(*names):\n    pass\n")
    source = (machine / "machine.py").read_text()
    (machine / "machine.py").write_text(source.replace(ASLEEP, SAY))
    fleet = UdpFleet(RenewingFleet())
    try:
        with patch.object(virtual_device, "BOARD", machine), patch.object(virtual_device, "FIRMWARE", firmware):
            lines = asyncio.run(live(folder / "bin", fleet, lambda lines: naps(lines) > 2))
    finally:
        fleet.close()
    loaded = [line.split()[2:] for line in lines if line.startswith("kanbin: loaded ")][1]
    return [name for name in reversed(loaded) if name.split(".")[0] in PACKAGES]


def reads_of_flash(way: str, script: Path, folder: Path) -> tuple[int, int]:
    """(reads, bytes), the program lying on LittleFS in files, or in the image."""
    written = folder / f"{way}-on-flash"
    of_the_bin = program("weigh_bin", "esp32_wroom") if way == "files" else [FIRMWARE / name for name in STARTERS]
    list(compile_to(written, of_the_bin, STARTERS))
    result = subprocess.run(
        [build(bits=64), "-X", "heapsize=16m", TOP / "tests/littlefs/load.py", written.name, script],
        cwd=folder,
        env={**os.environ, "MICROPYPATH": f"{TOP}:{FIRMWARE}:.frozen"},
        capture_output=True,
        text=True,
        check=True,
    )
    reads, size = result.stdout.split()[-2:]
    return int(reads.removeprefix("reads=")), int(size.removeprefix("bytes="))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        modules = modules_of_a_wake(folder)
        script = folder / "load_program.py"
        script.write_text(f"MODULES = {modules!r}{LOAD}")
        print(f"{len(modules)} modules are loaded by a wake in which nothing is reported")
        for way in ("sources", "files", "image"):
            millions = instructions_to_run(script, way, folder) / 1e6
            print(f"{way:8} {millions:6.1f} million instructions (x86-64)", end="")
            print(
                "" if way == "sources" else ", {} reads of flash, {} bytes".format(*reads_of_flash(way, script, folder))
            )


if __name__ == "__main__":
    sys.exit(main())
