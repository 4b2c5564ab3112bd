"""Evaluation: how well a model tags labelled decisions, with intervals.

Figures are honest only on decisions that the model never saw. `cross_validate` trains anew for
each fold on the other folds; `evaluate` says how many decisions the model was trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed

from grounds.corpus import LabelledSentence, fold_of, read_folds
from grounds.decision import LabelledDecision
from grounds.errors import GroundsError
from grounds.figures import (
    Figures,
    Flags,
    Interval,
    Numbers,
    bootstrap,
    bootstrap_each,
    calibration_error,
    figures,
)
from grounds.model import Model
from grounds.model.card import fingerprint
from grounds.model.heads import reasons, tag_matrix, tags
from grounds.model.weigh import families
from grounds.record import Record
from grounds.tagging import BATCH, records
from grounds.training import train


@dataclass(frozen=True, slots=True)
class TagFigures:
    """One tag: how many decisions have it and were given it, and how well the two agree."""

    tag: str
    family: str
    gold: int
    given: int
    precision: float
    recall: float
    f1: float
    f1_interval: Interval


@dataclass(frozen=True, slots=True)
class FamilyFigures:
    """Grounds and bars together, or remedies; `intervals` are 95% of 1,000 bootstrap draws."""

    figures: Figures
    intervals: dict[str, Interval]
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation found.

    Attributes
    ----------
    decisions
        How many were tested.
    method
        How, in words.
    seen
        How many of them the model was trained on: where there are any, the figures flatter.
    reasons, remedies
        Figures of the two families.
    cited
        Figures of what the powers cite, where the decisions are labelled so.
    evidence
        Of the tags rightly given, the part whose best evidence is in a paragraph that carries
        the tag; ``None`` where no words are labelled.
    tags
        Figures of each tag.
    """

    decisions: int
    method: str
    seen: int
    reasons: FamilyFigures
    remedies: FamilyFigures
    cited: Figures | None
    evidence: float | None
    tags: tuple[TagFigures, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return asdict(self)


def evaluate(labelled: Sequence[LabelledDecision], model: Model) -> Report:
    """Compare what a model gives labelled decisions with their labels.

    Parameters
    ----------
    labelled
        The decisions to test on.
    model
        The model to test.

    Raises
    ------
    GroundsError
        If there are no decisions.
    """
    if not labelled:
        raise GroundsError("no labelled decisions to evaluate on")
    known = set(model.card.get("trained_on", {}).get("fingerprints", ()))
    seen = sum(fingerprint(item.decision) in known for item in labelled)
    method = f"model {model.id.name} {model.id.version} ({model.id.sha256[:12]})"
    return _report(labelled, [_answers(labelled, model)], [range(len(labelled))], method, seen)


def cross_validate(
    labelled: Sequence[LabelledDecision],
    folds: str | Path,
    sentences: Sequence[LabelledSentence] = (),
    *,
    jobs: int = 1,
    on_fold: Callable[[], object] | None = None,
) -> Report:
    """Train anew on all folds but one and test on that one, for each fold.

    Everything that is fitted (features, weights, second stage, calibration, thresholds) is
    fitted inside the training folds; only the words of decisions that are labelled as a whole
    are found by the shipped model, and the report's `method` says so.

    Parameters
    ----------
    labelled
        The decisions; each must be in a fold by the folder it comes from.
    folds
        A file of folds, as `grounds.corpus.read_folds` reads it.
    sentences
        Single labelled sentences that every fold trains on.
    jobs
        Processes that share the folds.
    on_fold
        Called whenever a fold is done.

    Raises
    ------
    InputError
        If the folds cannot be read, or a decision is in none of them.
    """
    names = read_folds(folds)
    fold = np.array([fold_of(item.decision.source, names) for item in labelled])
    tested = [np.flatnonzero(fold == number) for number in np.unique(fold)]
    if len(tested) < 2:
        raise GroundsError(f"{folds}: the decisions are all in one fold")
    answers = []
    parallel = Parallel(n_jobs=jobs, return_as="generator")
    for answer in parallel(delayed(_fold)(labelled, fold, test, sentences) for test in tested):
        answers.append(answer)
        if on_fold is not None:
            on_fold()
    method = f"{len(tested)} folds: trained on all but one, tested on that one"
    if any(item.spans is None for item in labelled):
        method += "; the shipped model found words for tags and may know tested decisions"
    return _report(labelled, answers, tested, method, seen=0)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a model said of decisions, and where its best evidence stands."""

    probability: Numbers
    given: Flags
    cited: Flags
    placed: Flags
    """Whether the best evidence of a tag is in a paragraph that carries it."""


def _fold(
    labelled: Sequence[LabelledDecision],
    fold: np.ndarray[Any, Any],
    test: np.ndarray[Any, Any],
    sentences: Sequence[LabelledSentence],
) -> _Answers:
    learnt = np.flatnonzero(fold != fold[test[0]]).tolist()
    model = train([labelled[i] for i in learnt], sentences, groups=fold[learnt].tolist())
    return _answers([labelled[i] for i in test.tolist()], model)


def _answers(labelled: Sequence[LabelledDecision], model: Model) -> _Answers:
    columns = {tag: column for column, tag in enumerate(tags())}
    parts = []
    for start in range(0, len(labelled), BATCH):
        batch = labelled[start : start + BATCH]
        decisions = [item.decision for item in batch]
        judgement = model.judge(decisions)
        placed = np.zeros((len(batch), len(columns)), bool)
        for row, record in enumerate(records(decisions, judgement, model)):
            for tag in _well_placed(record, batch[row]):
                placed[row, columns[tag]] = True
        parts.append(
            _Answers(
                judgement.decision_probability,
                judgement.decision_probability >= model.thresholds,
                judgement.cited_probability >= model.cited_thresholds,
                placed,
            )
        )
    return _stacked(parts)


def _well_placed(record: Record, item: LabelledDecision) -> set[str]:
    """Return the tags whose best evidence is in a paragraph that carries them."""
    paragraphs = item.decision.paragraphs
    carrying = {
        (span.tag, paragraphs[span.index].number)
        for span in item.spans or ()
        if paragraphs[span.index].section != "powers"
    }
    return {
        found.tag
        for found in (*record.tags, *record.remedies)
        if found.evidence and (found.tag, found.evidence[0].paragraph) in carrying
    }


def _stacked(parts: Sequence[_Answers]) -> _Answers:
    names = ("probability", "given", "cited", "placed")
    return _Answers(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _report(
    labelled: Sequence[LabelledDecision],
    answers: Sequence[_Answers],
    tested: Sequence[Any],
    method: str,
    seen: int,
) -> Report:
    order = [labelled[i] for rows in tested for i in rows]
    all_answers = _stacked(answers)
    gold = tag_matrix(item.tags for item in order)
    family = {name: _family(all_answers, gold, columns) for name, columns in families().items()}
    return Report(
        decisions=len(order),
        method=method,
        seen=seen,
        reasons=family["reasons"],
        remedies=family["remedies"],
        cited=_cited(order, all_answers.cited),
        evidence=_evidence(order, all_answers, gold),
        tags=_each_tag(all_answers.given, gold),
    )


def _family(answers: _Answers, gold: Flags, columns: slice) -> FamilyFigures:
    given, right = answers.given[:, columns], gold[:, columns]
    return FamilyFigures(
        figures=figures(given, right),
        intervals=bootstrap(given, right),
        calibration_error=calibration_error(answers.probability[:, columns], right),
    )


def _cited(order: Sequence[LabelledDecision], given: Flags) -> Figures | None:
    known = [row for row, item in enumerate(order) if item.cited is not None]
    if not known:
        return None
    gold = tag_matrix(order[row].cited or frozenset() for row in known)
    return figures(given[known], gold[:, reasons()])


def _evidence(order: Sequence[LabelledDecision], answers: _Answers, gold: Flags) -> float | None:
    spans = np.array([item.spans is not None for item in order])
    right = answers.given & gold & spans[:, None]
    return float(answers.placed[right].mean()) if right.any() else None


def _each_tag(given: Flags, gold: Flags) -> tuple[TagFigures, ...]:
    found, intervals = [], bootstrap_each(given, gold)
    for column, tag in enumerate(tags()):
        one = slice(column, column + 1)
        of_tag = figures(given[:, one], gold[:, one])
        found.append(
            TagFigures(
                tag=tag,
                family="remedy" if ":" in tag else "reason",
                gold=int(gold[:, column].sum()),
                given=int(given[:, column].sum()),
                precision=of_tag.precision,
                recall=of_tag.recall,
                f1=of_tag.micro_f1,
                f1_interval=intervals[column],
            )
        )
    return tuple(found)
