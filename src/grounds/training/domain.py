"""The rule that tells decisions from other texts: fitted to both, or taken over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from grounds.decision import SECTIONS
from grounds.features.borders import Ints
from grounds.features.clauses import Clauses
from grounds.features.ngrams import Features, Keys
from grounds.model.blend import Scores
from grounds.model.domain import Domain, words_in_sections
from grounds.training.first import Folds

REFUSED = 1 / 2000
"""At most about this part of the decisions may fall below the line; a wrong one loses its tags."""

_FEWEST = 3
"""Texts in which a word stands in a section, for it to be known."""

_STRENGTH = 3.0
"""The inverse of the regularisation."""

_JOINED = (2, 4)
"""So many other texts in a row are also shown as one."""

_HIGHEST = 0.25
"""The line is at most here, in log-odds: decisions by a new hand score a little lower."""

_ROUNDING = 1e-3
"""What a score may be off by, added up in another order."""

_TELLING = [SECTIONS.index(name) for name in ("complaint", "assessment", "remedy")]
"""The sections that tell the case, longer or shorter."""


def fit_domain(parts: Sequence[Clauses], others: Sequence[Clauses], folds: Folds) -> Domain:
    """Fit the rule, with a line that hardly any decision is below.

    Parameters
    ----------
    parts
        The clauses of each decision.
    others
        Those of each other text, such of one kind next to each other.
    folds
        Which decisions to learn from and which to score, to find the line.
    """
    rows, other_rows = [_row(part) for part in parts], [_row(other) for other in others]
    shorter = [_row(part, shortened=True) for part in parts]
    longer = [
        np.unique(np.concatenate(other_rows[start : start + number]))
        for number in _JOINED
        for start in range(len(other_rows) - number + 1)
    ]

    def fitted(chosen: Iterable[int]) -> Domain:
        places = list(chosen)
        decisions = [rows[i] for i in places]
        return _fit(decisions, other_rows, [shorter[i] for i in places], longer)

    found = [_scores([rows[i] for i in scored], fitted(learnt)) for learnt, scored in folds]
    rule = fitted(range(len(parts)))
    line = float(np.quantile(np.concatenate(found), REFUSED))
    return _with_line(rule, min(line, _HIGHEST))


def take_over(rule: Domain | None, parts: Sequence[Clauses]) -> Domain | None:
    """Return the rule of a model, where it has one, its line lowered so that decisions pass.

    What other texts look like does not follow from decisions, least of all from a few of them.

    Parameters
    ----------
    rule
        The model's.
    parts
        The clauses of each decision.
    """
    if rule is None:
        return None
    scores = _scores([_row(part) for part in parts], rule)
    lowest = float(np.quantile(scores, REFUSED, method="lower"))
    return _with_line(rule, min(lowest - _ROUNDING, 0))


def _with_line(rule: Domain, score: float) -> Domain:
    """Return a rule of which the scores from this one on are those of decisions."""
    return replace(rule, bias=rule.bias - np.float32(score))


def _scores(rows: Sequence[Keys], rule: Domain) -> Scores:
    return np.asarray(_matrix(rows, rule.features) @ rule.weights + rule.bias)


def _row(clauses: Clauses, *, shortened: bool = False) -> Keys:
    """Return the words in sections of one text; `shortened` leaves out every other telling clause.

    Decisions are shown so as well, and other texts joined: else the rule would go by length.
    """
    _, keys = words_in_sections(clauses)
    if shortened:
        number = np.repeat(clauses.paragraph, clauses.end - clauses.start)
        section = np.repeat(clauses.section, clauses.end - clauses.start)
        keys = keys[(number % 2 == 0) | ~np.isin(section, _TELLING)]
    return np.unique(keys)


def _fit(
    decisions: list[Keys], others: list[Keys], shorter: list[Keys], longer: list[Keys]
) -> Domain:
    keys, counts = np.unique(np.concatenate([*decisions, *others]), return_counts=True)
    keys = keys[counts >= _FEWEST]
    shown = [*decisions, *shorter, *others, *longer]
    answers = np.arange(len(shown)) < len(decisions) + len(shorter)
    model = LogisticRegression(C=_STRENGTH, class_weight="balanced", max_iter=500)
    model.fit(_matrix(shown, Features(keys)), answers)
    return Domain(keys, model.coef_[0].astype(np.float32), model.intercept_.astype(np.float32))


def _matrix(rows: Sequence[Keys], known: Features) -> csr_matrix:
    columns = [known.columns(row)[1] for row in rows]
    lengths = np.array([len(found) for found in columns])
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths)
    bounds: Ints = np.append(0, np.cumsum(lengths))
    return csr_matrix((values, np.concatenate(columns), bounds), (len(rows), len(known)))
