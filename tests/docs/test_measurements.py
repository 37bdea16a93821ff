# SPDX-License-Identifier: Apache-2.0
"""The page on time series lists the measurements as they are."""

import re
from pathlib import Path

from fleet.series.outbox import BATCH_POINTS, REFUSED_KEPT, WAITING_MAX
from fleet.series.schema import MEASUREMENTS, STANDINGS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "series.md"


def rows() -> list[str]:
    """The table as it should be."""
    return [
        f"| `{each.name}` | {each.shelf} | {', '.join(each.tags)} | "
        + "; ".join(f"`{field.name}`" + (f" ({field.unit})" if field.unit else "") for field in each.fields)
        + f" | {each.written} |"
        for each in MEASUREMENTS.values()
    ]


def test_the_table_of_measurements_is_that_of_the_code() -> None:
    text = PAGE.read_text()
    table = text[text.index("<!-- measurements -->") : text.index("<!-- /measurements -->")].splitlines()[3:]
    assert table == rows(), "it should be\n" + "\n".join(rows())


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    text = PAGE.read_text()
    assert f"{REFUSED_KEPT:,} such batches" in text
    assert BATCH_POINTS * WAITING_MAX == 4_000_000
    assert "some four million points" in text
    said = re.search(r"`standing` is ([^.]*)\.", text.replace("\n", " "))
    assert said
    assert [word.split(" (")[0].split(" ", 1)[1] for word in said[1].split(", ")] == list(STANDINGS)
