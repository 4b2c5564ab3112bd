"""What a peer reads of decisions: each as a whole, or sentence by sentence.

The powers are left out: what stands there is only cited.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from grounds.corpus import LabelledSentence
from grounds.corpus.copies import copy_of
from grounds.decision import POWERS, SECTIONS, Decision, LabelledDecision
from grounds.features import Clauses, segment
from grounds.features.borders import Ints
from grounds.model.heads import Targets, clause_targets, speaking, tag_matrix, tags


@dataclass(frozen=True, slots=True)
class Pieces:
    """Texts of a batch of decisions.

    Attributes
    ----------
    texts
        What is read.
    decision
        The place in the batch of the decision that each belongs to.
    speaks
        For which tags each counts, of shape (n_pieces, n_tags).
    """

    texts: list[str]
    decision: Ints
    speaks: Targets


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to read decisions.

    Attributes
    ----------
    pieces
        Cuts decisions into pieces.
    targets
        Tells which tags each piece of labelled decisions carries, of shape (n_pieces, n_tags).
    single
        Gives a single labelled sentence the form of a piece.
    """

    pieces: Callable[[Sequence[Decision]], Pieces]
    targets: Callable[[Sequence[LabelledDecision]], Targets]
    single: Callable[[LabelledSentence], str]


def whole(decisions: Sequence[Decision]) -> Pieces:
    """Return each decision as one text."""
    texts = [
        "\n".join(p.text for p in decision.paragraphs if p.section != "powers")
        for decision in decisions
    ]
    return Pieces(texts, np.arange(len(texts)), np.ones((len(texts), len(tags())), bool))


def whole_targets(labelled: Sequence[LabelledDecision]) -> Targets:
    """Return the tags of each decision."""
    return tag_matrix(item.tags for item in labelled)


def sentences(decisions: Sequence[Decision]) -> Pieces:
    """Return sentences, each with its section and the words that lead in to it.

    >>> from grounds.decision import Paragraph
    >>> wish = Paragraph(1, "complaint", "The complaint", "He wants the Council to:\\napologise.")
    >>> sentences([Decision("x.md", "", "markup", (wish,))]).texts
    ['[complaint] He wants the Council to', '[complaint] He wants the Council to apologise.']
    """
    clauses = segment(decisions)
    plain, first = _plain_sentences(decisions, clauses), _first_clauses(clauses)
    kept = np.flatnonzero(clauses.section[first] != POWERS)
    rows = first[kept]
    texts = [
        _marked(SECTIONS[section], f"{plain[lead]} {plain[row]}" if lead >= 0 else plain[row])
        for row, section, lead in zip(kept, clauses.section[rows], clauses.lead[rows], strict=True)
    ]
    speaks = np.column_stack([speaking(tag, clauses.section[rows]) for tag in tags()])
    return Pieces(texts, clauses.decision[rows], speaks)


def sentence_targets(labelled: Sequence[LabelledDecision]) -> Targets:
    """Return the tags of the spans in each sentence."""
    clauses = segment(item.decision for item in labelled)
    first = _first_clauses(clauses)
    carried = np.logical_or.reduceat(clause_targets(labelled, clauses), first)
    return np.asarray(carried[clauses.section[first] != POWERS])


def _first_clauses(clauses: Clauses) -> Ints:
    """Return the row of each sentence's first clause."""
    return np.flatnonzero(np.diff(clauses.sentence, prepend=-1))


def _plain_sentences(decisions: Sequence[Decision], clauses: Clauses) -> list[str]:
    first = _first_clauses(clauses)
    last = np.append(first[1:], len(clauses))[: len(first)] - 1
    places = (clauses.decision[first], clauses.paragraph[first])
    ends = (clauses.first[first], clauses.last[last])
    return [
        decisions[decision].paragraphs[paragraph].text[start:end]
        for decision, paragraph, start, end in zip(*places, *ends, strict=True)
    ]


def _marked(section: str, text: str) -> str:
    return f"[{section}] {text}"


def copies(decisions: Sequence[Decision]) -> Pieces:
    """Return the text copy of each decision, as it is."""
    texts = [copy_of(decision).text for decision in decisions]
    return Pieces(texts, np.arange(len(texts)), np.ones((len(texts), len(tags())), bool))


COPIES = Reading(copies, whole_targets, lambda sentence: sentence.text)
WHOLE = Reading(whole, whole_targets, lambda sentence: sentence.text)
SENTENCES = Reading(
    sentences, sentence_targets, lambda sentence: _marked(sentence.section, sentence.text)
)
