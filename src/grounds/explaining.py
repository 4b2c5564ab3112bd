"""Explaining: why a model gives a tag to a decision, or does not.

Every number is one that tagging uses, or one that tagging gives for the same decision with a part
left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby, pairwise
from typing import Any, Literal

import numpy as np

from grounds.bundle import load_model
from grounds.codebook import codebook
from grounds.decision import POWERS, SECTIONS, Decision, Section, counts_in
from grounds.features.borders import Ints
from grounds.features.clauses import words_of
from grounds.features.ngrams import Place, encode, places
from grounds.model import Model
from grounds.model.blend import Scores, carrying
from grounds.model.heads import ANY_REASON, ANY_REMEDY, heads, speaking, tags
from grounds.tagging import records

Verdict = Literal["given", "cited", "not given"]

CLAUSES = 3
"""At most so many clauses are explained."""


@dataclass(frozen=True, slots=True)
class Feature:
    """What one n-gram of the text, or the section, adds to a head's score.

    Attributes
    ----------
    words
        The words where they stand first; ``" … "`` is a word left out. Of a section its name.
    origin
        What they are an n-gram of: ``"clause"``, ``"sentence"`` (around the clause), ``"lead-in"``
        ("He wants the Council to:") or ``"section"``.
    times
        How often they stand there.
    contribution
        Of all these times: above 0 it speaks for the tag, below 0 against it.
    """

    words: str
    origin: str
    times: int
    contribution: float


@dataclass(frozen=True, slots=True)
class Head:
    """What one question of the first stage says of a clause.

    Attributes
    ----------
    name
        A tag, kind or status, ``"any reason"`` or ``"any remedy"``.
    role
        ``"tag"`` for the tag itself, ``"shared"`` for what it shares with other tags, ``"rival"``
        for the strongest of the others.
    score
        The answer before the heads are blended: above 0 for yes, and near to log-odds.
    """

    name: str
    role: str
    score: float


@dataclass(frozen=True, slots=True)
class ClauseExplained:
    """Why a clause carries a tag, or does not.

    Attributes
    ----------
    paragraph, section, start, end, text
        The clause: characters `start` to `end` of a paragraph, by its number.
    probability
        That it carries the tag: what all heads say together.
    heads
        What they say one by one, the tag's own first.
    constant
        What the tag's own head says of a clause without known words.
    features
        All that changes it, the strongest for the tag first. Together with `constant` they make
        ``heads[0].score``.
    """

    paragraph: int
    section: Section
    start: int
    end: int
    text: str
    probability: float
    heads: tuple[Head, ...]
    constant: float
    features: tuple[Feature, ...]


@dataclass(frozen=True, slots=True)
class SectionExplained:
    """What a section says of a tag.

    Attributes
    ----------
    section
        Which.
    counts
        Whether its clauses can be evidence for the tag.
    paragraph, probability
        Its best clause: the paragraph's number, and the probability that it carries the tag.
    without
        The decision's score where this section is left out.
    """

    section: Section
    counts: bool
    paragraph: int
    probability: float
    without: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a decision has a tag, or has not.

    Attributes
    ----------
    tag, family, definition, provision
        The tag, as in the codebook.
    verdict
        ``"given"``, ``"cited"`` (only among the powers) or ``"not given"``.
    review
        Whether it is for a person to look at: the score is near the threshold, on either side, or
        it would be given if the text were a decision.
    foreign
        Whether the text does not look like a decision of the Ombudsman: then no tag is given.
    score
        The probability that the decision relies on the tag (or has the remedy).
    threshold
        The score from which it is given; it also needs evidence.
    clauses
        The clauses most probable to carry it, best first: of the sections that count, or of the
        powers where it is only cited.
    sections
        The sections in the order in which the decision has them.
    without_outcome
        The score where the header does not say how the decision ended ("Upheld" …); ``None``
        where it does not.
    """

    tag: str
    family: str
    definition: str
    provision: str
    verdict: Verdict
    review: bool
    foreign: bool
    score: float
    threshold: float
    clauses: tuple[ClauseExplained, ...]
    sections: tuple[SectionExplained, ...]
    without_outcome: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain values."""
        return asdict(self)


def explain(decision: Decision, tag: str, model: Model | None = None) -> Explanation:
    """Say why a decision has a tag, or has not.

    Parameters
    ----------
    decision
        From `grounds.read`.
    tag
        A tag of the codebook, given or not.
    model
        From `grounds.load_model`; the shipped one where left out.

    Raises
    ------
    GroundsError
        If there is no such tag.
    """
    codebook().tag(tag)
    return _Case(decision, _loaded(model)).explain(tag)


def explain_each(decision: Decision, model: Model | None = None) -> Iterator[Explanation]:
    """Explain every tag that a decision has, and then those to review that it has not.

    Parameters
    ----------
    decision
        From `grounds.read`.
    model
        From `grounds.load_model`; the shipped one where left out.
    """
    case = _Case(decision, _loaded(model))
    given = [found.tag for found in (*case.record.tags, *case.record.remedies)]
    near = [review.tag for review in case.record.review]
    for tag in dict.fromkeys(given + near):
        yield case.explain(tag)


def _loaded(model: Model | None) -> Model:
    return load_model() if model is None else model


class _Case:
    """A decision, and what a model says of it and of its parts."""

    def __init__(self, decision: Decision, model: Model) -> None:
        self.decision, self.model = decision, model
        self.judgement = model.judge([decision])
        self.record = next(records([decision], self.judgement, model))
        clauses = self.judgement.clauses
        self.head_scores = model.clause_model.head_scores(clauses)
        self.scale = encode(clauses, model.clause_model.features).scale
        self.printed = _Printed(*words_of(decision))
        present = np.unique(clauses.section).tolist()
        self.sections = [SECTIONS[index] for index in present]
        parts = [_without_section(decision, section) for section in self.sections]
        parts.append(replace(decision, outcome=None))
        *self.without, self.without_outcome = model.judge(parts).decision_probability

    def explain(self, tag: str) -> Explanation:
        """Explain one tag."""
        column, meaning = tags().index(tag), codebook().tags[tag]
        verdict = self._verdict(tag)
        return Explanation(
            tag=tag,
            family=meaning.family,
            definition=meaning.definition,
            provision=meaning.provision,
            verdict=verdict,
            review=any(review.tag == tag for review in self.record.review),
            foreign=self.record.foreign,
            score=float(self.judgement.decision_probability[0, column]),
            threshold=float(self.model.thresholds[column]),
            clauses=tuple(self._clause(row, tag) for row in self._best(tag, verdict).tolist()),
            sections=tuple(
                self._section(section, tag, float(without[column]))
                for section, without in zip(self.sections, self.without, strict=True)
            ),
            without_outcome=(
                None if self.decision.outcome is None else float(self.without_outcome[column])
            ),
        )

    def _verdict(self, tag: str) -> Verdict:
        if any(found.tag == tag for found in (*self.record.tags, *self.record.remedies)):
            return "given"
        return "cited" if any(cited.tag == tag for cited in self.record.cited) else "not given"

    def _best(self, tag: str, verdict: Verdict) -> Ints:
        """Return the clauses that carry a tag or come nearest to it, best first."""
        section = self.judgement.clauses.section
        counts = section == POWERS if verdict == "cited" else speaking(tag, section)
        rows = np.flatnonzero(counts)
        score = self.judgement.clause_probability[rows, tags().index(tag)]
        best = np.argsort(-score, kind="stable")
        return np.asarray(rows[best[carrying(score)[best]]][:CLAUSES])

    def _clause(self, row: int, tag: str) -> ClauseExplained:
        clauses, column = self.judgement.clauses, tags().index(tag)
        paragraph = self.decision.paragraphs[clauses.paragraph[row]]
        start, end = int(clauses.first[row]), int(clauses.last[row])
        return ClauseExplained(
            paragraph=paragraph.number,
            section=paragraph.section,
            start=start,
            end=end,
            text=paragraph.text[start:end],
            probability=float(self.judgement.clause_probability[row, column]),
            heads=_heads(tag, self.head_scores[row]),
            constant=float(self.model.clause_model.bias[heads().index(tag)]),
            features=self._features(row, tag),
        )

    def _features(self, row: int, tag: str) -> tuple[Feature, ...]:
        """Return what each feature of a clause adds to the tag's own head, the most first."""
        first, head = self.model.clause_model, heads().index(tag)
        found = []
        for column, where in places(self.judgement.clauses, row, first.features).items():
            weight = float(self.scale[row] * first.weights[column, head])
            for origin, group in groupby(where, key=lambda place: place.origin):
                same = list(group)
                contribution = weight * sum(place.weight for place in same)
                words = self._words(same[0], row)
                found.append(Feature(words, origin, len(same), contribution))
        return tuple(sorted(found, key=lambda feature: -feature.contribution))

    def _words(self, place: Place, row: int) -> str:
        section = SECTIONS[self.judgement.clauses.section[row]]
        return self.printed.words(place.words) if place.words else section

    def _section(self, section: Section, tag: str, without: float) -> SectionExplained:
        clauses = self.judgement.clauses
        rows = np.flatnonzero(clauses.section == SECTIONS.index(section))
        score = self.judgement.clause_probability[rows, tags().index(tag)]
        best = int(np.argmax(score))
        return SectionExplained(
            section=section,
            counts=counts_in(tag, section),
            paragraph=self.decision.paragraphs[clauses.paragraph[rows[best]]].number,
            probability=float(score[best]),
            without=without,
        )


@dataclass(frozen=True, slots=True)
class _Printed:
    """The words of a decision as they are printed: word `i` is ``text[first[i]:last[i]]``."""

    text: str
    first: Ints
    last: Ints

    def words(self, indices: Sequence[int]) -> str:
        """Return an n-gram, with a blank where the text has space and dots where it skips."""
        pieces = [self.text[self.first[i] : self.last[i]] for i in indices[:1]]
        for one, other in pairwise(indices):
            glued = self.first[other] == self.last[one]
            pieces.append(" … " if other > one + 1 else "" if glued else " ")
            pieces.append(self.text[self.first[other] : self.last[other]])
        return "".join(pieces)


def _without_section(decision: Decision, section: Section) -> Decision:
    kept = (paragraph for paragraph in decision.paragraphs if paragraph.section != section)
    return replace(decision, paragraphs=tuple(kept))


def _heads(tag: str, scores: Scores) -> tuple[Head, ...]:
    """Return what the heads that are blended for a tag say of a clause.

    Parameters
    ----------
    tag
        The tag.
    scores
        Log-odds of all heads, of shape (n_heads,).
    """
    said = dict(zip(heads(), scores.tolist(), strict=True))
    kind, _, status = tag.partition(":")
    rivals: tuple[Iterable[str], ...]
    if status:
        shared, rivals = [kind, status, ANY_REMEDY], (codebook().kinds, codebook().statuses)
    else:
        shared, rivals = [ANY_REASON], (codebook().reasons,)
    roles = {tag: "tag", **dict.fromkeys(shared, "shared")}
    for names in rivals:
        others = (name for name in names if name not in roles)
        roles[max(others, key=said.__getitem__)] = "rival"
    return tuple(Head(name, role, said[name]) for name, role in roles.items())
