"""Training: from labelled decisions to a model.

Two stages. The first (`first`) scores every clause for every head; the second (`second`) judges
what the sections of a decision say together. So that the second sees scores like those of unseen
text, it learns from out-of-fold scores: each decision is scored by a first stage that never saw
its subject. Calibration and thresholds come from out-of-fold judgements in the same way.
Of very many decisions a part is learnt from (`choosing`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import numpy as np
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from grounds.bundle import load_model, sealed
from grounds.corpus import LabelledSentence, folder_of
from grounds.decision import Decision, LabelledDecision
from grounds.errors import GroundsError
from grounds.features.clauses import Clauses, join, segment_each, segment_texts
from grounds.model import Model
from grounds.model.blend import REASON_FEATURES, REMEDY_FEATURES, Scores, probability, tag_scores
from grounds.model.card import make_card
from grounds.model.heads import Targets, clause_targets, reasons, tag_matrix
from grounds.model.weigh import powers_best, section_best
from grounds.training.choosing import choose
from grounds.training.domain import fit_domain, take_over
from grounds.training.first import Folds, fit_first, out_of_fold
from grounds.training.locating import locate
from grounds.training.second import coefficients, fit_blends, fit_second
from grounds.training.thresholds import fit_thresholds

__all__ = ["train"]

INNER_FOLDS = 4
"""Folds for the out-of-fold scores."""

STEPS = INNER_FOLDS + 2
"""Steps of training: the inner folds, the second stage, the first stage on all decisions."""

FEWEST = 10
"""Decisions that training needs at least."""


def train(
    labelled: Sequence[LabelledDecision],
    sentences: Sequence[LabelledSentence] = (),
    *,
    groups: Sequence[object] | None = None,
    start: Model | None = None,
    others: Sequence[Decision] = (),
    name: str = "grounds",
    jobs: int = 1,
    on_step: Callable[[], object] = lambda: None,
) -> Model:
    """Train a model.

    Parameters
    ----------
    labelled
        Labelled decisions. Where one names no words, `start` finds those that carry its tags
        (see `grounds.training.locating`).
    sentences
        Single labelled sentences, for the first stage alone.
    groups
        One a decision: decisions of one group (a subject, a hand) never stand on both sides of
        an inner fold. The folder that a decision comes from where left out, or where there are
        too few groups.
    start
        The model that finds words where decisions name none, and whose rule says what is no
        decision where `others` do not; the shipped one where left out.
    others
        Texts that are no decisions of the Ombudsman, such of one kind next to each other: what
        tells decisions from them is learnt (see `grounds.training.domain`).
    name
        What the model is called in records.
    jobs
        Processes that share the work.
    on_step
        Called after each of the `STEPS` of the work.

    Raises
    ------
    GroundsError
        If there are too few decisions to learn from, or they carry no tags.
    """
    _check(labelled)
    if groups is not None and len(groups) != len(labelled):
        raise GroundsError(f"{len(groups)} groups for {len(labelled)} decisions")
    sample, further = choose(labelled)
    chosen, size = [*sample.tolist(), *further.tolist()], len(sample)
    labelled = [labelled[place] for place in chosen]
    groups = None if groups is None else [groups[place] for place in chosen]
    if any(item.spans is None for item in labelled):
        labelled = locate(labelled, start or load_model())
    parts = segment_each(item.decision for item in labelled)
    clauses = join(parts)
    marked = clause_targets(labelled, clauses)
    if not marked.any():
        raise GroundsError("no decision names the words that carry its tags")
    targets = np.split(marked, np.cumsum([len(part) for part in parts])[:-1])
    extra = _sentence_clauses(sentences)
    folds = [(learnt, scored[scored < size]) for learnt, scored in _inner_folds(labelled, groups)]
    with threadpool_limits(1):  # the same sums in the same order on every run
        head_scores = out_of_fold(parts, targets, extra, folds, jobs=jobs, on_fold=on_step)
        blends = fit_blends(head_scores, marked[: len(head_scores)])
        reason_blend = coefficients(blends.get("reasons"), REASON_FEATURES)
        remedy_blend = coefficients(blends.get("remedies"), REMEDY_FEATURES)
        scores = tag_scores(head_scores, reason_blend, remedy_blend)
        best = section_best(scores, join(parts[:size]), size)
        judged = [(learnt[learnt < size], scored) for learnt, scored in folds]
        second = fit_second(best, labelled[:size], judged, jobs=jobs)
        on_step()
        first = fit_first(join([clauses, extra[0]]), np.vstack([marked, extra[1]]), jobs=jobs)
        domain = (
            fit_domain(parts, segment_each(others), folds)
            if others
            else take_over((start or load_model()).domain, parts)
        )
    on_step()
    return sealed(
        Model(
            clause_model=replace(
                first.arrays, reason_blend=reason_blend, remedy_blend=remedy_blend
            ),
            judges=second.judges,
            thresholds=second.thresholds,
            cited_thresholds=_cited_thresholds(best, labelled[:size]),
            domain=domain,
            card=make_card(name, labelled, sentences, second.figures),
            estimators={
                "first": first.pipeline,
                "blends": blends,
                "judges": {family: asdict(judge) for family, judge in second.fitted.items()},
            },
        )
    )


def _cited_thresholds(best: Scores, labelled: Sequence[LabelledDecision]) -> Scores:
    """Return the thresholds of what the powers cite, from the decisions that are labelled so."""
    known = [place for place, item in enumerate(labelled) if item.cited is not None]
    gold = tag_matrix(labelled[place].cited or frozenset() for place in known)
    return fit_thresholds(probability(powers_best(best))[known], gold[:, reasons()])


def _sentence_clauses(sentences: Sequence[LabelledSentence]) -> tuple[Clauses, Targets]:
    texts = segment_texts([s.text for s in sentences], [s.section for s in sentences])
    return texts, tag_matrix(sentence.tags for sentence in sentences)


def _inner_folds(labelled: Sequence[LabelledDecision], groups: Sequence[object] | None) -> Folds:
    folders = [folder_of(item) for item in labelled]
    choices = (groups or folders, folders, range(len(labelled)))
    chosen = next(choice for choice in choices if len(set(choice)) >= INNER_FOLDS)
    names = {group: number for number, group in enumerate(dict.fromkeys(chosen))}
    numbers = [names[group] for group in chosen]
    return list(GroupKFold(INNER_FOLDS).split(numbers, groups=numbers))


def _check(labelled: Sequence[LabelledDecision]) -> None:
    if len(labelled) < FEWEST:
        raise GroundsError(f"{len(labelled)} labelled decisions; training needs {FEWEST} or more")
    if not any(item.tags for item in labelled):
        raise GroundsError("no decision is labelled with a tag")
