"""Figures: how well given tags match the tags that a reader gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Figures:
    """Precision, recall and F1 over all tags (micro), mean F1 of the tags (macro), all right.

    Tags that occur in neither count in no mean.
    """

    precision: float
    recall: float
    micro_f1: float
    macro_f1: float
    exact: float


def figures(given: Flags, gold: Flags) -> Figures:
    """Compare tags given with those a reader gave, both of shape (n_decisions, n_tags).

    >>> given = np.array([[True, True], [False, True]])
    >>> gold = np.array([[True, False], [False, True]])
    >>> f = figures(given, gold)
    >>> f.precision, f.recall, f.micro_f1, f.macro_f1, f.exact
    (0.6666666666666666, 1.0, 0.8, 0.8333333333333333, 0.5)
    """
    hits, n_given, n_gold = ((given & gold).sum(axis=0), given.sum(axis=0), gold.sum(axis=0))
    occurs = n_given + n_gold > 0
    return Figures(
        precision=_ratio(hits.sum(), n_given.sum()),
        recall=_ratio(hits.sum(), n_gold.sum()),
        micro_f1=_ratio(2 * hits.sum(), n_given.sum() + n_gold.sum()),
        macro_f1=float(f1_each(given, gold)[occurs].mean()) if occurs.any() else 1.0,
        exact=float((given == gold).all(axis=1).mean()) if len(gold) else 1.0,
    )


def f1_each(given: Flags, gold: Flags) -> Numbers:
    """Return the F1 of each tag; 1 where it occurs in neither."""
    hits, total = (given & gold).sum(axis=0), given.sum(axis=0) + gold.sum(axis=0)
    return _ratios(2 * hits, total)


def calibration_error(probability: Numbers, gold: Flags, bins: int = 10) -> float:
    """Return the expected calibration error (Naeini, Cooper and Hauskrecht 2015).

    The mean, over bins of equal width, of the distance between what was foretold and what came,
    weighted by the number of scores in the bin.

    >>> round(calibration_error(np.array([0.9, 0.9, 0.1]), np.array([True, False, False])), 3)
    0.3
    """
    foretold, came, count = reliability(probability, gold, bins)
    return float(np.abs(foretold - came).sum() / max(count.sum(), 1))


def reliability(
    probability: Numbers, gold: Flags, bins: int = 10
) -> tuple[Numbers, Numbers, Numbers]:
    """Return, for bins of equal width, how many were foretold, how many came, and of how many.

    >>> foretold, came, count = reliability(np.array([0.8, 0.9, 0.1]), np.array([1, 0, 0]) > 0, 2)
    >>> foretold.round(2).tolist(), came.tolist(), count.tolist()
    ([0.1, 1.7], [0.0, 1.0], [1.0, 2.0])
    """
    flat = probability.ravel()
    place = np.minimum((flat * bins).astype(int), bins - 1)
    foretold, came, count = (
        np.bincount(place, weights, bins).astype(float)
        for weights in (flat, gold.ravel(), np.ones(len(flat)))
    )
    return foretold, came, count


def precision_recall(probability: Numbers, gold: Flags) -> tuple[Numbers, Numbers]:
    """Return precision and recall at every score as threshold, the highest first.

    >>> precision, recall = precision_recall(np.array([0.9, 0.4, 0.4]), np.array([1, 0, 1]) > 0)
    >>> precision.round(2).tolist(), recall.tolist()
    ([1.0, 0.67], [0.5, 1.0])
    """
    order = np.argsort(-probability, axis=None)
    scores, hits = probability.ravel()[order], np.cumsum(gold.ravel()[order])
    last = np.flatnonzero(np.append(np.diff(scores) != 0, len(scores) > 0))  # of those that tie
    return hits[last] / (last + 1), hits[last] / max(int(gold.sum()), 1)


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 1.0


Interval = tuple[float, float]
"""The bounds of a 95% interval."""


DRAWS = 1000
"""Bootstrap draws."""

_AT_ONCE = 50
"""Draws made together: they bound the memory."""


def bootstrap(given: Flags, gold: Flags) -> dict[str, Interval]:
    """Return 95% intervals of micro_f1, macro_f1 and exact by drawing decisions again.

    The percentile bootstrap (Efron and Tibshirani 1993, chapter 13), decisions being the unit;
    the same draws on every call.
    """
    right = (given == gold).all(axis=1, keepdims=True)
    drawn = _drawn_sums(given & gold, given, gold, right)
    hits, total = drawn[0], drawn[1] + drawn[2]
    each, occurs = _ratios(2 * hits, total), total > 0
    some = occurs.any(axis=1)  # where no tag occurs, all is right
    macro = np.where(occurs, each, 0).sum(axis=1) / np.maximum(occurs.sum(axis=1), 1)
    return {
        "micro_f1": _interval(_ratios(2 * hits.sum(axis=1), total.sum(axis=1))),
        "macro_f1": _interval(np.where(some, macro, 1)),
        "exact": _interval(drawn[3][:, 0] / max(len(gold), 1)),
    }


def bootstrap_each(given: Flags, gold: Flags) -> list[Interval]:
    """Return the 95% interval of the F1 of each tag; see `bootstrap`."""
    hits, n_given, n_gold = _drawn_sums(given & gold, given, gold)
    return [_interval(column) for column in _ratios(2 * hits, n_given + n_gold).T]


def _drawn_sums(*flags: Flags) -> list[Numbers]:
    """Return the sums of columns over decisions drawn again, each of shape (DRAWS, n_columns)."""
    size = len(flags[0])
    chance = np.random.default_rng(0)
    columns = np.hstack(flags).astype(float)
    sums = [
        chance.multinomial(size, np.full(size, 1 / size), _AT_ONCE) @ columns
        for _ in range(DRAWS // _AT_ONCE)
    ]
    return np.split(np.vstack(sums), np.cumsum([part.shape[1] for part in flags])[:-1], axis=1)


def _ratios(part: Numbers, whole: Numbers) -> Numbers:
    return np.where(whole > 0, part / np.maximum(whole, 1), 1.0)


def _interval(values: Numbers) -> Interval:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def wilson(rate: Numbers, count: Numbers) -> tuple[Numbers, Numbers]:
    """Return the bounds of the 95% interval of a rate (Wilson 1927).

    >>> low, high = wilson(np.array([0.5, 0.0]), np.array([10, 10]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.237, 0.0], [0.763, 0.278])
    """
    z = 1.96
    count = np.maximum(count, 1e-9)
    middle = (rate + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * np.sqrt(rate * (1 - rate) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return np.maximum(middle - half, 0), np.minimum(middle + half, 1)
