"""Limits: what has too much is refused, with what to do, in little memory and time."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import bombs
import pytest
from bombs import GB
from hypothesis import given, settings
from hypothesis import strategies as st

import grounds
from grounds.batch import tag_files, tag_into
from grounds.cli import main
from grounds.errors import GroundsError, InputError
from grounds.journal import Resumed
from grounds.limits import LIMITS, MOST, Limits, defaults, is_limited, parse_limits
from grounds.model import Model
from grounds.reading import find, read, read_bytes
from grounds.record import Failure

ROOT = Path(__file__).parent.parent
TEXT = "The complaint\n1. Ms X lost her job.\nFinal decision\n2. We will not investigate.\n"
PAGE = "<h2>The complaint</h2><ol><li>No.</li></ol><h2>Final decision</h2><p>We will not.</p>"
BODY = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in TEXT.splitlines())
LETTERS = bombs.pdf(bombs.letters(60_000_000))
PDF = ROOT / "data" / "documents" / "98-007-083.pdf"


def found_and_read(path: Path, limits: Limits) -> None:
    """Read all that is in a file."""
    for found in find([path], limits):
        if isinstance(found, InputError):
            raise found
        read(found, limits)


def labelled(path: Path, limits: Limits) -> None:
    list(grounds.read_labelled([path], limits=limits))


FILES: dict[str, bytes] = {
    "a.txt": TEXT.encode(),
    "a.html": PAGE.encode(),
    "a.json.txt": json.dumps({"text": TEXT}).encode(),
    "a.docx": bombs.document(bombs.paragraphs(BODY)),
    "a.jsonl": (json.dumps({"text": TEXT}) + "\n").encode() * 3,
    "labels.csv": f'text,tags\n"{TEXT}",late\n'.encode(),
    "labels.jsonl": (json.dumps({"text": TEXT, "tags": ["late"]}) + "\n").encode(),
    "letters.pdf": LETTERS,
}

Reading = Callable[[Path, Limits], object]

CASES: list[tuple[str, str, Reading, int, str]] = [
    ("file", "a.txt", read, 60, "has 79 bytes, more than 60"),
    ("file", "a.zip", found_and_read, 60, "has 79 bytes, more than 60"),
    ("file", "a.jsonl", found_and_read, 60, "has 96 bytes, more than 60"),
    ("file", "labels.jsonl", labelled, 60, "has more than 60 bytes"),
    ("text", "a.txt", read, 60, "has 79 characters, more than 60"),
    ("text", "a.docx", read, 60, "has 69 characters, more than 60"),
    ("text", "a.html", read, 20, "has 42 characters, more than 20"),
    ("text", "a.json.txt", read, 60, "has 79 characters, more than 60"),
    ("text", "labels.csv", labelled, 60, "has 79 characters, more than 60"),
    ("paragraphs", "a.txt", read, 3, "has 4 lines, more than 3"),
    ("paragraphs", "a.html", read, 2, "has 4 lines, more than 2"),
    ("paragraphs", "a.docx", read, 3, "has 4 lines, more than 3"),
    ("paragraphs", "labels.jsonl", labelled, 3, "has 4 lines, more than 3"),
    ("pages", "a.pdf", read, 1, "has 2 pages, more than 1"),
    ("memory", "letters.pdf", read, 300 << 20, "takes more than 300 MB"),
    ("seconds", "letters.pdf", read, 1, "takes more than 1 seconds"),
    ("markup", "a.html", read, 60, "has 85 bytes, more than 60"),
    ("markup", "a.json.txt", read, 60, "has 95 bytes, more than 60"),
    ("unpacked", "a.docx", read, 300, "unpacks to 320 bytes, more than 300"),
    ("elements", "a.docx", read, 10, "has 14 elements, more than 10"),
    ("archive", "a.zip", found_and_read, 100, "unpacks to 158 bytes, more than 100"),
    ("members", "a.zip", found_and_read, 1, "holds 2 files, more than 1"),
    ("lines", "a.jsonl", found_and_read, 2, "has more than 2 lines"),
    ("labels", "labels.csv", labelled, 60, "has 97 bytes, more than 60"),
]  # fmt: skip


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of small files."""
    folder = tmp_path_factory.mktemp("files")
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    (folder / "a.pdf").write_bytes(PDF.read_bytes())
    packed = bombs.packed(
        *[(name, bombs.deflated(TEXT.encode()), 79) for name in ("a.txt", "b.txt")]
    )
    (folder / "a.zip").write_bytes(bombs.checked(packed, [TEXT.encode()] * 2))
    return folder


def test_every_limit_is_tried() -> None:
    assert {name for name, *_ in CASES} == {one.name for one in fields(Limits)}


@pytest.mark.parametrize(("name", "file", "reading", "most", "problem"), CASES)
def test_what_has_too_much_says_how_to_have_it_read(
    files: Path, name: str, file: str, reading: Reading, most: int, problem: str
) -> None:
    with pytest.raises(InputError) as caught:
        reading(files / file, Limits(**{name: most}))
    assert file in caught.value.source
    assert caught.value.problem.startswith(f"{problem}; to read it: --limit {name}=")
    assert is_limited(caught.value.problem)
    if name in ("memory", "seconds"):
        return
    setting = re.search(r"--limit (\w+=\w+)", caught.value.problem)
    assert setting
    reading(files / file, parse_limits([setting[1]]))


def test_a_limit_that_is_none_is_refused_with_those_that_are() -> None:
    for setting, problem in (
        ("pictures=5", "known are file=50MB, text=3000000, paragraphs=50000"),
        ("pages", "give a number, as in pages=500"),
        ("pages=2MB", "give a number, as in pages=500"),
        ("file=-1", "give a number, as in file=50MB"),
        ("pages=0", "limit pages is 0; give a whole number from 1"),
        ("file=2EB", "limit file is 2305843009213693952; give a whole number from 1 to"),
    ):
        with pytest.raises(GroundsError, match=problem):
            parse_limits([setting])
    for wrong in (True, 1.5, "5"):
        with pytest.raises(GroundsError, match="limit pages is"):
            Limits(pages=wrong)  # type: ignore[arg-type]
    assert parse_limits(["file=2gb", "file=3 MB"]) == Limits(file=3 << 20)
    assert parse_limits(list(defaults())) == LIMITS


@given(st.sampled_from(sorted(one.name for one in fields(Limits))), st.integers(2, MOST >> 1))
@settings(max_examples=100)
def test_what_a_message_says_is_enough_and_hardly_more(name: str, amount: int) -> None:
    with pytest.raises(InputError) as caught:
        Limits(**{name: amount - 1}).check(name, amount, "x")
    setting = re.search(r"--limit (\w+=\w+)", caught.value.problem)
    assert setting
    assert amount <= getattr(parse_limits([setting[1]]), name) <= amount * 1.1


def test_limits_of_a_command(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(files / "a.txt")
    for command in ("read", "tag", "explain"):
        assert main([command, path, "--limit", "text=60"]) == 1
        said = capsys.readouterr().err
        assert "a.txt: has 79 characters, more than 60; to read it: --limit text=79" in said
        assert main([command, path, "--limit", "words=60"]) == 2
        assert "known are file=50MB" in capsys.readouterr().err
    assert main(["read", path, "--limit", "text=79", "--limit", "file=1KB"]) == 0
    highest = [f"--limit={one.name}={MOST}" for one in fields(Limits)]
    assert main(["read", path, str(PDF), *highest]) == 0
    assert main(["corpus", "check", str(files / "labels.jsonl"), *highest]) == 0
    capsys.readouterr()
    table = str(files / "labels.csv")
    assert main(["corpus", "check", table, "--limit", "labels=60"]) == 1
    assert "has 97 bytes, more than 60" in capsys.readouterr().err


def test_limits_reach_other_processes(files: Path, shipped: Model) -> None:
    results = tag_files([files / "a.txt"] * 2, shipped, jobs=2, limits=Limits(text=60))
    for result in results:
        assert isinstance(result, Failure)
        assert result.problem.startswith("has 79 characters, more than 60")


def test_what_a_limit_kept_out_is_tried_again_when_it_is_higher(
    files: Path, shipped: Model, tmp_path: Path
) -> None:
    (tmp_path / "long.txt").write_text(f"{TEXT}3. And this is more.\n")
    inputs = [files / "a.txt", tmp_path / "none.txt", tmp_path / "long.txt", files / "a.html"]
    path, taken = tmp_path / "tags.jsonl", list[Resumed]()

    def run(limits: Limits, stop: bool = False) -> None:
        count = 0

        def step(failure: Failure | None) -> None:
            nonlocal count
            count += 1
            if stop and count == 3:
                raise KeyboardInterrupt

        tag_into(inputs, path, shipped, limits=limits, on_resume=taken.append, on_result=step)

    for limits, kept, dropped in (
        (Limits(text=79), 3, ""),  # the same
        (Limits(text=500), 2, "a limit is higher now"),
        (Limits(text=70), 0, "a limit is lower now"),
    ):
        with pytest.raises(KeyboardInterrupt):
            run(Limits(text=79), stop=True)
        run(limits)
        assert (taken[-1].kept, taken[-1].dropped) == (kept, dropped)
        failed = (tmp_path / "tags.jsonl.failed.jsonl").read_text()
        assert ("long.txt" in failed) == (limits.text < 500)
        assert ("a.txt" in failed) == (limits.text < 79)


# Bombs


def test_bombs_take_little_memory_and_time(tmp_path: Path) -> None:
    """Read each in a process that has 1.5 GB of memory and a minute, all of them together."""
    four = bombs.zeros(4 * GB - (1 << 20))
    said = 4 * GB - (1 << 20)
    small = bombs.zeros(40 << 20)
    many = '{"":0},' * (2 << 20)
    made: dict[str, tuple[bytes, str]] = {
        "zeros.zip": (bombs.packed(("a.txt", four, said)), "has 4,095 MB, more than 50 MB"),
        "lying.zip": (bombs.packed(("a.txt", four, 100)), "cannot be unpacked (Bad CRC-32"),
        "overlapping.zip": (
            bombs.packed(("a.txt", small, 40 << 20), alike=1000),
            "unpacks to 40 GB, more than 20 GB",
        ),
        "million.zip": (bombs.million_files(), "files, more than 200,000"),
        "unusual.zip": (bombs.unusual(), "is packed in an unusual way; unpack the archive first"),
        "nested.zip": (bombs.packed(("a.zip", four, said)), "is an archive in an archive"),
        "million.docx": (bombs.million_files(), "files, more than 200,000"),
        "zeros.docx": (bombs.document(four, size=said), "unpacks to 4,095 MB, more than 20 MB"),
        "lying.docx": (bombs.document(four, size=100), "is a damaged Word document"),
        "elements.docx": (
            bombs.document(bombs.paragraphs("<a/>" * 2_000_000)),
            "has 2,000,002 elements, more than 250,000",
        ),
        "spaces.pdf": (bombs.pdf(b" " * (100 << 20)), "has no text"),
        "letters.pdf": (LETTERS, "takes more than "),
        "pages.pdf": (bombs.pdf(b"", 10_000), "has 10,000 pages, more than 500"),
        "deep.pdf": (bombs.pdf(b"[" * 10_000_000), "has no text"),
        "objects.jsonl": (
            f'{{"a":[{many}0]}}\n'.encode(),
            "has 15 MB, more than 10 MB",
        ),
        "lines.txt": (b"a\n" * (4 << 20), "has 8,388,608 characters, more than 3,000,000"),
        "attributes.html": (
            b"<html>" + b"<p a b c d e f g></p>" * ((10 << 20) // 21 - 1),
            "does not look like an Ombudsman's decision",
        ),
        "elements.html": (b"<html>" + b"<b></b>" * 2_000_000, "has 14 MB, more than 10 MB"),
    }  # fmt: skip
    for name, (data, _) in made.items():
        (tmp_path / name).write_bytes(data)
    expected = {name: problem for name, (_, problem) in made.items()}
    for name, before, problem in (
        ("sparse.txt", b"", "has 10 GB, more than 50 MB"),
        ("sparse.pdf", b"%PDF-1.5", "has 10 GB, more than 50 MB"),
        ("labelled.jsonl", b'{"text": "', "has more than 50 MB"),
        ("labelled.csv", b'text,tags\n"', "has 10 GB, more than 200 MB"),
        ("labelled.json", b"[", "has 10 GB, more than 200 MB"),
        ("labelled.md", b"", "has 10 GB, more than 200 MB"),
        ("records.jsonl", b'{"schema":1,', "has more than 50 MB"),
    ):
        bombs.sparse(tmp_path / name, before, 10 * GB)
        expected[name] = problem
    bombs.sparse(tmp_path / "line.jsonl", b'{"text": "', GB // 2)
    expected["line.jsonl"] = "has 512 MB, more than 50 MB"
    paths = [str(tmp_path / name) for name in expected]
    done = subprocess.run(
        [sys.executable, bombs.__file__, *paths], capture_output=True, text=True, check=False
    )
    answers = dict(line.split("\t", 1) for line in done.stdout.splitlines())
    assert answers.keys() == expected.keys(), done.stderr
    for name, problem in expected.items():
        assert problem in answers[name], name


def test_a_process_that_a_pdf_takes_down_is_started_again(files: Path) -> None:
    whole = [paragraph.text for paragraph in read(PDF).paragraphs]
    with pytest.raises(InputError, match="takes more than 300 MB"):
        read(files / "letters.pdf", Limits(memory=300 << 20))
    assert [paragraph.text for paragraph in read(PDF).paragraphs] == whole
    assert "is damaged, or no PDF" in problem_of(b"%PDF-1.7")
    assert [paragraph.text for paragraph in read(PDF).paragraphs] == whole


def problem_of(data: bytes) -> str:
    """Return what is wrong with a file."""
    with pytest.raises(InputError) as caught:
        read_bytes(data, "x")
    return caught.value.problem


FORKED = """
import os, sys
from pathlib import Path
from grounds.reading import read
places = [Path(name) for name in sys.argv[1:]]
whole = [read(place).sha256 for place in places]
child = os.fork()
for _ in range(3):
    assert [read(place).sha256 for place in places] == whole
if child:
    assert os.waitpid(child, 0)[1] == 0
"""


def test_a_fork_does_not_take_the_pages_of_another(tmp_path: Path) -> None:
    places = sorted(PDF.parent.glob("*.pdf"))[:2]
    subprocess.run([sys.executable, "-c", FORKED, *places], check=True, timeout=120)


def test_no_module_of_a_folder_of_decisions_is_imported(tmp_path: Path) -> None:
    for name in ("grounds", "pickle", "ctypes", "pypdfium2"):
        (tmp_path / f"{name}.py").write_text("open('imported', 'w').close()\n")
    (tmp_path / "a.pdf").write_bytes(PDF.read_bytes())
    code = "import sys; from grounds.cli import main; sys.exit(main(['read', 'a.pdf']))"
    command = [sys.executable, "-P", "-c", code]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "1. " in done.stdout
    assert not (tmp_path / "imported").exists()


def test_entities_of_a_word_document_stand_for_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/page"
        others = bombs.document(bombs.entities(address, secret))
        decision = read_bytes(others, "x.docx")
        with pytest.raises(BlockingIOError):  # nobody came
            server.accept()
    assert [paragraph.text for paragraph in decision.paragraphs] == ["No.", "We will not."]
    with pytest.raises(InputError, match="is a damaged Word document"):
        read_bytes(bombs.document(bombs.laughs()), "x.docx")
