"""Thresholds: from which probability on a tag is given."""

from __future__ import annotations

import numpy as np

from grounds.model.blend import Scores
from grounds.model.heads import Targets

_GRID = np.linspace(0.1, 0.9, 81)

PRIOR = 40
"""A tag's own best threshold counts by its positives, that of all tags together by so many."""


def fit_thresholds(probability: Scores, gold: Targets) -> Scores:
    """Return a threshold a tag, of shape (n_tags,).

    The best for micro F1 over all tags, moved towards the best for the tag itself as far as the
    tag's positives bear it: with few of them, its own best is chance.

    Parameters
    ----------
    probability
        Out-of-fold probabilities, of shape (n_decisions, n_tags).
    gold
        The tags the decisions have.
    """
    common = _best(probability, gold)
    positives = gold.sum(axis=0)
    own = np.array(
        [
            _best(probability[:, tag], gold[:, tag]) if count else common
            for tag, count in enumerate(positives)
        ]
    )
    return np.asarray((own * positives + common * PRIOR) / (positives + PRIOR), np.float32)


def _best(probability: Scores, gold: Targets) -> float:
    """Return the threshold with the best F1; the middle one where several are best."""
    given = probability[..., None] >= _GRID
    axes = tuple(range(gold.ndim))
    hits = (given & gold[..., None]).sum(axis=axes)
    f1 = 2 * hits / np.maximum(given.sum(axis=axes) + gold.sum(), 1)
    best = np.flatnonzero(f1 >= f1.max() - 1e-9)
    return float(_GRID[best[len(best) // 2]])
