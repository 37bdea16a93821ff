# SPDX-License-Identifier: Apache-2.0
"""Type check of the firmware as MicroPython on an ESP32 sees it: `python -m tools.setup.firmware_types`.

mypy takes no stubs from site-packages for what CPython has as well (`time`, `socket`), and takes the whole of
site-packages when it is pointed there. So the stubs are linked into a folder of their own first.
"""

import os
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
STUBS = REPOSITORY / ".mypy_cache" / "firmware-stubs"
DISTRIBUTIONS = ("micropython-stdlib-stubs", "micropython-esp32-stubs")  # the board's own come last, and win


def link_stubs() -> None:
    """Links to every stub file of the distributions, in the folders they have below site-packages."""
    for name in DISTRIBUTIONS:
        for file in distribution(name).files or ():
            if file.suffix == ".pyi" or file.name == "VERSIONS":
                link = STUBS / file
                link.parent.mkdir(parents=True, exist_ok=True)
                link.unlink(missing_ok=True)
                link.symlink_to(Path(str(file.locate())))


def main() -> int:
    link_stubs()
    argv = [sys.executable, "-m", "mypy", "--config-file", "firmware/mypy.ini", "--custom-typeshed-dir", str(STUBS)]
    env = {**os.environ, "MYPYPATH": f"firmware:{STUBS}"}
    return subprocess.run([*argv, *sys.argv[1:]], cwd=REPOSITORY, env=env, check=False).returncode  # noqa: S603 - our own words


if __name__ == "__main__":
    sys.exit(main())
