# SPDX-License-Identifier: Apache-2.0
"""Files in memory on a flash that wears out: parts of them cannot be read any more, or nothing can be written."""

from tests.fakes.flash import FakeFlash

EIO = 5


class WornFlash(FakeFlash):
    """What is unreadable of a file stays so under each of its names, and goes with it; an append reads it too."""

    def __init__(self, files=None, cut_after=None):
        super().__init__(files, cut_after)
        self.reads_nothing = self.writes_nothing = False
        self._unreadable = {}  # name: (from, to) in bytes

    def wear(self, name, start=0, end=1 << 30):
        """What the file has in these bytes is lost."""
        assert name in self.files
        self._unreadable[name] = start, end

    def read(self, name):
        self._look(name, 0, 1 << 30)
        return super().read(name)

    def read_part(self, name, start, size):
        self._look(name, start, start + size)
        return super().read_part(name, start, size)

    def rename(self, name, new_name):
        super().rename(name, new_name)
        self._unreadable.pop(new_name, None)
        if name in self._unreadable:
            self._unreadable[new_name] = self._unreadable.pop(name)

    def replace(self, name, data):
        super().replace(name, data)
        self._unreadable.pop(name, None)

    def remove(self, name):
        super().remove(name)
        self._unreadable.pop(name, None)

    def append(self, name, data):
        self._look(name, 0, 1 << 30)
        super().append(name, data)

    def _look(self, name, start, end):
        first, last = self._unreadable.get(name, (0, 0))
        if name in self.files and (self.reads_nothing or max(start, first) < min(end, last, self.size(name))):
            raise OSError(EIO, "unreadable")

    def _step(self):
        if self.writes_nothing:
            raise OSError(EIO, "worn")
        super()._step()
