"""The estimators: scikit-learn's contract, and that they say what the library says."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import BaseEstimator, clone
from sklearn.exceptions import NotFittedError
from sklearn.metrics import f1_score
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC
from sklearn.utils import estimator_checks, get_tags
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import check_is_fitted, validate_data

import grounds
from grounds.corpus import LabelledSentence
from grounds.corpus.copies import copy_of
from grounds.decision import LabelledDecision
from grounds.errors import GroundsError, InputError
from grounds.estimators import DecisionVectorizer, GroundsClassifier
from grounds.model import Model
from grounds.model.heads import tags
from grounds.tagging import tag_all

CLASSES = ["whole_area", "court_matter", "payment:sought", "decision_change:sought"]
"""Few tags are learnt quickly."""

SENTENCES = (LabelledSentence("The court has it.", "assessment", frozenset({"court_matter"})),)
GROUPS = [number % 6 for number in range(24)]

Tags = frozenset[str]


@pytest.fixture(scope="module")
def texts(few: list[LabelledDecision]) -> list[str]:
    """Return twenty-four decisions as text copies."""
    return [copy_of(item.decision).text for item in few[:24]]


@pytest.fixture(scope="module")
def answers(few: list[LabelledDecision]) -> list[Tags]:
    """Return those of their tags that are learnt here."""
    return [item.tags & set(CLASSES) for item in few[:24]]


@pytest.fixture(scope="module")
def indicator(answers: list[Tags]) -> np.ndarray:
    """Return the same as a matrix."""
    return np.asarray(MultiLabelBinarizer(classes=CLASSES).fit_transform(answers))


@pytest.fixture(scope="module")
def fitted(texts: list[str], answers: list[Tags], shipped: Model) -> GroundsClassifier:
    """Return a classifier of these tags."""
    classifier = GroundsClassifier(CLASSES, start=shipped, sentences=SENTENCES)
    return classifier.fit(texts, answers, groups=GROUPS)


# scikit-learn's own checks


class OfNumbers(DecisionVectorizer):
    """The vectorizer over numbers, which are all that scikit-learn's checks give: spelt out."""

    def fit(self, X: Any, y: object = None) -> OfNumbers:
        return super().fit(_spelt(validate_data(self, X)))

    def transform(self, X: Any) -> csr_matrix:
        check_is_fitted(self)
        return super().transform(_spelt(validate_data(self, X, reset=False)))

    def __sklearn_tags__(self) -> Any:
        found = super().__sklearn_tags__()
        found.input_tags.string, found.input_tags.one_d_array = False, False
        found.input_tags.two_d_array = True
        return found


def _spelt(rows: np.ndarray) -> list[str]:
    """Return a decision a row."""
    words = (" ".join(f"{place}x{cell:.1f}" for place, cell in enumerate(row)) for row in rows)
    return [f"The complaint\n1. She gave: {said}.\nFinal decision\n2. No." for said in words]


@parametrize_with_checks([OfNumbers(min_count=1)])  # type: ignore[untyped-decorator]
def test_the_vectorizer_passes_the_checks(
    estimator: BaseEstimator, check: Callable[[BaseEstimator], None]
) -> None:
    check(estimator)


# What needs no data: the others give numbers, and labels that are one class a row.
WITHOUT_DATA = (
    "cloneable", "tags_renamed", "repr", "no_attributes_set_in_init", "mixin_order",
    "do_not_raise_errors_in_init_or_set_params", "parameters_default_constructible",
    "get_params_invariance", "set_params", "valid_tag_types",
)  # fmt: skip


@pytest.mark.parametrize("estimator", [DecisionVectorizer(), GroundsClassifier()], ids=repr)
@pytest.mark.parametrize("name", WITHOUT_DATA)
def test_estimators_pass_the_checks_without_data(name: str, estimator: BaseEstimator) -> None:
    names = (f"check_{name}", f"check_estimator_{name}")
    check = next(getattr(estimator_checks, one) for one in names if hasattr(estimator_checks, one))
    check(type(estimator).__name__, clone(estimator))


def test_what_the_estimators_take_is_said() -> None:
    for estimator in (DecisionVectorizer(), GroundsClassifier()):
        takes = get_tags(estimator).input_tags
        assert (takes.string, takes.one_d_array, takes.two_d_array) == (True, True, False)
    found = get_tags(GroundsClassifier())
    assert found.estimator_type == "classifier"
    assert found.classifier_tags.multi_label
    assert not found.classifier_tags.multi_class
    assert found.target_tags.multi_output
    assert found.target_tags.required


# The rest of its contract, with texts


def test_fitting_gives_the_estimator_and_changes_no_parameter(
    fitted: GroundsClassifier, shipped: Model
) -> None:
    assert isinstance(fitted, GroundsClassifier)
    assert fitted.get_params() == {
        "classes": CLASSES, "start": shipped, "sentences": SENTENCES, "threshold": None,
        "n_jobs": None,
    }  # fmt: skip
    assert fitted.classes is CLASSES
    assert fitted.start is shipped
    own = {name for name in vars(fitted) if not name.endswith("_")}
    assert own == set(fitted.get_params())
    assert not [name for name in vars(clone(fitted)) if name.endswith("_")]


def test_unfitted_estimators_say_so(texts: list[str], answers: list[Tags]) -> None:
    for ask in (
        lambda: DecisionVectorizer().transform(texts),
        lambda: GroundsClassifier().predict(texts),
        lambda: GroundsClassifier().predict_proba(texts),
        lambda: GroundsClassifier().score(texts, answers),
    ):
        with pytest.raises(NotFittedError):
            ask()


@pytest.mark.parametrize("jobs", ["x", 0, 1.5, True])
def test_a_number_of_jobs_that_is_none_is_refused(
    jobs: object, texts: list[str], answers: list[Tags], shipped: Model
) -> None:
    classifier = GroundsClassifier(CLASSES, start=shipped, n_jobs=jobs)  # type: ignore[arg-type]
    with pytest.raises(GroundsError, match="n_jobs is"):
        classifier.fit(texts, answers)


def test_answers_do_not_depend_on_the_others_in_a_batch(
    texts: list[str], fitted: GroundsClassifier
) -> None:
    whole = fitted.predict_proba(texts)
    assert whole.shape == (24, 4)
    assert ((whole >= 0) & (whole <= 1)).all()
    np.testing.assert_allclose(fitted.predict_proba(texts[::-1]), whole[::-1], atol=1e-5)
    parts = np.vstack([fitted.predict_proba([text]) for text in texts])
    np.testing.assert_allclose(parts, whole, atol=1e-5)
    assert fitted.predict_proba([]).shape == fitted.predict([]).shape == (0, 4)


def test_a_pickle_answers_the_same(texts: list[str], fitted: GroundsClassifier) -> None:
    again = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(again.predict_proba(texts), fitted.predict_proba(texts))


def test_predictions_are_an_indicator_matrix(
    texts: list[str], answers: list[Tags], indicator: np.ndarray, fitted: GroundsClassifier
) -> None:
    found = fitted.predict(texts)
    assert (found.shape, found.dtype.kind) == ((24, 4), "i")
    right = (found == indicator).all(axis=1)
    assert fitted.score(texts, answers) == fitted.score(texts, indicator) == right.mean()
    weight = np.arange(24)
    assert fitted.score(texts, indicator, weight) == pytest.approx(
        np.average(right, weights=weight)
    )


def test_predictions_are_the_tags_of_the_records(
    few: list[LabelledDecision], tiny: Model, tmp_path: Path
) -> None:
    """Here of a classifier that learns all tags, from the words that are known."""
    classifier = GroundsClassifier()
    classifier.classes_, classifier.model_ = np.array(tags(), object), tiny
    decisions = [item.decision for item in few]
    for row, record in zip(classifier.predict(decisions), tag_all(decisions, tiny), strict=True):
        given = {found.tag for found in (*record.tags, *record.remedies)}
        assert {tags()[column] for column in row.nonzero()[0]} == given


def test_it_learns_what_training_learns_from_whole_decisions(
    fitted: GroundsClassifier, few: list[LabelledDecision], tmp_path: Path
) -> None:
    labelled = [LabelledDecision(item.decision, item.tags & set(CLASSES)) for item in few[:24]]
    assert fitted.model_.sha256 == grounds.train(labelled, SENTENCES, groups=GROUPS).sha256
    fitted.model_.save(tmp_path / "model")
    assert grounds.load_model(tmp_path / "model").sha256 == fitted.model_.sha256


def test_a_threshold_of_ones_own(texts: list[str], fitted: GroundsClassifier) -> None:
    probability = fitted.predict_proba(texts)
    strict = clone(fitted).set_params(threshold=0.95)
    strict.classes_, strict.model_ = fitted.classes_, fitted.model_
    np.testing.assert_array_equal(strict.predict(texts), probability >= 0.95)


def test_a_search_over_a_grid(texts: list[str], indicator: np.ndarray, shipped: Model) -> None:
    """A threshold that gives nothing is not the best one."""
    search = GridSearchCV(
        GroundsClassifier(CLASSES, start=shipped),
        {"threshold": [1.0, 0.2]},
        scoring="f1_micro",
        cv=[(np.arange(16), np.arange(16, 24))],
        error_score="raise",
        refit=False,
    )
    search.fit(texts, indicator)
    assert search.best_params_ == {"threshold": 0.2}
    assert search.cv_results_["mean_test_score"][0] == 0


def test_in_pipelines(few: list[LabelledDecision]) -> None:
    decisions = [item.decision for item in few]
    learnt = np.array([[tag in item.tags for tag in CLASSES] for item in few], int)
    rows = FeatureUnion([("all", DecisionVectorizer()), ("common", DecisionVectorizer(5))])
    pipeline = Pipeline([("rows", rows), ("tags", OneVsRestClassifier(LinearSVC(C=10)))])
    assert (pipeline.fit(decisions, learnt).predict(decisions) == learnt).mean() > 0.95
    found = cross_val_predict(pipeline, decisions, learnt, cv=5)
    assert f1_score(learnt, found, average="micro") > 0.3


# The vectorizer


def test_a_decision_has_the_features_of_its_clauses(few: list[LabelledDecision]) -> None:
    decisions = [item.decision for item in few[:6]]
    vectorizer = DecisionVectorizer(min_count=1)
    rows = vectorizer.fit_transform(decisions)
    assert rows.shape == (6, len(vectorizer.clauses_.keys_))
    np.testing.assert_allclose(rows.multiply(rows).sum(axis=1), 1, atol=1e-5)
    alone = vectorizer.transform(decisions[3:4])
    np.testing.assert_allclose(alone.toarray(), rows[[3]].toarray(), atol=1e-6)
    halves = decisions[0].paragraphs[:5], decisions[0].paragraphs[5:]
    parts = vectorizer.transform([replace(decisions[0], paragraphs=half) for half in halves])
    assert ((rows[[0]] > 0) != (parts.sum(axis=0) > 0)).sum() == 0


def test_decisions_that_can_be_gone_through_once(few: list[LabelledDecision]) -> None:
    decisions = [item.decision for item in few[:6]]
    rows = DecisionVectorizer(min_count=1).fit_transform(iter(decisions))
    again = DecisionVectorizer(min_count=1).fit_transform(decisions)
    assert (rows != again).nnz == 0


def test_matrices_without_rows_or_features(few: list[LabelledDecision]) -> None:
    vectorizer = DecisionVectorizer(min_count=1).fit([few[0].decision])
    assert vectorizer.transform([]).shape == (0, len(vectorizer.clauses_.keys_))
    assert DecisionVectorizer(10**6).fit_transform([few[0].decision]).shape == (1, 0)


# What cannot be used


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ("one text", "X is one text"),
        ([b"bytes"], r"X\[0\] is a bytes, no text and no decision"),
        (np.zeros((12, 2)), r"X\[0\] is a ndarray"),
        (pd.DataFrame({"text": ["a"]}), "X is a DataFrame; give one column of it"),
        (None, "X is None; give a list of texts"),
    ],
)
def test_what_is_no_text(X: Any, message: str, fitted: GroundsClassifier) -> None:
    for ask in (DecisionVectorizer().fit, fitted.predict):
        with pytest.raises(GroundsError, match=message):
            ask(X)


def test_a_text_that_is_no_decision_is_named(texts: list[str], fitted: GroundsClassifier) -> None:
    with pytest.raises(InputError, match=r"X\[2\]: does not look like an Ombudsman's decision"):
        fitted.predict([*texts[:2], "Minutes of the meeting."])


@pytest.mark.parametrize(
    ("classes", "y", "message"),
    [
        (None, None, "requires y to be passed"),
        (None, ["late"] * 24, r"y\[0\] is 'late', no set of tags"),
        (None, [0] * 24, r"y\[0\] is 0, no set of tags"),
        (None, [{"laet"}] * 24, "unknown tag 'laet': did you mean 'late'?"),
        (CLASSES, [{"on hold"}, *[set()] * 23], "unknown tag"),
        (CLASSES, [{"apology:sought"}] * 24, r"y\[0\] has 'apology:sought', which is not among"),
        (["laet"], [set()] * 24, "did you mean 'late'"),
        ([1], [set()] * 24, "a tag is named by a text, not by 1"),
        ({None}, [set()] * 24, "a tag is named by a text, not by None"),
        ([["late"]], [set()] * 24, "a tag is named by a text"),
        ([], [set()] * 24, "classes is empty"),
        ("late", [set()] * 24, "classes is 'late'; give a list of tags"),
        (7, [set()] * 24, "classes is 7; give a list of tags"),
        (["late", "late"], [set()] * 24, "names a tag more than once"),
        (CLASSES, np.zeros((24, 4, 1)), "neither a list of sets of tags nor a matrix"),
        (CLASSES, 0, "neither a list of sets of tags nor a matrix"),
        (CLASSES, "late", "neither a list of sets of tags nor a matrix"),
        (CLASSES, [[[0]]] * 24, "a tag is named by a text"),
        (CLASSES, [[0, 1, 0, 0], [0, 1]] * 12, "the rows of y are not of one length"),
        (CLASSES, [[0, 1]] * 24, "y has 2 columns for 4 tags"),
        (CLASSES, [[0, 1, 0, float("nan")]] * 24, "other values than 0 and 1"),
        (CLASSES, np.zeros((24, 5)), "y has 5 columns for 4 tags: say with 'classes'"),
        (None, np.zeros((24, 5)), "y has 5 columns for 49 tags: say with 'classes'"),
        (CLASSES, np.full((24, 4), 2), "other values than 0 and 1"),
        (CLASSES, pd.DataFrame(np.zeros((24, 4)), columns=sorted(CLASSES)), "not named as"),
        (CLASSES, [{"court_matter"}] * 23, "inconsistent numbers of samples"),
        (CLASSES, np.zeros((24, 4)), "no decision is labelled with a tag"),
    ],
)
def test_labels_that_cannot_be_learnt(classes: Any, y: Any, message: str, texts: list[str]) -> None:
    with pytest.raises(ValueError, match=message):
        GroundsClassifier(classes).fit(texts, y)


@pytest.mark.parametrize("threshold", ["x", 5, -0.1, float("nan"), [0.5]])
def test_a_threshold_that_is_no_probability(
    threshold: Any, texts: list[str], fitted: GroundsClassifier
) -> None:
    other = clone(fitted).set_params(threshold=threshold)
    with pytest.raises(GroundsError, match="no number from 0 to 1"):
        other.fit(texts, np.zeros((24, 4)))
    other.classes_, other.model_ = fitted.classes_, fitted.model_
    with pytest.raises(GroundsError, match="no number from 0 to 1"):
        other.predict(texts)


@pytest.mark.parametrize(
    "form",
    [
        csr_matrix,
        lambda y: pd.DataFrame(y, columns=CLASSES),
        np.ndarray.tolist,
        lambda y: [tuple(row) for row in y.astype(bool)],
        list,
    ],
)
def test_forms_of_labels(
    form: Callable[[np.ndarray], Any],
    texts: list[str],
    answers: list[Tags],
    indicator: np.ndarray,
    fitted: GroundsClassifier,
) -> None:
    y = form(indicator) if form is not list else [sorted(found) for found in answers]
    assert fitted.score(texts, y) == fitted.score(texts, indicator)
