"""What each section of a decision says about a tag: the rows that the second stage judges.

The best clause is not enough. A ground in the powers is only cited; one that Summary, assessment
and final decision name together is surer than one that stands once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from grounds.codebook import codebook
from grounds.decision import POWERS, SECTIONS
from grounds.features.clauses import Clauses
from grounds.model.blend import LIMIT, Scores, best_other, probability
from grounds.model.heads import counting, reasons, remedies

OUTCOMES = ("Closed after initial enquiries", "Not upheld", "Upheld")
"""What the site calls "Decision"; other words count as unknown."""

BEST = 2
"""How many of the best clauses of a section count."""

BORNE_OUT, NOT_BORNE_OUT = 0.2, 0.05
"""The probability that a clause has to reach, and the most that a tag has where none does."""

_SPOKEN = [index for index, section in enumerate(SECTIONS) if section != "powers"]
_CONCLUDING = [SECTIONS.index(section) for section in ("summary", "assessment", "final")]


def section_best(scores: Scores, clauses: Clauses, n_decisions: int) -> Scores:
    """Return each section's best scores, of shape (n_decisions, n_tags, n_sections, BEST).

    Parameters
    ----------
    scores
        Log-odds of all tags, of shape (n_clauses, n_tags).
    clauses
        The clauses.
    n_decisions
        How many decisions the batch has; one without clauses gets the lowest scores.
    """
    n_tags, n_sections = scores.shape[1], len(SECTIONS)
    best = np.full((n_decisions * n_sections, BEST, n_tags), -LIMIT, np.float32)
    place = clauses.decision * n_sections + clauses.section
    order = np.argsort(place, kind="stable")
    left, place = np.clip(scores[order], -LIMIT, LIMIT), place[order]
    starts = np.flatnonzero(np.append(True, place[1:] != place[:-1])[: len(place)])
    lengths = np.diff(np.append(starts, len(place)))
    for rank in range(BEST if len(place) else 0):
        top = np.maximum.reduceat(left, starts, axis=0)
        best[place[starts], rank] = top
        taken = _first_of_each(left == np.repeat(top, lengths, axis=0), starts, lengths)
        left[taken] = -LIMIT
    return best.reshape(n_decisions, n_sections, BEST, n_tags).transpose(0, 3, 1, 2)


def _first_of_each(
    hits: npt.NDArray[np.bool_], starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Keep only the first hit of each group of rows, column by column."""
    running = np.cumsum(hits, axis=0, dtype=np.int32)
    before = np.where(starts[:, None] > 0, running[starts - 1], 0)
    return np.asarray(hits & (running - np.repeat(before, lengths, axis=0) == 1))


def decision_rows(best: Scores, outcomes: Sequence[str | None], family: slice) -> Scores:
    """Return what speaks for each tag of a family, of shape (n_decisions, n_family, n_features).

    Parameters
    ----------
    best
        From `section_best`.
    outcomes
        Each decision's outcome ("Upheld" …), of length n_decisions.
    family
        `heads.reasons()` or `heads.remedies()`.
    """
    best = best[:, family]
    n_decisions, n_tags, n_sections, _ = best.shape
    flat = (n_decisions, n_tags, n_sections * BEST)
    sure = probability(best)
    top = best[:, :, _SPOKEN, 0].max(axis=2)
    top_sure = probability(top)
    misses = np.log(np.clip(1 - sure[:, :, _SPOKEN], 1e-4, 1)).sum(axis=(2, 3))
    known = [[name == one for one in OUTCOMES] for name in outcomes]
    outcome = np.array(known, np.float32).reshape(n_decisions, len(OUTCOMES))
    others = best_other(top)
    columns = [
        *(best / 4).reshape(flat).transpose(2, 0, 1),
        *sure.reshape(flat).transpose(2, 0, 1),
        *np.broadcast_to(outcome.T[:, :, None], (len(OUTCOMES), n_decisions, n_tags)),
        top / 4,
        top_sure,
        misses,
        (sure[:, :, _CONCLUDING, 0] > 0.5).sum(axis=2),
        probability(others),
        top_sure.sum(axis=1, keepdims=True) - top_sure,
        (top - others) / 4,
        *(_same_kind(top) if family == remedies() else ()),
        *np.broadcast_to(np.eye(n_tags)[:, None, :], (n_tags, n_decisions, n_tags)),
    ]
    return np.stack([np.asarray(column, np.float32) for column in columns], axis=-1)


def _same_kind(top: Scores) -> Scores:
    """Return how strong each status of the remedy's own kind is, each of shape `top`.

    What was asked for is what is declined; what was given already is seldom agreed.
    """
    n_kinds, n_statuses = len(codebook().kinds), len(codebook().statuses)
    kinds = top.reshape(len(top), n_kinds, n_statuses)
    strengths = np.repeat(kinds, n_statuses, axis=1).transpose(2, 0, 1)
    return np.concatenate([strengths / 4, probability(strengths)])


def held_to_words(probability_of: Scores, best: Scores, family: slice) -> Scores:
    """Return probabilities of a family, low where no words bear the tag out.

    What else a decision relies on can make a tag likely. It is not given for that alone: some
    clause, in a section that counts for the tag, has to carry it with at least `BORNE_OUT`.

    Parameters
    ----------
    probability_of
        Of each decision and tag of the family, of shape (n_decisions, n_family).
    best
        From `section_best`.
    family
        `heads.reasons()` or `heads.remedies()`.
    """
    top = best[:, family, :, 0]
    strongest = np.where(counting()[family], top, -LIMIT).max(axis=2)
    borne_out = probability(strongest) >= BORNE_OUT
    return np.where(borne_out, probability_of, np.minimum(probability_of, NOT_BORNE_OUT))


def powers_best(best: Scores) -> Scores:
    """Return the best score among the powers, of shape (n_decisions, n_reasons)."""
    return np.asarray(best[:, reasons(), POWERS, 0])


def families() -> dict[str, slice]:
    """Return the two families of tags that are judged apart."""
    return {"reasons": reasons(), "remedies": remedies()}
