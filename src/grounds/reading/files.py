"""Files and folders: finding decisions and getting at their bytes."""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from grounds.errors import InputError
from grounds.limits import LIMITS, Limits
from grounds.reading.containers import ARCHIVE, CONTAINERS, address_of, extract, members

SUFFIXES = frozenset({".txt", ".html", ".htm", ".pdf", ".docx"})
"""The formats that can be read, by the end of a file's name."""

_DOCUMENTS = frozenset({".doc", ".rtf", ".odt"})
"""Formats that cannot be read but may well hold decisions: never passed over in silence."""

_LISTED = SUFFIXES | _DOCUMENTS | {ARCHIVE}
"""What is looked at in a folder."""

_HIDDEN = (".", "~$")
"""What names of files begin with that no folder shows: the second are Word's, of open documents."""

_NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)
_PIECE = 1 << 20
_PATIENCE = 2
"""Seconds to wait for a program that writes to a pipe."""


def find(paths: Iterable[str | Path], limits: Limits = LIMITS) -> Iterator[Path | InputError]:
    """Find the files that can be read.

    Parameters
    ----------
    paths
        Files, pipes, archives (``.zip``), JSON Lines with a decision a line (``.jsonl``), folders,
        or ``"-"`` for standard input. Folders and the archives in them are searched to any depth;
        names that begin with a dot or ``~$`` and other formats are passed over, JSON Lines too,
        since they may be results.
    limits
        How much an archive or JSON Lines may hold.

    Yields
    ------
    Path or InputError
        Each file, those of one folder in the order of their names; an error, which is not
        raised, in the place of a path that is not there or of an unknown format, and in a folder
        of an old Word document or the like, of a link to a folder, which is not followed, or to
        nothing, and of what is named as a file and is none. What is in an archive or in JSON Lines has an
        address of its own (see `grounds.reading.containers`), which `load` understands.

    Examples
    --------
    >>> [str(found) for found in find(["-", "nowhere/25-005-150.txt"])]
    ['-', 'nowhere/25-005-150.txt: there is no such file or folder']
    """
    for path in map(Path, paths):
        if os.path.isdir(path):
            yield from _inside(path, limits)
        elif path.suffix.lower() in CONTAINERS and os.path.isfile(path):
            yield from _members(path, limits)
        else:
            yield _problem(path) or path


def load(source: str | Path, limits: Limits = LIMITS) -> bytes:
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
        data = extract(address, limits) if address else _bytes(path, limits)
    except OSError as error:
        raise _unreadable(path, error) from None
    if len(data) > limits.file:
        limits.refuse("file", path)
    if not data.strip():
        raise InputError(source, "is empty")
    return data


def is_read_once(source: str | Path) -> bool:
    """Say whether a source gives what it holds but once: standard input, or a pipe."""
    with suppress(OSError, ValueError):
        return str(source) == "-" or stat.S_ISFIFO(os.stat(source).st_mode)
    return False


def _bytes(path: Path, limits: Limits) -> bytes:
    """Return the bytes of a file, one more than may be read where nobody can say how many."""
    if str(path) == "-":
        if sys.stdin is None:
            raise InputError(path, "standard input is closed")
        return read_up_to(sys.stdin.buffer, limits.file + 1)
    with open_file(path) as file:
        status = os.fstat(file.fileno())
        if stat.S_ISFIFO(status.st_mode):
            return _piped(file, path) + read_up_to(file, limits.file)
        limits.check("file", status.st_size, path)
        return read_up_to(file, limits.file + 1)  # it may grow


def open_file(path: Path) -> BinaryIO:
    """Open a file or a pipe to read it; one of a pipe does not wait.

    Raises
    ------
    InputError
        If it is a folder, a device or the like.
    OSError
        If it cannot be opened.
    """
    file = open(path, "rb", opener=_opened)  # noqa: SIM115 - the caller closes it
    if problem := _no_file(path, os.fstat(file.fileno()).st_mode):  # of what was opened
        file.close()
        raise problem
    return file


def read_up_to(file: BinaryIO, most: int) -> bytes:
    """Return the bytes of a file, so many at most, without making room for as many first."""
    parts: list[bytes] = []
    while most and (part := file.read(min(most, _PIECE))):
        parts.append(part)
        most -= len(part)
    return b"".join(parts)


def lines_in(file: BinaryIO, limits: Limits, source: str | Path) -> Iterator[bytes]:
    """Yield the lines of a file.

    Raises
    ------
    InputError
        If one of them is too long.
    """
    for number in count(1):
        line = file.readline(limits.file + 1)
        if not line:
            return
        if len(line) > limits.file:
            limits.refuse("file", f"{source}:{number}")
        yield line


def _opened(path: str, flags: int) -> int:
    """Open a file, or a pipe without waiting until somebody writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _piped(pipe: BinaryIO, path: Path) -> bytes:
    """Return the first byte of a pipe, if it came already; from then on, reading it waits."""
    for _ in range(_PATIENCE * 20):
        try:
            first = os.read(pipe.fileno(), 1)
        except BlockingIOError:  # there is somebody, who has not written yet
            first = None
        if first != b"":
            os.set_blocking(pipe.fileno(), True)
            return first or b""
        time.sleep(0.05)
    raise InputError(path, "is a pipe that nothing comes through")


def _problem(path: Path) -> InputError | None:
    """Return what is wrong with a path, if anything, without opening it."""
    if str(path) == "-":
        return None
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        return None if address_of(path) else _unreadable(path, error)
    if stat.S_ISFIFO(mode):
        return None
    if problem := _no_file(path, mode):
        return problem
    if path.suffix.lower() in CONTAINERS:
        return InputError(path, "holds many decisions, not one")
    if path.suffix.lower() not in SUFFIXES:
        return _unknown(path)
    return None


def _no_file(path: Path, mode: int) -> InputError | None:
    """Return an error for what is neither a file nor a pipe."""
    if stat.S_ISREG(mode) or stat.S_ISFIFO(mode):
        return None
    kinds = {stat.S_ISDIR: "folder", stat.S_ISSOCK: "socket"}
    kind = next((name for is_kind, name in kinds.items() if is_kind(mode)), "device")
    return InputError(path, f"is a {kind}, not a file")


def _unreadable(path: Path, error: OSError | ValueError) -> InputError:
    if os.path.islink(path) and not os.path.exists(path):
        return InputError(path, "is a link that leads to no file")
    if isinstance(error, ValueError) or error.errno in _NOWHERE:
        return InputError(path, "there is no such file or folder")
    return InputError(path, f"cannot be read ({error.strerror or error})")


def _unknown(path: Path) -> InputError:
    known = ", ".join(sorted(SUFFIXES | CONTAINERS))
    advice = "; save it as .docx or text" if path.suffix.lower() in _DOCUMENTS else ""
    return InputError(path, f"unknown format {path.suffix!r}; known are {known}{advice}")


def _inside(folder: Path, limits: Limits) -> Iterator[Path | InputError]:
    """Yield the files of a folder and then those of the folders in it, sorted by name."""
    try:
        shown = (entry for entry in os.scandir(folder) if not entry.name.startswith(_HIDDEN))
        entries = sorted(shown, key=lambda entry: entry.name)
    except OSError as error:
        yield _unreadable(folder, error)
        return
    folders = []
    for path in (Path(entry.path) for entry in entries):
        if os.path.isdir(path):  # unlike the methods of Path, this never raises
            folders.append(path)
        elif path.suffix.lower() in _LISTED:
            yield from _listed(path, limits)
    for path in folders:
        if os.path.islink(path):
            yield InputError(path, "is a link to a folder, not followed; give the folder by name")
        else:
            yield from _inside(path, limits)


def _listed(path: Path, limits: Limits) -> Iterator[Path | InputError]:
    """Yield a file of a folder, or what is in it."""
    if is_read_once(path):
        yield InputError(path, "is a pipe; give it by name to have it read")
    elif path.suffix.lower() == ARCHIVE and os.path.isfile(path):
        yield from _members(path, limits)
    else:
        yield _problem(path) or path


def _members(container: Path, limits: Limits) -> Iterator[Path | InputError]:
    """Yield what a container holds, an archive without what is passed over in a folder."""
    archived = container.suffix.lower() == ARCHIVE
    empty = True
    try:
        for member in members(container, limits):
            if isinstance(member, InputError) or not archived:
                yield member
            elif not _shown(member.relative_to(container)):
                continue
            elif member.suffix.lower() == ARCHIVE:
                yield InputError(member, "is an archive in an archive; unpack it first")
            else:
                yield member if member.suffix.lower() in SUFFIXES else _unknown(member)
            empty = False
    except OSError as error:
        yield _unreadable(container, error)
    except InputError as error:
        yield error
    else:
        if empty:
            yield InputError(container, "holds no decisions")


def _shown(name: Path) -> bool:
    """Say whether a file of an archive would be looked at in a folder."""
    hidden = any(part.startswith(_HIDDEN) or part == "__MACOSX" for part in name.parts)
    return not hidden and name.suffix.lower() in _LISTED
