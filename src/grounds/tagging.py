"""Tagging: from a decision and a model to its record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from grounds.codebook import codebook
from grounds.decision import POWERS, Decision
from grounds.features.borders import Flags, Ints
from grounds.model import Judgement, Model
from grounds.model.blend import Scores, least_carrying, log_odds
from grounds.model.heads import counting, reasons, tags
from grounds.record import FOREIGN, Cited, Evidence, Record, Review, TagFound

BATCH = 64
"""Decisions judged together: more use the processor better, fewer take less memory."""

CHARACTERS = 1_000_000
"""Fewer are judged together where they are as long as this."""

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
    """Tag decisions in their order, a batch at a time."""
    for batch, judgement in judge_all(decisions, model):
        yield from records(batch, judgement, model)


def judge_all(
    decisions: Iterable[Decision], model: Model
) -> Iterator[tuple[list[Decision], Judgement]]:
    """Yield decisions in batches, `BATCH` or as many as have `CHARACTERS`, each judged."""
    batch: list[Decision] = []
    size = 0
    for decision in decisions:
        batch.append(decision)
        size += sum(len(paragraph.text) for paragraph in decision.paragraphs)
        if len(batch) == BATCH or size >= CHARACTERS:
            yield batch, model.judge(batch)
            batch, size = [], 0
    if batch:
        yield batch, model.judge(batch)


def records(decisions: Sequence[Decision], judgement: Judgement, model: Model) -> Iterator[Record]:
    """Return the record of each decision of a batch from what the model said of the batch."""
    probability = judgement.decision_probability
    given = probability >= model.thresholds
    near = np.abs(log_odds(probability) - log_odds(model.thresholds)) < NEAR
    found = _evidence(decisions, given, judgement)
    cited = _cited(decisions, judgement, model)
    for place, decision in enumerate(decisions):
        if judgement.foreign[place]:
            near[place, list(found[place])] = True
            yield _untagged(decision, _review(probability[place], near[place]), model)
            continue
        listed = {one.tag for one in cited[place]}
        tagged = [
            TagFound(
                tag=tags()[column],
                family=codebook().tags[tags()[column]].family,
                score=float(probability[place, column]),
                evidence=tuple(sorted(evidence, key=lambda one: -one.score)),
                cited=tags()[column] in listed,
            )
            for column, evidence in found[place].items()
        ]
        relied = tuple(one for one in tagged if one.family != "remedy")
        names = {one.tag for one in relied}
        yield Record(
            decision=decision,
            tags=relied,
            cited=tuple(one for one in cited[place] if one.tag not in names),
            remedies=tuple(one for one in tagged if one.family == "remedy"),
            review=_review(probability[place], near[place]),
            model=model.id,
        )


def _untagged(decision: Decision, review: tuple[Review, ...], model: Model) -> Record:
    """Return the record of a text that does not look like a decision."""
    warned = replace(decision, warnings=(FOREIGN, *decision.warnings))
    return Record(warned, tags=(), cited=(), remedies=(), review=review, model=model.id)


def _review(scores: Scores, near: Flags) -> tuple[Review, ...]:
    """Return the tags near the line, given or not, the most probable first."""
    found = (Review(tags()[column], float(scores[column])) for column in near.nonzero()[0].tolist())
    return tuple(sorted(found, key=lambda review: -review.score))


def _evidence(
    decisions: Sequence[Decision], given: Flags, judgement: Judgement
) -> list[dict[int, list[Evidence]]]:
    """Return the clauses that carry each tag given, by decision and by the tag's column.

    Clauses that follow each other in a sentence are joined. A tag for which no clause speaks
    (nothing but powers, or but powers and complaint) is left out.
    """
    clauses, found = judgement.clauses, [dict[int, list[Evidence]]() for _ in decisions]
    column, row = _carrying(given, judgement)
    score = judgement.clause_probability[row, column]
    joined = (np.diff(row) == 1) & (np.diff(clauses.sentence[row]) == 0) & (np.diff(column) == 0)
    starts = np.flatnonzero(np.append(True, ~joined)[: len(row)])
    ends = np.append(starts[1:], len(row))[: len(starts)] - 1
    best = np.maximum.reduceat(score, starts) if len(starts) else score
    first, last = row[starts], row[ends]
    columns = (
        clauses.decision[first], column[starts], clauses.paragraph[first],
        clauses.first[first], clauses.last[last], best,
    )  # fmt: skip
    for decision, tag, index, start, end, top in zip(*(c.tolist() for c in columns), strict=True):
        paragraph = decisions[decision].paragraphs[index]
        words = Evidence(paragraph.number, start, end, paragraph.text[start:end], top)
        found[decision].setdefault(tag, []).append(words)
    return found


def _carrying(given: Flags, judgement: Judgement) -> tuple[Ints, Ints]:
    """Return the tags given and the clauses that carry them, as columns and rows, in order."""
    clauses = judgement.clauses
    asked = given[clauses.decision] & counting().T[clauses.section]
    score = np.where(asked, judgement.clause_probability, -1)
    starts = np.flatnonzero(np.diff(clauses.decision, prepend=-1))
    best = np.maximum.reduceat(score, starts) if len(starts) else score
    lengths = np.diff(starts, append=len(clauses))
    enough = np.repeat(least_carrying(best), lengths, axis=0)
    column, row = (asked & (score >= enough)).T.nonzero()
    return column, row


def _cited(
    decisions: Sequence[Decision], judgement: Judgement, model: Model
) -> list[tuple[Cited, ...]]:
    """Return what the powers of each decision list, with the paragraphs."""
    clauses = judgement.clauses
    powers = np.flatnonzero(clauses.section == POWERS)
    cites = judgement.cited_probability >= model.cited_thresholds
    listed = judgement.clause_probability[powers][:, reasons()] >= model.cited_thresholds
    row, column = (listed & cites[clauses.decision[powers]]).nonzero()
    places: list[dict[int, set[int]]] = [{} for _ in decisions]
    where = (clauses.decision[powers[row]], column, clauses.paragraph[powers[row]])
    for decision, tag, index in zip(*(numbers.tolist() for numbers in where), strict=True):
        paragraph = decisions[decision].paragraphs[index]
        places[decision].setdefault(tag, set()).add(paragraph.number)
    return [
        tuple(Cited(tags()[tag], tuple(sorted(found[tag]))) for tag in sorted(found))
        for found in places
    ]
