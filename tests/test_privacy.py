"""Nothing leaves the machine, nothing is logged of a text, and nobody else sees files in the making."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from grounds.cli import main
from grounds.journal import journal
from grounds.pages.site import place_for
from grounds.replacing import replacing

ROOT = Path(__file__).parent.parent
SECRET = "Quillfeather"
"""A word that stands in every text, and may stand nowhere but in what was asked for."""

DECISION = (ROOT / "data" / "examples" / "bus-lane.txt").read_text("utf-8")
DECISION = DECISION.replace("Mr K", f"Mr {SECRET}").replace("96 204 118", "99 100 200")

MOVED = (
    f"He says that the Council has let the trees of the whole street be felled, the {SECRET} oaks"
)
"""A sentence that stands where something else has to; messages show its beginning."""

_TABLE = ("paragraph", "section", "text", "tags", "heading", "row", "source", "reference")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions are others there")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with decisions, labelled ones, and what is no decision."""
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    for number in range(3):
        (inputs / f"{number}.txt").write_text(DECISION.replace("100 200", f"100 20{number}"))
    (inputs / "torn.html").write_text(f"<p>{SECRET} is nothing of the kind: {SECRET}")
    (inputs / "torn.pdf").write_bytes(f"%PDF-1.4 {SECRET}".encode())
    (inputs / "torn.docx").write_bytes(f"PK\3\4 {SECRET}".encode())
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / "tags.jsonl").write_text(
        json.dumps({"text": DECISION, "tags": ["x" * 50 + SECRET + "x" * 50]})
    )
    (wrong / "shift.csv").write_text(f"{','.join(_TABLE)}\n{','.join([MOVED] * len(_TABLE))}\n")
    (wrong / "late.md").write_text(f"# 99 100 200\n\n{MOVED}\n")
    (tmp_path / "labelled.jsonl").write_text(json.dumps({"text": DECISION, "tags": ["late"]}))
    for name in ("tmp", "home"):
        (tmp_path / name).mkdir()
    return tmp_path


def watched(folder: Path) -> dict[str, str]:
    """Return what surrounds a command that is watched; see ``watched/sitecustomize.py``."""
    path = os.pathsep.join([str(ROOT / "tests" / "watched"), os.environ.get("PYTHONPATH", "")])
    return {
        **os.environ,
        "PYTHONPATH": path,
        "PYTHONWARNINGS": "always",
        "WATCHED": str(folder / "network"),
        "TMPDIR": str(folder / "tmp"),
        "HOME": str(folder / "home"),
    }


def check_kept_private(folder: Path, said: str) -> None:
    """Fail where a command reached out, told of a text, or left something behind."""
    assert "DEBUG" in said or "until you press" in said  # all was logged that could be
    assert SECRET not in said
    assert not (folder / "network").exists(), (folder / "network").read_text()
    assert list((folder / "tmp").iterdir()) == []
    caches = [file for file in (folder / "home").rglob("*") if file.is_file()]
    assert [file for file in caches if SECRET.encode() in file.read_bytes()] == []


COMMANDS = """
1 tag inputs -o tags.jsonl --jobs 2
1 tag inputs -o tags.xlsx
1 tag inputs -o tags.db
1 tag inputs
1 read inputs
0 explain inputs/0.txt --tag late
0 show tags.db -o pages
0 stats tags.jsonl -o statistics.html
1 label-template inputs -o labels.csv --suggest
1 corpus check wrong
0 corpus convert labelled.jsonl -o tasks.json --for label-studio
0 evaluate labelled.jsonl -o report.html
0 train {data} -o model
"""
"""Each with how it ends: among the inputs are three that cannot be read."""


def test_commands_reach_for_nothing_and_tell_of_nothing(folder: Path) -> None:
    commands = COMMANDS.format(data=ROOT / "data" / "corpus" / "short").strip().splitlines()
    code = (
        "import sys; from grounds.cli import main; import grounds\n"
        "for command in sys.argv[1:]:\n"
        "    status = main(command.split()[1:])\n"
        "    assert status == int(command[0]), (status, command)\n"
        "records = list(grounds.read_records('tags.jsonl'))\n"
        "for library in ('pandas', 'polars'): grounds.to_frame(records, library=library)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *commands],
        env=watched(folder), cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert SECRET in (folder / "tags.jsonl").read_text()
    check_kept_private(folder, done.stderr)


@contextmanager
def running(folder: Path, *words: str) -> Iterator[str]:
    """Run a local server that is watched, and give its address."""
    command = (sys.executable, "-m", "grounds", *words, "--no-open", "--port", "0")
    with subprocess.Popen(
        command, env=watched(folder), cwd=folder, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = ""
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)):
            said += process.stderr.readline()
        try:
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)
            said += process.stderr.read()
    check_kept_private(folder, said)


def test_the_local_servers_reach_for_nothing_and_tell_of_nothing(folder: Path) -> None:
    assert main(["tag", str(folder / "inputs" / "0.txt"), "-o", str(folder / "tags.db")]) == 0
    body = f'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n{DECISION}\r\n--x--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    with running(folder, "serve", "tags.db") as address:
        for asked in (
            Request(f"{address}/decision", body.encode(), kind),
            f"{address}/decisions/1",
        ):
            with urlopen(asked, timeout=60) as answer:
                assert SECRET in answer.read().decode()
                assert "set-cookie" not in {name.lower() for name in answer.headers}
    with (
        running(folder, "explore", "tags.db") as address,
        urlopen(f"{address}/grounds/search?words={SECRET}", timeout=60) as answer,
    ):
        assert SECRET in answer.read().decode()
        assert "set-cookie" not in {name.lower() for name in answer.headers}


def test_a_run_that_is_stopped_leaves_nothing_but_its_folder(folder: Path) -> None:
    line = json.dumps({"text": DECISION})
    (folder / "many.jsonl").write_text(f"{line}\n" * 5_000)
    shared = Path("/dev/shm")
    before = set(shared.iterdir()) if shared.is_dir() else set()
    command = [
        sys.executable,
        "-m",
        "grounds",
        "tag",
        "many.jsonl",
        "-o",
        "tags.xlsx",
        "--jobs",
        "2",
    ]
    work = folder / "tags.xlsx.part"
    with subprocess.Popen(
        command, env=watched(folder), cwd=folder, stderr=subprocess.PIPE, text=True
    ) as run:
        assert run.stderr is not None
        while not (work / "records.jsonl").exists() or not (work / "records.jsonl").stat().st_size:
            assert run.poll() is None
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        said = run.stderr.read()
    assert run.returncode == 130
    assert work.stat().st_mode & 0o077 == 0
    check_kept_private(folder, said)
    if shared.is_dir():
        mine = {path for path in set(shared.iterdir()) - before if str(run.pid) in path.name}
        assert mine == set()


# Files in the making


@pytest.fixture
def mask() -> Iterator[int]:
    """Let others read new files."""
    before = os.umask(0o022)
    yield 0o022
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize(("older", "newer"), [(None, 0o644), (0o600, 0o600), (0o664, 0o664)])
def test_a_file_in_the_making_is_private(
    tmp_path: Path, mask: int, older: int | None, newer: int
) -> None:
    path = tmp_path / "page.html"
    if older is not None:
        path.touch()
        path.chmod(older)
    with replacing(path) as draft:
        draft.write_text("words")
        assert mode(draft) == 0o600
    assert mode(path) == newer


@pytest.mark.parametrize(("older", "newer"), [(None, 0o644), (0o600, 0o600)])
@pytest.mark.parametrize("name", ["tags.jsonl", "tags.csv", "tags.xlsx", "tags.parquet"])
def test_a_result_has_the_permissions_of_the_older_one(
    tmp_path: Path, mask: int, name: str, older: int | None, newer: int
) -> None:
    path = tmp_path / name
    if older is not None:
        path.touch()
        path.chmod(older)
    assert main(["tag", str(ROOT / "data" / "examples" / "allotment.txt"), "-o", str(path)]) == 0
    assert mode(path) == newer


def test_the_work_of_a_run_is_private(tmp_path: Path, mask: int) -> None:
    with journal(tmp_path / "tags.jsonl", {}):
        assert mode(tmp_path / "tags.jsonl.part") == 0o700


def test_a_page_to_look_at_is_private_and_goes(
    tmp_path: Path, mask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    first, second = place_for(None, 1), place_for(None, 1)
    assert first != second
    assert mode(first.parent) == 0o700
    first.write_text("a page")
    others = tmp_path / "grounds"
    others.mkdir()
    (others / first.name).write_text("written with -o")
    yesterday = time.time() - 90_000
    for path in (first.parent, others):
        os.utime(path, (yesterday, yesterday))
    third = place_for(None, 1)
    assert set(tmp_path.iterdir()) == {second.parent, third.parent, others}
    assert (others / first.name).exists()
