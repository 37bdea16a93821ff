# SPDX-License-Identifier: Apache-2.0
"""Files on the board's flash: whatever returned is on the flash and survives a power cut."""

import os

from drivers import const

_TYPING = const(0)
if _TYPING:
    from typing import IO

_ENOENT = const(2)
_FILE_SIZE = const(6)  # index in os.stat
_BLOCKS_FREE = const(3)  # index in os.statvfs


class Flash:
    """Names are paths below the current directory. Errors of the file system come as OSError.

    `writes` counts what was written since the start: flash wears out.
    """

    def __init__(self, folders):
        self.writes = 0
        self._name = ""  # of the file that was appended to last, which stays open: finding it again takes time
        self._file: "IO[bytes]"
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

    def free_blocks(self) -> int:
        return os.statvfs(".")[_BLOCKS_FREE]

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
        if name != self._name:
            self._close()
            self._file = open(name, "ab")  # noqa: SIM115 - closed when another is written to
            self._name = name
        try:
            self._file.write(data)
            self._file.flush()  # without it there is nothing on the flash before the file is closed
        except OSError:
            self._close()
            raise

    def write(self, name: str, pieces) -> None:
        """A file anew, of many pieces: whole once this returns, while a power cut may leave a part of it."""
        self.writes += 1
        self._close()
        with open(name, "wb") as file:  # LittleFS has it on flash when it is closed
            for piece in pieces:
                file.write(piece)

    def rename(self, name: str, new_name: str) -> None:
        """The other file of that name goes in the same step."""
        self._close()
        os.rename(name, new_name)

    def replace(self, name: str, data: bytes) -> None:
        """Old content or new, never a mixture: written aside, renamed."""
        aside = name + ".new"
        self.write(aside, (data,))
        self.rename(aside, name)

    def remove(self, name: str) -> None:
        """A file that is not there is as good as removed."""
        self._close()
        try:
            os.remove(name)
        except OSError as error:
            _missing(error, None)

    def _close(self) -> None:
        if self._name:
            self._name = ""
            self._file.close()


def _missing(error: OSError, answer):
    """The answer for a file that does not exist; any other error is raised again."""
    if error.errno != _ENOENT:
        raise error
    return answer
