# SPDX-License-Identifier: Apache-2.0
"""The bench as a program, over a few days of real traces."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.counting.__main__ import seeds_of
from tests.bench.counting.bins import Task, count_bin

ROOT = Path(__file__).resolve().parents[3]


def bench(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.bench.counting", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("text", "seeds"), [("7", [7]), ("1-3", [1, 2, 3]), ("1-2,9,11-12", [1, 2, 9, 11, 12])])
def test_seeds_are_named_alone_or_from_to(text: str, seeds: list[int]) -> None:
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "x", "3-1", "1,3-2", "1-", "1,,2"])
def test_other_seeds_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        seeds_of(text)


def test_the_same_bin_gives_the_same_figures() -> None:
    task = Task("typical-5g", 1, 3.0, ("naive", "median", "perfect"), "")
    costs = {"us_per_update": 0.0}
    first, second = ([outcome.figures | costs for outcome in count_bin(task)] for _ in range(2))
    assert first == second


def test_a_counter_that_raises_does_not_take_the_others_with_it() -> None:
    broken = "tests.bench.counting.naive:changed"
    naive, ours = count_bin(Task("typical-5g", 1, 1.0, ("naive", "ours"), broken))
    assert naive.failure is None
    assert "TypeError" in (ours.failure or "")


def test_it_writes_a_page_with_date_commit_and_seeds_and_a_line_for_each_bin(tmp_path: Path) -> None:
    page, lines = tmp_path / "page.md", tmp_path / "lines.jsonl"
    where = ("--out", str(page), "--json", str(lines))
    done = bench("--class", "typical-5g", "--seeds", "1-2", "--days", "2", "--counters", "median,perfect", *where)
    assert done.returncode == 0, done.stderr
    assert page.read_text() == done.stdout
    assert "seeds 1-2, 2 simulated days a bin" in done.stdout
    told = [json.loads(line) for line in lines.read_text().splitlines()]
    assert sorted((line["class"], line["seed"], line["counter"]) for line in told) == [
        ("typical-5g", seed, counter) for seed in (1, 2) for counter in ("median", "perfect")
    ]
    assert all(line["figures"]["days"] == pytest.approx(2, abs=0.01) for line in told)


@pytest.mark.parametrize(
    ("words", "remedy"),
    [
        (("--class", "nothing"), "take one of easy-50g"),
        (("--counters", "best"), "take some of naive"),
        (("--seeds", "x"), "give 1-5 or 1,3"),
    ],
)
def test_what_it_cannot_do_it_says_with_the_remedy(words: tuple[str, ...], remedy: str) -> None:
    done = bench(*words)
    assert done.returncode == 2
    assert remedy in " ".join(done.stderr.replace("│", " ").split())
