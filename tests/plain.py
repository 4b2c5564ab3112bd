"""The record of a decision, made plainly: one decision, one tag, one clause after the other.

What the package does for many at once with arrays and look-ups has to come out as this does.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import groupby

import numpy as np
from scipy.sparse import csr_matrix

from grounds.codebook import codebook
from grounds.decision import SECTIONS, Decision, counts_in
from grounds.features import segment
from grounds.features.borders import Tokens
from grounds.features.clauses import Clauses
from grounds.features.ngrams import places
from grounds.features.pipeline import encodable, pipeline
from grounds.model import Model, judged
from grounds.model.blend import Scores, log_odds, probability, tag_scores
from grounds.model.domain import words_in_sections
from grounds.model.heads import tags
from grounds.model.weigh import powers_best, section_best
from grounds.record import FOREIGN, Cited, Evidence, Record, Review, TagFound
from grounds.tagging import NEAR


def plain_record(decision: Decision, model: Model) -> Record:
    """Return what `grounds.tag` has to return."""
    clauses = segment([decision])
    text = "\n".join(paragraph.text for paragraph in decision.paragraphs)
    words = Tokens.of(pipeline().make_doc(encodable(text))).word
    assert clauses.words.tolist() == words.tolist()
    foreign = is_foreign(clauses, model)
    first = model.clause_model
    heads = np.array(rows_of(clauses, model) @ first.weights + first.bias, np.float32)
    scores = tag_scores(heads, first.reason_blend, first.remedy_blend)
    best = section_best(scores, clauses, 1)
    says, sure = judged(model.judges, best, [decision.outcome])[0], probability(scores)
    found, cited = [], []
    for column, tag in enumerate(tags()):
        if column < len(codebook().reasons):
            line = model.cited_thresholds[column]
            if probability(powers_best(best))[0, column] >= line:
                rows = [r for r in in_sections(clauses, {"powers"}) if sure[r, column] >= line]
                numbers = {decision.paragraphs[clauses.paragraph[row]].number for row in rows}
                cited.append(Cited(tag, tuple(sorted(numbers))))
        rows = in_sections(clauses, {name for name in SECTIONS if counts_in(tag, name)})
        if says[column] >= model.thresholds[column] and rows:
            line = min(0.5, max(sure[row, column] for row in rows))
            carrying = [row for row in rows if sure[row, column] >= line]
            family = codebook().tags[tag].family
            evidence = evidence_of(decision, clauses, carrying, sure[:, column])
            found.append(TagFound(tag, family, float(says[column]), evidence))
    listed = {one.tag for one in cited}
    relied = {one.tag for one in found}
    distance = np.abs(log_odds(says) - log_odds(model.thresholds))
    near = [
        Review(tag, float(says[column]))
        for column, tag in enumerate(tags())
        if distance[column] < NEAR or (foreign and tag in relied)
    ]
    review = tuple(sorted(near, key=lambda one: -one.score))
    if foreign:
        warned = replace(decision, warnings=(FOREIGN, *decision.warnings))
        return Record(warned, (), (), (), review, model.id)
    given = tuple(
        TagFound(one.tag, one.family, one.score, one.evidence, one.tag in listed) for one in found
    )
    return Record(
        decision,
        tuple(one for one in given if one.family != "remedy"),
        tuple(one for one in cited if one.tag not in relied),
        tuple(one for one in given if one.family == "remedy"),
        review,
        model.id,
    )


def is_foreign(clauses: Clauses, model: Model) -> bool:
    """Say whether a text does not look like a decision."""
    if model.domain is None:
        return False
    _, keys = words_in_sections(clauses)
    weights = dict(zip(model.domain.keys.tolist(), model.domain.weights.tolist(), strict=True))
    known = [weights[key] for key in set(keys.tolist()) if key in weights]
    score = sum(known) / float(np.sqrt(max(len(known), 1))) + float(model.domain.bias[0])
    return bool(score < 0)


def rows_of(clauses: Clauses, model: Model) -> csr_matrix:
    """Return the rows of clauses, each feature counted where it stands."""
    known = model.clause_model.features
    rows = np.zeros((len(clauses), len(known)), np.float32)
    for row in range(len(clauses)):
        weights: dict[int, float] = {}
        square = 0.0
        for column, where in places(clauses, row, known).items():
            parts: dict[str, float] = defaultdict(float)
            for place in where:
                parts[place.origin] += place.weight
            weights[column] = sum(parts.values())
            square += sum(part**2 for part in parts.values())
        for column, weight in weights.items():
            rows[row, column] = weight / np.sqrt(max(square, 1))
    return csr_matrix(rows)


def in_sections(clauses: Clauses, names: set[str]) -> list[int]:
    """Return the clauses that stand in these sections."""
    return [row for row in range(len(clauses)) if SECTIONS[clauses.section[row]] in names]


def evidence_of(
    decision: Decision, clauses: Clauses, rows: list[int], sure: Scores
) -> tuple[Evidence, ...]:
    """Return clauses as evidence, those that follow each other in a sentence joined."""
    found = []
    for _, run in groupby(enumerate(rows), lambda it: (it[1] - it[0], clauses.sentence[it[1]])):
        group = [row for _, row in run]
        paragraph = decision.paragraphs[clauses.paragraph[group[0]]]
        start, end = int(clauses.first[group[0]]), int(clauses.last[group[-1]])
        best = float(max(sure[row] for row in group))
        found.append(Evidence(paragraph.number, start, end, paragraph.text[start:end], best))
    return tuple(sorted(found, key=lambda one: -one.score))
