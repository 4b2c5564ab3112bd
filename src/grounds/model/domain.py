"""Whether a text looks like a decision of the Ombudsman at all.

A report, another ombudsman's decision or a council's letter may have the same headings, and
clauses that read like reasons and remedies. What gives them away is which words stand in which
section: powers that cite another law, an end that decides something else.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from grounds.features.borders import Ints
from grounds.features.clauses import Clauses
from grounds.features.ngrams import Features, Keys
from grounds.model.blend import Scores

_APART = np.uint64(0x9E3779B97F4A7C15)  # odd, with well-mixed bits: keys of sections do not meet


@dataclass(frozen=True, slots=True)
class Domain:
    """The rule that tells decisions from other texts: a linear model over words in sections.

    Attributes
    ----------
    keys
        The words in their sections that it knows, sorted, of shape (n_keys,).
    weights
        What each says for a decision (above 0) or against it, of shape (n_keys,).
    bias
        The intercept, of shape (1,), with the line: scores from 0 on are those of decisions.
    """

    keys: Keys
    weights: Scores
    bias: Scores
    features: Features = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", Features(self.keys))

    def scores(self, clauses: Clauses, n_decisions: int) -> Scores:
        """Return how much each text of a batch looks like a decision, of shape (n_decisions,).

        A word counts once in a section, however often it stands there. The sum is divided by
        the root of their number, so that long texts are judged as short ones are.
        """
        decision, key = words_in_sections(clauses)
        known, column = self.features.columns(key)
        has = np.zeros((n_decisions, len(self.keys)), np.float32)
        has[decision[known], column] = 1
        number = np.maximum(has.sum(axis=1), 1)
        return np.asarray(has @ self.weights / np.sqrt(number) + self.bias, np.float32)


def words_in_sections(clauses: Clauses) -> tuple[Ints, Keys]:
    """Return for every word of a batch its decision, and a key of it and its section."""
    lengths = clauses.end - clauses.start
    salt = (clauses.section.astype(np.uint64) + np.uint64(1)) * _APART
    return np.repeat(clauses.decision, lengths), clauses.words + np.repeat(salt, lengths)
