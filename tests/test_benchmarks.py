"""The benchmark of accuracy: what the peers see, what the rules find, what the table tells."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import accuracy
import numpy as np
import pytest
from accuracy import Trial, compare, table
from made import decision
from peers import PEERS, Entry, Learner, fit_lines, left_out
from pieces import SENTENCES, WHOLE
from rules import rule_tags

from grounds.codebook import codebook
from grounds.corpus import LabelledSentence
from grounds.decision import Decision, LabelledDecision
from grounds.model.heads import tag_matrix, tags


@pytest.fixture(scope="module")
def some(few: list[LabelledDecision]) -> Trial:
    """Return 24 decisions in three folds."""
    sentences = [
        LabelledSentence("This comes too late for us.", "assessment", frozenset({"late"})),
        LabelledSentence("We may look at late complaints.", "powers", frozenset({"late"})),
    ]
    return Trial(few[:24], sentences, [1 + n % 3 for n in range(24)], [n % 8 for n in range(24)])


class Recorder:
    """A peer that keeps what it is shown and gives no tags."""

    shown: tuple[list[Decision], list[Decision]] = ([], [])
    groups: Sequence[object] = ()

    def fit(
        self,
        labelled: Sequence[LabelledDecision],
        sentences: Sequence[LabelledSentence],
        groups: Sequence[object],
    ) -> Self:
        Recorder.shown = ([item.decision for item in labelled], [])
        Recorder.groups = groups
        return self

    def predict(self, decisions: Sequence[Decision]) -> list[frozenset[str]]:
        Recorder.shown[1].extend(decisions)
        return [frozenset() for _ in decisions]


def test_a_peer_never_sees_the_decisions_it_is_tested_on(some: Trial) -> None:
    for number in (1, 2, 3):
        compare(some, {"recorder": Entry("a recorder", Recorder)}, [number])
        learnt, tested = Recorder.shown
        assert len(learnt) == len(Recorder.groups) == 16
        assert len(tested) == 8
        assert not {one.source for one in learnt} & {one.source for one in tested}


class Spy:
    """A classifier that keeps the texts of every fit, and gives low scores."""

    def __init__(self) -> None:
        self.fitted: list[set[str]] = []

    def fit(self, texts: Sequence[str], targets: Any) -> None:
        assert len(texts) == len(targets)
        self.fitted.append(set(texts))
        self.size = targets.shape[1]

    def decision_function(self, texts: Sequence[str]) -> Any:
        if len(self.fitted) < 5:  # the last is on everything
            assert not self.fitted[-1] & set(texts)
        return np.full((len(texts), self.size), -1.0)


def test_lines_are_fitted_on_decisions_that_a_classifier_has_not_seen(some: Trial) -> None:
    spy = Spy()
    Learner(WHOLE, spy).fit(some.labelled, some.sentences, some.groups)
    assert [len(texts) for texts in spy.fitted] == [18 + 1] * 4 + [24 + 1]  # no powers


def test_what_is_given_does_not_depend_on_the_scale_of_scores() -> None:
    chance = np.random.default_rng(0)
    gold = chance.random((60, len(tags()))) < 0.2
    scores = (gold * 2 + chance.normal(size=gold.shape) - 1).astype(np.float32)
    given = scores >= fit_lines(scores, gold)
    again = 3 * scores - 2 >= fit_lines(3 * scores - 2, gold)
    assert (given == again).mean() > 0.999
    assert ((given & gold).sum() / gold.sum()) > 0.6


# What a peer reads


def test_sentences_carry_the_tags_of_their_words(some: Trial) -> None:
    decisions = [item.decision for item in some.labelled]
    pieces, targets = SENTENCES.pieces(decisions), SENTENCES.targets(some.labelled)
    assert len(pieces.texts) == len(pieces.decision) == len(targets)
    assert not any(text.startswith("[powers]") for text in pieces.texts)
    found = np.zeros((len(decisions), len(tags())), bool)
    np.logical_or.at(found, pieces.decision, targets & pieces.speaks)
    assert (found == tag_matrix(item.tags for item in some.labelled)).all()


def test_a_whole_decision_is_read_without_its_powers() -> None:
    made = decision(("powers", "We may not look at it."), ("final", "We will not."))
    assert WHOLE.pieces([made]).texts == ["We will not."]


# Rules


def test_rules_find_the_examples_of_the_codebook() -> None:
    for tag, entry in codebook().tags.items():
        section = "complaint" if tag.endswith(":sought") else "assessment"
        for example in entry.examples:
            assert tag in rule_tags(decision((section, example)))  # type: ignore[arg-type]


def test_rules_heed_sections_and_speakers() -> None:
    late = "This complaint is late and there are no good reasons to look at it now."
    assert rule_tags(decision(("assessment", late))) == {"late"}
    assert not rule_tags(decision(("powers", late), ("complaint", late)))
    assert not rule_tags(decision(("assessment", f"The Council says: {late}")))
    wish = decision(("complaint", "Ms X wants an apology and £200."))
    assert rule_tags(wish) == {"apology:sought", "payment:sought"}


# The table


def test_the_table_has_every_system(some: Trial) -> None:
    names = ("rules", "whole-svm", "sentence-svm")
    compared = compare(some, {name: PEERS[name] for name in names}, [2])
    compared["left_out"] = {"minilm": "since it is not there"}
    lines = table(compared).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:5]] == [f"| {PEERS[n].what}" for n in names]
    assert len({line.count("|") for line in lines[:5]}) == 1
    assert lines[-1] == "Left out: minilm, since it is not there"
    assert (compared["decisions"], compared["folds"]) == (8, [2])
    rules = compared["systems"]["rules"]
    assert rules["times_as_long"] == 1
    for family in ("reasons", "remedies"):
        low, high = rules[family]["intervals"]["micro_f1"]
        assert low <= rules[family]["figures"]["micro_f1"] <= high
    assert json.loads(json.dumps(compared))["folds"] == [2]


def test_a_peer_whose_library_is_missing_is_left_out() -> None:
    entries = {
        "x": Entry("x", Recorder, needs=("json", "no_such_library")),
        "rules": PEERS["rules"],
    }
    assert left_out(entries) == {
        "x": "since no_such_library cannot be imported: pip install -e '.[benchmarks]'"
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--peers", "ruels"], "unknown peer ruels (one of whole-logistic,"),
        (["--folds", "5", "--voices", "--peers", "rules"], "the folds are 1 to 4"),
        (["--folds", "9", "--peers", "rules"], "the folds are 1 to 8"),
    ],
)
def test_wrong_usage_is_told(
    options: list[str], message: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setattr("sys.argv", ["accuracy.py", *options, "-o", str(tmp_path / "out.json")])
    with pytest.raises(SystemExit) as stop:
        accuracy.main()
    assert message in capsys.readouterr().err + str(stop.value)
    assert not list(tmp_path.iterdir())
