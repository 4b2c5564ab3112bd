"""Evaluation: how well a model tags labelled decisions, with intervals.

Figures are honest only on decisions that the model never saw. `cross_validate` trains anew for
each fold on the other folds; `evaluate` says how many decisions the model was trained on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from grounds.corpus import LabelledSentence, fold_of, folder_of, read_folds
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
from grounds.mistakes import Mistake, mistakes
from grounds.model import Judgement, Model
from grounds.model.card import fingerprint
from grounds.model.heads import reasons, tag_matrix, tags
from grounds.model.weigh import families
from grounds.record import Record
from grounds.tagging import BATCH, records
from grounds.training import train
from grounds.workers import shared


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
class FoldFigures:
    """One fold: its number and folders, how many decisions were tested, and how well.

    `evidence` is as in `Report`.
    """

    number: int
    folders: tuple[str, ...]
    decisions: int
    reasons: Figures
    remedies: Figures
    evidence: float | None


@dataclass(frozen=True, slots=True)
class Case:
    """A tested decision: its labels, and what a model that was not told them said of it.

    Attributes
    ----------
    item
        The decision with its labels.
    probability
        That it relies on each tag, calibrated, of shape (n_tags,).
    given
        The tags that the model gave, of shape (n_tags,).
    mistakes
        The tags missed or wrongly given, in the codebook's order.
    """

    item: LabelledDecision
    probability: Numbers
    given: Flags
    mistakes: tuple[Mistake, ...]


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
    folds
        Figures of each fold; none where there were no folds.
    cases
        The tested decisions one by one; no part of `to_dict`.
    """

    decisions: int
    method: str
    seen: int
    reasons: FamilyFigures
    remedies: FamilyFigures
    cited: Figures | None
    evidence: float | None
    tags: tuple[TagFigures, ...]
    folds: tuple[FoldFigures, ...] = ()
    cases: tuple[Case, ...] = field(default=(), repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain values."""
        values = asdict(replace(self, cases=()))
        del values["cases"]
        return values


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
    method = f"model {model.id.name} {model.id.version} ({model.id.sha256[:12]})"
    return _report(labelled, _answers(labelled, model), method, known)


class Trainer(Protocol):
    """What makes a model of labelled decisions, called as `grounds.training.train` is."""

    def __call__(
        self,
        labelled: Sequence[LabelledDecision],
        sentences: Sequence[LabelledSentence],
        *,
        groups: Sequence[object],
    ) -> Model:
        """Train a model."""


def cross_validate(
    labelled: Sequence[LabelledDecision],
    folds: str | Path,
    sentences: Sequence[LabelledSentence] = (),
    *,
    also: Sequence[LabelledDecision] = (),
    only: Collection[int] = (),
    trainer: Trainer = train,
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
    also
        Labelled decisions that every fold trains on and none tests.
    only
        The numbers, from 1, of the folds to test on; all of them where left out.
    trainer
        What trains, to compare other ways of training on the same folds.
    jobs
        Processes that share the folds.
    on_fold
        Called whenever a fold is done.

    Raises
    ------
    InputError
        If the folds cannot be read, or a decision is in none of them.
    GroundsError
        If the decisions are all in one fold, or none is in a fold to test on.
    """
    names = read_folds(folds)
    fold = np.array([fold_of(item.decision.source, names) + 1 for item in labelled], int)
    numbers = _to_test(fold, only, folds)
    answers: list[_Answers] = []
    pieces = ((labelled, fold, number, sentences, also, trainer) for number in numbers)
    for answer in shared(_fold, pieces, jobs=jobs):
        answers.append(answer)
        if on_fold is not None:
            on_fold()
    all_folds = len(np.unique(fold))
    some = "" if len(numbers) == all_folds else f"{len(numbers)} of "
    method = f"{some}{all_folds} folds: trained on all but one, tested on that one"
    if also:
        method += f"; each also trained on {len(also)} other decisions"
    if any(item.spans is None for item in (*labelled, *also)):
        method += "; the shipped model found words for tags and may know tested decisions"
    tested = [_of_fold(labelled, fold, number) for number in numbers]
    together = [item for part in tested for item in part]
    known = {fingerprint(item.decision) for item in also}
    report = _report(together, _stacked(answers), method, known)
    each = zip(numbers, tested, answers, strict=True)
    one_by_one = (
        _one_fold(number, names[number - 1], part, answer) for number, part, answer in each
    )
    return replace(report, folds=tuple(one_by_one))


def _to_test(fold: np.ndarray[Any, Any], only: Collection[int], folds: str | Path) -> list[int]:
    """Return the numbers of the folds to test on, from 1."""
    there = np.unique(fold).tolist()
    if len(there) < 2:
        raise GroundsError(f"{folds}: the decisions are all in one fold")
    numbers = sorted(set(only or there))
    for number in numbers:
        if number not in there:
            raise GroundsError(f"{folds}: no decisions in fold {number}")
    return numbers


def _of_fold(
    labelled: Sequence[LabelledDecision], fold: np.ndarray[Any, Any], number: int
) -> list[LabelledDecision]:
    return [labelled[i] for i in np.flatnonzero(fold == number).tolist()]


@dataclass(frozen=True, slots=True)
class _Answers:
    """What a model said of decisions, and where its best evidence stands."""

    probability: Numbers
    given: Flags
    cited: Flags
    placed: Flags
    """Whether the best evidence of a tag is in a paragraph that carries it."""
    mistakes: tuple[tuple[Mistake, ...], ...]


def _fold(
    labelled: Sequence[LabelledDecision],
    fold: np.ndarray[Any, Any],
    number: int,
    sentences: Sequence[LabelledSentence],
    also: Sequence[LabelledDecision],
    trainer: Trainer,
) -> _Answers:
    learnt = np.flatnonzero(fold != number).tolist()
    groups = [*fold[learnt].tolist(), *map(folder_of, also)]
    model = trainer([*(labelled[i] for i in learnt), *also], sentences, groups=groups)
    return _answers(_of_fold(labelled, fold, number), model)


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
                judgement.relied_probability,
                judgement.relied_probability >= model.thresholds,
                _cites(judgement, model),
                placed,
                tuple(mistakes(batch, judgement, model)),
            )
        )
    return _stacked(parts)


def _cites(judgement: Judgement, model: Model) -> Flags:
    cites = judgement.cited_probability >= model.cited_thresholds
    return cites & ~judgement.foreign[:, None]


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
    return _Answers(
        probability=np.concatenate([part.probability for part in parts]),
        given=np.concatenate([part.given for part in parts]),
        cited=np.concatenate([part.cited for part in parts]),
        placed=np.concatenate([part.placed for part in parts]),
        mistakes=tuple(found for part in parts for found in part.mistakes),
    )


def _report(
    tested: Sequence[LabelledDecision], answers: _Answers, method: str, known: Collection[str]
) -> Report:
    gold = tag_matrix(item.tags for item in tested)
    family = {name: _family(answers, gold, columns) for name, columns in families().items()}
    return Report(
        decisions=len(tested),
        method=method,
        seen=sum(fingerprint(item.decision) in known for item in tested),
        reasons=family["reasons"],
        remedies=family["remedies"],
        cited=_cited(tested, answers.cited),
        evidence=_evidence(tested, answers, gold),
        tags=_each_tag(answers.given, gold),
        cases=tuple(map(Case, tested, answers.probability, answers.given, answers.mistakes)),
    )


def _one_fold(
    number: int, folders: Sequence[str], tested: Sequence[LabelledDecision], answers: _Answers
) -> FoldFigures:
    gold = tag_matrix(item.tags for item in tested)
    family = {
        name: figures(answers.given[:, columns], gold[:, columns])
        for name, columns in families().items()
    }
    return FoldFigures(
        number=number,
        folders=tuple(folders),
        decisions=len(tested),
        reasons=family["reasons"],
        remedies=family["remedies"],
        evidence=_evidence(tested, answers, gold),
    )


def _family(answers: _Answers, gold: Flags, columns: slice) -> FamilyFigures:
    given, right = answers.given[:, columns], gold[:, columns]
    return FamilyFigures(
        figures=figures(given, right),
        intervals=bootstrap(given, right),
        calibration_error=calibration_error(answers.probability[:, columns], right),
    )


def _cited(tested: Sequence[LabelledDecision], given: Flags) -> Figures | None:
    known = [row for row, item in enumerate(tested) if item.cited is not None]
    if not known:
        return None
    gold = tag_matrix(tested[row].cited or frozenset() for row in known)
    return figures(given[known], gold[:, reasons()])


def _evidence(tested: Sequence[LabelledDecision], answers: _Answers, gold: Flags) -> float | None:
    spans = np.array([item.spans is not None for item in tested])
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
