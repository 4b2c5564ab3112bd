"""Models on disk: a folder that is data, from which nothing is ever executed.

``model.safetensors`` holds the arrays and, as JSON in its header, the card: all that tagging reads.
``estimators.skops`` holds the fitted scikit-learn objects. ``README.md`` is the card for people.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from reprlib import repr as shortened
from typing import Any, Never

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as unpack_tensors
from safetensors.numpy import save as pack_tensors

from grounds.codebook import codebook
from grounds.errors import InputError, ModelError
from grounds.features.clauses import join
from grounds.features.ngrams import MOST_ALIKE
from grounds.model import ClauseModel, Judge, Model
from grounds.model.blend import REASON_FEATURES, REMEDY_FEATURES
from grounds.model.card import card_page, is_card
from grounds.model.domain import Domain
from grounds.model.heads import heads, tags
from grounds.model.weigh import decision_rows, families, section_best
from grounds.replacing import alone, plainly, put, sync

FORMAT = 1
"""The version of the model file; another is refused."""

FILES = ARRAYS, ESTIMATORS, CARD = "model.safetensors", "estimators.skops", "README.md"

LARGEST = 50_000_000
"""Bytes that a file of a model may have, and all that is packed in it: ten times what ours have."""

LONGEST = 5_000_000
"""Bytes that a model may say of itself, which take fifty times as many in memory."""

WIDEST = 1000
"""Numbers in the hidden layer of a judge: of more, tagging would need too much memory."""

MOST = 1e6
"""No weight is larger: sums of such are still numbers."""

_ZIP_YEARS = range(1980, 2108)
"""The years that the files in a zip archive can have."""

Array = npt.NDArray[Any]

_BY_ITSELF = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Files that systems put into folders which somebody looks at."""


def shipped() -> Path:
    """Return the folder of the model that comes with the package."""
    inside = Path(__file__).parent / "models" / "grounds"
    beside = Path(__file__).parents[2] / "models" / "grounds"  # in a checkout
    return inside if inside.is_dir() else beside


def save(model: Model, path: str | Path) -> None:
    """Save a model as a folder, complete or not at all; an older model there is replaced.

    Raises
    ------
    InputError
        If `path` is there and is no model, or holds other files beside it.
    """
    check_place(path)
    place = Path(path).resolve()  # a link stays a link
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}.part")
    lock = place.with_name(f".{place.name}.lock")
    with plainly(Path(path)), alone(Path(path), lock):
        shutil.rmtree(draft, ignore_errors=True)  # of a run that was killed
        try:
            draft.mkdir()
            (draft / ARRAYS).write_bytes(packed(model))
            if model.estimators is not None:
                _save_estimators(model.estimators, draft / ESTIMATORS)
            (draft / CARD).write_text(card_page(model.card, model.sha256), encoding="utf-8")
            _put_folder(draft, place)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def check_place(path: str | Path) -> None:
    """Refuse a place where saving a model would delete something else.

    Raises
    ------
    InputError
        If `path` is there and is no model, or holds other files beside it; or if the clock is wrong.
    """
    path = Path(path)
    year = time.localtime().tm_year
    if year not in _ZIP_YEARS:  # of the estimators
        raise InputError(path, f"files cannot be dated {year}; set the clock of this machine")
    if not path.exists():
        return
    if not (path / ARRAYS).is_file():
        raise InputError(path, "is there and is no model; choose another name")
    known = _BY_ITSELF.union(FILES)
    others = sorted(file.name for file in path.iterdir() if file.name not in known)
    if others:
        raise InputError(path, f"holds {others[0]!r} beside a model; choose another name")


def load_model(path: str | Path | None = None) -> Model:
    """Load a model for tagging; nothing that it holds is executed.

    Parameters
    ----------
    path
        A model's folder, or its ``model.safetensors``. The shipped model where left out.

    Raises
    ------
    ModelError
        If there is no model, or it is broken, of another version, or has other tags.
    """
    file = _file(path, ARRAYS)
    return unpacked(_contents(file, "no such model; 'grounds train' makes one"), file)


def load_estimators(path: str | Path | None = None) -> dict[str, Any]:
    """Load the fitted scikit-learn objects of a model, after an audit of what they are.

    Parameters
    ----------
    path
        A model's folder, or its ``estimators.skops``. The shipped model where left out.

    Returns
    -------
    dict
        The pipeline of the first stage as "first", the logistic regressions that blend its heads
        as "blends", and as "judges", by family, the networks and their calibration.

    Raises
    ------
    ModelError
        If there are none, they are broken, or they hold what training does not make. Nothing is
        built then.
    """
    from grounds import fitted  # skops is slow to import, and tagging needs none

    file = _file(path, ESTIMATORS)
    data = _contents(file, "no such file; a model that was loaded and saved again has none")
    return fitted.unpacked(data, file, LARGEST)


def sealed(model: Model) -> Model:
    """Return the model with its checksum, which is that of the file it makes."""
    return replace(model, sha256=hashlib.sha256(packed(model)).hexdigest())


def packed(model: Model) -> bytes:
    """Return the bytes of the file that holds all of a model that tagging reads."""
    parts: dict[str, ClauseModel | Judge | Domain] = {"clauses": model.clause_model, **model.judges}
    if model.domain is not None:
        parts["domain"] = model.domain
    arrays = {
        f"{name}.{field.name}": getattr(part, field.name)
        for name, part in parts.items()
        for field in fields(part)
        if field.init
    }
    arrays["thresholds"] = model.thresholds
    arrays["cited_thresholds"] = model.cited_thresholds
    about = {"format": FORMAT, "heads": list(heads()), "card": model.card}
    tensors = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    # One entry alone: safetensors writes several in an order that changes from run to run.
    return pack_tensors(tensors, {"grounds": json.dumps(about, ensure_ascii=False)})


def unpacked(data: bytes, source: str | Path) -> Model:
    """Return the model that `packed` made these bytes of.

    Parameters
    ----------
    data
        The bytes.
    source
        What errors name them.

    Raises
    ------
    ModelError
        If they are no model, of another version, or not as training makes them.
    """
    arrays, about = _parsed(data, source)
    if about.get("format") != FORMAT:
        found = shortened(about.get("format"))
        raise ModelError(source, f"model format {found}, this version reads {FORMAT}")
    if about.get("heads") != list(heads()):
        raise ModelError(source, f"its tags are not those of codebook {codebook().version}")
    card = about.get("card")
    if not is_card(card):
        raise ModelError(source, "not a whole model: its card is not one that training writes")
    _check_versions(card, source)
    _check_arrays(arrays, source)
    model = _model(arrays, card)
    known = {"clauses.keys": model.clause_model.features}
    if model.domain:
        known["domain.keys"] = model.domain.features
    for keys, features in known.items():
        if features.crowd > MOST_ALIKE:
            raise ModelError(source, f"too many of its {keys} begin alike")
    return replace(model, sha256=hashlib.sha256(data).hexdigest())


def _file(path: str | Path | None, name: str) -> Path:
    """Return where a file of a model is, which no link leads out of the model's folder."""
    path = shipped() if path is None else Path(path)
    if not os.path.isdir(path):  # unlike the method of Path, it never raises
        return path
    file = path / name
    if os.path.dirname(os.path.realpath(file)) != os.path.realpath(path):
        raise ModelError(file, "is a link out of its folder; put the file itself there")
    return file


def _contents(file: Path, absent: str) -> bytes:
    """Return the bytes of a file, which is read once: what is checked is what is used."""
    if not os.path.isfile(file):
        raise ModelError(file, "not a file, nor a folder" if os.path.exists(file) else absent)
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise ModelError(file, f"cannot be read ({error.strerror or error})") from None
    if len(data) > LARGEST:
        raise ModelError(file, f"larger than {LARGEST // 1_000_000} MB: not a model")
    return data


def _parsed(data: bytes, source: str | Path) -> tuple[dict[str, Array], dict[str, Any]]:
    length = int.from_bytes(data[:8], "little")
    try:
        if length > LONGEST:
            raise ValueError(f"its header has more than {LONGEST // 1_000_000} MB")
        arrays = unpack_tensors(data)
        said = json.loads(data[8 : 8 + length]).get("__metadata__", {})
        about = json.loads(said.get("grounds", "null"), parse_constant=_no_number)
    except (SafetensorError, ValueError, RecursionError) as error:
        raise ModelError(source, f"not a model file: {' '.join(str(error).split())}") from None
    except (KeyError, TypeError, AttributeError) as error:  # numbers of a type that numpy lacks
        raise ModelError(source, f"not a model of this program: {error}") from None
    if not isinstance(about, dict):
        raise ModelError(source, "not a model of this program")
    return arrays, about


def _no_number(name: str) -> Never:
    raise ValueError(f"{name} is no number of JSON")


def _check_versions(card: Mapping[str, Any], source: str | Path) -> None:
    """Refuse a model whose tags or words mean something else here."""
    if card["codebook"] != codebook().version:
        raise ModelError(
            source,
            f"made for codebook {card['codebook']}, this version has {codebook().version}; "
            "train it anew",
        )
    made, here = card["libraries"].get("spacy", version("spacy")), version("spacy")
    if made.partition(".")[0] != here.partition(".")[0]:
        raise ModelError(
            source, f"made with spaCy {made}, which finds other words than {here}; train it anew"
        )


def _check_arrays(arrays: Mapping[str, Array], source: str | Path) -> None:
    """Refuse other arrays than training makes: names, types, shapes, and what is in them."""
    sizes = {name: array.size for name, array in arrays.items()}
    try:
        expected = _expected(sizes["clauses.keys"], {f: sizes[f"{f}.output"] for f in families()})
        if any(name.startswith("domain.") for name in arrays):
            expected |= _expected_of_domain(sizes["domain.keys"])
    except KeyError as error:
        raise ModelError(source, f"not a whole model: {error} is missing") from None
    for name in sorted(expected.keys() ^ arrays.keys()):
        if name in expected:
            raise ModelError(source, f"not a whole model: {name!r} is missing")
        raise ModelError(source, f"holds an array {shortened(name)} that no model has")
    for name, (kind, shape) in expected.items():
        array = arrays[name]
        if array.dtype != kind:
            raise ModelError(source, f"its {name} are of type {array.dtype}")
        if array.shape != shape:
            raise ModelError(source, f"its {name} do not fit together with the rest")
        if kind is np.float32 and not (np.abs(array) <= MOST).all():  # NaN is not
            raise ModelError(source, f"its {name} are not all numbers that a model has")
    for name in ("thresholds", "cited_thresholds"):
        if not ((arrays[name] >= 0) & (arrays[name] <= 1)).all():
            raise ModelError(source, f"its {name} are not all from 0 to 1")
    for name in ("clauses.keys", "domain.keys"):
        keys = arrays.get(name, arrays["clauses.keys"])
        if not (keys[1:] > keys[:-1]).all():
            raise ModelError(source, f"its {name} are not in order")
    for family in families():
        if sizes[f"{family}.output"] > WIDEST:
            raise ModelError(source, f"its {family}.hidden are more than {WIDEST} wide")


def _expected(
    n_features: int, widths: Mapping[str, int]
) -> dict[str, tuple[type[np.generic], tuple[int, ...]]]:
    """Return type and shape of every array of a model with so many features and hidden numbers."""
    n_heads, n_tags, n_reasons = len(heads()), len(tags()), len(codebook().reasons)
    shapes: dict[str, tuple[int, ...]] = {
        "clauses.keys": (n_features,),
        "clauses.codes": (n_features, n_heads),
        "clauses.steps": (n_heads,),
        "clauses.bias": (n_heads,),
        "clauses.reason_blend": (REASON_FEATURES + 1,),
        "clauses.remedy_blend": (REMEDY_FEATURES + 1,),
        "thresholds": (n_tags,),
        "cited_thresholds": (n_reasons,),
    }
    for family, width in widths.items():
        shapes |= {
            f"{family}.hidden": (row_lengths()[family], width),
            f"{family}.hidden_bias": (width,),
            f"{family}.output": (width,),
            f"{family}.output_bias": (1,),
        }
    kinds: dict[str, type[np.generic]] = {"clauses.keys": np.uint64, "clauses.codes": np.int8}
    return {name: (kinds.get(name, np.float32), shape) for name, shape in shapes.items()}


def _expected_of_domain(n_keys: int) -> dict[str, tuple[type[np.generic], tuple[int, ...]]]:
    """Return type and shape of the arrays of a rule for other texts that knows so many words."""
    return {
        "domain.keys": (np.uint64, (n_keys,)),
        "domain.weights": (np.float32, (n_keys,)),
        "domain.bias": (np.float32, (1,)),
    }


@cache
def row_lengths() -> dict[str, int]:
    """Return how many numbers a judge has of each tag of its family."""
    best = section_best(np.zeros((0, len(tags())), np.float32), join([]), 0)
    return {
        family: decision_rows(best, [], columns).shape[-1] for family, columns in families().items()
    }


def _model(arrays: Mapping[str, Array], card: Mapping[str, Any]) -> Model:
    def part(prefix: str) -> dict[str, Array]:
        start = f"{prefix}."
        return {name[len(start) :]: a for name, a in arrays.items() if name.startswith(start)}

    return Model(
        clause_model=ClauseModel(**part("clauses")),
        judges={family: Judge(**part(family)) for family in families()},
        thresholds=arrays["thresholds"],
        cited_thresholds=arrays["cited_thresholds"],
        card=card,
        domain=Domain(**part("domain")) if part("domain") else None,
    )


def _save_estimators(estimators: Mapping[str, Any], file: Path) -> None:
    from grounds import fitted

    file.write_bytes(fitted.packed(estimators))


def _put_folder(draft: Path, path: Path) -> None:
    """Put a complete folder in the place of an older one, which is a whole model at any moment.

    Folders cannot be exchanged in one step. So the arrays are, which all tagging reads; the older
    model's estimators go before, lest they stand beside arrays that are not theirs.
    """
    parts = [name for name in FILES if (draft / name).exists()]
    for name in parts:
        sync(draft / name)
    sync(draft)
    if not path.exists():
        draft.rename(path)
        sync(path.parent)
        return
    for name in (ESTIMATORS, CARD):
        (path / name).unlink(missing_ok=True)
    for name in parts:
        put(draft / name, path / name)
