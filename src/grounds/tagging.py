"""Tagging: from a decision and a model to its record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from grounds.codebook import codebook
from grounds.decision import POWERS, Decision
from grounds.features.borders import Ints
from grounds.features.clauses import Clauses
from grounds.model import Judgement, Model
from grounds.model.blend import Scores, carrying, log_odds
from grounds.model.heads import reasons, speaking, tags
from grounds.record import Cited, Evidence, Record, Review, TagFound

BATCH = 64
"""Decisions judged together: more use the processor better, fewer take less memory."""

NEAR = 1.0
"""A score so near its threshold, in log-odds, is one for a person to look at."""


def tag(decision: Decision, model: Model) -> Record:
    """Tag one decision.

    Parameters
    ----------
    decision
        From `grounds.read`.
    model
        From `grounds.load_model`.
    """
    return next(tag_all([decision], model))


def tag_all(decisions: Iterable[Decision], model: Model) -> Iterator[Record]:
    """Tag decisions in their order, `BATCH` at a time."""
    batch: list[Decision] = []
    for decision in decisions:
        batch.append(decision)
        if len(batch) == BATCH:
            yield from records(batch, model.judge(batch), model)
            batch = []
    if batch:
        yield from records(batch, model.judge(batch), model)


def records(decisions: Sequence[Decision], judgement: Judgement, model: Model) -> Iterator[Record]:
    """Return the record of each decision of a batch from what the model said of the batch."""
    bounds = np.searchsorted(judgement.clauses.decision, np.arange(len(decisions) + 1))
    for place, decision in enumerate(decisions):
        rows = np.arange(bounds[place], bounds[place + 1])
        yield _record(decision, place, rows, judgement, model)


def _record(
    decision: Decision, place: int, rows: Ints, judgement: Judgement, model: Model
) -> Record:
    cited = _cited(decision, place, rows, judgement, model)
    cites = {found.tag for found in cited}
    scores = judgement.decision_probability[place]
    section = judgement.clauses.section[rows]
    found: dict[bool, list[TagFound]] = {True: [], False: []}
    for column in np.flatnonzero(scores >= model.thresholds).tolist():
        name = tags()[column]
        family = codebook().tags[name].family
        evidence = _evidence(decision, rows[speaking(name, section)], column, judgement)
        if not evidence:  # nothing but powers, or but powers and complaint
            continue
        tagged = TagFound(name, family, float(scores[column]), evidence, name in cites)
        found[family == "remedy"].append(tagged)
    relied = {tagged.tag for tagged in found[False]}
    only_cited = tuple(one for one in cited if one.tag not in relied)
    review = _review(scores, model.thresholds)
    return Record(decision, tuple(found[False]), only_cited, tuple(found[True]), review, model.id)


def _review(scores: Scores, thresholds: Scores) -> tuple[Review, ...]:
    """Return the tags near the line, given or not, the most probable first."""
    near = np.flatnonzero(np.abs(log_odds(scores) - log_odds(thresholds)) < NEAR)
    found = (Review(tags()[column], float(scores[column])) for column in near.tolist())
    return tuple(sorted(found, key=lambda review: -review.score))


def _evidence(
    decision: Decision, rows: Ints, column: int, judgement: Judgement
) -> tuple[Evidence, ...]:
    """Return the clauses that carry a tag, best first; neighbours in a sentence are joined."""
    if not len(rows):
        return ()
    score = judgement.clause_probability[rows, column]
    clauses, found = judgement.clauses, []
    for group in _neighbours(rows[carrying(score)], clauses):
        paragraph = decision.paragraphs[clauses.paragraph[group[0]]]
        first, last = int(clauses.first[group[0]]), int(clauses.last[group[-1]])
        best = float(judgement.clause_probability[group, column].max())
        found.append(Evidence(paragraph.number, first, last, paragraph.text[first:last], best))
    return tuple(sorted(found, key=lambda evidence: -evidence.score))


def _neighbours(rows: Ints, clauses: Clauses) -> list[Ints]:
    """Split rows into runs of clauses that follow each other in one sentence."""
    apart = (np.diff(rows) > 1) | (np.diff(clauses.sentence[rows]) != 0)
    return np.split(rows, np.flatnonzero(apart) + 1)


def _cited(
    decision: Decision, place: int, rows: Ints, judgement: Judgement, model: Model
) -> tuple[Cited, ...]:
    powers = rows[judgement.clauses.section[rows] == POWERS]
    score: Scores = judgement.clause_probability[powers][:, reasons()]
    found = []
    for column in np.flatnonzero(judgement.cited_probability[place] >= model.cited_thresholds):
        listed = powers[score[:, column] >= model.cited_thresholds[column]]
        numbers = {decision.paragraphs[i].number for i in judgement.clauses.paragraph[listed]}
        found.append(Cited(tags()[column], tuple(sorted(numbers))))
    return tuple(found)
