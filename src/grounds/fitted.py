"""The fitted scikit-learn objects of a model, on disk: skops's form, of which little is allowed.

skops reads a zip archive with a tree of objects (``schema.json``) and their arrays (``.npy``). Of the
many things that it can build, only what training makes is let through, and it is given a copy that was
put together here from what was looked at: plain arrays, and a tree without references.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
import skops.io
from numpy.lib import format as npy
from scipy.sparse import csr_matrix

from grounds.errors import ModelError
from grounds.features.ngrams import MOST_ALIKE, Features

KINDS = {
    "DictNode": ("builtins.dict",),
    "JsonNode": ("builtins.str",),
    "ListNode": ("builtins.list",),
    "NdArrayNode": ("numpy.ndarray", "numpy.float64"),
    "ObjectNode": (
        "grounds.features.vectorizer.ClauseVectorizer",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.multioutput.MultiOutputClassifier",
        "sklearn.neural_network._multilayer_perceptron.MLPClassifier",
        "sklearn.pipeline.Pipeline",
        "sklearn.preprocessing._data.StandardScaler",
        "sklearn.preprocessing._label.LabelBinarizer",
        "sklearn.svm._classes.LinearSVC",
    ),
    "RandomStateNode": ("numpy.random.mtrand.RandomState",),
    "TupleNode": ("builtins.tuple",),
    "TypeNode": ("builtins.str",),
}
"""What training makes: the kinds of skops's nodes, and the types that each may stand for."""

OURS = ("grounds.features.vectorizer.ClauseVectorizer",)
"""Those that skops does not know."""

_SCHEMA = "schema.json"
_ENTRY, _MOST_FILES = b"PK\x01\x02", 10_000  # how each begins in the list at the archive's end
_KEYS = frozenset(
    ("__class__", "__id__", "__loader__", "__module__", "_skops_version", "content", "file",
     "is_json", "key_types", "protocol", "type")
)  # fmt: skip
_LENGTH = 624  # of the state of numpy's Mersenne twister
_STATE = ("bit_generator", "state", "has_gauss", "gauss")


def packed(estimators: Mapping[str, Any]) -> bytes:
    """Return the bytes of the file that holds fitted objects."""
    data: bytes = skops.io.dumps(dict(estimators), compression=ZIP_DEFLATED, compresslevel=9)
    return data


def unpacked(data: bytes, source: str | Path, largest: int) -> dict[str, Any]:
    """Return the fitted objects that `packed` made these bytes of.

    Parameters
    ----------
    data
        The bytes.
    source
        What errors name them.
    largest
        How many bytes may be packed in them.

    Raises
    ------
    ModelError
        If they hold anything else than training makes. Nothing is built then.
    """
    try:
        files = _files(data, largest)
        tree = _Tree(files, largest)
        schema = json.loads(files[_SCHEMA], parse_constant=_no_number)
        about = {name: schema[name] for name in ("protocol", "_skops_version")}
        copy = _repacked(tree.checked(schema) | about, tree.used)
        loaded = skops.io.loads(copy, trusted=list(OURS))
        _try(loaded)
    except Exception as error:  # noqa: BLE001  # skops and scikit-learn fail in many ways
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise ModelError(source, f"not a file of estimators: {said}") from None
    return loaded  # type: ignore[no-any-return]


def _files(data: bytes, largest: int) -> dict[str, bytes]:
    """Return the files of an archive by their names, which are plain and all different."""
    if data.count(_ENTRY) > _MOST_FILES:
        raise ValueError(f"it holds more than {_MOST_FILES:,} files")
    with ZipFile(BytesIO(data)) as parts:
        infos = parts.infolist()
        names = {info.filename for info in infos}
        for name in names:
            stem, _, suffix = name.partition(".")
            if name != _SCHEMA and not (stem.isascii() and stem.isdigit() and suffix == "npy"):
                raise ValueError(f"it holds a file {name[:100]!r}")
        if len(names) < len(infos):
            raise ValueError("it holds two files of one name")
        left, files = largest, {}
        for info in infos:
            if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):  # others may need any memory
                raise ValueError(f"its {info.filename} is packed in another way than ours")
            with parts.open(info) as stream:
                files[info.filename] = stream.read(left + 1)  # what it says of sizes may be wrong
            left -= len(files[info.filename])
            if left < 0:
                raise ValueError(f"it unpacks to more than {largest // 1_000_000} MB")
    if _SCHEMA not in files:
        raise ValueError(f"it holds no {_SCHEMA}")
    return files


class _Tree:
    """Looks at a tree of nodes, and notes the arrays that it uses.

    Parameters
    ----------
    files
        Those of the archive.
    largest
        Bytes that the arrays may have together, each counted as often as it is used.
    """

    def __init__(self, files: Mapping[str, bytes], largest: int) -> None:
        self.used: dict[str, bytes] = {}
        self._files, self._left = files, largest

    def checked(self, node: Any) -> dict[str, Any]:
        """Return a copy of a node without what is not needed, references to other nodes above all.

        Raises
        ------
        ValueError
            If it or a node in it is not one that training makes.
        """
        loader, name = node["__loader__"], f"{node['__module__']}.{node['__class__']}"
        if name not in KINDS.get(loader, ()):
            raise ValueError(f"it holds what a model must not hold: {name[:100]} ({loader[:100]})")
        if more := sorted(node.keys() - _KEYS):
            raise ValueError(f"it says {more[0][:100]!r} of {name}")
        kept = {key: node[key] for key in ("__loader__", "__module__", "__class__")}
        match loader:
            case "JsonNode":
                value = json.loads(node["content"], parse_constant=_no_number)
                if isinstance(value, str) and not value.isprintable():  # it may stand in a warning
                    raise ValueError(f"it says {value[:100]!r}")
                kept |= {"content": node["content"], "is_json": True}
            case "DictNode":
                content = {key: self.checked(value) for key, value in node["content"].items()}
                kept |= {"content": content, "key_types": self.checked(node["key_types"])}
            case "ListNode" | "TupleNode":
                kept["content"] = [self.checked(value) for value in node["content"]]
            case "NdArrayNode":
                if node["type"] != "numpy":
                    raise ValueError("it holds an array of objects")
                kept |= {"type": "numpy", "file": self._array(node["file"])}
            case "ObjectNode":
                kept["content"] = self.checked(node["content"])
            case "RandomStateNode":
                _check_random(node["content"])
                kept["content"] = self.checked(node["content"])
        return kept

    def _array(self, name: str) -> str:
        data = self._files[name]
        self._left -= len(data)
        if self._left < 0:
            raise ValueError("it uses its arrays too often")
        if name not in self.used:
            _check_array(data, name)
            self.used[name] = data
        return name


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _check_array(data: bytes, name: str) -> None:
    """Refuse what is not an array of numbers, as long as its header says."""
    stream = BytesIO(data)
    if npy.read_magic(stream) != (1, 0):
        raise ValueError(f"its array {name} is of another version")
    shape, _, dtype = npy.read_array_header_1_0(stream)
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise ValueError(f"its array {name} is of type {str(dtype)[:100]}")
    if min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != len(data) - stream.tell():
        raise ValueError(f"its array {name} has another size than it says")
    if dtype.kind == "f" and not np.isfinite(np.frombuffer(data[stream.tell() :], dtype)).all():
        raise ValueError(f"its array {name} is not all numbers")


def _check_random(node: Any) -> None:
    """Refuse a state in which numpy would read beyond the end of it."""
    state = node["content"]["state"]["content"]
    place = json.loads(state["pos"]["content"])
    if list(node["content"]) != list(_STATE) or type(place) is not int:
        raise ValueError("its random numbers have another state than numpy's")
    if not 0 <= place <= _LENGTH:
        raise ValueError(f"its random numbers go on at {place}, beyond {_LENGTH}")


def _repacked(schema: dict[str, Any], arrays: Mapping[str, bytes]) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as parts:
        parts.writestr(_SCHEMA, json.dumps(schema))
        for name, data in arrays.items():
            parts.writestr(name, data)
    return packed.getvalue()


def _try(loaded: Any) -> None:
    """Use every object once, on a row without features; they fail if they do not fit together."""
    first = loaded["first"]
    keys = first["ngrams"].keys_
    if keys.ndim != 1 or keys.dtype != np.uint64 or not (keys[1:] > keys[:-1]).all():
        raise ValueError("its keys are not in order")
    if Features(keys).crowd > MOST_ALIKE:
        raise ValueError("too many of its keys begin alike")
    rows = csr_matrix((1, len(keys)), dtype=np.float32)
    for head in first["heads"].estimators_:
        head.decision_function(rows)
    for blend in loaded["blends"].values():
        blend.decision_function(np.zeros((1, blend.n_features_in_)))
    for judge in loaded["judges"].values():
        for network in judge["networks"]:
            network.predict_proba(np.zeros((1, network.n_features_in_), np.float32))
        if judge["calibration"] is not None:
            judge["calibration"].decision_function(np.zeros((1, 1)))
