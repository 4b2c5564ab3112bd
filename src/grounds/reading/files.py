"""Files and folders: finding decisions and getting at their bytes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from grounds.errors import InputError

SUFFIXES = frozenset({".txt", ".html", ".htm", ".pdf"})
"""The formats that can be read, by the end of a file's name."""

_DOCUMENTS = frozenset({".docx", ".doc", ".rtf", ".odt"})
"""Formats that cannot be read but may well hold decisions: never passed over in silence."""

LARGEST = 50 * 1024 * 1024
"""No decision has more bytes than this."""


def find(paths: Iterable[str | Path]) -> Iterator[Path | InputError]:
    """Find the files that can be read.

    Parameters
    ----------
    paths
        Files, folders (searched to any depth, links to folders not followed, names that begin
        with a dot and other formats passed over), or ``"-"`` for standard input.

    Yields
    ------
    Path or InputError
        Each file, those of one folder in the order of their names; an error, which is not
        raised, in the place of a path that is not there or of an unknown format, and of a PDF,
        a Word document or the like in a folder.

    Examples
    --------
    >>> [str(found) for found in find(["-", "nowhere/25-005-150.txt"])]
    ['-', 'nowhere/25-005-150.txt: there is no such file or folder']
    """
    for path in map(Path, paths):
        if os.path.isdir(path):
            yield from _inside(path)
        else:
            yield _problem(path) or path


def load(source: str | Path) -> bytes:
    """Return the bytes of a file, or of standard input (``"-"``).

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read, is empty or too large.
    """
    path = Path(source)
    if problem := _problem(path):
        raise problem
    try:
        data = _bytes(path)
    except OSError as error:
        raise InputError(source, f"cannot be read ({error.strerror or error})") from None
    if len(data) > LARGEST:
        raise InputError(source, f"is too large for a decision (over {LARGEST >> 20} MB)")
    if not data.strip():
        raise InputError(source, "is empty")
    return data


def _bytes(path: Path) -> bytes:
    if str(path) == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    with path.open("rb") as file:
        return file.read(LARGEST + 1)


def _problem(path: Path) -> InputError | None:
    """Return what is wrong with a path, if anything, without opening it."""
    if str(path) == "-":
        return None
    if os.path.isdir(path):  # unlike the methods of Path, these never raise
        return InputError(path, "is a folder, not a file")
    if not os.path.exists(path):
        return InputError(path, "there is no such file or folder")
    if path.suffix.lower() not in SUFFIXES:
        return _unknown(path)
    return None


def _unknown(path: Path) -> InputError:
    known = ", ".join(sorted(SUFFIXES))
    advice = "; save it as text or HTML" if path.suffix.lower() in _DOCUMENTS else ""
    return InputError(path, f"unknown format {path.suffix!r}; known are {known}{advice}")


def _inside(folder: Path) -> Iterator[Path | InputError]:
    """Yield the files of a folder and then those of the folders in it, sorted by name."""
    try:
        shown = (entry for entry in os.scandir(folder) if not entry.name.startswith("."))
        entries = sorted(shown, key=lambda entry: entry.name)
    except OSError as error:
        yield InputError(folder, f"cannot be read ({error.strerror or error})")
        return
    for entry in entries:
        path = Path(entry.path)
        suffix = path.suffix.lower()
        if suffix in SUFFIXES | _DOCUMENTS and os.path.isfile(path):  # False for endless links
            yield path if suffix in SUFFIXES else _unknown(path)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _inside(Path(entry.path))
