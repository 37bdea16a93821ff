# SPDX-License-Identifier: Apache-2.0
"""What it takes a processor to protect a request and to open its response. Counts differ by half a percent."""

from pathlib import Path

import pytest

from tests.callgrind import instructions_of


@pytest.mark.parametrize(("what", "at_most"), [("request", 125_000), ("response", 80_000)])
def test_a_message_takes_few_instructions(
    what: str, at_most: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = instructions_of(what, tmp_path)

    with capsys.disabled():
        print(f"\n{what}: {found} instructions of x86-64, of {at_most} allowed")
    assert found <= at_most
