"""Choosing: which decisions to learn from, where there are more than it takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grounds.decision import LabelledDecision
from grounds.features.borders import Ints
from grounds.model.heads import tag_matrix

MOST_DECISIONS = 10_000
"""Decisions that training learns from, where there are more.

Drawn from 57,500, they take 6 minutes and 4 GB with two processes; both grow with the bound. On two
folds of the corpus, 410 decisions teach micro F1 0.920 for grounds and bars and 0.843 for remedies,
820 teach 0.944 and 0.860, all 1,660 about 0.941 and 0.876. What those beyond the bound would bring
has not been measured: nobody has labelled so many.
"""

ENOUGH = 400
"""Decisions with a tag, where there are so many, that the first stage learns from at least."""


def choose(labelled: Sequence[LabelledDecision]) -> tuple[Ints, Ints]:
    """Choose the decisions to learn from: all of them, or `MOST_DECISIONS` and a few more.

    The sample is drawn evenly, so that calibration and thresholds hold for the whole. Of a tag
    that is rare in it, the first stage learns from further decisions, up to `ENOUGH`.

    Returns
    -------
    sample
        The places of the decisions that both stages learn from.
    further
        Those of the decisions that only the first stage learns from.
    """
    order = np.arange(len(labelled))
    if len(order) > MOST_DECISIONS:
        np.random.default_rng(0).shuffle(order)
    sample, left = order[:MOST_DECISIONS], order[MOST_DECISIONS:]
    lacking = ENOUGH - tag_matrix(labelled[place].tags for place in sample).sum(axis=0)
    has = tag_matrix(labelled[place].tags for place in left)
    further = left[(has & (has.cumsum(axis=0) <= lacking)).any(axis=1)]
    return np.sort(sample), np.sort(further)
