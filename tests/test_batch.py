"""Runs over many files: in order, whole or to be gone on with, and shared by processes."""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest
from composer import compose, text_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grounds.batch import tag_files, tag_into
from grounds.errors import GroundsError
from grounds.journal import Input, Resumed, journal
from grounds.model import Model
from grounds.reading import find
from grounds.record import Failure, Record
from grounds.writing import jsonl

Inputs = Sequence[Input]


class Stopped(Exception):
    """Stands for whatever ends a run."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of decisions, with files among them that fail."""
    folder = tmp_path_factory.mktemp("decisions")
    for number, made in enumerate(compose(9, seed=3)):
        (folder / f"{number}.txt").write_text(text_of(made.decision), "utf-8")
    (folder / "3-empty.txt").touch()
    (folder / "6-letter.txt").write_text("Dear Sir, thank you for your letter.")
    (folder / "7-scan.rtf").write_bytes(b"{\\rtf1}")
    return folder


@pytest.fixture(scope="module")
def inputs(folder: Path) -> Inputs:
    return list(find([folder]))


@pytest.fixture(scope="module")
def whole(inputs: Inputs, shipped: Model, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return what a run that nobody stops writes."""
    path = tmp_path_factory.mktemp("whole") / "tags.jsonl"
    tag_into(inputs, path, shipped)
    return path.read_bytes()


def stop_after(count: int, inputs: Inputs, path: Path, model: Model) -> None:
    """Run until so many inputs are done, and stop."""
    done = iter(range(1, count + 1))

    def step(_: Failure | None) -> None:
        if next(done) == count:
            raise Stopped

    if count:
        with pytest.raises(Stopped):
            tag_into(inputs, path, model, on_result=step)


def go_on(inputs: Inputs, path: Path, model: Model) -> Resumed:
    """Run to the end, and return what was taken over."""
    found: list[Resumed] = []
    tag_into(inputs, path, model, on_resume=found.append)
    return found[0]


def test_records_failures_and_nothing_else(
    inputs: Inputs, shipped: Model, whole: bytes, tmp_path: Path
) -> None:
    summary = tag_into(inputs, tmp_path / "tags.jsonl", shipped)
    assert (summary.written, len(summary.failures)) == (9, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "tags.jsonl",
        "tags.jsonl.failed.jsonl",
    ]
    records = [r for r in tag_files(inputs, shipped) if isinstance(r, Record)]
    assert whole == b"".join(map(jsonl.line_of, records))
    lines = (tmp_path / "tags.jsonl.failed.jsonl").read_text("utf-8").splitlines()
    failed = [json.loads(line) for line in lines]
    assert [Path(one["source"]).name for one in failed] == [
        "3-empty.txt", "6-letter.txt", "7-scan.rtf",
    ]  # fmt: skip
    assert [one["sha256"] is None for one in failed] == [True, False, True]
    assert failed[0]["problem"] == "is empty"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_run_goes_on_from_wherever_it_was_stopped(
    inputs: Inputs, shipped: Model, whole: bytes, tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
) -> None:  # fmt: skip
    path = tmp_path_factory.mktemp("run") / "tags.jsonl"
    done = data.draw(st.integers(0, len(inputs)))
    stop_after(done, inputs, path, shipped)
    part = path.with_name("tags.jsonl.part")
    for name in ("records.jsonl", "failed.jsonl"):  # what the system had not written yet
        if (part / name).exists():
            size = (part / name).stat().st_size
            os.truncate(part / name, size - data.draw(st.integers(0, min(size, 30_000))))
    resumed = go_on(inputs, path, shipped)
    assert resumed.kept <= done
    assert path.read_bytes() == whole
    assert len(path.with_name("tags.jsonl.failed.jsonl").read_text().splitlines()) == 3
    assert not part.exists()


def test_nothing_is_done_twice(
    inputs: Inputs, shipped: Model, whole: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "tags.jsonl"
    stop_after(7, inputs, path, shipped)
    done: list[Failure | None] = []
    resumed: list[Resumed] = []
    summary = tag_into(inputs, path, shipped, on_resume=resumed.append, on_result=done.append)
    assert resumed == [Resumed(7)]
    assert len(done) == len(inputs) - 7
    assert (summary.written, len(summary.failures)) == (9, 3)
    assert path.read_bytes() == whole


@pytest.mark.parametrize("change", ["edited", "gone", "new", "mended"])
def test_changed_inputs_are_noticed(
    change: str, folder: Path, shipped: Model, tmp_path: Path
) -> None:
    copies = tmp_path / "in"
    copies.mkdir()
    for path in folder.iterdir():
        (copies / path.name).write_bytes(path.read_bytes())
    path = tmp_path / "tags.jsonl"
    stop_after(8, list(find([copies])), path, shipped)
    second = copies / "1.txt"
    if change == "edited":
        second.write_text(second.read_text("utf-8") + "\n", "utf-8")
    elif change == "gone":
        second.unlink()
    elif change == "new":
        (copies / "0a.txt").write_bytes(second.read_bytes())
    else:
        (copies / "3-empty.txt").write_bytes(second.read_bytes())
    inputs = list(find([copies]))
    resumed = go_on(inputs, path, shipped)
    kept = {"edited": 1, "gone": 1, "new": 1, "mended": 3}[change]
    assert resumed == Resumed(kept, "an input is new, gone or has changed")
    records = [r for r in tag_files(inputs, shipped) if isinstance(r, Record)]
    assert path.read_bytes() == b"".join(map(jsonl.line_of, records))


@pytest.mark.parametrize("damage", [b"\0" * 40 + b"\n", b"[]\n", b'{"source": 1}\n', b"{"])
def test_a_damaged_journal_is_gone_on_with_from_the_last_good_line(
    damage: bytes, inputs: Inputs, shipped: Model, whole: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "tags.jsonl"
    stop_after(3, inputs, path, shipped)
    with (tmp_path / "tags.jsonl.part" / "records.jsonl").open("ab") as stream:
        stream.write(damage)
    assert go_on(inputs, path, shipped).kept == 3
    assert path.read_bytes() == whole


def test_standard_input_is_read_again(
    shipped: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tags.jsonl"
    copy = text_of(next(compose(1)).decision).encode()
    given: Inputs = ["-", tmp_path / "missing.txt"]
    for data in (b"no decision", copy):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        if data == copy:
            assert go_on(given, path, shipped).kept == 0
        else:
            stop_after(1, given, path, shipped)
    assert path.read_bytes().count(b"\n") == 1


def test_another_model_is_noticed(
    inputs: Inputs, shipped: Model, tiny: Model, whole: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "tags.jsonl"
    stop_after(5, inputs, path, tiny)
    resumed = go_on(inputs, path, shipped)
    assert (resumed.kept, bool(resumed.dropped)) == (0, True)
    assert path.read_bytes() == whole


def test_other_formats_go_on_as_well(inputs: Inputs, shipped: Model, tmp_path: Path) -> None:
    for name, count in (("one.csv", 0), ("two.csv", 6)):
        stop_after(count, inputs, tmp_path / name, shipped)
        assert go_on(inputs, tmp_path / name, shipped).kept == count
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    assert not list(tmp_path.glob("*.part"))


def test_an_older_file_stays_until_the_run_is_over(
    inputs: Inputs, shipped: Model, whole: bytes, tmp_path: Path
) -> None:
    path, failed = tmp_path / "tags.jsonl", tmp_path / "tags.jsonl.failed.jsonl"
    path.write_text("older")
    failed.write_text("older")
    stop_after(len(inputs), inputs, path, shipped)
    assert path.read_text() == failed.read_text() == "older"
    go_on(inputs, path, shipped)
    assert path.read_bytes() == whole
    go_on(inputs[:2], path, shipped)
    assert path.read_bytes().count(b"\n") == 2
    assert not failed.exists()  # it told of another run


def test_where_every_input_failed_an_older_file_stays(shipped: Model, tmp_path: Path) -> None:
    path = tmp_path / "tags.jsonl"
    path.write_text("older")
    summary = tag_into([tmp_path / "a.txt"], path, shipped)
    assert (summary.written, len(summary.failures)) == (0, 1)
    assert path.read_text() == "older"
    assert (tmp_path / "tags.jsonl.failed.jsonl").exists()


def test_two_runs_do_not_write_one_file(inputs: Inputs, shipped: Model, tmp_path: Path) -> None:
    path = tmp_path / "tags.jsonl"
    with journal(path, {}), pytest.raises(GroundsError, match="another run is writing it"):
        tag_into(inputs, path, shipped)
    assert go_on(inputs, path, shipped).kept == 0


def test_a_file_in_the_way_of_the_working_folder(
    inputs: Inputs, shipped: Model, tmp_path: Path
) -> None:
    (tmp_path / "tags.jsonl.part").write_text("mine")
    with pytest.raises(GroundsError, match="is in the way"):
        tag_into(inputs, tmp_path / "tags.jsonl", shipped)
    assert (tmp_path / "tags.jsonl.part").read_text() == "mine"


def test_records_are_read_back(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "tags.jsonl"
    path.write_bytes(whole)
    assert b"".join(map(jsonl.line_of, jsonl.read_records(path))) == whole
    path.write_bytes(whole + b'{"schema": 2}\n')
    with pytest.raises(GroundsError, match=r"tags.jsonl:10: no record of schema 1"):
        list(jsonl.read_records(path))


# As processes


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of more decisions than are tagged in a moment."""
    folder = tmp_path_factory.mktemp("many")
    for number, made in enumerate(compose(1500, seed=4)):
        (folder / f"{number:04}.txt").write_text(text_of(made.decision), "utf-8")
    return folder


@pytest.fixture(scope="module")
def all_of_them(many: Path, shipped: Model, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("all") / "tags.jsonl"
    tag_into(list(find([many])), path, shipped)
    return path.read_bytes()


def command(many: Path, path: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "grounds", "tag", str(many), "-o", str(path), *more]


def started(many: Path, path: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Start a run and give it when it has written something."""
    with subprocess.Popen(
        command(many, path, *more), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        records = path.with_name(f"{path.name}.part") / "records.jsonl"
        while process.poll() is None and not (records.exists() and records.stat().st_size):
            time.sleep(0.01)
        assert process.poll() is None, "it was over before it could be stopped"
        yield process


@pytest.mark.parametrize(
    ("name", "jobs"),
    [("SIGINT", "1"), ("SIGINT", "2"), ("SIGTERM", "1"), ("SIGKILL", "1"), ("SIGKILL", "2")],
)
def test_a_run_that_is_killed_goes_on(
    name: str, jobs: str, many: Path, all_of_them: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "tags.jsonl"
    for process in islice(started(many, path, "--jobs", jobs), 1):
        process.send_signal(getattr(signal, name))
        _, errors = process.communicate(timeout=60)
        if name != "SIGKILL":
            assert process.returncode == 130
            said = [line for line in errors.splitlines() if line.startswith("grounds: ")]
            assert said[0].endswith("of 1,500 are done; the same command goes on from there")
            assert said[1:] == ["grounds: stopped"]
            assert "Traceback" not in errors
    assert not path.exists()
    done = subprocess.run(command(many, path), capture_output=True, text=True, check=True)
    assert done.stderr.startswith("grounds: going on after ")
    assert done.stderr.endswith(f"1,500 written to {path}, 0 failed\n")
    assert path.read_bytes() == all_of_them


def workers_of(process: int) -> list[int]:
    """Return the processes that share a process's work."""
    return [
        int(stat.parent.name)
        for stat in Path("/proc").glob("[0-9]*/stat")
        if stat.read_text().rpartition(")")[2].split()[1] == str(process)
        and b"LokyProcess" in stat.with_name("cmdline").read_bytes()
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
def test_a_worker_that_is_killed_is_said_and_costs_nothing(
    many: Path, all_of_them: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "tags.jsonl"
    for process in islice(started(many, path, "--jobs", "2"), 1):
        os.kill(workers_of(process.pid)[0], signal.SIGKILL)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "the same command goes on from there" in errors
        assert "a process was killed" in errors
        assert "Traceback" not in errors
    subprocess.run(command(many, path), check=True, capture_output=True)
    assert path.read_bytes() == all_of_them


def test_a_full_disk_is_said_and_costs_nothing(
    many: Path, all_of_them: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "tags.jsonl"
    most = 2_000_000

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    done = subprocess.run(
        command(many, path), capture_output=True, text=True, preexec_fn=small_disk, check=False
    )
    assert done.returncode == 1
    assert "the same command goes on from there" in done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    again = subprocess.run(command(many, path), capture_output=True, text=True, check=True)
    assert again.stderr.startswith("grounds: going on after ")
    assert path.read_bytes() == all_of_them
