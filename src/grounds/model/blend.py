"""A clause's tags: what the heads say together.

A clause that concludes nothing relies on nothing, whatever words it has. "The warning torn up" says
little of a remedy's kind and much of its status; few clauses show each pair of them in training,
many show each alone.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from grounds.codebook import codebook
from grounds.model.heads import reasons, remedies

Scores = npt.NDArray[np.float32]

LIMIT = 8.0
"""Scores are log-odds, those of heads nearly so; beyond this they say no more."""

REASON_FEATURES, REMEDY_FEATURES = 8, 12
"""What `reason_evidence` and `remedy_evidence` say of each tag, in numbers."""

SURE = 0.5
"""A clause this probable carries a tag."""

_QUARTER = np.float32(0.25)  # brings log-odds to the size of the probabilities beside them

_MOST = np.float32(80)  # exp of more than 88 is beyond what 32 bits hold


def probability(score: Scores) -> Scores:
    """Return the probability of a log-odds score (the logistic function)."""
    return np.asarray(1 / (1 + np.exp(np.minimum(-score, _MOST))), np.float32)


def log_odds(probability: Scores) -> Scores:
    """Return the log-odds of a probability, which it cuts to fit between -14 and 14."""
    kept = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(kept / (1 - kept)), np.float32)


def carrying(probability: Scores) -> npt.NDArray[np.bool_]:
    """Return which clauses carry a tag that their decision has: the sure ones, or else the best."""
    return np.asarray(probability >= least_carrying(probability.max(initial=0)))


def least_carrying(best: npt.ArrayLike) -> Scores:
    """Return how probable a clause has to be to carry a tag, where the best has `best`."""
    return np.minimum(SURE, best)


def reason_evidence(scores: Scores) -> list[Scores]:
    """Return what the heads say of every ground and bar, 8 numbers of shape (n_clauses, n_reasons).

    Parameters
    ----------
    scores
        Log-odds of all heads, of shape (n_clauses, n_heads).
    """
    clipped: Scores = np.clip(scores, -LIMIT, LIMIT).astype(np.float32)
    direct = clipped[:, reasons()]
    general = clipped[:, -2, None]
    other = best_other(direct)
    return [
        direct * _QUARTER,
        np.broadcast_to(general * _QUARTER, direct.shape),
        other * _QUARTER,
        np.minimum(direct, general) * _QUARTER,
        probability(direct),
        np.broadcast_to(probability(general), direct.shape),
        probability(other),
        probability(direct) * probability(general),
    ]


def remedy_evidence(scores: Scores) -> list[Scores]:
    """Return what the heads say of every remedy, 12 numbers of shape (n_clauses, n_remedies).

    Parameters
    ----------
    scores
        Log-odds of all heads, of shape (n_clauses, n_heads).
    """
    n_kinds, n_statuses = len(codebook().kinds), len(codebook().statuses)
    clipped: Scores = np.clip(scores, -LIMIT, LIMIT).astype(np.float32)
    first = remedies().stop
    shape = (len(scores), n_kinds, n_statuses)
    direct = clipped[:, remedies()].reshape(shape)
    kind = clipped[:, first : first + n_kinds, None]
    status = clipped[:, None, first + n_kinds : first + n_kinds + n_statuses]
    both = np.minimum(kind, status)
    columns = [
        direct * _QUARTER,
        kind * _QUARTER,
        status * _QUARTER,
        both * _QUARTER,
        best_other(kind[:, :, 0])[:, :, None] * _QUARTER,
        best_other(status[:, 0])[:, None] * _QUARTER,
        clipped[:, -1, None, None] * _QUARTER,
        probability(direct),
        probability(kind),
        probability(status),
        probability(kind) * probability(status),
        probability(both),
    ]
    flat = (len(scores), n_kinds * n_statuses)
    return [np.broadcast_to(column, shape).reshape(flat) for column in columns]


def tag_scores(scores: Scores, reason_blend: Scores, remedy_blend: Scores) -> Scores:
    """Return log-odds of all tags, of shape (n_clauses, n_tags).

    Parameters
    ----------
    scores
        Log-odds of all heads.
    reason_blend, remedy_blend
        One coefficient a number of `reason_evidence` and `remedy_evidence`, then the intercept.
    """
    return np.hstack(
        [
            _blended(reason_evidence(scores), reason_blend),
            _blended(remedy_evidence(scores), remedy_blend),
        ]
    )


def _blended(evidence: list[Scores], blend: Scores) -> Scores:
    total = np.full(evidence[0].shape, blend[-1])
    for numbers, coefficient in zip(evidence, blend[:-1], strict=True):
        total += numbers * coefficient
    return total


def best_other(scores: Scores) -> Scores:
    """Return, for each column, the best of the other columns."""
    order = np.sort(scores, axis=1)
    best, second = order[:, -1:], order[:, -2:-1]
    return np.where(scores >= best, second, best)
