"""A clause's remedies: what the heads for tag, kind and status say together.

"The warning torn up" says little of a kind and much of a status; few clauses show each pair of
them in training, many show each alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from grounds.codebook import codebook
from grounds.model.heads import heads, remedies

Scores = npt.NDArray[np.float32]

LIMIT = 8.0
"""Scores are log-odds; beyond this they say no more."""


def probability(score: Scores) -> Scores:
    """Return the probability of a log-odds score (the logistic function)."""
    return np.asarray(1 / (1 + np.exp(-score)), np.float32)


def remedy_evidence(scores: Scores) -> Scores:
    """Return what the heads say of every remedy, of shape (n_clauses, n_remedies, n_features).

    Parameters
    ----------
    scores
        Log-odds of all heads, of shape (n_clauses, n_heads).
    """
    n_kinds, n_statuses = len(codebook().kinds), len(codebook().statuses)
    clipped = np.clip(scores, -LIMIT, LIMIT)
    first = remedies().stop
    shape = (len(scores), n_kinds, n_statuses)
    direct = clipped[:, remedies()].reshape(shape)
    kinds = clipped[:, first : first + n_kinds]
    statuses = clipped[:, first + n_kinds : first + n_kinds + n_statuses]
    kind = np.broadcast_to(kinds[:, :, None], shape)
    status = np.broadcast_to(statuses[:, None, :], shape)
    both = np.minimum(kind, status)
    columns: list[Scores] = [
        direct / 4,
        kind / 4,
        status / 4,
        both / 4,
        np.broadcast_to(best_other(kinds)[:, :, None], shape) / 4,
        np.broadcast_to(best_other(statuses)[:, None, :], shape) / 4,
        np.broadcast_to(clipped[:, -1, None, None], shape) / 4,
        probability(direct),
        probability(kind),
        probability(status),
        probability(kind) * probability(status),
        probability(both),
    ]
    return np.stack(columns, axis=-1).reshape(len(scores), n_kinds * n_statuses, len(columns))


def tag_scores(scores: Scores, coefficients: Scores) -> Scores:
    """Return log-odds of all tags, of shape (n_clauses, n_tags): remedies are blended.

    Parameters
    ----------
    scores
        Log-odds of all heads.
    coefficients
        One a feature of `remedy_evidence`, then the intercept.
    """
    assert scores.shape[1] == len(heads())
    blended = scores[:, : remedies().stop].copy()
    blended[:, remedies()] = remedy_evidence(scores) @ coefficients[:-1] + coefficients[-1]
    return blended


def best_other(scores: Scores) -> Scores:
    """Return, for each column, the best of the other columns."""
    order = np.sort(scores, axis=1)
    best, second = order[:, -1:], order[:, -2:-1]
    return np.where(scores >= best, second, best)
