"""The second stage: from the scores of clauses to calibrated probabilities of decisions."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from grounds.model import Judge
from grounds.model.blend import Scores
from grounds.model.heads import Targets
from grounds.training.first import Folds

NETWORKS = 3
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


def fit_blend(evidence: Scores, answers: Targets) -> LogisticRegression:
    """Fit how the heads make the score of a tag of one family, alike for all of its tags.

    Parameters
    ----------
    evidence
        From `reason_evidence` or `remedy_evidence`, out of fold.
    answers
        Which tags of the family the clauses carry, of shape (n_clauses, n_family).
    """
    rows = evidence.reshape(-1, evidence.shape[-1])
    return LogisticRegression(max_iter=500).fit(rows, answers.ravel())


def coefficients(blend: LogisticRegression) -> Scores:
    """Return the coefficients and intercept of a blend, as `tag_scores` takes them."""
    return np.append(blend.coef_[0], blend.intercept_[0]).astype(np.float32)


def fit_judge(rows: Scores, gold: Targets) -> FittedJudge:
    """Fit a judge, not yet calibrated.

    Parameters
    ----------
    rows
        From `decision_rows`, of shape (n_decisions, n_family, n_features).
    gold
        The tags of the family that each decision has, of shape (n_decisions, n_family).
    """
    flat, answers = rows.reshape(-1, rows.shape[-1]), gold.ravel()
    networks = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of rounds is chosen
        for seed in range(NETWORKS):
            network = MLPClassifier(
                (32,),
                alpha=1e-2,
                learning_rate_init=3e-3,
                batch_size=min(256, len(flat)),
                max_iter=25,
                random_state=seed,
            )
            networks.append(make_pipeline(StandardScaler(), network).fit(flat, answers))
            del network._optimizer  # of use only while fitting, twice the size of the network
    return FittedJudge(networks)


def fit_calibration(scores: Scores, gold: Targets) -> LogisticRegression:
    """Fit Platt's sigmoid to out-of-fold log-odds (Platt 1999, "Probabilistic Outputs …")."""
    return LogisticRegression(C=1e6).fit(scores.reshape(-1, 1), gold.ravel())


def cross_judged(rows: Scores, gold: Targets, folds: Folds) -> Scores:
    """Return log-odds of each decision from judges that never saw its group."""
    scores = np.zeros(gold.shape, np.float32)
    for learnt, judged in folds:
        scores[judged] = fit_judge(rows[learnt], gold[learnt]).scores(rows[judged])
    return scores
