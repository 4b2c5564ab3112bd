"""Models: the file that tagging reads, and the fitted scikit-learn objects beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from targets import Target

from grounds import bundle, fitted
from grounds.codebook import codebook
from grounds.features.vectorizer import ClauseVectorizer
from grounds.model import ClauseModel, Judge, Model, encoded
from grounds.model.blend import REASON_FEATURES, REMEDY_FEATURES
from grounds.model.card import make_card
from grounds.model.heads import heads, tags
from grounds.reading import read_text
from grounds.tagging import tag

_TEXTS = ["The complaint is late.", "We will not investigate.", "The Council has apologised."]

_DECISION = (
    "The complaint\n\n1. Mr X says the Council lost his file.\n\n"
    "Final decision\n\n2. We will not investigate. The complaint is late.\n"
)


@cache
def small() -> Model:
    """Return a model of a few features, whole but of no use."""
    chance = np.random.default_rng(0)

    def some(*shape: int) -> Any:
        return chance.normal(size=shape).astype(np.float32)

    words = ClauseVectorizer(min_count=1).fit(_TEXTS)
    codes, steps = encoded(some(len(words.keys_), len(heads())))
    blends = some(REASON_FEATURES + 1), some(REMEDY_FEATURES + 1)
    return bundle.sealed(
        Model(
            clause_model=ClauseModel(words.keys_, codes, steps, some(len(heads())), *blends),
            judges={
                family: Judge(some(length, 2), some(2), some(2), some(1))
                for family, length in bundle.row_lengths().items()
            },
            thresholds=np.full(len(tags()), 0.5, np.float32),
            cited_thresholds=np.full(len(codebook().reasons), 0.5, np.float32),
            card=make_card("small", [], [], {}),
            estimators=_estimators(words),
        )
    )


def _estimators(words: ClauseVectorizer) -> dict[str, Any]:
    """Return objects as training fits them, on next to nothing."""
    rows, answers = words.transform(_TEXTS), np.tile([[0], [1], [0]], len(heads()))
    machines = MultiOutputClassifier(LinearSVC()).fit(rows, answers)
    network = make_pipeline(StandardScaler(), MLPClassifier((2,), batch_size=3, max_iter=1))
    line = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    judge = {"networks": [network.fit(np.eye(3, dtype=np.float32), [0, 1, 0])], "calibration": line}
    return {
        "first": Pipeline([("ngrams", words), ("heads", machines)]),
        "blends": {"reasons": line, "remedies": line},
        "judges": {"reasons": judge, "remedies": judge},
    }


@cache
def _model_file() -> bytes:
    return bundle.packed(small())


@cache
def _estimators_file() -> bytes:
    return fitted.packed(small().estimators or {})


@cache
def _files() -> dict[str, bytes]:
    """Return the files of the archive of estimators."""
    with ZipFile(BytesIO(_estimators_file())) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def _check_model(data: bytes) -> None:
    """What loads tags with numbers from 0 to 1, and saves as a model that loads again."""
    model = bundle.unpacked(data, "model")
    record = tag(read_text(_DECISION, "decision"), model).to_dict()
    again = bundle.unpacked(bundle.packed(model), "again")
    assert tag(read_text(_DECISION, "decision"), again).to_dict() == record | {
        "model": record["model"] | {"sha256": again.sha256}
    }
    assert all(0 <= float(one["score"]) <= 1 for one in (*record["tags"], *record["remedies"]))


def _check_header(data: bytes) -> None:
    length = int.from_bytes(_model_file()[:8], "little")
    _check_model(len(data).to_bytes(8, "little") + data + _model_file()[8 + length :])


def _headers() -> Iterable[bytes]:
    length = int.from_bytes(_model_file()[:8], "little")
    yield _model_file()[8 : 8 + length]


def _check_estimators(data: bytes) -> None:
    """What loads is what training makes."""
    loaded = fitted.unpacked(data, "estimators", bundle.LARGEST)
    assert isinstance(loaded["first"], Pipeline)


def _check_tree(data: bytes) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as parts:
        for name, content in (_files() | {"schema.json": data}).items():
            parts.writestr(name, content)
    _check_estimators(packed.getvalue())


def _trees() -> Iterable[bytes]:
    yield json.dumps(json.loads(_files()["schema.json"])).encode()


TARGETS = [
    Target("model", "the file of a model", lambda: [_model_file()], _check_model),
    Target("model-header", "what a model says of itself", _headers, _check_header),
    Target("estimators", "fitted objects", lambda: [_estimators_file()], _check_estimators),
    Target("estimators-tree", "the tree of fitted objects", _trees, _check_tree),
]
