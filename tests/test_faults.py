"""Runs that are killed, disks that are full, files that end their reader: nothing is lost.

A sample of what ``python reliability/faults.py`` does, and what that needs no dice for.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import faults
import pytest
from composer import compose, text_of

from grounds.bundle import ARRAYS, CARD, ESTIMATORS, load_model
from grounds.cli import main
from grounds.errors import GroundsError
from grounds.journal import failed_path
from grounds.model import Model
from grounds.replacing import PATIENCE, alone, replacing

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kills groups of processes")

MANY = 300


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the inputs of the job."""
    folder = tmp_path_factory.mktemp("ground")
    faults.prepare(folder, 20)
    (folder / "many").mkdir()
    for number, made in enumerate(compose(MANY, seed=4)):
        (folder / "many" / f"{number:04}.txt").write_text(text_of(made.decision), "utf-8")
    return folder


@pytest.fixture(scope="module")
def all_of_them(ground: Path) -> bytes:
    assert main(["tag", str(ground / "many"), "-o", str(ground / "all.jsonl")]) == 0
    return (ground / "all.jsonl").read_bytes().replace(f"{ground}/".encode(), b"")


# Killed


@pytest.mark.parametrize("name", ["tag, .csv", "tag, .db, two processes"])
def test_a_run_that_is_killed_at_random_goes_on(name: str, ground: Path) -> None:
    [job] = [job for job in faults.JOBS if job.name == name]
    case = faults.killed_at_random(ground, job, 2, random.Random(7))
    assert case.problems == []
    assert case.runs == 2


@contextmanager
def tagging(ground: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Start a run over many decisions and give it when it has written something."""
    faults.cleared(ground)
    words = " ".join(("tag many -o out/tags.jsonl", *more))
    records = ground / "out" / "tags.jsonl.part" / "records.jsonl"
    with faults.started(ground, words) as process:
        while process.poll() is None and not (records.exists() and records.stat().st_size):
            time.sleep(0.002)
        assert process.poll() is None, "it was over before it could be disturbed"
        yield process


@pytest.mark.parametrize(
    ("name", "jobs"), [("SIGINT", "2"), ("SIGTERM", "1"), ("SIGHUP", "1"), ("SIGSTOP", "1")]
)
def test_a_run_that_is_asked_to_stop_says_so_and_goes_on(
    name: str, jobs: str, ground: Path, all_of_them: bytes
) -> None:
    with tagging(ground, "--jobs", jobs) as process:
        os.killpg(process.pid, getattr(signal, name))  # as a terminal does it
        if name == "SIGSTOP":
            os.killpg(process.pid, signal.SIGCONT)
        _, said = process.communicate(timeout=100)
    path = ground / "out" / "tags.jsonl"
    if name == "SIGSTOP":
        assert (process.returncode, said) == (0, f"{MANY} written to out/tags.jsonl, 0 failed\n")
    else:
        assert process.returncode == 130
        first, second = said.splitlines()  # and not a word of the processes
        assert first.endswith(f"of {MANY} are done; the same command goes on from there")
        assert second == "grounds: stopped"
        assert not path.exists()
        _, said = faults.run(ground, "tag many -o out/tags.jsonl")
        assert said.startswith("grounds: going on after ")
    assert path.read_bytes() == all_of_them
    assert [one.name for one in path.parent.iterdir()] == ["tags.jsonl"]


def test_who_ignores_a_closed_terminal_is_not_ended_by_it(ground: Path) -> None:
    faults.cleared(ground)
    ignored: Callable[[], object] = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    with faults.started(ground, "tag many -o out/tags.csv", preexec_fn=ignored) as process:
        while process.poll() is None and not list((ground / "out").iterdir()):
            time.sleep(0.002)
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=100)
    assert process.returncode == 0


def test_nothing_interrupts_a_command_that_is_over() -> None:
    code = (
        "import os, signal, sys; from grounds.cli import main; sys.argv[1:] = ['--version']; main()\n"
        "for name in ('SIGINT', 'SIGTERM', 'SIGHUP'): os.kill(os.getpid(), getattr(signal, name))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# Processes that die


def test_a_worker_that_is_killed_costs_nothing(ground: Path, all_of_them: bytes) -> None:
    with tagging(ground, "--jobs", "2") as process:
        os.kill(faults.workers_of(process.pid)[0], signal.SIGKILL)
        _, said = process.communicate(timeout=100)
    assert (process.returncode, said) == (0, f"{MANY} written to out/tags.jsonl, 0 failed\n")
    assert (ground / "out" / "tags.jsonl").read_bytes() == all_of_them


DEADLY = """
import os, signal, selectolax.lexbor
parsed = selectolax.lexbor.LexborHTMLParser
def deadly(page, *more, **named):
    if "deadly" in page:
        os.kill(os.getpid(), signal.SIGSEGV)
    return parsed(page, *more, **named)
selectolax.lexbor.LexborHTMLParser = deadly
"""
"""What stands for a fault in a library that is not Python's: it ends the process."""


def test_a_file_that_ends_its_reader_does_not_stop_the_rest(ground: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(DEADLY)
    paths = os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", "")))
    faults.cleared(ground)
    shutil.copytree(ground / "few", ground / "deadly")
    (ground / "deadly" / "002.html").write_text("<p>deadly</p>")
    command = "tag deadly -o out/tags.jsonl"
    status, _ = faults.run(ground, command, env={"PYTHONPATH": paths})
    assert status == -signal.SIGSEGV
    status, said = faults.run(ground, command, env={"PYTHONPATH": paths})
    assert status == 1
    assert not re.search("Traceback|Fatal", said)
    path = ground / "out" / "tags.jsonl"
    [failed] = map(json.loads, failed_path(path).read_text().splitlines())
    assert failed["source"] == "deadly/002.html"
    assert failed["problem"].startswith("ends the process that reads it")
    assert path.read_bytes().count(b"\n") == len(list((ground / "few").iterdir()))
    assert f"grounds: deadly/002.html: {failed['problem']}\n" in said


# Disks


@contextmanager
def small_disk(most: int) -> Iterator[None]:
    """Let no file grow larger; unlike a full disk that needs no disk, and is met at the same places."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    "words",
    [
        "tag few -o out/tags.jsonl",
        "tag few -o out/tags.csv",
        "tag few -o out/tags.xlsx",
        "tag few -o out/tags.parquet",
        "tag few -o out/tags.db",
        "show few/001.txt -o out/page.html",
        "show few -o out/pages",
        "stats few.jsonl -o out/stats.html",
        "evaluate less -o out/report.json",
        "corpus convert less -o out/labelled.jsonl",
        "label-template few -o out/labels.csv",
        "explain few/001.txt -o out/why.json",
    ],
)
def test_a_full_disk_is_said_and_costs_nothing(
    words: str, ground: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ground)
    faults.cleared(ground)
    out = Path(words.rpartition(" ")[2])
    is_new = not out.suffix or out.suffix == ".db" or "template" in words  # nothing to write over
    if not is_new:
        out.write_text("older")
    with small_disk(400):
        assert main(words.split()) == 1
    said = capfd.readouterr().err
    assert f"{out}" in said
    assert re.search("File too large|disk", said)
    assert not re.search("Traceback|Exception", said)
    assert is_new or out.read_text() == "older"
    if out.suffix == ".db":
        assert not faults.snapshot(out)
    main(words.split())
    assert faults.snapshot(out)
    assert is_new or out.read_bytes() != b"older"
    left = [path.name for path in out.parent.iterdir() if not path.name.startswith(out.name)]
    assert left == []


def test_a_model_on_a_full_disk(tiny: Model, tmp_path: Path) -> None:
    path = tmp_path / "model"
    with small_disk(400), pytest.raises(OSError, match=r"File too large.*model"):
        tiny.save(path)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_removed(tiny: Model, tmp_path: Path) -> None:
    path, model = tmp_path / "page.html", tmp_path / "model"
    (tmp_path / ".page.html.part").write_text("half")
    (tmp_path / ".page.html.lock").touch()
    (tmp_path / ".model.part").mkdir()
    (tmp_path / ".model.part" / "half").touch()
    with replacing(path) as draft:
        draft.write_text("whole")
    tiny.save(model)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["model", "page.html"]
    assert path.read_text() == "whole"


def test_an_older_model_is_a_whole_one_at_any_moment(
    tiny: Model, shipped: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model"
    shipped.save(path)
    tiny_files = {ARRAYS, CARD, ESTIMATORS}
    seen: list[str] = []
    for name in ("replace", "rename", "unlink"):
        whole = getattr(Path, name)

        def watched(self: Path, *more: object, whole: Callable[..., object] = whole, **named: object) -> object:  # fmt: skip
            done = whole(self, *more, **named)
            seen.append(load_model(path).sha256)  # what a run that is killed here leaves
            return done

        monkeypatch.setattr(Path, name, watched)
    tiny.save(path)
    assert set(seen) == {shipped.sha256, tiny.sha256}
    assert {one.name for one in path.iterdir()} == tiny_files


def test_runs_that_write_one_file_wait_for_each_other(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    assert PATIENCE > 10
    with replacing(path) as draft:
        draft.write_text("first")
        other = alone(path, tmp_path / ".page.html.lock", patience=0)
        with pytest.raises(GroundsError, match="another run is writing it"), other:
            pass
    assert path.read_text() == "first"


@pytest.mark.parametrize("damage", [b"\xff\xfe{", b"[" * 100_000, b"", b"{}"])
@pytest.mark.parametrize("name", ["stamp.json", "records.jsonl", "failed.jsonl"])
def test_a_journal_by_another_hand(
    name: str, damage: bytes, ground: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ground)
    faults.cleared(ground)
    part = ground / "out" / "tags.jsonl.part"
    part.mkdir()
    (part / name).write_bytes(damage + b"\n")
    assert main(["tag", "few", "-o", "out/tags.jsonl"]) == 0
    assert (ground / "out" / "tags.jsonl").read_bytes() == (ground / "few.jsonl").read_bytes()
    assert len(list((ground / "out").iterdir())) == 1


def test_nothing_depends_on_the_clock(ground: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ground)
    faults.cleared(ground)
    shutil.copytree("few", "dated", dirs_exist_ok=True)
    for path, moment in zip(sorted(Path("dated").iterdir()), (0, -9e8, 1, 9e9, 2e9), strict=False):
        os.utime(path, (moment, moment))
    for zone in ("Pacific/Kiritimati", "America/Nuuk"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert main(["tag", "dated", "-o", "out/tags.jsonl"]) == 0
        found = Path("out/tags.jsonl").read_bytes()
        assert found == Path("few.jsonl").read_bytes().replace(b'"few/', b'"dated/')
    monkeypatch.delenv("TZ")
    time.tzset()


@pytest.mark.parametrize("moment", [-9e8, 9e9])
def test_a_clock_that_files_cannot_be_dated_by_is_noticed_before_the_work(
    moment: float, ground: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    wrong = time.gmtime(moment)
    monkeypatch.setattr(time, "localtime", lambda: wrong)
    assert main(["train", str(ground / "less"), "-o", str(tmp_path / "model")]) == 1
    assert "set the clock of this machine" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
