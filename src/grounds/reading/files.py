"""Files and folders: finding decisions and getting at their bytes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from grounds.errors import InputError
from grounds.reading.containers import ARCHIVE, CONTAINERS, address_of, extract, members

SUFFIXES = frozenset({".txt", ".html", ".htm", ".pdf", ".docx"})
"""The formats that can be read, by the end of a file's name."""

_DOCUMENTS = frozenset({".doc", ".rtf", ".odt"})
"""Formats that cannot be read but may well hold decisions: never passed over in silence."""

_LISTED = SUFFIXES | _DOCUMENTS | {ARCHIVE}
"""What is looked at in a folder."""

_HIDDEN = (".", "~$")
"""What names of files begin with that no folder shows: the second are Word's, of open documents."""

LARGEST = 50 * 1024 * 1024
"""No decision has more bytes than this."""

MOST_CHARACTERS = 3_000_000
"""No decision has more text than this."""

MOST_LINES = 50_000
"""No decision has more lines, or paragraphs of a Word document, than this."""


def find(paths: Iterable[str | Path]) -> Iterator[Path | InputError]:
    """Find the files that can be read.

    Parameters
    ----------
    paths
        Files, archives (``.zip``), JSON Lines with a decision a line (``.jsonl``), folders, or
        ``"-"`` for standard input. Folders and the archives in them are searched to any depth;
        links to folders are not followed, names that begin with a dot or ``~$`` and other formats
        passed over, JSON Lines too, since they may be results.

    Yields
    ------
    Path or InputError
        Each file, those of one folder in the order of their names; an error, which is not
        raised, in the place of a path that is not there or of an unknown format, and of an old
        Word document or the like in a folder. What is in an archive or in JSON Lines has an
        address of its own (see `grounds.reading.containers`), which `load` understands.

    Examples
    --------
    >>> [str(found) for found in find(["-", "nowhere/25-005-150.txt"])]
    ['-', 'nowhere/25-005-150.txt: there is no such file or folder']
    """
    for path in map(Path, paths):
        if os.path.isdir(path):
            yield from _inside(path)
        elif path.suffix.lower() in CONTAINERS and os.path.isfile(path):
            yield from _members(path)
        else:
            yield _problem(path) or path


def load(source: str | Path) -> bytes:
    """Return the bytes of a file, of a decision in a container, or of standard input (``"-"``).

    Raises
    ------
    InputError
        If there is no such file, or it cannot be read, is empty or too large.
    """
    path = Path(source)
    address = None if os.path.exists(path) else address_of(path)
    if problem := None if address else _problem(path):
        raise problem
    try:
        data = extract(address, LARGEST) if address else _bytes(path)
    except OSError as error:
        raise InputError(source, f"cannot be read ({error.strerror or error})") from None
    if len(data) > LARGEST:
        raise InputError(source, f"is too large for a decision (over {LARGEST >> 20} MB)")
    if not data.strip():
        raise InputError(source, "is empty")
    return data


def _bytes(path: Path) -> bytes:
    if str(path) == "-":
        if sys.stdin is None:
            raise InputError(path, "standard input is closed")
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
        return None if address_of(path) else InputError(path, "there is no such file or folder")
    if path.suffix.lower() in CONTAINERS:
        return InputError(path, "holds many decisions, not one")
    if path.suffix.lower() not in SUFFIXES:
        return _unknown(path)
    return None


def _unknown(path: Path) -> InputError:
    known = ", ".join(sorted(SUFFIXES | CONTAINERS))
    advice = "; save it as .docx or text" if path.suffix.lower() in _DOCUMENTS else ""
    return InputError(path, f"unknown format {path.suffix!r}; known are {known}{advice}")


def _inside(folder: Path) -> Iterator[Path | InputError]:
    """Yield the files of a folder and then those of the folders in it, sorted by name."""
    try:
        shown = (entry for entry in os.scandir(folder) if not entry.name.startswith(_HIDDEN))
        entries = sorted(shown, key=lambda entry: entry.name)
    except OSError as error:
        yield InputError(folder, f"cannot be read ({error.strerror or error})")
        return
    for entry in entries:
        path = Path(entry.path)
        if path.suffix.lower() in _LISTED and os.path.isfile(path):  # False for endless links
            yield from _listed(path)
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _inside(Path(entry.path))


def _listed(path: Path) -> Iterator[Path | InputError]:
    """Yield a file of a folder, or what is in it."""
    if path.suffix.lower() == ARCHIVE:
        yield from _members(path)
    else:
        yield path if path.suffix.lower() in SUFFIXES else _unknown(path)


def _members(container: Path) -> Iterator[Path | InputError]:
    """Yield what a container holds, an archive without what is passed over in a folder."""
    archived = container.suffix.lower() == ARCHIVE
    empty = True
    try:
        for member in members(container):
            if isinstance(member, InputError) or not archived:
                yield member
            elif not _shown(member.relative_to(container)):
                continue
            elif member.suffix.lower() == ARCHIVE:
                yield InputError(member, "is an archive in an archive; unpack it first")
            else:
                yield from _listed(member)
            empty = False
    except OSError as error:
        yield InputError(container, f"cannot be read ({error.strerror or error})")
    except InputError as error:
        yield error
    else:
        if empty:
            yield InputError(container, "holds no decisions")


def _shown(name: Path) -> bool:
    """Say whether a file of an archive would be looked at in a folder."""
    hidden = any(part.startswith(_HIDDEN) or part == "__MACOSX" for part in name.parts)
    return not hidden and name.suffix.lower() in _LISTED
