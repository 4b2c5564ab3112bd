"""The questions that the first stage asks of every clause, and the answers that labels give.

One head a tag; and heads that pool what tags share: the kind and the status of a remedy, "some
ground or bar is concluded here", "some remedy is named here".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from grounds.codebook import codebook
from grounds.decision import SECTIONS, LabelledDecision, counts_in
from grounds.features.borders import Ints
from grounds.features.clauses import Clauses

Targets = npt.NDArray[np.bool_]

ANY_REASON, ANY_REMEDY = "any reason", "any remedy"

_OVERLAP = 0.5
"""A clause carries a span's tag where they share more than this part of the shorter."""


@cache
def tags() -> tuple[str, ...]:
    """Return the tags: grounds and bars, then remedies, in the codebook's order."""
    return codebook().reasons + codebook().remedies


@cache
def heads() -> tuple[str, ...]:
    """Return the heads: the tags, then kinds, statuses and the two general ones."""
    return (*tags(), *codebook().kinds, *codebook().statuses, ANY_REASON, ANY_REMEDY)


@cache
def reasons() -> slice:
    """Return which tags are grounds and bars."""
    return slice(0, len(codebook().reasons))


@cache
def remedies() -> slice:
    """Return which tags are remedies, ordered by kind and, within it, by status."""
    return slice(len(codebook().reasons), len(tags()))


def speaking(tag: str, sections: Ints) -> Targets:
    """Return which clauses count for a tag, by the index of their section."""
    return np.asarray(counting()[tags().index(tag), sections])


@cache
def counting() -> Targets:
    """Return which sections count for which tags, of shape (n_tags, n_sections)."""
    return np.array([[counts_in(tag, section) for section in SECTIONS] for tag in tags()])


def clause_targets(labelled: Sequence[LabelledDecision], clauses: Clauses) -> Targets:
    """Return which tags each clause carries, of shape (n_clauses, n_tags).

    Parameters
    ----------
    labelled
        Decisions with spans.
    clauses
        Their clauses.
    """
    names = {tag: column for column, tag in enumerate(tags())}
    targets = np.zeros((len(clauses), len(names)), bool)
    bounds = np.searchsorted(clauses.decision, np.arange(len(labelled) + 1))
    for item, start, end in zip(labelled, bounds[:-1], bounds[1:], strict=True):
        paragraph, first, last = (
            column[start:end] for column in (clauses.paragraph, clauses.first, clauses.last)
        )
        for span in item.spans or ():
            shared = np.minimum(last, span.end) - np.maximum(first, span.start)
            shorter = np.minimum(last - first, span.end - span.start)
            carries = (paragraph == span.index) & (shared > _OVERLAP * shorter)
            targets[start:end][carries, names[span.tag]] = True
    return targets


def tag_matrix(sets: Iterable[frozenset[str]]) -> Targets:
    """Return sets of tags as rows of shape (n_tags,)."""
    return np.array([[tag in found for tag in tags()] for found in sets], bool).reshape(
        -1, len(tags())
    )


def head_targets(targets: Targets) -> Targets:
    """Return the answers to all heads, of shape (n_clauses, n_heads), from those to the tags."""
    kinds, statuses = len(codebook().kinds), len(codebook().statuses)
    grid = targets[:, remedies()].reshape(-1, kinds, statuses)
    general = (targets[:, reasons()].any(axis=1), targets[:, remedies()].any(axis=1))
    return np.column_stack([targets, grid.any(axis=2), grid.any(axis=1), *general])
