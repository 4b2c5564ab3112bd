"""Decisions in scikit-learn: a transformer and a multi-label classifier, from texts to tags."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from numbers import Number
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, issparse
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.metrics import accuracy_score
from sklearn.preprocessing import normalize
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from grounds.bundle import load_model
from grounds.codebook import codebook
from grounds.corpus import LabelledSentence
from grounds.decision import Decision, LabelledDecision
from grounds.errors import GroundsError
from grounds.features.clauses import segment
from grounds.features.vectorizer import ClauseVectorizer
from grounds.model import Model
from grounds.model.blend import Scores
from grounds.model.heads import tags
from grounds.reading import read_text
from grounds.tagging import judge_all
from grounds.training import train


class DecisionVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns decisions into sparse rows of word n-grams.

    The row of a decision is the sum of the rows of its clauses (see
    `grounds.features.vectorizer.ClauseVectorizer`), of length 1.

    Parameters
    ----------
    min_count
        Features that occur less often in the training decisions are left out.

    Attributes
    ----------
    clauses_
        The fitted vectorizer of clauses.

    Examples
    --------
    >>> import grounds
    >>> decisions = [grounds.read("data/examples/bus-lane.txt")]
    >>> DecisionVectorizer(min_count=1).fit_transform(decisions).shape[0]
    1
    """

    def __init__(self, min_count: int = 2) -> None:
        self.min_count = min_count

    def fit(self, X: Iterable[str | Decision], y: object = None) -> Self:
        """Learn the features of decisions.

        Parameters
        ----------
        X
            Text copies of whole decisions, or decisions that were read.
        y
            Ignored.

        Raises
        ------
        InputError
            If a text does not look like a decision of the Ombudsman.
        """
        self.clauses_ = ClauseVectorizer(self.min_count).fit(segment(_decisions(X)))
        return self

    def fit_transform(
        self, X: Iterable[str | Decision], y: object = None, **fit_params: Any
    ) -> csr_matrix:
        """Learn the features of decisions, and return their matrix."""
        again = list(X) if isinstance(X, Iterator) else X  # they are gone through twice
        return super().fit_transform(again, y, **fit_params)

    def transform(self, X: Iterable[str | Decision]) -> csr_matrix:
        """Return a matrix of shape (n_decisions, n_features)."""
        check_is_fitted(self)
        decisions = list(_decisions(X))
        clauses = segment(decisions)
        column = np.arange(len(clauses))
        ones = np.ones(len(clauses), np.float32)
        adding = csr_matrix((ones, (clauses.decision, column)), (len(decisions), len(clauses)))
        rows = adding @ self.clauses_.transform(clauses)
        return normalize(rows, copy=False) if rows.nnz else rows  # it refuses a matrix without rows

    def __sklearn_tags__(self) -> Any:
        sklearn_tags = _taking_text(super().__sklearn_tags__())
        sklearn_tags.transformer_tags.preserves_dtype = []  # rows are float32
        return sklearn_tags


class GroundsClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Tags decisions: `grounds.train` and `grounds.tag` as scikit-learn has them.

    It learns from tags of whole decisions; `start` finds the words that carry them. Where the
    words are known, `grounds.train` learns more.

    Parameters
    ----------
    classes
        The tags that are learnt and given, which the columns of indicator matrices stand for.
        Those of the codebook, in its order, where left out.
    start
        The model, or where it is, that finds the words; the shipped one where left out.
    sentences
        Single labelled sentences, from which the first stage learns too.
    threshold
        The probability from which a tag is given; one for each tag, found in training, where
        left out.
    n_jobs
        Processes that share the training; ``None`` is one.

    Attributes
    ----------
    classes_
        The tags, of shape (n_tags,).
    model_
        The trained model, for `grounds.tag`; ``model_.save`` writes it.

    Examples
    --------
    >>> from grounds.corpus import read_labelled
    >>> labelled = list(read_labelled(["data/corpus/short"]))[:20]
    >>> texts, sets = [one.decision for one in labelled], [one.tags for one in labelled]
    >>> classifier = GroundsClassifier(classes=["late", "appeal_right"]).fit(texts, [
    ...     {"late", "appeal_right"} & tags for tags in sets
    ... ])
    >>> classifier.predict(texts[:3]).shape
    (3, 2)
    """

    def __init__(
        self,
        classes: Sequence[str] | None = None,
        *,
        start: str | Path | Model | None = None,
        sentences: Sequence[LabelledSentence] = (),
        threshold: float | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.classes = classes
        self.start = start
        self.sentences = sentences
        self.threshold = threshold
        self.n_jobs = n_jobs

    def fit(
        self, X: Iterable[str | Decision], y: Any, groups: Sequence[object] | None = None
    ) -> Self:
        """Train on decisions.

        Parameters
        ----------
        X
            Text copies of whole decisions, or decisions that were read.
        y
            For each decision its tags, or an indicator matrix of shape (n_decisions, n_tags), which
            may be a list of rows.
        groups
            One a decision: those of one group (a subject, a hand) never stand on both sides of
            a fold inside the training.

        Raises
        ------
        InputError
            If a text does not look like a decision of the Ombudsman.
        GroundsError
            If `y` holds other tags than `classes`, a parameter cannot be used, or there is too
            little to learn from.
        """
        _check_threshold(self.threshold)
        _check_jobs(self.n_jobs)
        self.classes_ = _classes(self.classes)
        decisions = list(_decisions(X))
        answers = _indicator(y, self.classes_)
        check_consistent_length(decisions, answers)
        self.model_ = train(
            [
                LabelledDecision(decision, frozenset(self.classes_[row].tolist()))
                for decision, row in zip(decisions, answers, strict=True)
            ],
            self.sentences,
            groups=groups,
            start=self.start if isinstance(self.start, Model) else load_model(self.start),
            jobs=self.n_jobs or 1,
        )
        return self

    def predict(self, X: Iterable[str | Decision]) -> npt.NDArray[np.int64]:
        """Return which tags the decisions have, an indicator matrix."""
        _check_threshold(self.threshold)
        probability = self.predict_proba(X)
        own = self.model_.thresholds[_columns(self.classes_)]
        return (probability >= (own if self.threshold is None else self.threshold)).astype(np.int64)

    def predict_proba(self, X: Iterable[str | Decision]) -> Scores:
        """Return the calibrated probability of each tag, of shape (n_decisions, n_tags)."""
        check_is_fitted(self)
        judged = [judgement for _, judgement in judge_all(_decisions(X), self.model_)]
        none = np.zeros((0, len(tags())), np.float32)
        probability = np.vstack([none, *(judgement.relied_probability for judgement in judged)])
        return probability[:, _columns(self.classes_)]

    def score(self, X: Iterable[str | Decision], y: Any, sample_weight: Any = None) -> float:
        """Return the part of the decisions with exactly the right tags."""
        check_is_fitted(self)
        answers = _indicator(y, self.classes_)
        return float(accuracy_score(answers, self.predict(X), sample_weight=sample_weight))

    def __sklearn_tags__(self) -> Any:
        sklearn_tags = _taking_text(super().__sklearn_tags__())
        sklearn_tags.target_tags.single_output = False
        sklearn_tags.target_tags.multi_output = True
        sklearn_tags.classifier_tags.multi_class = False
        sklearn_tags.classifier_tags.multi_label = True
        return sklearn_tags


def _taking_text(sklearn_tags: Any) -> Any:
    sklearn_tags.input_tags.string = True
    sklearn_tags.input_tags.one_d_array = True
    sklearn_tags.input_tags.two_d_array = False
    return sklearn_tags


def _decisions(X: Iterable[str | Decision]) -> Iterator[Decision]:
    """Yield decisions, and those that texts are."""
    if isinstance(X, str):
        raise GroundsError("X is one text; give a list of texts")
    if hasattr(X, "columns"):
        raise GroundsError(f"X is a {type(X).__name__}; give one column of it")
    if not isinstance(X, Iterable):
        raise GroundsError(f"X is {X!r}; give a list of texts")
    for place, item in enumerate(X):
        if isinstance(item, Decision):
            yield item
        elif isinstance(item, str):
            yield read_text(item, f"X[{place}]")
        else:
            raise GroundsError(f"X[{place}] is a {type(item).__name__}, no text and no decision")


def _classes(names: Iterable[str] | None) -> npt.NDArray[np.object_]:
    if names is None:
        return np.array(tags(), object)
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise GroundsError(f"classes is {names!r}; give a list of tags")
    chosen = [codebook().tag(name).id for name in names]
    if not chosen:
        raise GroundsError("classes is empty; name the tags to learn, or leave it out for all")
    if len(set(chosen)) < len(chosen):
        raise GroundsError("classes names a tag more than once")
    return np.array(chosen, object)


def _check_threshold(threshold: object) -> None:
    if threshold is not None and not (
        isinstance(threshold, int | float | np.floating) and 0 <= threshold <= 1
    ):
        raise GroundsError(f"threshold is {threshold!r}, no number from 0 to 1")


def _check_jobs(jobs: object) -> None:
    whole = isinstance(jobs, int | np.integer) and not isinstance(jobs, bool)
    if jobs is not None and not (whole and jobs != 0):
        raise GroundsError(f"n_jobs is {jobs!r}; give a number of processes, -1 for one a core")


def _columns(classes: npt.NDArray[np.object_]) -> list[int]:
    """Return where the model has the tags."""
    return [tags().index(tag) for tag in classes]


def _indicator(y: Any, classes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Return tags as an indicator matrix, or the matrix that is given.

    Raises
    ------
    GroundsError
        If there are other tags than `classes`, or it is neither tags nor a matrix.
    """
    if y is None:
        raise GroundsError("y is missing: training requires y to be passed, the tags")
    dimensions = getattr(y, "ndim", 1)
    if dimensions == 2:
        return _matrix(y, classes)
    if dimensions != 1 or isinstance(y, str) or not isinstance(y, Iterable):
        raise GroundsError("y is neither a list of sets of tags nor a matrix of 0 and 1")
    rows = list(y)
    if rows and all(map(_is_row, rows)):
        if len({len(row) for row in rows}) > 1:
            raise GroundsError("the rows of y are not of one length")
        return _matrix(np.array(rows), classes)
    answers = []
    for place, found in enumerate(rows):
        if isinstance(found, str) or not isinstance(found, Iterable):
            raise GroundsError(f"y[{place}] is {found!r}, no set of tags")
        names = {codebook().tag(name).id for name in found}
        if others := sorted(names - set(classes)):
            raise GroundsError(f"y[{place}] has {others[0]!r}, which is not among the classes")
        answers.append([tag in names for tag in classes])
    return np.array(answers, bool).reshape(-1, len(classes))


def _is_row(found: Any) -> bool:
    """Say whether this is a row of an indicator matrix, rather than the tags of a decision."""
    listed = isinstance(found, list | tuple | np.ndarray) and len(found) > 0
    return listed and all(isinstance(cell, Number | np.bool_) for cell in found)


def _matrix(y: Any, classes: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    matrix = y.toarray() if issparse(y) else np.asarray(y)
    if matrix.shape[1] != len(classes):
        raise GroundsError(
            f"y has {matrix.shape[1]} columns for {len(classes)} tags: say with 'classes' which"
            " tags they stand for, or give sets of tags"
        )
    named = [name for name in getattr(y, "columns", ()) if isinstance(name, str)]
    if named and named != list(classes):
        raise GroundsError("the columns of y are not named as 'classes' are, in their order")
    if not np.isin(matrix, (0, 1)).all():
        raise GroundsError("y holds other values than 0 and 1")
    return matrix.astype(bool)
