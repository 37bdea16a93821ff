# SPDX-License-Identifier: Apache-2.0
"""`kanbin simulate trace`: two files of JSON lines, and a clear sentence for each mistake."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from fleet.cli import app
from tools.simulate.trace import CLASSES, make_trace

ROOT = Path(__file__).resolve().parents[3]
Lines = list[dict[str, object]]


def simulate(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["simulate", "trace", *map(str, arguments)])


def lines_of(text: str) -> Lines:
    return [json.loads(line) for line in text.splitlines()]


def test_the_readings_are_those_of_the_trace_between_a_configuration_and_an_end() -> None:
    shown = simulate("--class", "typical-5g", "--seed", "7", "--days", "2")
    trace = make_trace("typical-5g", 7, 2.0)
    first, *readings, last = lines_of(shown.stdout)
    assert shown.exit_code == 0
    assert first == trace.config
    assert last == {"type": "end"}
    assert readings == [
        {"type": "reading", "t": t_s, "raw": raw, "temp": temp_c}
        for t_s, raw, temp_c in zip(trace.t_s.tolist(), trace.raw.tolist(), trace.temp_c.tolist(), strict=True)
    ]


def test_a_bin_without_a_thermometer_has_null_for_the_temperature() -> None:
    readings = lines_of(simulate("--class", "hard-4g", "--days", "0.2").stdout)[1:-1]
    assert {reading["temp"] for reading in readings} == {None}


def test_the_truth_is_each_activity_with_the_count_after_it(tmp_path: Path) -> None:
    truth, out = tmp_path / "truth.jsonl", tmp_path / "trace.jsonl"
    said = simulate("--class", "faulty-5g", "--seed", "3", "--days", "20", "--out", out, "--truth", truth)
    trace = make_trace("faulty-5g", 3, 20.0)
    start, *activities = lines_of(truth.read_text())
    assert start == {"type": "start", "bin_id": "faulty-5g/3", "t": 0.0, "count": 500}
    assert [each["kind"] for each in activities] == [each.kind for each in trace.activities]
    assert [each["delta"] for each in activities] == [each.delta for each in trace.activities]
    assert [each["count"] for each in activities] == trace.count_at([each.end_s for each in trace.activities]).tolist()
    assert said.stderr == f"{len(trace.t_s):,} readings, {len(trace.activities):,} activities\n"


def test_scanned_refills_stand_among_the_readings_where_they_were_scanned() -> None:
    lines = lines_of(simulate("--class", "easy-50g", "--days", "14", "--scan-refills").stdout)[1:-1]
    refills = [each for each in make_trace("easy-50g", 1, 14.0).activities if each.kind == "refill"]
    assert refills
    assert [line for line in lines if line["type"] == "refill"] == [
        {"type": "refill", "t": each.end_s, "packs": 3} for each in refills
    ]
    times = [line["t"] for line in lines]
    assert times == sorted(times)  # type: ignore[type-var]


def test_nobody_scans_unless_asked_for() -> None:
    assert '"refill"' not in simulate("--class", "easy-50g", "--days", "14").stdout


def test_the_list_shows_every_class() -> None:
    shown = simulate("--list")
    assert shown.exit_code == 0
    assert [line.split(":")[0] for line in sorted(shown.stdout.splitlines())] == sorted(CLASSES)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "--class: is missing; choose one of easy-50g, easy-12g"),
        (["--class", "nails"], "--class: there is no 'nails'; choose one of easy-50g, easy-12g"),
        (["--class", "easy-12g", "--truth", "-"], "--truth: - is where --out goes; name another file"),
        (["--class", "easy-12g", "--days", "0"], "--days"),
        (["--class", "easy-12g", "--seed", "-1"], "--seed"),
    ],
)
def test_a_mistake_names_its_option(arguments: list[str], sentence: str) -> None:
    refused = simulate(*arguments)
    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert refused.stdout == ""


@pytest.mark.parametrize("option", ["--out", "--truth"])
def test_a_file_that_cannot_be_written_is_named_with_its_option(option: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "missing" / "file.jsonl"
    others = ["--out", tmp_path / "out.jsonl"] if option == "--truth" else []
    refused = simulate("--class", "easy-12g", "--days", "0.1", *others, option, nowhere)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"kanbin: {option}: {nowhere}: No such file or directory")


def kanbin(*arguments: str | Path) -> subprocess.Popen[str]:
    """The command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "from fleet.cli import main; main()", "simulate", "trace", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'firmware'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_an_interrupt_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """It comes in the middle of the writing: the first file is a pipe, too short for the trace, and nobody reads on."""
    pipe, truth = tmp_path / "pipe", tmp_path / "truth.jsonl"
    os.mkfifo(pipe)
    truth.write_text("old\n")
    process = kanbin("--class", "easy-12g", "--days", "20", "--out", pipe, "--truth", truth)
    with pipe.open() as reader:
        assert '"config"' in reader.readline()
        process.send_signal(signal.SIGINT)
        assert reader.readlines()[-1] != '{"type": "end"}\n'
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors == "kanbin: interrupted; files not yet complete were not written\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pipe", "truth.jsonl"]
    assert truth.read_text() == "old\n"


def test_a_reader_who_has_read_enough_is_no_error_to_complain_of() -> None:
    process = kanbin("--class", "easy-12g", "--days", "20")
    assert process.stdout is not None
    assert process.stderr is not None
    assert '"config"' in process.stdout.readline()
    process.stdout.close()
    process.wait(timeout=60)
    assert process.stderr.read() == ""
    process.stderr.close()
