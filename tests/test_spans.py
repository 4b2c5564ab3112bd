"""The trial of labels without words: what it takes away, and what it compares."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import spans
from records import CORPUS

from grounds.corpus import LabelledSentence, decision_tags, read_labelled, read_sentences
from grounds.decision import SECTIONS, LabelledDecision
from grounds.model import Model

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def corpus() -> list[LabelledDecision]:
    return list(read_labelled([CORPUS]))


@pytest.fixture(scope="module")
def sentences() -> list[LabelledSentence]:
    return read_sentences([ROOT / "data"])


def folder(item: LabelledDecision) -> str:
    """Return the folder that a decision comes from."""
    return Path(item.decision.source).parent.name


def test_a_quarter_of_the_folders_keeps_its_words(corpus: list[LabelledDecision]) -> None:
    kept = spans.keeps_words(corpus)
    with_words = {folder(item) for item, keeps in zip(corpus, kept, strict=True) if keeps}
    without = {folder(item) for item, keeps in zip(corpus, kept, strict=True) if not keeps}
    assert not with_words & without
    assert 0.2 < sum(kept) / len(kept) < 0.3


def test_only_the_tags_are_left(corpus: list[LabelledDecision]) -> None:
    bare = spans.without_words(corpus[0])
    assert (bare.spans, bare.cited) == (None, None)
    assert (bare.decision, bare.tags) == (corpus[0].decision, corpus[0].tags)


def test_decisions_of_single_sentences(sentences: list[LabelledSentence]) -> None:
    made: list[LabelledDecision] = list(spans.as_decisions(sentences))
    texts = [paragraph.text for item in made for paragraph in item.decision.paragraphs]
    assert sorted(texts) == sorted(sentence.text for sentence in sentences)
    for item in made:
        sections = [SECTIONS.index(paragraph.section) for paragraph in item.decision.paragraphs]
        assert sections == sorted(sections)
        assert item.spans is not None
        assert (item.tags, item.cited) == decision_tags(item.decision, item.spans)
    marked = sum(len(item.spans or ()) for item in made)
    assert marked == sum(len(sentence.tags) for sentence in sentences)


def test_a_start_has_not_seen_what_loses_its_words(
    corpus: list[LabelledDecision],
    sentences: list[LabelledSentence],
    tiny: Model,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor is it the shipped model, which has seen everything."""
    calls: list[tuple[Sequence[LabelledDecision], dict[str, Any]]] = []

    def noted(labelled: Sequence[LabelledDecision], *_: object, **options: Any) -> Model:
        calls.append((labelled, options))
        return tiny

    monkeypatch.setattr(spans, "train", noted)
    for way in (spans.part_and_tags, spans.tags_alone):
        calls.clear()
        way(corpus, sentences, groups=range(len(corpus)))
        (started, _), (labelled, options) = calls
        assert options["start"] is tiny
        assert all(item.spans is not None for item in started)
        bare = {item.decision.source for item in labelled if item.spans is None}
        assert len(labelled) == len(corpus)
        assert len(bare) > 0.7 * len(corpus)
        assert not bare & {item.decision.source for item in started}


def test_longer_units_hold_the_words(corpus: list[LabelledDecision]) -> None:
    for item in corpus[::40]:
        for widen in (spans.of_sentences, spans.of_paragraphs):
            wide = widen(item)
            assert (wide.tags, wide.cited) == decision_tags(wide.decision, wide.spans or ())
            for span in item.spans or ():
                held = [
                    (max(one.start, span.start), min(one.end, span.end))
                    for one in wide.spans or ()
                    if (one.index, one.tag) == (span.index, span.tag)
                ]
                covered = {at for start, end in held for at in range(start, end)}
                text = item.decision.paragraphs[span.index].text
                left = set(range(span.start, span.end)) - covered
                assert not "".join(text[at] for at in left).strip(" \n,;:—–")


def test_figures_of_every_way(
    few: list[LabelledDecision], sentences: list[LabelledSentence], tmp_path: Path
) -> None:
    """On some decisions as if from five folders in two folds."""
    labelled = [
        replace(item, decision=replace(item.decision, source=f"{number % 5}/{number}.md"))
        for number, item in enumerate(few[:50])
    ]
    folds = tmp_path / "folds.json"
    folds.write_text(json.dumps({"folds": [["0"], ["1", "2", "3", "4"]]}))
    compared = spans.compare(labelled, sentences[::60], folds, [1], jobs=1)
    assert (compared["decisions"], compared["folds"]) == (10, [1])
    lines = spans.table(json.loads(json.dumps(compared))).splitlines()
    assert len({line.count("|") for line in lines}) == 1
    for line, (name, way) in zip(lines[2:], compared["ways"].items(), strict=True):
        assert line.startswith(f"| {name} | {way['reasons']['figures']['micro_f1']:.3f} |")
        assert way["evidence"] > 0.5


def test_the_page_shows_the_figures() -> None:
    written = json.loads((ROOT / "docs" / "spans.json").read_text("utf-8"))
    assert spans.table(written) in (ROOT / "docs" / "training.md").read_text("utf-8")
