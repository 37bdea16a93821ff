# SPDX-License-Identifier: Apache-2.0
"""`kanbin count` as a process: answers at once, ends quietly, and says which lines were wrong."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from fleet.cli import app
from fleet.commands.lines import BLOCK_BYTES

ROOT = Path(__file__).resolve().parents[3]
PYTHON = [sys.executable, "-c"]
KANBIN = [*PYTHON, "from fleet.cli import main; main()"]
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}  # as people have it
CONFIG = (
    '{"type":"config","bin_id":"bin-1","tare_raw":100000,"counts_per_g":214.7,"capacity_g":10000,"apw_g":5.0,'
    '"pack_size":50,"packs_per_refill":2,"reorder_point":40,"initial_count":100,"bin_weight_g":260,"heartbeat_s":300,'
    '"send_delta_g":2.0}'
)
END = '{"type":"end"}'


def reading(number: int) -> str:
    return json.dumps({"type": "reading", "t": 300 * number, "raw": 207_350 + number % 7, "temp": None})


def trace(readings: int) -> str:
    return "\n".join([CONFIG, *map(reading, range(readings)), END, ""])


def count(*arguments: str | Path, given: str | bytes = "") -> Result:
    return CliRunner().invoke(app, ["count", *map(str, arguments)], input=given)


def run(command: list[str], **more: Any) -> subprocess.CompletedProcess[bytes]:
    """A process that ends by itself."""
    return subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, stderr=subprocess.PIPE, timeout=60, check=False, **more)


@contextmanager
def unread() -> Iterator[int]:
    """The end of a pipe that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


@contextmanager
def counting(**more: Any) -> Iterator["subprocess.Popen[str]"]:
    """`kanbin count` with pipes at all three ends, still running."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    with subprocess.Popen([*KANBIN, "count"], cwd=ROOT, env=ENVIRONMENT, text=True, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def say(process: "subprocess.Popen[str]", *lines: str) -> None:
    assert process.stdin
    process.stdin.write("".join(f"{line}\n" for line in lines))
    process.stdin.flush()


def heard(process: "subprocess.Popen[str]") -> Any:
    """The next answer; nobody waits for one that does not come."""
    assert process.stdout
    ready, _, _ = select([process.stdout], [], [], 30)
    assert ready, "no answer"
    return json.loads(process.stdout.readline())


def test_each_reading_has_one_line_in_their_order() -> None:
    counted = count(given=trace(readings=50))
    assert counted.exit_code == 0, counted.output
    answers = [json.loads(line) for line in counted.stdout.splitlines()]
    assert [answer["t"] for answer in answers] == [300 * number for number in range(50)]
    assert {answer["count"] for answer in answers} == {100}
    assert list(answers[0]) == ["t", "count", "sd", "status", "p_at_or_below_reorder", "order_due", "events"]
    assert counted.stderr == ""


def test_a_file_is_read_as_standard_input_is(tmp_path: Path) -> None:
    file = tmp_path / "trace.jsonl"
    file.write_text(trace(readings=2_000))
    from_file, from_input = count(file), count(given=trace(readings=2_000))
    assert from_file.exit_code == from_input.exit_code == 0
    assert from_file.stdout == from_input.stdout
    assert from_file.stdout.count("\n") == 2_000


def test_a_wrong_line_is_named_on_stderr_the_rest_is_counted_and_the_exit_code_is_2() -> None:
    lines = [CONFIG, reading(1), "nonsense", '{"type":"reading","t":600}', reading(3), END]
    counted = count(given="\n".join(lines))
    assert counted.exit_code == 2
    assert [json.loads(line)["t"] for line in counted.stdout.splitlines()] == [300, 900]
    assert [json.loads(line) for line in counted.stderr.splitlines()] == [
        {"error": "is no JSON (Expecting value); give one JSON object a line", "line": 3},
        {"error": "raw: is missing; give what the converter said, a whole number of counts", "line": 4},
    ]


@pytest.mark.parametrize("first_bytes", [1_000, BLOCK_BYTES - 1, BLOCK_BYTES])
def test_two_bins_in_one_stream_are_counted_one_after_the_other(first_bytes: int) -> None:
    """Wherever the block ends in which the first of them does."""
    first = trace(readings=3)
    note = f',"note":"{"x" * (first_bytes - len(first) - 10)}"}}'
    first = first.replace(END, END[:-1] + note)
    assert len(first) == first_bytes
    counted = count(given=first + trace(readings=2))
    assert counted.exit_code == 0, counted.output
    assert [json.loads(line)["t"] for line in counted.stdout.splitlines()] == [0, 300, 600, 0, 300]


def test_progress_is_shown_beside_the_answers_not_among_them(tmp_path: Path) -> None:
    file = tmp_path / "[trace] {1}.jsonl"
    file.write_text(trace(readings=10))
    counted = count("--progress", file)
    assert counted.exit_code == 0, counted.output
    assert counted.stdout.count("\n") == 10
    assert "[trace] {1}.jsonl" in counted.stderr
    assert "100%" in counted.stderr


def test_progress_through_what_has_no_length_is_refused() -> None:
    refused = count("--progress", given=trace(readings=1))
    assert refused.exit_code == 2
    assert "needs a FILE" in refused.stderr


def test_a_file_that_is_not_there_is_named() -> None:
    refused = count("nowhere.jsonl")
    assert refused.exit_code == 2
    assert "nowhere.jsonl" in refused.stderr


def test_each_answer_comes_before_the_next_reading_is_waited_for_and_an_end_needs_no_closed_pipe() -> None:
    with counting() as process:
        say(process, CONFIG)
        for number in range(3):
            say(process, reading(number))
            assert heard(process)["t"] == 300 * number
        say(process, END)
        assert process.wait(timeout=30) == 0


def test_ctrl_c_ends_it_quietly() -> None:
    with counting() as process:
        say(process, CONFIG, reading(0))
        assert heard(process)["t"] == 0
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert (process.returncode, said) == (130, "")


def test_a_reader_that_has_had_enough_ends_it_quietly(tmp_path: Path) -> None:
    file = tmp_path / "trace.jsonl"
    file.write_text(trace(readings=20_000))
    with unread() as writer:
        ended = run([*KANBIN, "count", str(file)], stdout=writer)
    assert (ended.returncode, ended.stderr) == (141, b"")


INTERRUPTED_WHILE_COUNTING = """
from fleet.cli import main
from fleet.commands import count
from tests.fakes.counter import RoundingCounter

class Interrupted(RoundingCounter):
    def update(self, t_s, raw, temp_c):
        if t_s > 300:
            raise KeyboardInterrupt
        return super().update(t_s, raw, temp_c)

count._make_counter = Interrupted
main()
"""


def test_ctrl_c_while_counting_leaves_what_was_counted(tmp_path: Path) -> None:
    file = tmp_path / "trace.jsonl"
    file.write_text(trace(readings=10))
    command = [*PYTHON, INTERRUPTED_WHILE_COUNTING, "count", str(file)]
    ended = run(command, stdout=subprocess.PIPE)
    assert (ended.returncode, ended.stdout.count(b"\n"), ended.stderr) == (130, 2, b"")
    with unread() as writer:
        ended = run(command, stdout=writer)
    assert (ended.returncode, ended.stderr) == (130, b"")


def test_no_room_for_the_answers_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "trace.jsonl"
    file.write_text(trace(readings=10))
    with Path("/dev/full").open("wb") as full:
        ended = run([*KANBIN, "count", str(file)], stdout=full)
    assert ended.returncode == 1
    assert ended.stderr.decode().startswith("kanbin: No space left on device; ")
    assert ended.stderr.count(b"\n") == 1
