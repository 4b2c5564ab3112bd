"""What is written over, and what never is."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from grounds.cli import main

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "data" / "examples"


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    """Return a folder of inputs, each of which a command could be told to write over."""
    text = (EXAMPLES / "allotment.txt").read_text("utf-8")
    (tmp_path / "one.jsonl").write_text(json.dumps({"text": text, "tags": ["no_fault"]}) + "\n")
    (tmp_path / "alias.jsonl").symlink_to("one.jsonl")
    shutil.copy(EXAMPLES / "home-care.html", tmp_path / "page.html")
    shutil.copy(ROOT / "data" / "corpus" / "folds.json", tmp_path / "folds.json")
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        "tag one.jsonl -o one.jsonl",
        "tag alias.jsonl -o one.jsonl",
        "tag one.jsonl -o ./alias.jsonl",
        "show page.html -o page.html",
        "corpus convert one.jsonl -o one.jsonl",
        "corpus convert . -o one.jsonl",
        "evaluate one.jsonl --folds folds.json -o folds.json",
    ],
)
def test_what_is_read_is_not_written_over(
    inputs: Path, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(inputs)
    (inputs / "alias.jsonl").unlink() if " . " in command else None
    before = {path: path.read_bytes() for path in inputs.iterdir()}
    assert main(command.split()) == 2
    assert "is read as well; give another name to write to" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in inputs.iterdir()} == before


def test_pages_of_another_origin_are_not_written_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "decisions").mkdir()
    saved = tmp_path / "decisions" / "97-410-553.html"
    shutil.copy(EXAMPLES / "home-care.html", saved)
    assert main(["show", str(tmp_path / "decisions"), "-o", str(tmp_path)]) == 2
    assert "is in the way, and no page of ours; name another folder" in capsys.readouterr().err
    assert saved.read_bytes() == (EXAMPLES / "home-care.html").read_bytes()
    assert main(["show", str(tmp_path / "decisions"), "-o", str(tmp_path / "pages")]) == 0
    assert main(["show", str(tmp_path / "decisions"), "-o", str(tmp_path / "pages")]) == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_devices_and_pipes_are_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "tags.csv").symlink_to("pipe")
    assert main(["tag", str(EXAMPLES), "-o", str(tmp_path / "tags.csv")]) == 2
    assert "not a file in a folder that exists" in capsys.readouterr().err
    assert (tmp_path / "pipe").is_fifo()
