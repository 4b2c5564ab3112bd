"""Models: the file that tagging reads, and the fitted scikit-learn objects beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from io import BytesIO
from random import Random
from struct import pack
from typing import Any
from warnings import catch_warnings, simplefilter
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
from inputs import archive_changed, bytes_changed, json_changed
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from grounds import bundle, fitted
from grounds.codebook import codebook
from grounds.features.vectorizer import ClauseVectorizer
from grounds.model import ClauseModel, Judge, Model, encoded
from grounds.model.blend import REASON_FEATURES, REMEDY_FEATURES
from grounds.model.card import make_card
from grounds.model.heads import heads, tags
from grounds.reading import read_text
from grounds.tagging import tag
from targets import Target

_TEXTS = ["The complaint is late.", "We will not investigate.", "The Council has apologised."]

_DECISION = (
    "The complaint\n\n1. Mr X says the Council lost his file.\n\n"
    "Final decision\n\n2. We will not investigate. The complaint is late.\n"
)

_ODD = (0.0, -1.0, 1.0, 1e6, 3e38, float("nan"), float("inf"), 1e-45)
_NUMBERS_FROM = 16  # bytes


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
    rows, answers = words.transform(_TEXTS), np.array([[0], [1], [0]])
    machines = MultiOutputClassifier(LinearSVC()).fit(rows, answers)
    with catch_warnings():
        simplefilter("ignore", ConvergenceWarning)
        layers = MLPClassifier((2,), batch_size=3, max_iter=1, random_state=0)
        network = make_pipeline(StandardScaler(), layers).fit(np.eye(3), [0, 1, 0])
    del layers._optimizer  # as training does
    line = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    return {
        "first": Pipeline([("ngrams", words), ("heads", machines)]),
        "blends": {"reasons": line},
        "judges": {"reasons": {"networks": [network], "calibration": None}},
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
    return _parts(_estimators_file())


def _parts(archive: bytes) -> dict[str, bytes]:
    with ZipFile(BytesIO(archive)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def _archive(files: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as parts:
        for name, content in files.items():
            parts.writestr(name, content)
    return packed.getvalue()


def _check_model(data: bytes) -> None:
    """Look whether what loads tags with scores from 0 to 1, and saves as a model that loads."""
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
    """Look whether what loads is what training makes."""
    loaded = fitted.unpacked(data, "estimators", bundle.LARGEST)
    assert isinstance(loaded["first"], Pipeline)


def _check_tree(data: bytes) -> None:
    _check_estimators(_archive(_files() | {"schema.json": data}))


def _trees() -> Iterable[bytes]:
    def short(node: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in node.items() if key not in ("__id__", "is_json")}

    tree = json.loads(_files()["schema.json"], object_hook=short)
    yield json.dumps(tree, separators=(",", ":")).encode()


def _header_changed(data: bytes, draw: Random) -> bytes:
    """Change what the header says of the arrays, or the card in it."""
    try:
        header = json.loads(data)
        card = header["__metadata__"]["grounds"].encode("utf-8", "replace")
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        return json_changed(data, draw)
    if draw.random() < 0.4:
        return json_changed(data, draw)
    header["__metadata__"]["grounds"] = json_changed(card, draw).decode("utf-8", "replace")
    return json.dumps(header).encode()


def _numbers_changed(data: bytes, draw: Random) -> bytes:
    """Change a number of an array, which leaves the rest in its place."""
    if draw.random() < 0.2 or len(data) < _NUMBERS_FROM:
        return bytes_changed(data, draw)
    at = draw.randrange(len(data) - 8)
    number = draw.choice((draw.randbytes(4), *(pack("<f", odd) for odd in _ODD)))
    return data[:at] + number + data[at + 4 :]


def _archive_changed(data: bytes, draw: Random) -> bytes:
    """Change a file of the archive: the tree of objects, or an array."""
    if draw.random() < 0.2:
        return archive_changed(data, draw)
    try:
        files = _parts(data)
    except Exception:  # noqa: BLE001 - of what was damaged before
        return bytes_changed(data, draw)
    name = draw.choice(list(files)) if files and draw.random() < 0.7 else "schema.json"
    change = json_changed if name == "schema.json" else _numbers_changed
    return _archive(files | {name: change(files.get(name, b"{}"), draw)})


TARGETS = (
    Target("model", "model.safetensors", lambda: [_model_file()], _check_model, _numbers_changed),
    Target("model-header", "its header and card", _headers, _check_header, _header_changed),
    Target(
        "estimators", "estimators.skops", lambda: [_estimators_file()], _check_estimators,
        _archive_changed,
    ),
    Target("estimators-tree", "the tree of objects in it", _trees, _check_tree, json_changed),
)  # fmt: skip
