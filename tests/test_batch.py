"""Runs over many files: in order, whole or to be gone on with, and shared by processes."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
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
