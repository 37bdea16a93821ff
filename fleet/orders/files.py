# SPDX-License-Identifier: Apache-2.0
"""How a document becomes a file: seen whole or not at all, on disk, and never in the place of another."""

import os
from contextlib import suppress
from pathlib import Path
from secrets import token_hex


def add_whole(path: Path, content: bytes) -> None:
    """Adds a file that is not there yet; one of the same content may be. Raises FileExistsError, OSError.

    Several services may add the same file at once: each writes aside under a name of its own.
    """
    aside = _write_aside(path, content)
    try:
        _give_name(aside, path)
    except (FileExistsError, FileNotFoundError):  # not found: another service added it and swept ours away
        if path.read_bytes() != content:
            _sweep(path)
            raise FileExistsError(path) from None
    except OSError:
        _sweep(path)
        raise
    _sweep(path)
    _sync_folder(path.parent)


def replace_whole(path: Path, content: bytes) -> None:
    """Puts a file in the place of whatever is there. Raises OSError."""
    aside = _write_aside(path, content)
    try:
        os.replace(aside, path)
    except OSError:
        _sweep(path)
        raise
    _sweep(path)
    _sync_folder(path.parent)


def _write_aside(path: Path, content: bytes) -> Path:
    """Writes the content beside the path and on disk; hidden, so that whoever collects *.json never sees it."""
    aside = path.with_name(f".{path.name}.{token_hex(4)}.tmp")
    try:
        with aside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with suppress(OSError):
            aside.unlink()
        raise
    return aside


def _give_name(aside: Path, path: Path) -> None:
    try:
        os.link(aside, path)  # unlike a rename it never takes the place of what is there
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError(path) from None
        os.replace(aside, path)


def _sweep(path: Path) -> None:
    """Takes away what was written aside for the file, by a run that crashed too."""
    for aside in path.parent.glob(f".{path.name}.*.tmp"):
        with suppress(OSError):
            aside.unlink()


def _sync_folder(folder: Path) -> None:
    """Makes the names in it durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
