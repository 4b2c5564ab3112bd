"""Files that are none, names that steer terminals, folders that change while they are read."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rights import let_in, nobody

from grounds import database
from grounds.batch import tag_files, tag_into
from grounds.cli import main
from grounds.database.rows import name_of
from grounds.errors import InputError
from grounds.model import Model
from grounds.reading import files, find, read
from grounds.record import Failure, Record
from grounds.writing import read_records

EXAMPLE = Path(__file__).parent.parent / "data" / "examples" / "allotment.txt"
NAMES = [
    "new\nline.txt",
    "clear\x1b[2Jthe\x07screen.txt",
    "back\u202ewards.txt",
    "c1\x9b31m.txt",
    os.fsdecode(b"caf\xe9.txt"),
    "-o.txt",
    "A.TXT",
    "a.txt",
    "x" * 251 + ".txt",
    " = SUM(A1).txt",
    "{0}[bold]%s.txt",
]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of decisions with odd names, and of an empty file of each, too."""
    folder = tmp_path_factory.mktemp("named")
    for name in NAMES:
        shutil.copy(EXAMPLE, folder / name)
        (folder / f"empty {name[:200]}.txt").touch()
    return folder


def problems(folder: Path) -> dict[str, str]:
    """Return what is wrong in a folder, by the places in it."""
    found = [one for one in find([folder]) if isinstance(one, InputError)]
    return {str(Path(one.source).relative_to(folder)): one.problem for one in found}


def test_what_is_no_file_is_said_and_not_opened(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "a.txt")
    (tmp_path / "folder").mkdir()
    shutil.copy(EXAMPLE, tmp_path / "folder" / "b.txt")
    os.mkfifo(tmp_path / "pipe.txt")
    os.mkfifo(tmp_path / "pipe.zip")
    for name, target in (
        ("zero.txt", "/dev/zero"),
        ("random.pdf", "/dev/random"),
        ("nowhere.txt", "none"),
        ("nowhere.zip", "none"),
        ("loop.txt", "loop.txt"),
        ("up", "."),
        ("linked", "folder"),
        ("link.txt", "a.txt"),
    ):
        (tmp_path / name).symlink_to(target)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.txt"))
    followed = "is a link to a folder, not followed; give the folder by name"
    assert problems(tmp_path) == {
        "linked": followed,
        "loop.txt": "is a link that leads to no file",
        "nowhere.txt": "is a link that leads to no file",
        "nowhere.zip": "is a link that leads to no file",
        "pipe.txt": "is a pipe; give it by name to have it read",
        "pipe.zip": "is a pipe; give it by name to have it read",
        "random.pdf": "is a device, not a file",
        "socket.txt": "is a socket, not a file",
        "up": followed,
        "zero.txt": "is a device, not a file",
    }
    read_ones = [one for one in find([tmp_path]) if isinstance(one, Path)]
    assert [one.name for one in read_ones] == ["a.txt", "link.txt", "b.txt"]
    for name in ("zero.txt", "random.pdf", "socket.txt"):
        with pytest.raises(InputError, match="not a file"):
            read(tmp_path / name)
    assert [str(one) for one in find([tmp_path / "linked"])] == [str(tmp_path / "linked" / "b.txt")]


def test_what_nobody_may_read_is_said(tmp_path: Path) -> None:
    shutil.copy(EXAMPLE, tmp_path / "a.txt")
    (tmp_path / "closed").mkdir()
    for place in (tmp_path / "a.txt", tmp_path / "closed"):
        place.chmod(0)
    let_in(tmp_path)
    with nobody():
        assert problems(tmp_path) == {"closed": "cannot be read (Permission denied)"}
        for name in ("a.txt", "closed/b.txt"):
            with pytest.raises(InputError, match=r"cannot be read \(Permission denied\)"):
                read(tmp_path / name)
    (tmp_path / "closed").chmod(0o700)


def test_a_pipe_is_read_once_when_it_is_given_by_name(
    tmp_path: Path, shipped: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe, output = tmp_path / "a.pipe", tmp_path / "tags.jsonl"
    os.mkfifo(pipe)
    for _ in range(2):  # what a pipe gave is not taken over
        writing = threading.Thread(target=pipe.write_bytes, args=(EXAMPLE.read_bytes(),))
        writing.start()
        assert tag_into([pipe], output, shipped).written == 1
        writing.join()
    monkeypatch.setattr(files, "_PATIENCE", 1)
    with pytest.raises(InputError, match="is a pipe that nothing comes through"):
        read(pipe)
    assert tag_into([pipe], output, shipped).failures[0].source == str(pipe)
    command = f"{sys.executable} -m grounds read <(sleep 0.5; cat {EXAMPLE})"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("Northmoor Borough Council")


def test_odd_names_steer_no_terminal(
    named: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkey = str(tmp_path / "\x1b[31m\x07tags.jsonl")
    for arguments in (
        ["tag", str(named)],
        ["read", str(named)],
        ["tag", str(named), "-o", monkey],
        ["stats", monkey],
        ["show", monkey, "-o", str(tmp_path / "\x1b[31m\x07pages")],
        ["corpus", "count", str(named)],
    ):
        main(arguments)
        out, err = capfdbinary.readouterr()
        said = (out + err).decode("utf-8", "surrogateescape")
        odd = {one for one in said if not one.isprintable() and one != "\n"}
        assert not odd, (arguments, odd)


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".xlsx", ".parquet", ".db"])
def test_odd_names_reach_every_format(
    suffix: str, named: Path, tmp_path: Path, shipped: Model
) -> None:
    output = tmp_path / f"tags{suffix}"
    summary = tag_into(find([named]), output, shipped)
    assert summary.written == len(NAMES)
    assert {Path(one.source).name for one in summary.failures} == {
        f"empty {name[:200]}.txt" for name in NAMES
    }
    if suffix in (".jsonl", ".db"):
        sources = {record.decision.source for record in read_records(output)}
        given = {str(named / name) for name in NAMES}
        assert sources == ({name_of(one) for one in given} if suffix == ".db" else given)
    if suffix == ".db":
        with database.opened(output) as store:
            again = store.left(list(find([named])), shipped.id)
        assert len(again) == len(NAMES)  # those that failed


def changed(folder: Path, change: Callable[[], object]) -> Iterator[Path | InputError]:
    """Find the files of a folder, and change it before they are read."""
    yield from list(find([folder]))
    change()


def test_a_folder_may_change_under_a_run(tmp_path: Path, shipped: Model) -> None:
    folder = tmp_path / "decisions"
    folder.mkdir()
    for number in range(8):
        shutil.copy(EXAMPLE, folder / f"{number}.txt")

    def change() -> None:
        (folder / "1.txt").unlink()
        (folder / "2.txt").write_text("Something else.")
        os.truncate(folder / "3.txt", 0)
        with (folder / "4.txt").open("a") as longer:
            longer.write("\n")
        shutil.copy(EXAMPLE, folder / "new.txt")
        (folder / "5.txt").unlink()
        (folder / "5.txt").mkdir()
        (folder / "6.txt").unlink()
        os.mkfifo(folder / "6.txt")

    results = list(tag_files(changed(folder, change), shipped))
    wrong = [(Path(one.source).name, one.problem) for one in results if isinstance(one, Failure)]
    assert [name for name, _ in wrong] == ["1.txt", "2.txt", "3.txt", "5.txt", "6.txt"]
    assert [problem for name, problem in wrong if name != "2.txt"] == [
        "there is no such file or folder",
        "is empty",
        "is a folder, not a file",
        "is a pipe that nothing comes through",
    ]
    assert sum(isinstance(one, Record) for one in results) == 3

    moved = list(tag_files(changed(folder, lambda: folder.rename(tmp_path / "other")), shipped))
    assert {one.problem for one in moved if isinstance(one, Failure)} == {
        "there is no such file or folder",
        "is a pipe; give it by name to have it read",
    }


def test_an_archive_may_change_under_a_run(tmp_path: Path, shipped: Model) -> None:
    folder = tmp_path / "decisions"
    folder.mkdir()
    for number in range(3):
        shutil.copy(EXAMPLE, folder / f"{number}.txt")
    packed = tmp_path / "decisions.zip"

    def pack() -> None:
        shutil.make_archive(str(packed.with_suffix("")), "zip", folder)

    def fewer() -> None:
        (folder / "1.txt").unlink()
        pack()

    for change, wrong in (
        (fewer, ["there is no such file in the archive"]),
        (lambda: os.truncate(packed, 200), ["is no zip archive, or a damaged one"] * 2),
        (packed.unlink, ["there is no such file or folder"] * 2),
    ):
        pack()
        results = list(tag_files(changed(packed, change), shipped))
        failed = [one.problem for one in results if isinstance(one, Failure)]
        assert [one.partition(" (")[0] for one in failed] == wrong
