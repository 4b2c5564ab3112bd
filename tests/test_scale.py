"""The benchmark of time and memory: that it sees all processes, and counts what is written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import scale
from scale import watch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

HOLD = "import time; held = bytearray(b'x') * 100 * 2**20; time.sleep(1)"


def test_the_memory_of_processes_below_is_counted() -> None:
    starts_another = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}])"
    alone, both = (watch([sys.executable, "-c", code]) for code in (HOLD, starts_another))
    for taken in (alone, both):
        assert 100 * 2**20 < taken.pss <= taken.rss < 200 * 2**20
        assert 1 < taken.seconds < 10
    assert both.rss > alone.rss


def test_a_command_that_fails_is_told() -> None:
    with pytest.raises(RuntimeError, match="no such tag"):
        watch([sys.executable, "-c", "raise SystemExit('no such tag')"])


def test_a_missing_record_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_none(n: int, folder: Path) -> None:
        folder.mkdir()
        (tmp_path / "out.jsonl").touch()

    monkeypatch.setattr("scale.write", write_none)
    monkeypatch.setattr("scale.watch", lambda command: scale.Taken(1, 1, 1))
    with pytest.raises(RuntimeError, match="0 records of 3 decisions"):
        scale.tag(3, 1, tmp_path)


@pytest.mark.parametrize(
    ("options", "work", "numbers"),
    [(["--decisions", "2,3"], "tag", [2, 3]), (["--train", "12"], "train", [12])],
)
def test_the_command_writes_figures_and_a_picture(
    options: list[str], work: str, numbers: list[int], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    out = tmp_path / "out.json"
    monkeypatch.setattr("sys.argv", ["scale.py", *options, "--jobs", "1", "-o", str(out)])
    scale.main()
    measured = json.loads(out.read_text("utf-8"))
    assert (measured["work"], measured["jobs"]) == (work, 1)
    assert [run["decisions"] for run in measured["runs"]] == numbers
    for run in measured["runs"]:
        assert 0 < run["pss"] <= run["rss"]
    assert capsys.readouterr().out == f"{scale.table(measured)}\n"
    drawn = out.with_suffix(".svg")
    assert drawn.exists() == (len(numbers) > 1)
    assert not drawn.exists() or work in drawn.read_text("utf-8")
