"""The model: from clauses to one probability a clause and tag, and one a decision and tag.

Plain arrays and numpy; scikit-learn fits them (`grounds.training`) and is not needed to use them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from grounds.decision import Decision
from grounds.features.borders import Flags
from grounds.features.clauses import Clauses, segment
from grounds.features.ngrams import Features, Keys, encode
from grounds.model.blend import Scores, probability, tag_scores
from grounds.model.domain import Domain
from grounds.model.weigh import (
    decision_rows,
    families,
    held_to_words,
    powers_best,
    section_best,
)
from grounds.record import ModelId


@dataclass(frozen=True, slots=True)
class ClauseModel:
    """The first stage: one linear model a head over the n-grams of a clause.

    Weights are kept in 8 bits: a code from -127 to 127 stands for ``sign * step * (code / 127)²``,
    finer near zero, where most weights are.

    Attributes
    ----------
    keys
        The features, sorted, of shape (n_features,).
    codes
        Weights as codes, of shape (n_features, n_heads).
    steps
        The largest weight of each head.
    bias
        Intercepts, of shape (n_heads,).
    reason_blend, remedy_blend
        How the heads make the score of a tag (see `tag_scores`).
    """

    keys: Keys
    codes: npt.NDArray[np.int8]
    steps: Scores
    bias: Scores
    reason_blend: Scores
    remedy_blend: Scores
    features: Features = field(init=False, repr=False)
    weights: Scores = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", Features(self.keys))
        object.__setattr__(self, "weights", decoded(self.codes, self.steps))

    def head_scores(self, clauses: Clauses) -> Scores:
        """Return a score of each head, near to log-odds, of shape (n_clauses, n_heads)."""
        return np.asarray(encode(clauses, self.features).scores(self.weights) + self.bias)

    def scores(self, clauses: Clauses) -> Scores:
        """Return log-odds of shape (n_clauses, n_tags)."""
        return tag_scores(self.head_scores(clauses), self.reason_blend, self.remedy_blend)


@dataclass(frozen=True, slots=True)
class Judge:
    """The second stage for a family of tags: a network with one hidden layer.

    Attributes
    ----------
    hidden, hidden_bias
        Of shape (n_features, n_hidden) and (n_hidden,).
    output, output_bias
        Of shape (n_hidden,) and (1,). They include the calibration.
    """

    hidden: Scores
    hidden_bias: Scores
    output: Scores
    output_bias: Scores

    def scores(self, rows: Scores) -> Scores:
        """Return calibrated log-odds of `decision_rows`, without their last axis."""
        active = np.maximum(rows @ self.hidden + self.hidden_bias, 0)
        return np.asarray(active @ self.output + self.output_bias[0])


@dataclass(frozen=True, slots=True)
class Model:
    """A trained model.

    Attributes
    ----------
    clause_model
        The first stage.
    judges
        The second stage of each family, "reasons" and "remedies".
    thresholds
        The probability from which each tag is given, of shape (n_tags,).
    cited_thresholds
        The clause probability from which each ground or bar is cited, of shape (n_reasons,).
    card
        What the model is: name, version, training data, figures, versions of libraries.
    domain
        The rule that tells decisions from other texts; ``None`` where everything is tagged.
    sha256
        Checksum of the model file (see `grounds.bundle`).
    estimators
        The fitted scikit-learn objects, where the model was just trained.
    """

    clause_model: ClauseModel
    judges: Mapping[str, Judge]
    thresholds: Scores
    cited_thresholds: Scores
    card: Mapping[str, Any]
    domain: Domain | None = None
    sha256: str = ""
    estimators: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    @property
    def id(self) -> ModelId:
        """Which model this is, as records name it."""
        return ModelId(self.card["name"], self.card["version"], self.sha256)

    def save(self, path: str | Path) -> None:
        """Save the model as a folder; see `grounds.bundle.save`."""
        from grounds.bundle import save

        save(self, path)

    def judge(self, decisions: Sequence[Decision]) -> Judgement:
        """Return what the model says of a batch of decisions."""
        clauses = segment(decisions)
        scores = self.clause_model.scores(clauses)
        best = section_best(scores, clauses, len(decisions))
        return Judgement(
            clauses=clauses,
            clause_probability=probability(scores),
            decision_probability=judged(self.judges, best, [d.outcome for d in decisions]),
            cited_probability=probability(powers_best(best)),
            foreign=self._foreign(clauses, len(decisions)),
        )

    def _foreign(self, clauses: Clauses, n_decisions: int) -> Flags:
        """Return which texts of a batch do not look like decisions."""
        if self.domain is None:
            return np.zeros(n_decisions, bool)
        return self.domain.scores(clauses, n_decisions) < 0


@dataclass(frozen=True, slots=True)
class Judgement:
    """Probabilities for a batch of decisions.

    Attributes
    ----------
    clauses
        The clauses.
    clause_probability
        Of shape (n_clauses, n_tags).
    decision_probability
        That the decision relies on the tag, calibrated, of shape (n_decisions, n_tags).
    cited_probability
        That the powers cite the ground or bar, of shape (n_decisions, n_reasons).
    foreign
        Which texts do not look like decisions of the Ombudsman, of shape (n_decisions,).
    """

    clauses: Clauses
    clause_probability: Scores
    decision_probability: Scores
    cited_probability: Scores
    foreign: Flags

    @property
    def relied_probability(self) -> Scores:
        """`decision_probability`, but 0 for a text that does not look like a decision."""
        return np.where(self.foreign[:, None], np.float32(0), self.decision_probability)


def judged(judges: Mapping[str, Judge], best: Scores, outcomes: Sequence[str | None]) -> Scores:
    """Return the probability of each tag, of shape (n_decisions, n_tags), from `section_best`."""
    found = []
    for name, family in families().items():
        scores = judges[name].scores(decision_rows(best, outcomes, family))
        found.append(held_to_words(probability(scores), best, family))
    return np.hstack(found)


def encoded(weights: Scores) -> tuple[npt.NDArray[np.int8], Scores]:
    """Return weights of shape (n_features, n_heads) as codes and steps."""
    steps = np.maximum(np.abs(weights).max(axis=0, initial=0), 1e-6).astype(np.float32)
    codes = np.sign(weights) * np.round(127 * np.sqrt(np.abs(weights) / steps))
    return codes.astype(np.int8), steps


def decoded(codes: npt.NDArray[np.int8], steps: Scores) -> Scores:
    """Return the weights that codes stand for."""
    parts = codes.astype(np.float32)
    parts /= np.float32(127)
    parts *= np.abs(parts)
    parts *= steps
    return parts
