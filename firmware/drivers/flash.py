# SPDX-License-Identifier: Apache-2.0
"""Files on the board's flash: whatever returned is on the flash and survives a power cut."""

import os

_ENOENT = 2
_FILE_SIZE = 6  # index in os.stat


class Flash:
    """Names are paths below the current directory. Errors of the file system come as OSError.

    `writes` counts what was written since the start: flash wears out.
    """

    def __init__(self, folders):
        self.writes = 0
        for folder in folders:
            if folder not in os.listdir():
                os.mkdir(folder)

    def names(self, folder: str):
        """Names of what is in a folder, one at a time and in any order: a list of hundreds would take kilobytes."""
        for entry in os.ilistdir(folder):
            yield entry[0]

    def size(self, name: str) -> int:
        """Bytes in the file, 0 when there is none."""
        try:
            return os.stat(name)[_FILE_SIZE]
        except OSError as error:
            return _missing(error, 0)

    def read(self, name: str) -> "bytes | None":
        """The whole file, None when there is none."""
        try:
            with open(name, "rb") as file:
                return file.read(self.size(name))  # in one piece: reading on and on would leave holes in the heap
        except OSError as error:
            return _missing(error, None)

    def read_part(self, name: str, start: int, size: int) -> bytes:
        """Up to `size` bytes from `start` on; nothing where the file ends, or where there is none."""
        try:
            with open(name, "rb") as file:
                file.seek(start)
                return file.read(size)
        except OSError as error:
            return _missing(error, b"")

    def append(self, name: str, data: bytes) -> None:
        self.writes += 1
        with open(name, "ab") as file:
            file.write(data)
            file.flush()

    def write(self, name: str, pieces) -> None:
        """A file anew, of many pieces: whole once this returns, while a power cut may leave a part of it."""
        with open(name, "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()

    def rename(self, name: str, new_name: str) -> None:
        """The other file of that name goes in the same step."""
        os.rename(name, new_name)

    def replace(self, name: str, data: bytes) -> None:
        """Old content or new, never a mixture: written aside, flushed, renamed."""
        self.writes += 1
        aside = name + ".new"
        self.write(aside, (data,))
        self.rename(aside, name)

    def remove(self, name: str) -> None:
        """A file that is not there is as good as removed."""
        try:
            os.remove(name)
        except OSError as error:
            _missing(error, None)


def _missing(error: OSError, answer):
    """The answer for a file that does not exist; any other error is raised again."""
    if error.errno != _ENOENT:
        raise error
    return answer
