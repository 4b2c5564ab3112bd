"""The first stage: one linear support vector machine a head over the n-grams of clauses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import LinearSVC

from grounds.errors import GroundsError
from grounds.features.borders import Ints
from grounds.features.clauses import Clauses, join
from grounds.features.vectorizer import ClauseVectorizer
from grounds.model import ClauseModel, decoded, encoded
from grounds.model.blend import LIMIT, Scores
from grounds.model.heads import Targets, head_targets, heads
from grounds.training.threads import on_one_thread
from grounds.workers import shared

Folds = list[tuple[Ints, Ints]]
"""Pairs of the decisions to learn from and those to score."""

FEATURES = 70_000
"""Features kept, those with the largest weights: they are most of the model's size."""

MARGIN = 4.0
"""What a margin of 1 counts in log-odds, near enough: the blends and the second stage calibrate."""

_EMPTY_KEPT = 0.45
"""Of the clauses that carry no tag, this part is learnt from, weighing as much as all of them."""

_SCOUTED = 4
"""One in so many of the clauses without a tag says which of the others come near to having it."""


@dataclass(frozen=True, slots=True)
class FirstStage:
    """The fitted first stage, as scikit-learn has it and as the model keeps it.

    Attributes
    ----------
    pipeline
        Vectorizer and multi-label classifier. Its outputs are the heads that had examples.
    arrays
        The same, as arrays; a head without examples always answers no.
    """

    pipeline: Pipeline
    arrays: ClauseModel


def fit_first(clauses: Clauses, targets: Targets, *, jobs: int) -> FirstStage:
    """Fit the heads to clauses.

    Parameters
    ----------
    clauses
        All clauses to learn from.
    targets
        The tags they carry, of shape (n_clauses, n_tags).
    jobs
        Processes that share the heads.
    """
    rows, weight = _sample(targets)
    answers = head_targets(targets[rows])
    learnable = np.asarray(answers.any(axis=0) & ~answers.all(axis=0))
    if not learnable.any():
        raise GroundsError("too few decisions name the words that carry their tags")
    vectorizer = ClauseVectorizer().fit(clauses)
    matrix = vectorizer.transform(clauses)[rows].astype(np.float64)
    classifier = MultiOutputClassifier(_machine())
    # The general heads come last and take longest: they begin.
    pieces = ((matrix, answer, weight) for answer in answers[:, learnable].T[::-1])
    fitted = list(shared(on_one_thread(_fit_head), pieces, jobs=jobs))[::-1]
    classifier.estimators_ = fitted
    classifier.classes_ = [head.classes_ for head in fitted]
    return _compact(Pipeline([("ngrams", vectorizer), ("heads", classifier)]), learnable)


def _machine() -> LinearSVC:
    """Return a support vector machine, not yet fitted.

    A tighter tolerance takes longer and changes no figure.
    """
    return LinearSVC(C=3, tol=0.1, random_state=0)


def _fit_head(matrix: csr_matrix, answer: Targets, weight: Scores) -> LinearSVC:
    """Fit a head to the clauses that bear on it.

    A support vector machine depends only on the clauses inside its margin and beyond, of which
    there are few for most tags. A first machine, fitted to a part of the clauses without the tag,
    finds them; what comes of it is the machine that all clauses give, but for the tolerance.
    """
    seen = np.append(np.flatnonzero(answer), np.flatnonzero(~answer)[::_SCOUTED])
    scores = _machine().fit(matrix[seen], answer[seen], weight[seen]).decision_function(matrix)
    near = answer | (scores >= min(-1, scores[~answer].max()))
    return _machine().fit(matrix[near], answer[near], weight[near])


def _sample(targets: Targets) -> tuple[Ints, Scores]:
    """Choose the clauses to learn from, and what each weighs.

    Most clauses tell facts and carry nothing. A part of those teaches as much as all of them.
    """
    full = targets.any(axis=1)
    kept = full | (np.random.default_rng(0).random(len(targets)) < _EMPTY_KEPT)
    weight = np.where(full, 1, 1 / _EMPTY_KEPT)
    return np.flatnonzero(kept), weight[kept]


def _compact(pipeline: Pipeline, learnable: Targets) -> FirstStage:
    """Keep the features that matter and round the weights to 8 bits, in both forms alike."""
    vectorizer, fitted = pipeline["ngrams"], pipeline["heads"].estimators_
    weights = np.vstack([MARGIN * head.coef_[0] for head in fitted]).T.astype(np.float32)
    largest = np.abs(weights).max(axis=1)
    kept = np.sort(np.argsort(-largest, kind="stable")[:FEATURES])
    codes, steps = encoded(weights[kept])
    vectorizer.keys_ = vectorizer.keys_[kept]
    for head, column in zip(fitted, decoded(codes, steps).T, strict=True):
        head.coef_ = column[None, :]
        head.intercept_ = MARGIN * head.intercept_
        head.n_features_in_ = len(kept)
    all_codes = np.zeros((len(kept), len(heads())), np.int8)
    all_codes[:, learnable] = codes
    all_steps, bias = np.ones(len(heads()), np.float32), np.full(len(heads()), -LIMIT, np.float32)
    all_steps[learnable] = steps
    bias[learnable] = [head.intercept_[0] for head in fitted]
    no_blend = np.zeros(0, np.float32)
    arrays = ClauseModel(vectorizer.keys_, all_codes, all_steps, bias, no_blend, no_blend)
    return FirstStage(pipeline, arrays)


def out_of_fold(
    parts: list[Clauses],
    targets: list[Targets],
    extra: tuple[Clauses, Targets],
    folds: Folds,
    *,
    jobs: int,
    on_fold: Callable[[], object],
) -> Scores:
    """Return head scores of the clauses of decisions, each from a first stage new to them.

    A decision that no fold scores has none.

    Parameters
    ----------
    parts, targets
        The clauses of each decision, and the tags they carry.
    extra
        Clauses that every fold learns from, and the tags they carry.
    folds
        Which decisions each first stage learns from and scores.
    jobs
        Processes that share the work.
    on_fold
        Called after each fold.
    """
    pieces = (
        (
            join([*(parts[i] for i in learnt), extra[0]]),
            np.concatenate([*(targets[i] for i in learnt), extra[1]]),
            join([parts[i] for i in scored]),
        )
        for learnt, scored in folds
    )
    found = shared(on_one_thread(_scored), pieces, jobs=jobs)
    scores: list[Scores] = [np.zeros((0, len(heads())), np.float32)] * len(parts)
    for (_, scored), together in zip(folds, found, strict=True):
        ends = np.cumsum([len(parts[i]) for i in scored])
        for place, part in zip(scored, np.split(together, ends[:-1]), strict=True):
            scores[place] = part
        on_fold()
    return np.concatenate(scores)


def _scored(clauses: Clauses, targets: Targets, unseen: Clauses) -> Scores:
    """Return the head scores of clauses, from a first stage fitted to others."""
    return fit_first(clauses, targets, jobs=1).arrays.head_scores(unseen)
