"""Models on disk: a folder that is data, from which nothing is ever executed.

``model.safetensors`` holds the arrays and, as JSON in its header, the card: all that tagging reads.
``estimators.skops`` holds the fitted scikit-learn objects. ``README.md`` is the card for people.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as pack_tensors

from grounds.codebook import codebook
from grounds.errors import InputError, ModelError
from grounds.features.clauses import join
from grounds.features.ngrams import Features
from grounds.model import ClauseModel, Judge, Model, judged
from grounds.model.blend import REASON_FEATURES, REMEDY_FEATURES
from grounds.model.card import card_page
from grounds.model.domain import Domain
from grounds.model.heads import heads, tags
from grounds.model.weigh import families, section_best
from grounds.replacing import alone, plainly, put, sync

FORMAT = 1
"""The version of the model file; another is refused."""

FILES = ARRAYS, ESTIMATORS, CARD = "model.safetensors", "estimators.skops", "README.md"

TRUSTED = ("grounds.features.vectorizer.ClauseVectorizer",)
"""What the estimators may hold beside the types of scikit-learn, scipy and numpy."""

LARGEST = 200_000_000
"""Bytes that a model file may have."""

MOST_ALIKE = 64
"""Features that may begin alike: keys are spread evenly, and made-up ones would be slow to find."""

_ZIP_YEARS = range(1980, 2108)
"""The years that the files in a zip archive can have."""

Array = npt.NDArray[Any]

_TYPES = {"clauses.keys": np.uint64, "clauses.codes": np.int8, "domain.keys": np.uint64}
"""The arrays that are not of type float32."""


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
    others = sorted(file.name for file in path.iterdir() if file.name not in FILES)
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
    path = shipped() if path is None else Path(path)
    file = path / ARRAYS if path.is_dir() else path
    arrays, about = _read(file)
    if about.get("format") != FORMAT:
        raise ModelError(file, f"model format {about.get('format')!r}, this version reads {FORMAT}")
    if about.get("heads") != list(heads()):
        raise ModelError(file, f"its tags are not those of codebook {codebook().version}")
    _check_arrays(arrays, file)
    try:
        model = _unpacked(arrays, about["card"])
        fits = _fits(model)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(file, f"not a whole model: {error}") from None
    if not fits:
        raise ModelError(file, "its parts do not fit together")
    return replace(model, sha256=hashlib.sha256(file.read_bytes()).hexdigest())


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
        If there are none, or they hold a type that is neither scikit-learn's, scipy's or
        numpy's nor our own. Nothing is built then.
    """
    import skops.io

    path = shipped() if path is None else Path(path)
    file = path / ESTIMATORS if path.is_dir() else path
    if not file.is_file():
        raise ModelError(file, "no such file; a model that was loaded and saved again has none")
    try:
        with ZipFile(file) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST:
                raise ModelError(file, f"unpacks to more than {LARGEST // 1_000_000} MB")
        refused = sorted(set(skops.io.get_untrusted_types(file=file)) - set(TRUSTED))
        if refused:
            raise ModelError(file, f"holds what a model must not hold: {', '.join(refused)}")
        loaded = skops.io.load(file, trusted=list(TRUSTED))
    except ModelError:
        raise
    except Exception as error:  # noqa: BLE001  # skops fails in many ways on a broken file
        raise ModelError(file, f"not a file of estimators: {error}") from None
    if not isinstance(loaded, dict):
        raise ModelError(file, "not the estimators of a model")
    return loaded


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


def _read(file: Path) -> tuple[dict[str, Array], dict[str, Any]]:
    if not file.is_file():
        raise ModelError(file, "no such model; 'grounds train' makes one")
    if file.stat().st_size > LARGEST:
        raise ModelError(file, f"larger than {LARGEST // 1_000_000} MB: not a model")
    try:
        with safe_open(file, "numpy") as opened:
            about = json.loads((opened.metadata() or {}).get("grounds", "null"))
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError, RecursionError) as error:
        raise ModelError(file, f"not a model file: {error}") from None
    except (TypeError, AttributeError) as error:  # numbers of a type that numpy lacks
        raise ModelError(file, f"not a model of this program: {error}") from None
    if not isinstance(about, dict):
        raise ModelError(file, "not a model of this program")
    return arrays, about


def _unpacked(arrays: Mapping[str, Array], card: Mapping[str, Any]) -> Model:
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


def _check_arrays(arrays: Mapping[str, Array], file: Path) -> None:
    """Refuse arrays of other names and types than a model has, and such that are no numbers."""
    parts = {"clauses": ClauseModel, **dict.fromkeys(families(), Judge), "domain": Domain}
    known = {
        f"{part}.{field.name}" for part in parts for field in fields(parts[part]) if field.init
    }
    for name, array in arrays.items():
        if name not in known | {"thresholds", "cited_thresholds"}:
            raise ModelError(file, f"holds an array {name!r} that no model has")
        if array.dtype != _TYPES.get(name, np.float32):
            raise ModelError(file, f"its {name} are of type {array.dtype}")
        if array.dtype == np.float32 and not np.isfinite(array).all():
            raise ModelError(file, f"its {name} are not all numbers")


def _fits(model: Model) -> bool:
    """Say whether the parts fit together; numpy raises ValueError for some that do not."""
    first, nothing = model.clause_model, join([])
    best = section_best(first.scores(nothing), nothing, 1)
    judges_fit = all(
        judge.hidden.shape[1:] == judge.hidden_bias.shape == judge.output.shape
        and judge.output_bias.shape == (1,)
        for judge in model.judges.values()
    )
    return (
        judges_fit
        and first.keys.ndim == 1
        and _usable(first.features)
        and first.reason_blend.shape == (REASON_FEATURES + 1,)
        and first.remedy_blend.shape == (REMEDY_FEATURES + 1,)
        and first.codes.shape == (len(first.keys), len(heads()))
        and first.steps.shape == first.bias.shape == (len(heads()),)
        and judged(model.judges, best, [None]).shape == (1, len(tags()))
        and (model.domain is None or _domain_fits(model.domain))
        and model.thresholds.shape == (len(tags()),)
        and model.cited_thresholds.shape == (len(codebook().reasons),)
        and all(isinstance(model.card[name], str) for name in ("name", "version"))
        and isinstance(model.card["trained_on"]["fingerprints"], list)
        and bool(card_page(model.card, ""))
    )


def _domain_fits(rule: Domain) -> bool:
    same = rule.keys.shape == rule.weights.shape and rule.bias.shape == (1,)
    return same and rule.keys.ndim == 1 and _usable(rule.features)


def _usable(features: Features) -> bool:
    """Say whether keys are sorted and spread, as looking them up takes them to be."""
    rising = bool((features.keys[1:] > features.keys[:-1]).all())
    return rising and features.crowd <= MOST_ALIKE


def _save_estimators(estimators: Mapping[str, Any], file: Path) -> None:
    import skops.io

    skops.io.dump(dict(estimators), file, compression=ZIP_DEFLATED, compresslevel=9)


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
