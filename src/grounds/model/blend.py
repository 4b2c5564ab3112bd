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
    return np.asarray(probability >= min(SURE, float(probability.max(initial=0))))


def reason_evidence(scores: Scores) -> Scores:
    """Return what the heads say of every ground and bar, of shape (n_clauses, n_reasons, 8).

    Parameters
    ----------
    scores
        Log-odds of all heads, of shape (n_clauses, n_heads).
    """
    clipped: Scores = np.clip(scores, -LIMIT, LIMIT).astype(np.float32)
    direct = clipped[:, reasons()]
    general = np.broadcast_to(clipped[:, -2, None], direct.shape)
    other = best_other(direct)
    columns: list[Scores] = [
        direct * _QUARTER,
        general * _QUARTER,
        other * _QUARTER,
        np.minimum(direct, general) * _QUARTER,
        probability(direct),
        probability(general),
        probability(other),
        probability(direct) * probability(general),
    ]
    return np.stack(columns, axis=-1)


def remedy_evidence(scores: Scores) -> Scores:
    """Return what the heads say of every remedy, of shape (n_clauses, n_remedies, n_features).

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
    kinds = clipped[:, first : first + n_kinds]
    statuses = clipped[:, first + n_kinds : first + n_kinds + n_statuses]
    kind = np.broadcast_to(kinds[:, :, None], shape)
    status = np.broadcast_to(statuses[:, None, :], shape)
    both = np.minimum(kind, status)
    columns: list[Scores] = [
        direct * _QUARTER,
        kind * _QUARTER,
        status * _QUARTER,
        both * _QUARTER,
        np.broadcast_to(best_other(kinds)[:, :, None], shape) * _QUARTER,
        np.broadcast_to(best_other(statuses)[:, None, :], shape) * _QUARTER,
        np.broadcast_to(clipped[:, -1, None, None], shape) * _QUARTER,
        probability(direct),
        probability(kind),
        probability(status),
        probability(kind) * probability(status),
        probability(both),
    ]
    return np.stack(columns, axis=-1).reshape(len(scores), n_kinds * n_statuses, len(columns))


def tag_scores(scores: Scores, reason_blend: Scores, remedy_blend: Scores) -> Scores:
    """Return log-odds of all tags, of shape (n_clauses, n_tags).

    Parameters
    ----------
    scores
        Log-odds of all heads.
    reason_blend, remedy_blend
        One coefficient a feature of `reason_evidence` and `remedy_evidence`, then the intercept.
    """
    return np.hstack(
        [
            reason_evidence(scores) @ reason_blend[:-1] + reason_blend[-1],
            remedy_evidence(scores) @ remedy_blend[:-1] + remedy_blend[-1],
        ]
    )


def best_other(scores: Scores) -> Scores:
    """Return, for each column, the best of the other columns."""
    order = np.sort(scores, axis=1)
    best, second = order[:, -1:], order[:, -2:-1]
    return np.where(scores >= best, second, best)
