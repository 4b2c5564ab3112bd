"""The features as a scikit-learn transformer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from grounds.features.clauses import Clauses, segment_texts
from grounds.features.ngrams import Features, clause_keys, encode


class ClauseVectorizer(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Turns clauses into sparse rows of word n-grams.

    Parameters
    ----------
    min_count
        Features that occur less often in the training clauses are left out.

    Attributes
    ----------
    keys_
        The 64-bit keys of the features, sorted, of shape (n_features,).

    Examples
    --------
    >>> vectorizer = ClauseVectorizer(min_count=1)
    >>> vectorizer.fit_transform(["We see no fault.", "He wants an apology."]).shape[0]
    2
    """

    def __init__(self, min_count: int = 2) -> None:
        self.min_count = min_count

    def fit(self, X: Clauses | Iterable[str], y: object = None) -> Self:
        """Learn the features of clauses, or of texts that are one clause each."""
        keys, counts = np.unique(clause_keys(_clauses(X)), return_counts=True)
        self.keys_ = keys[counts >= self.min_count]
        return self

    def transform(self, X: Clauses | Iterable[str]) -> csr_matrix:
        """Return a matrix of shape (n_clauses, n_features), rows of length 1."""
        check_is_fitted(self)
        return encode(_clauses(X), Features(self.keys_)).matrix()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _clauses(X: Clauses | Iterable[str]) -> Clauses:
    return X if isinstance(X, Clauses) else segment_texts(X)
