"""What labels of whole decisions are worth: ``python benchmarks/spans.py``.

Takes words from the labels of the corpus, trains without them, and tests on folds that no model in
the trial has seen: the shipped model, which knows them all, has no part in it. Prints a table in
Markdown and writes the figures to docs/spans.json. Some 40 minutes on two cores; with
``--folds 1,2`` some ten. With ``--units`` it compares words that are marked exactly with sentences and
paragraphs, and only prints the table.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np
from options import add_folds
from places import DATA, DOCS

from grounds.corpus import (
    LabelledSentence,
    decision_tags,
    folder_of,
    read_labelled,
    read_sentences,
)
from grounds.decision import SECTIONS, Decision, LabelledDecision, Paragraph, Span
from grounds.evaluation import Report, Trainer, cross_validate
from grounds.features.clauses import segment
from grounds.model import Model
from grounds.training import train

FIGURES = DOCS / "spans.json"

EVERY = 4
"""Every so many folders, one keeps its words."""

TOGETHER = 12
"""Single sentences that make one decision."""


def keeps_words(labelled: Sequence[LabelledDecision]) -> list[bool]:
    """Return which decisions keep their words: those of every fourth folder."""
    folders = [folder_of(item) for item in labelled]
    kept = list(dict.fromkeys(folders))[::EVERY]
    return [folder in kept for folder in folders]


def without_words(item: LabelledDecision) -> LabelledDecision:
    """Return a decision of which only the tags are known."""
    return replace(item, spans=None, cited=None)


# Ways to train, each called as `train` is


def part_alone(
    labelled: Sequence[LabelledDecision],
    sentences: Sequence[LabelledSentence],
    *,
    groups: Sequence[object],
) -> Model:
    """Train on the decisions that keep their words, and on no others."""
    kept = keeps_words(labelled)
    return train(list(compress(labelled, kept)), sentences, groups=list(compress(groups, kept)))


def part_and_tags(
    labelled: Sequence[LabelledDecision],
    sentences: Sequence[LabelledSentence],
    *,
    groups: Sequence[object],
) -> Model:
    """Train on these and on the tags of the others, whose words `part_alone` finds."""
    start = part_alone(labelled, sentences, groups=groups)
    kept = keeps_words(labelled)
    some = [
        item if keeps else without_words(item) for item, keeps in zip(labelled, kept, strict=True)
    ]
    return train(some, sentences, groups=groups, start=start)


def tags_alone(
    labelled: Sequence[LabelledDecision],
    sentences: Sequence[LabelledSentence],
    *,
    groups: Sequence[object],
) -> Model:
    """Train on the tags of all decisions, whose words a model of single sentences finds."""
    start = train(list(as_decisions(sentences)))
    return train([without_words(item) for item in labelled], sentences, groups=groups, start=start)


WAYS: Mapping[str, Trainer] = {
    "a quarter of the folders, with words": part_alone,
    "that quarter, and the others by tags": part_and_tags,
    "all folders by tags": tags_alone,
    "all folders, with words": train,
}


def by_sentences(
    labelled: Sequence[LabelledDecision],
    sentences: Sequence[LabelledSentence],
    *,
    groups: Sequence[object],
) -> Model:
    """Train on the sentences that carry tags, as the labelling table has them."""
    return train([of_sentences(item) for item in labelled], sentences, groups=groups)


def by_paragraphs(
    labelled: Sequence[LabelledDecision],
    sentences: Sequence[LabelledSentence],
    *,
    groups: Sequence[object],
) -> Model:
    """Train on the paragraphs that carry tags."""
    return train([of_paragraphs(item) for item in labelled], sentences, groups=groups)


UNITS: Mapping[str, Trainer] = {
    "words, marked exactly": train,
    "sentences": by_sentences,
    "paragraphs": by_paragraphs,
}


def of_sentences(item: LabelledDecision) -> LabelledDecision:
    """Widen the words that carry tags to their sentences."""
    clauses = segment([item.decision])
    ends = np.append(np.flatnonzero(np.diff(clauses.sentence)), len(clauses) - 1)
    begins = np.append(0, ends[:-1] + 1)
    first, last = clauses.first[begins], clauses.last[ends]
    spans = {
        Span(span.index, int(first[row]), int(last[row]), span.tag)
        for span in item.spans or ()
        for row in np.flatnonzero(
            (clauses.paragraph[begins] == span.index) & (first < span.end) & (last > span.start)
        )
    }
    return replace(item, spans=tuple(sorted(spans, key=lambda span: (span.index, span.start))))


def of_paragraphs(item: LabelledDecision) -> LabelledDecision:
    """Widen the words that carry tags to their paragraphs."""
    lengths = [len(paragraph.text) for paragraph in item.decision.paragraphs]
    spans = {Span(span.index, 0, lengths[span.index], span.tag) for span in item.spans or ()}
    return replace(item, spans=tuple(sorted(spans, key=lambda span: span.index)))


def as_decisions(sentences: Sequence[LabelledSentence]) -> Iterator[LabelledDecision]:
    """Yield decisions made of single sentences, each of them a paragraph, in a chance order."""
    shuffled = random.Random(0).sample(sentences, len(sentences))
    for start in range(0, len(shuffled), TOGETHER):
        chosen = shuffled[start : start + TOGETHER]
        yield _decision(sorted(chosen, key=lambda one: SECTIONS.index(one.section)), start)


def _decision(sentences: Sequence[LabelledSentence], number: int) -> LabelledDecision:
    paragraphs = tuple(
        Paragraph(place, one.section, one.section, one.text)
        for place, one in enumerate(sentences, 1)
    )
    spans = tuple(
        Span(index, 0, len(one.text), tag)
        for index, one in enumerate(sentences)
        for tag in sorted(one.tags)
    )
    decision = Decision(f"sentences/{number}", "", "plain", paragraphs)
    return LabelledDecision(decision, *decision_tags(decision, spans), spans)


# What comes of it


def compare(
    labelled: Sequence[LabelledDecision],
    sentences: Sequence[LabelledSentence],
    folds: Path,
    only: Collection[int] = (),
    jobs: int = 2,
    ways: Mapping[str, Trainer] = WAYS,
) -> dict[str, Any]:
    """Return the figures of each way, as plain values.

    Parameters
    ----------
    labelled, sentences
        What to train on; the decisions are tested on too, fold by fold.
    folds
        A file of folds.
    only
        The numbers of the folds to test on; all of them where left out.
    jobs
        Processes that share the folds.
    ways
        The ways, by their names.
    """
    reports = {}
    for name, trainer in ways.items():
        report = cross_validate(labelled, folds, sentences, only=only, trainer=trainer, jobs=jobs)
        print(f"{name}: {report.reasons.figures.micro_f1:.3f}", file=sys.stderr)
        reports[name] = report
    return {
        "decisions": report.decisions,
        "method": report.method,
        "folds": [fold.number for fold in report.folds],
        "ways": {name: _without_tags(report) for name, report in reports.items()},
    }


def _without_tags(report: Report) -> dict[str, Any]:
    kept = ("reasons", "remedies", "cited", "evidence", "folds")
    return {name: value for name, value in report.to_dict().items() if name in kept}


def table(compared: Mapping[str, Any]) -> str:
    """Return the figures as a table in Markdown."""
    titles = "micro F1 | macro F1 | all right"
    lines = [
        f"| trained on | grounds and bars: {titles} | remedies: {titles} | evidence |",
        f"| --- |{' ---: |' * 7}",
    ]
    for name, way in compared["ways"].items():
        values = [
            way[family]["figures"][figure]
            for family in ("reasons", "remedies")
            for figure in ("micro_f1", "macro_f1", "exact")
        ]
        cells = " | ".join(f"{value:.3f}" for value in (*values, way["evidence"]))
        lines.append(f"| {name} | {cells} |")
    return "\n".join(lines)


def main() -> None:
    """Compare the ways on the corpus."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_folds(options)
    options.add_argument("--jobs", type=int, default=2, metavar="N", help="how many processes")
    options.add_argument("-o", type=Path, default=FIGURES, metavar="OUT", help="where to write")
    options.add_argument("--units", action="store_true", help="compare words with longer units")
    given = options.parse_args()
    compared = compare(
        list(read_labelled([DATA / "corpus"])),
        read_sentences([DATA]),
        DATA / "corpus" / "folds.json",
        given.folds,
        given.jobs,
        UNITS if given.units else WAYS,
    )
    if not given.units:
        given.o.write_text(json.dumps(compared, indent=1) + "\n", "utf-8")
    print(table(compared))


if __name__ == "__main__":
    main()
