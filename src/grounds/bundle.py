"""Models on disk: a folder that is data, from which nothing is ever executed.

``model.safetensors`` holds the arrays and, as JSON in its header, the card: all that tagging reads.
``estimators.skops`` holds the fitted scikit-learn objects. ``README.md`` is the card for people.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as pack_tensors

from grounds.codebook import codebook
from grounds.errors import InputError, ModelError
from grounds.model import ClauseModel, Judge, Model
from grounds.model.card import card_page
from grounds.model.heads import heads, tags
from grounds.model.weigh import families

FORMAT = 1
"""The version of the model file; another is refused."""

ARRAYS, ESTIMATORS, CARD = "model.safetensors", "estimators.skops", "README.md"

LARGEST = 200_000_000
"""Bytes that a model file may have."""

Array = npt.NDArray[Any]


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
        If `path` is there and is no model.
    """
    path = Path(path)
    if path.exists() and not (path / ARRAYS).is_file():
        raise InputError(path, "is there and is no model; choose another name")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        draft.mkdir()
        (draft / ARRAYS).write_bytes(_packed(model))
        if model.estimators is not None:
            _save_estimators(model.estimators, draft / ESTIMATORS)
        (draft / CARD).write_text(card_page(model.card, model.sha256), encoding="utf-8")
        _replace_folder(draft, path)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


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
    try:
        model = _unpacked(arrays, about["card"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(file, f"not a whole model: {error}") from None
    _check(model, file)
    return replace(model, sha256=hashlib.sha256(file.read_bytes()).hexdigest())


def sealed(model: Model) -> Model:
    """Return the model with its checksum, which is that of the file it makes."""
    return replace(model, sha256=hashlib.sha256(_packed(model)).hexdigest())


def _packed(model: Model) -> bytes:
    arrays = {
        f"clauses.{field.name}": getattr(model.clause_model, field.name)
        for field in fields(ClauseModel)
        if field.init
    }
    for family, judge in model.judges.items():
        for field in fields(Judge):
            arrays[f"{family}.{field.name}"] = getattr(judge, field.name)
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
    except (SafetensorError, OSError, ValueError) as error:
        raise ModelError(file, f"not a model file: {error}") from None
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
    )


def _check(model: Model, file: Path) -> None:
    """Refuse arrays that do not fit together or are no numbers."""
    first = model.clause_model
    n_features, n_heads = len(first.keys), len(heads())
    fits = (
        first.keys.dtype == np.uint64
        and first.codes.dtype == np.int8
        and first.codes.shape == (n_features, n_heads)
        and first.steps.shape == first.bias.shape == (n_heads,)
        and bool((first.keys[1:] > first.keys[:-1]).all())
        and model.thresholds.shape == (len(tags()),)
        and model.cited_thresholds.shape == (len(codebook().reasons),)
        and all(
            judge.hidden.shape == (judge.hidden.shape[0], len(judge.output))
            and judge.hidden_bias.shape == judge.output.shape
            and judge.output_bias.shape == (1,)
            for judge in model.judges.values()
        )
    )
    if not fits:
        raise ModelError(file, "its arrays do not fit together")
    floats = [first.steps, first.bias, first.blend, model.thresholds, model.cited_thresholds]
    for judge in model.judges.values():
        floats += [getattr(judge, field.name) for field in fields(Judge)]
    if not all(np.isfinite(array).all() for array in floats):
        raise ModelError(file, "its weights are not all numbers")
    if not {"name", "version"} <= set(model.card):
        raise ModelError(file, "its card lacks name or version")


def _save_estimators(estimators: Mapping[str, Any], file: Path) -> None:
    from zipfile import ZIP_DEFLATED

    import skops.io

    skops.io.dump(dict(estimators), file, compression=ZIP_DEFLATED, compresslevel=9)


def _replace_folder(draft: Path, path: Path) -> None:
    """Put a complete folder in the place of an older one."""
    older = path.with_name(f".{path.name}.{os.getpid()}.old")
    if path.exists():
        path.rename(older)
    draft.rename(path)
    shutil.rmtree(older, ignore_errors=True)
