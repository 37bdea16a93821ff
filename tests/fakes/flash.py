# SPDX-License-Identifier: Apache-2.0
"""Files in memory that obey what flash does: a write can tear, the power can go at any step, room ends."""

ENOSPC = 28


class PowerCutError(Exception):
    """The power is gone; only `files` is left."""


class FakeFlash:
    """Cuts the power after `cut_after` steps of writing (None: never); a restart is a new FakeFlash of the same files.

    A file can take one step of being half written. `capacity` is the room for all files together, in bytes; `error` is
    what a write beyond it ends with.
    """

    def __init__(self, files=None, cut_after=None, capacity=None, error=ENOSPC):
        self.files = {} if files is None else files
        self.steps = 0
        self._cut_after = cut_after
        self._capacity = capacity
        self._error = error

    def room_for(self, capacity):
        """Somebody made room, or took it."""
        self._capacity = capacity

    def names(self, folder):
        return (name[len(folder) + 1 :] for name in sorted(self.files) if name.startswith(folder + "/"))

    def size(self, name):
        return len(self.files.get(name, b""))

    def free_blocks(self):
        return 1000 if self._capacity is None else (self._capacity - self._used()) // 4096

    def read(self, name):
        return self.files.get(name)

    def read_part(self, name, start, size):
        return self.files.get(name, b"")[start : start + size]

    def append(self, name, data):
        self._write(name, self.files.get(name, b""), data)

    def write(self, name, pieces):
        self._write(name, b"", b"".join(pieces))

    def rename(self, name, new_name):
        self._step()
        self.files[new_name] = self.files.pop(name)
        self._step()

    def replace(self, name, data):
        aside = name + ".new"
        self._write(aside, b"", data)
        self.files[name] = self.files.pop(aside)
        self._step()

    def remove(self, name):
        self._step()
        self.files.pop(name, None)
        self._step()

    def _write(self, name, before, data):
        self._step()
        self.files[name] = before + data[: len(data) // 2]
        self._step()
        if self._capacity is not None and self._used() > self._capacity:
            raise OSError(self._error, "no room left")
        self.files[name] = before + data
        self._step()

    def _used(self):
        return sum(len(each) for each in self.files.values())

    def _step(self):
        if self._cut_after is not None and self.steps >= self._cut_after:
            raise PowerCutError
        self.steps += 1
