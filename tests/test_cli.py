"""The command line, as a person or a script meets it."""

from __future__ import annotations

import json
import runpy
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main
from parsing import parse
from records import CORPUS, labelled

from grounds.cli import app, main
from grounds.corpus.copies import copy_of
from grounds.writing import FORMATS

ROOT = Path(__file__).parent.parent
REFERENCE = runpy.run_path(str(ROOT / "docs" / "cli.py"))


def commands() -> dict[str, Any]:
    """Return every command by its full name."""

    def walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield name, command
        for part, below in getattr(command, "commands", {}).items():
            yield from walk(f"{name} {part}", below)

    return dict(walk("grounds", typer.main.get_command(app)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with copies of two decisions."""
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text(copy_of(labelled("children/11.md").decision).text, encoding="utf-8")
    Path("b.txt").write_text(copy_of(labelled("short/01.md").decision).text, encoding="utf-8")
    return tmp_path


def run(command: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run a command as a shell does."""
    words = [sys.executable, "-m", "grounds", *shlex.split(command)]
    return subprocess.run(words, capture_output=True, text=True, check=False, **settings)


# Help


@pytest.mark.parametrize("name", commands())
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    for flag in ("-h", "--help"):
        assert main([*name.split()[1:], flag]) == 0
        shown = capsys.readouterr().out
        assert "Usage: " in shown
        assert "Examples:\n    grounds " in shown
        assert "..." not in shown.partition("Commands:")[2]  # no summary is cut off


@pytest.mark.parametrize("name", commands())
def test_every_parameter_has_help(name: str) -> None:
    assert all(parameter.help for parameter in commands()[name].params)


@pytest.mark.parametrize(
    "example",
    [example for command in commands().values() for example in REFERENCE["examples"](command)],
)
def test_every_example_parses(example: str) -> None:
    parse(shlex.split(example.partition(" | ")[0].partition(" < ")[0]))


def test_the_reference_in_the_docs_is_that_of_the_code() -> None:
    written = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert written == REFERENCE["reference"](), "run: python docs/cli.py > docs/cli.md"


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from grounds.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"numpy", "spacy", "sklearn", "scipy", "rich.progress", "joblib", "selectolax"}
    assert not heavy & set(done.stdout.split())


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("grounds 0.")


# Wrong usage


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("tag", "Missing argument"),
        ("tag a.txt --jobs 0", "--jobs"),
        ("tag a.txt --colour", "--colour"),
        ("tag a.txt -o out.ods", "known are .jsonl, .csv"),
        ("tag a.txt -o nowhere/out.csv", "nowhere/out.csv"),
        ("tag empty", "no decisions found"),
        ("teg a.txt", "teg"),
        ("codebook lat", "did you mean 'late'"),
        ("train", "Missing argument"),
        ("evaluate data --folds folds.json --model m", "leave out --model"),
        ("evaluate data --also data", "--also is for training: it goes with --folds"),
        ("evaluate data -o nowhere/report.json", "nowhere/report.json"),
    ],
)
def test_wrong_usage(
    command: str, problem: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty").mkdir()
    assert main(shlex.split(command)) == 2
    out, errors = capsys.readouterr()
    assert problem in errors
    assert not out
    assert "Traceback" not in errors


# Tagging


def test_one_decision_is_shown_in_full(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tag", "a.txt"]) == 0
    out, errors = capsys.readouterr()
    assert out.startswith("Fenmarsh Council\n")
    assert "  appeal_right  1.00  Summary, ¶ 11, 13\n" in out
    assert not errors


def test_several_are_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tag", "."]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if line] == ["Reference", "99", "95", "2"]


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "OUT.CSV"])
def test_a_file(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tag", "a.txt", "b.txt", "-o", name]) == 0
    out, errors = capsys.readouterr()
    assert (out, errors) == ("", f"2 written to {name}, 0 failed\n")
    assert "Fenmarsh Council" in Path(name).read_text("utf-8")


def test_json_lines_to_standard_output(folder: Path, capfdbinary: Any) -> None:
    assert main(["tag", "a.txt", "b.txt", "-o", "-"]) == 0
    sys.stdout.flush()
    lines = capfdbinary.readouterr().out.splitlines()
    assert [json.loads(line)["body"] for line in lines] == [
        "Fenmarsh Council", "Harrowmere Borough Council",
    ]  # fmt: skip


@pytest.mark.parametrize("output", [[], ["-o", "out.jsonl"], ["-o", "-"]])
def test_failures_are_named_and_the_rest_done(
    output: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("broken.txt").touch()
    assert main(["tag", "broken.txt", "missing.txt", "b.txt", *output]) == 1
    out, errors = capsys.readouterr()
    named = [line for line in errors.splitlines() if line.startswith("grounds: ")]
    assert len(named) == 2
    assert "grounds: broken.txt: is empty" in named
    assert any(line.startswith("grounds: missing.txt: ") for line in named)
    done = Path("out.jsonl").read_text("utf-8") if "out.jsonl" in output else out
    assert "95 003 417" in done


def test_a_file_name_steers_no_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad\x1b[2J.txt").touch()
    assert main(["tag", "bad\x1b[2J.txt"]) == 1
    assert capsys.readouterr().err == "grounds: bad[2J.txt: is empty\n"


def test_a_disk_that_cannot_be_written_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "out.csv")

    monkeypatch.setattr(Path, "replace", full)
    assert main(["tag", "a.txt", "-o", "out.csv"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "grounds: 1 of 1 are done; the same command goes on from there",
        "grounds: out.csv: the disk is full; make room and run the same command again",
    ]


def test_help_names_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    main(["tag", "--help"])
    shown = capsys.readouterr().out
    assert all(suffix in shown for suffix in FORMATS)


# The other commands

DECISION = """\
Northmoor Council (25 111 222)

The complaint

  1. Mr X says the Council lost his file.

Final decision

  1. We will not investigate this complaint.
"""


def test_read_shows_continuous_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("c.txt").write_text(DECISION)
    assert main(["read", "c.txt", "missing.txt"]) == 1
    out, errors = capsys.readouterr()
    assert "2.   We will not investigate this complaint." in out
    assert errors.startswith("grounds: missing.txt: ")


def test_read_from_standard_input() -> None:
    done = run("read -", input=DECISION)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Final decision  [final]\n2.   We will" in done.stdout


def test_the_corpus_is_checked_counted_and_converted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short, out = str(CORPUS / "short"), str(tmp_path / "short.jsonl")
    assert main(["corpus", "check", short]) == 0
    assert main(["corpus", "count", short]) == 0
    assert main(["corpus", "convert", short, "-o", out]) == 0
    assert main(["corpus", "check", out]) == 0
    shown, errors = capsys.readouterr()
    assert shown.count("60 decisions can be used, 0 problems\n") == 2
    assert "60 decisions, " in shown
    assert errors == f"{out}: 60 decisions\n"


def test_problems_of_labelled_data_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.md").write_text("no header")
    assert main(["corpus", "check", str(tmp_path)]) == 1
    assert main(["corpus", "count", str(tmp_path)]) == 1
    out, errors = capsys.readouterr()
    assert out == "0 decisions can be used, 1 problems\n"
    assert errors.count("bad.md:1: ") == 2


# As a process


def test_the_codebook_in_a_pipe_is_plain() -> None:
    done = run("codebook", env={"PATH": "", "PYTHONIOENCODING": "utf-8"})
    assert done.returncode == 0
    assert "no_fault" in done.stdout
    assert not set("\x1b│─┃━") & set(done.stdout)


def test_an_old_encoding_gets_question_marks() -> None:
    done = run("codebook better_body", env={"PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "ombudsman ?)" in done.stdout


def test_a_closed_pipe_is_silent() -> None:
    done = subprocess.run(
        f"{shlex.quote(sys.executable)} -m grounds codebook | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("Grounds")
    assert not done.stderr
