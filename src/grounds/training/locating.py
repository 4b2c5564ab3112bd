"""Locating: finding the words that carry tags, in decisions that were labelled as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from grounds.decision import POWERS, LabelledDecision, Span
from grounds.features.borders import Ints
from grounds.features.clauses import Clauses, segment
from grounds.model import Model
from grounds.model.blend import SURE, Scores, carrying, probability
from grounds.model.heads import speaking, tags


def locate(labelled: Sequence[LabelledDecision], model: Model) -> list[LabelledDecision]:
    """Give words to the tags of decisions that have none; the other decisions stay as they are.

    The clauses that the model finds most probable for a tag that the decision has are taken to
    carry it, and no others: multiple-instance learning with one round, started from a model.
    Where it is not known what the powers cite, the model says so.

    Parameters
    ----------
    labelled
        Decisions, with or without spans.
    model
        What scores their clauses.
    """
    return [item if item.spans is not None else _located(item, model) for item in labelled]


def _located(item: LabelledDecision, model: Model) -> LabelledDecision:
    clauses = segment([item.decision])
    score = probability(model.clause_model.scores(clauses))
    spans = [
        span
        for column, tag in enumerate(tags())
        for span in _spans(tag, score[:, column], clauses, item)
    ]
    return replace(item, spans=tuple(sorted(spans, key=lambda span: (span.index, span.start))))


def _spans(tag: str, score: Scores, clauses: Clauses, item: LabelledDecision) -> Iterator[Span]:
    chosen: list[Ints] = []
    powers = clauses.section == POWERS
    if tag in item.tags:
        rows = np.flatnonzero(speaking(tag, clauses.section))
        chosen.append(rows[carrying(score[rows])])
    if item.cited is None:
        chosen.append(np.flatnonzero(powers & (score >= SURE)))
    elif tag in item.cited:
        rows = np.flatnonzero(powers)
        chosen.append(rows[carrying(score[rows])])
    for row in np.concatenate(chosen).tolist() if chosen else ():
        first, last = int(clauses.first[row]), int(clauses.last[row])
        yield Span(int(clauses.paragraph[row]), first, last, tag)
