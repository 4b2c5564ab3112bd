"""Mistakes: the tags that a model missed or wrongly gave, and what can be seen of the cause."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from grounds.decision import LabelledDecision
from grounds.features.borders import Ints
from grounds.model import Judgement, Model
from grounds.model.blend import SURE, log_odds
from grounds.model.heads import Targets, clause_targets, speaking, tag_matrix, tags
from grounds.tagging import NEAR


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of a decision, ``paragraphs[index].text[start:end]``, and how they score for a tag."""

    index: int
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Mistake:
    """A tag missed or wrongly given.

    Attributes
    ----------
    tag
        The tag.
    missed
        Whether it was missed; else it was wrongly given.
    score, threshold
        The probability that the decision relies on it, and that from which it is given.
    best
        Where the tag counts, the clause that speaks most for it.
    labelled
        Of the clauses that the reader gave the tag, the one that speaks most for it; ``None``
        where the tag was rightly not given or the decision is labelled as a whole.
    aside
        Where the tag does not count (the powers; for grounds and bars the complaint too), the
        clause that speaks most for it.
    instead
        Other tags of the words in question: what the model takes the labelled words for where
        the tag was missed, what the reader labelled on the best clause where it was wrongly given.
    """

    tag: str
    missed: bool
    score: float
    threshold: float
    best: Passage | None
    labelled: Passage | None
    aside: Passage | None
    instead: tuple[str, ...]

    @property
    def shown(self) -> Passage | None:
        """The words to look at: the reader's where the tag was missed, else the model's."""
        return self.labelled or self.best


def mistakes(
    batch: Sequence[LabelledDecision], judgement: Judgement, model: Model
) -> list[tuple[Mistake, ...]]:
    """Return the mistakes of a model in each decision of a batch, in the codebook's order.

    Parameters
    ----------
    batch
        The decisions with their labels.
    judgement
        What the model says of them.
    model
        The model.
    """
    targets = clause_targets(batch, judgement.clauses)
    bounds = np.searchsorted(judgement.clauses.decision, np.arange(len(batch) + 1))
    gold = tag_matrix(item.tags for item in batch)
    wrong = gold != (judgement.relied_probability >= model.thresholds)
    found = []
    for place in range(len(batch)):
        rows = np.arange(bounds[place], bounds[place + 1])
        mistake = partial(_mistake, place, rows, judgement, targets, model)
        columns = np.flatnonzero(wrong[place]).tolist()
        found.append(tuple(mistake(column, bool(gold[place, column])) for column in columns))
    return found


def _mistake(
    place: int,
    rows: Ints,
    judgement: Judgement,
    targets: Targets,
    model: Model,
    column: int,
    missed: bool,
) -> Mistake:
    tag = tags()[column]
    counts = speaking(tag, judgement.clauses.section[rows])
    best = _best(rows[counts], column, judgement)
    labelled = _best(rows[counts & targets[rows, column]], column, judgement)
    if missed:
        instead = () if labelled is None else tuple(_taken_for(labelled, column, judgement))
    else:
        instead = () if best is None else tuple(tags()[i] for i in np.flatnonzero(targets[best]))
    return Mistake(
        tag=tag,
        missed=missed,
        score=float(judgement.decision_probability[place, column]),
        threshold=float(model.thresholds[column]),
        best=_passage(best, column, judgement),
        labelled=_passage(labelled, column, judgement),
        aside=_passage(_best(rows[~counts], column, judgement), column, judgement),
        instead=instead,
    )


def _best(rows: Ints, column: int, judgement: Judgement) -> int | None:
    """Return which of some clauses speaks most for a tag."""
    if not len(rows):
        return None
    return int(rows[judgement.clause_probability[rows, column].argmax()])


def _taken_for(row: int, column: int, judgement: Judgement) -> Iterator[str]:
    """Yield the other tags that the model is sure a clause carries, the surest first."""
    scores = judgement.clause_probability[row]
    for other in np.argsort(-scores).tolist():
        if other != column and scores[other] >= SURE:
            yield tags()[other]


def _passage(row: int | None, column: int, judgement: Judgement) -> Passage | None:
    if row is None:
        return None
    clauses = judgement.clauses
    return Passage(
        index=int(clauses.paragraph[row]),
        start=int(clauses.first[row]),
        end=int(clauses.last[row]),
        score=float(judgement.clause_probability[row, column]),
    )


# In words


_REPORTED = re.compile(
    r"\b(?:(?:Mr|Mrs|Ms|Miss|Dr) [A-Z]\w*|he|she|they|Council|complainant|representative)\s+"
    r"(?:also |now |then )?"
    r"(?:says?|said|complain\w*|believ\w+|thinks?|thought|feels?|felt|wants?|wanted|told|argu\w+|"
    r"claim\w*|alleg\w+|considers|disagree\w*|would like)\b",
    re.IGNORECASE,
)


def why(mistake: Mistake, item: LabelledDecision, others: Sequence[Mistake]) -> str:
    """Say in a few sentences what can be seen of the cause of a mistake.

    Only what the scores and labels show: tags stand in backticks.

    Parameters
    ----------
    mistake
        The mistake.
    item
        Its decision.
    others
        All mistakes in this decision.
    """
    causes = _missed(mistake, item) if mistake.missed else _given(mistake, item)
    beside = (*_aside(mistake, item), *_other_status(mistake, others))
    return " ".join([*causes, *beside, _scored(mistake)])


def _missed(mistake: Mistake, item: LabelledDecision) -> Iterator[str]:
    words = mistake.labelled
    if words is None:
        if item.spans is None:
            yield "The decision is labelled as a whole, so the words that were meant are not known."
        if mistake.best is not None:
            yield f"The best clause, in {_place(mistake.best, item)}, scored {_p(mistake.best)}."
    elif words.score >= SURE:
        yield f"These words were recognised ({_p(words)}), but did not carry the decision."
    elif mistake.instead:
        yield f"These words scored {_p(words)}; the model takes them for {_named(mistake.instead)}."
    else:
        yield f"These words scored {_p(words)}; the model is sure of no other tag in them."


def _given(mistake: Mistake, item: LabelledDecision) -> Iterator[str]:
    words = mistake.best
    if words is None:
        return
    if mistake.instead:
        yield f"The reader labelled these words {_named(mistake.instead)}."
    elif item.spans is not None:
        yield "The reader gave these words no tag."
    if ":" not in mistake.tag and _REPORTED.search(_text(words, item)):
        yield "The words report what someone says, thinks or wants."
    if _unsure(words):
        yield f"No single clause is likely to carry it: this is the best ({_p(words)})."


def _aside(mistake: Mistake, item: LabelledDecision) -> Iterator[str]:
    """Say where the tag stands out, if that is only where it does not count."""
    aside = mistake.aside
    if aside is not None and aside.score >= SURE and _unsure(mistake.best):
        yield f"It stands out only in {_place(aside, item)} ({_p(aside)}), where it does not count."


def _other_status(mistake: Mistake, others: Sequence[Mistake]) -> Iterator[str]:
    """Say which mistakes of the opposite sort concern the same kind of remedy."""
    kind, status, _ = mistake.tag.partition(":")
    same = [
        other.tag
        for other in others
        if status
        and other.tag.startswith(f"{kind}:")
        and other.missed != mistake.missed
        and other.tag not in mistake.instead  # said already
    ]
    if same:
        verb = "Wrongly given beside it" if mistake.missed else "Missed beside it"
        yield f"{verb}: {_named(same)}, the same remedy in another status."


def _scored(mistake: Mistake) -> str:
    score, threshold = mistake.score, mistake.threshold
    both = log_odds(np.array([score, threshold], np.float32))
    near = ": near the line, so listed for review" if abs(both[0] - both[1]) < NEAR else ""
    side = "below" if mistake.missed else "at or above"
    digits = 2 if f"{score:.2f}" != f"{threshold:.2f}" else 4
    return (
        f"The decision scored {score:.{digits}f}, {side} the threshold of "
        f"{threshold:.{digits}f}{near}."
    )


def _unsure(passage: Passage | None) -> bool:
    return passage is None or passage.score < SURE


def _text(passage: Passage, item: LabelledDecision) -> str:
    return item.decision.paragraphs[passage.index].text[passage.start : passage.end]


def _place(passage: Passage, item: LabelledDecision) -> str:
    paragraph = item.decision.paragraphs[passage.index]
    if paragraph.section == "powers":
        return f"paragraph {paragraph.number}, among the powers"
    if not paragraph.number:
        return "the Summary"
    return f"paragraph {paragraph.number} (“{paragraph.heading}”)"


def _named(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _p(passage: Passage) -> str:
    return f"{passage.score:.2f}" if passage.score >= 0.005 else "under 0.01"
