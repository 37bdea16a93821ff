# SPDX-License-Identifier: Apache-2.0
"""What runs side by side: test files, one in each process, but the stories of tests/e2e one after the other.

So nothing is judged by how long it took: Hypothesis would allow an example 200 ms.
"""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("without-a-watch", deadline=None)
settings.load_profile("without-a-watch")

STORIES = Path(__file__).parent / "e2e"


@pytest.hookimpl(tryfirst=True)  # before xdist takes the groups down
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A story is a fleet and its devices, each a process, in real time: two of them would wait for each other.

    The fixtures of a module are made once, since a file stays in one process.
    """
    for item in items:
        group = "stories" if item.path.is_relative_to(STORIES) else item.path.as_posix()
        item.add_marker(pytest.mark.xdist_group(group))
