"""The benchmark of speed: that it times what it says, and what it tells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import pytest
import throughput
from peers import PEERS, Entry
from throughput import BARE, OURS, Size, compare, ratio, starts

from grounds.decision import Decision
from grounds.model import Model


class Recorder:
    """A peer that keeps what it is shown and gives no tags."""

    shown: list[str]

    def fit(self, *_: object) -> Self:
        Recorder.shown = []
        return self

    def predict(self, decisions: Sequence[Decision]) -> list[frozenset[str]]:
        Recorder.shown += [decision.sha256 for decision in decisions]
        return [frozenset() for _ in decisions]


def test_everything_is_timed_in_every_round(shipped: Model) -> None:
    compared = compare(shipped, {"recorder": Entry("a recorder", Recorder)}, Size(3, rounds=2))
    assert list(compared["systems"]) == [*BARE, *OURS, "recorder"]
    assert len(set(Recorder.shown)) == 3 * (2 + 1)  # others in each, and one before
    for name, system in compared["systems"].items():
        for base, over in system["over"].items():
            assert 0 < over["least"] <= over["median"] <= over["most"]
            assert name != base or over["median"] == 1
    both, parts = (compared["systems"][name]["over"]["tagging"] for name in ("both", "reading"))
    assert both["median"] == pytest.approx(1 + parts["median"])


def test_a_slow_peer_is_timed_on_fewer(shipped: Model) -> None:
    compare(shipped, {"minilm": Entry("a recorder", Recorder)}, Size(4, few=1, rounds=1))
    assert len(Recorder.shown) == 2


def test_a_ratio_is_that_of_the_same_round() -> None:
    assert ratio([(2, 1), (30, 10), (1, 1)]) == {"median": 2, "least": 1, "most": 3}


def test_the_command_writes_figures_and_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    monkeypatch.setattr("throughput.starts", lambda: starts(rounds=1))
    arguments = ["--peers", "rules", "--decisions", "2", "-o", str(out)]
    monkeypatch.setattr("sys.argv", ["throughput.py", *arguments])
    throughput.main()
    written = json.loads(out.read_text("utf-8"))
    printed = capsys.readouterr().out
    assert printed == f"{throughput.table(written)}\n"
    assert PEERS["rules"].what in printed
    assert list(written["starts"]) == ["tag", "help"]
    assert 'role="img"' in out.with_suffix(".svg").read_text("utf-8")


def test_quick_tells_of_ours_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("throughput.QUICK", Size(2, rounds=1))
    monkeypatch.setattr("sys.argv", ["throughput.py", "--quick"])
    throughput.main()
    assert len(capsys.readouterr().out.splitlines()) == 2 + len(BARE | OURS)
