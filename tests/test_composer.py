"""Decisions composed out of the corpus, for measuring time and memory on many."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path
from statistics import mean

import composer
import pytest
from composer import Lexicon, compose, text_of
from places import DATA

import grounds
from grounds.corpus import decision_tags, read_labelled, write_labelled
from grounds.decision import LabelledDecision
from grounds.reading import find, read_text

N = 400


@pytest.fixture(scope="module")
def composed() -> list[LabelledDecision]:
    return list(compose(N))


def _paragraphs(decisions: list[LabelledDecision]) -> list[str]:
    return [p.text for item in decisions for p in item.decision.paragraphs]


def test_decisions_are_distinct(composed: list[LabelledDecision]) -> None:
    assert len({item.decision.reference for item in composed}) == N
    assert len({item.decision.source for item in composed}) == N
    bodies = {tuple(p.text for p in item.decision.paragraphs) for item in composed}
    assert len(bodies) == N
    paragraphs = _paragraphs(composed)
    assert len(set(paragraphs)) > 0.95 * len(paragraphs)


def test_words_go_on_growing_in_number(composed: list[LabelledDecision]) -> None:
    def vocabulary(n: int) -> int:
        return len({word for text in _paragraphs(composed[:n]) for word in text.split()})

    assert vocabulary(N) > 1.3 * vocabulary(N // 2) > 1.6 * vocabulary(N // 4)


def test_the_same_seed_gives_the_same(composed: list[LabelledDecision]) -> None:
    assert list(islice(compose(10**9), 20)) == composed[:20]  # and whatever the number
    assert not {item.decision.sha256 for item in compose(20, seed=1)} & {
        item.decision.sha256 for item in composed
    }


def test_they_read_back(composed: list[LabelledDecision]) -> None:
    for item in composed:
        assert read_text(text_of(item.decision), item.decision.source) == item.decision


def test_spans_are_the_words_that_carry_the_tags(composed: list[LabelledDecision]) -> None:
    for item in composed:
        assert (item.tags, item.cited) == decision_tags(item.decision, item.spans or ())
        for span in item.spans or ():
            words = item.decision.paragraphs[span.index].text[span.start : span.end]
            assert words
            assert words == words.strip()
            assert "\n" not in words


def test_they_are_much_like_those_of_the_corpus(
    composed: list[LabelledDecision],
) -> None:
    corpus = list(grounds.read_labelled([DATA / "corpus"]))
    assert _words(composed) == pytest.approx(_words(corpus), rel=0.05)
    for labels in ("tags", "spans", "cited"):
        found, known = (
            mean(len(getattr(item, labels)) for item in items) for items in (composed, corpus)
        )
        assert found == pytest.approx(known, rel=0.1)
    sections = Counter(p.section for item in composed for p in item.decision.paragraphs)
    assert set(sections) == {p.section for item in corpus for p in item.decision.paragraphs}
    assert not set(_paragraphs(corpus)) & {
        text for text in _paragraphs(composed) if len(text.split()) > 60
    }


def _words(decisions: list[LabelledDecision]) -> float:
    return sum(len(text.split()) for text in _paragraphs(decisions)) / len(decisions)


def test_law_stays_as_it_is(composed: list[LabelledDecision]) -> None:
    texts = "\n".join(_paragraphs(composed))
    assert texts.count("(Local Government Act 1974, section 24A(6), as amended)") > N / 10


def test_labels_survive_json_lines(composed: list[LabelledDecision], tmp_path: Path) -> None:
    path = tmp_path / "composed.jsonl"
    write_labelled(iter(composed[:50]), path)
    assert list(read_labelled([path])) == composed[:50]


def test_a_lexicon_has_no_end() -> None:
    lexicon = Lexicon(["refuse", "garden", "permit"])
    assert len({lexicon.word(rank) for rank in range(9)}) == 9


def test_the_command_writes_files_in_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, composed: list[LabelledDecision]
) -> None:
    monkeypatch.setattr("sys.argv", ["composer.py", "25", str(tmp_path)])
    monkeypatch.setattr("composer.FOLDER", 10)
    composer.main()
    assert [len(list(folder.iterdir())) for folder in sorted(tmp_path.iterdir())] == [10, 10, 5]
    read = [grounds.read(path) for path in find([tmp_path]) if isinstance(path, Path)]
    assert [one.sha256 for one in read] == [item.decision.sha256 for item in composed[:25]]
