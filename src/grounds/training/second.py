"""The second stage: from the scores of clauses to calibrated probabilities of decisions."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from grounds.decision import LabelledDecision
from grounds.features.borders import Ints
from grounds.figures import figures
from grounds.model import Judge
from grounds.model.blend import (
    LIMIT,
    Scores,
    reason_evidence,
    remedy_evidence,
)
from grounds.model.heads import Targets, tag_matrix
from grounds.model.weigh import decision_rows, families, held_to_words
from grounds.training.first import Folds
from grounds.training.threads import on_one_thread
from grounds.training.thresholds import fit_thresholds
from grounds.workers import shared

_HOPELESS = -4.0
"""A clause with the general head below this carries nothing; leaving it out saves time."""

NETWORKS = 5
"""Networks that a judge averages; each starts from other random numbers."""


@dataclass(frozen=True, slots=True)
class FittedJudge:
    """A judge as scikit-learn has it: networks whose log-odds are averaged, then calibrated."""

    networks: list[Pipeline]
    calibration: LogisticRegression | None = None

    def scores(self, rows: Scores) -> Scores:
        """Return log-odds, calibrated where there is a calibration."""
        return self.arrays().scores(rows)

    def arrays(self) -> Judge:
        """Return the same as one network: the hidden layers side by side."""
        slope, shift = 1.0, 0.0
        if self.calibration is not None:
            slope, shift = self.calibration.coef_[0, 0], self.calibration.intercept_[0]
        hidden, hidden_bias, output, output_bias = [], [], [], 0.0
        for network in self.networks:
            scaler, layers = network["standardscaler"], network["mlpclassifier"]
            scaled = layers.coefs_[0] / scaler.scale_[:, None]
            hidden.append(scaled)
            hidden_bias.append(layers.intercepts_[0] - scaler.mean_ @ scaled)
            output.append(layers.coefs_[1][:, 0] * slope / len(self.networks))
            output_bias += layers.intercepts_[1][0] * slope / len(self.networks)
        return Judge(
            hidden=np.hstack(hidden).astype(np.float32),
            hidden_bias=np.hstack(hidden_bias).astype(np.float32),
            output=np.hstack(output).astype(np.float32),
            output_bias=np.array([output_bias + shift], np.float32),
        )


def fit_blends(scores: Scores, marked: Targets) -> dict[str, LogisticRegression]:
    """Fit how the heads make the score of a tag: by family, alike for all of its tags.

    A family that no clause carries has none.

    Parameters
    ----------
    scores
        Out-of-fold log-odds of all heads, of shape (n_clauses, n_heads).
    marked
        The tags that the clauses carry, of shape (n_clauses, n_tags).
    """
    blends = {}
    for family, general, evidence_of in (
        ("reasons", -2, reason_evidence),
        ("remedies", -1, remedy_evidence),
    ):
        answers = marked[:, families()[family]]
        if not answers.any():
            continue
        hopeful = (scores[:, general] > _HOPELESS) | answers.any(axis=1)
        evidence = evidence_of(scores[hopeful])
        rows = np.stack([numbers.ravel() for numbers in evidence], axis=1)
        blends[family] = LogisticRegression(max_iter=500).fit(rows, answers[hopeful].ravel())
    return blends


def coefficients(blend: LogisticRegression | None, n_features: int) -> Scores:
    """Return the coefficients and intercept of a blend, as `tag_scores` takes them.

    Without a blend, they say no to everything.
    """
    if blend is None:
        return np.append(np.zeros(n_features), -LIMIT).astype(np.float32)
    return np.append(blend.coef_[0], blend.intercept_[0]).astype(np.float32)


def fit_judges(
    rows: Scores, gold: Targets, choices: Sequence[Ints], *, jobs: int
) -> list[FittedJudge]:
    """Fit a judge to each choice of decisions, not yet calibrated.

    Parameters
    ----------
    rows
        From `decision_rows`, of shape (n_decisions, n_family, n_features).
    gold
        The tags of the family that each decision has, of shape (n_decisions, n_family).
    choices
        The decisions to learn from.
    jobs
        Processes that share the networks.
    """
    taught = ((rows[chosen], gold[chosen]) for chosen in choices)
    pieces = ((*shown, seed) for shown in taught for seed in range(NETWORKS))
    networks = list(shared(on_one_thread(_fit_network), pieces, jobs=jobs))
    return [
        FittedJudge(networks[start : start + NETWORKS])
        for start in range(0, len(networks), NETWORKS)
    ]


def _fit_network(rows: Scores, gold: Targets, seed: int) -> Pipeline:
    flat = rows.reshape(-1, rows.shape[-1])
    network = MLPClassifier(
        (40,),
        alpha=0.1,
        learning_rate_init=3e-3,
        batch_size=min(256, len(flat)),
        max_iter=10,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of rounds is chosen
        fitted = make_pipeline(StandardScaler(), network).fit(flat, gold.ravel())
    del network._optimizer  # of use only while fitting, twice the size of the network
    return fitted


def fit_calibration(scores: Scores, gold: Targets) -> LogisticRegression:
    """Fit Platt's sigmoid to out-of-fold log-odds (Platt 1999, "Probabilistic Outputs …")."""
    return LogisticRegression(C=1e6).fit(scores.reshape(-1, 1), gold.ravel())


@dataclass(frozen=True, slots=True)
class SecondStage:
    """The fitted second stage.

    Attributes
    ----------
    judges
        By family.
    fitted
        The same as scikit-learn has them, where the family has labels.
    thresholds
        From which probability on a tag is given, of shape (n_tags,).
    figures
        By family, how well the judges do on decisions of groups they never saw, with these
        thresholds.
    """

    judges: dict[str, Judge]
    fitted: dict[str, FittedJudge]
    thresholds: Scores
    figures: dict[str, dict[str, float]]


def fit_second(
    best: Scores, labelled: Sequence[LabelledDecision], folds: Folds, *, jobs: int
) -> SecondStage:
    """Fit judges, calibration and thresholds.

    Parameters
    ----------
    best
        From `section_best`, out of fold.
    labelled
        The decisions.
    folds
        Which decisions each judge learns from, and judges, for calibration and thresholds.
    jobs
        Processes that share the work.
    """
    gold = tag_matrix(item.tags for item in labelled)
    outcomes = [item.decision.outcome for item in labelled]
    choices = [*(learnt for learnt, _ in folds), np.arange(len(labelled))]
    judges, fitted, thresholds, reached = {}, {}, [], {}
    for family, columns in families().items():
        rows, answers = decision_rows(best, outcomes, columns), gold[:, columns]
        if not answers.any():
            judges[family] = never(rows.shape[-1])
            thresholds.append(np.ones(answers.shape[1], np.float32))
            continue
        *crossed, final = fit_judges(rows, answers, choices, jobs=jobs)
        raw = np.zeros(answers.shape, np.float32)
        for judge, (_, judged) in zip(crossed, folds, strict=True):
            raw[judged] = judge.scores(rows[judged])
        calibration = fit_calibration(raw, answers)
        foretold = calibration.predict_proba(raw.reshape(-1, 1))[:, 1].reshape(raw.shape)
        unseen = held_to_words(foretold, best, columns)
        fitted[family] = replace(final, calibration=calibration)
        judges[family] = fitted[family].arrays()
        thresholds.append(fit_thresholds(unseen, answers))
        reached[family] = asdict(figures(unseen >= thresholds[-1], answers))
    return SecondStage(judges, fitted, np.hstack(thresholds), reached)


def never(n_features: int) -> Judge:
    """Return a judge that always says no, for a family that no decision is labelled with."""
    return Judge(
        hidden=np.zeros((n_features, 1), np.float32),
        hidden_bias=np.zeros(1, np.float32),
        output=np.zeros(1, np.float32),
        output_bias=np.array([-LIMIT], np.float32),
    )
