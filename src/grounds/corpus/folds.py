"""Folds: which labelled decisions are tested together, never trained on at the same time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TypeGuard

from grounds.corpus.place import Place, parse_json, read_utf8
from grounds.decision import LabelledDecision
from grounds.errors import InputError


def read_folds(path: str | Path) -> list[list[str]]:
    """Return the folders of each fold, from a file such as ``{"folds": [["a", "b"], ["c"]]}``.

    Raises
    ------
    InputError
        Where the file is not such a file, or a folder is in two folds.
    """
    path = Path(path)
    content = parse_json(read_utf8(path), Place(str(path)))
    folds = content.get("folds") if isinstance(content, dict) else None
    if not _is_folds(folds):
        raise InputError(path, "'folds' is not a list of lists of folder names")
    for folder, times in Counter(folder for fold in folds for folder in fold).items():
        if times > 1:
            raise InputError(path, f"{folder!r} is in two folds")
    return folds


def fold_of(source: str, folds: Sequence[Sequence[str]]) -> int:
    """Return the index of the fold that a decision belongs to, by the folder it is in.

    Raises
    ------
    InputError
        Where the folder is in no fold.

    Examples
    --------
    >>> fold_of("data/corpus/housing/07.md", [["planning"], ["housing", "short"]])
    1
    """
    folder = Path(source).parent.name
    for index, fold in enumerate(folds):
        if folder in fold:
            return index
    raise InputError(source, f"its folder {folder!r} is in no fold")


def folder_of(item: LabelledDecision) -> str:
    """Return the folder that a labelled decision was read from: its subject, or its hand."""
    return Path(item.decision.source).parent.as_posix()


def _is_folds(folds: object) -> TypeGuard[list[list[str]]]:
    return (
        isinstance(folds, list)
        and bool(folds)
        and all(isinstance(fold, list) for fold in folds)
        and all(isinstance(folder, str) for fold in folds for folder in fold)
    )
