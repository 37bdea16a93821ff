# SPDX-License-Identifier: Apache-2.0
"""What runs side by side: test files, one in each process, but the stories of tests/e2e one after the other.

So nothing is judged by how long it took: Hypothesis would allow an example 200 ms.
"""

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

settings.register_profile("without-a-watch", deadline=None)
settings.load_profile("without-a-watch")


class StoriesApart(LoadFileScheduling):
    """A file stays in one process, so what its tests share is made once. All stories stay in one.

    A story is a fleet and its devices, each a process, in real time: two of them would wait for each other.
    """

    def _split_scope(self, nodeid: str) -> str:
        return "stories" if nodeid.startswith("tests/e2e/") else str(super()._split_scope(nodeid))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling:
    """In the place of what `--dist` would choose."""
    return StoriesApart(config, log)
