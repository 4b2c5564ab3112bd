"""Files that hold many decisions: zip archives, and JSON Lines with a decision a line.

A decision in one of them has an address of its own, which goes wherever a path goes:
``decisions.zip/2025/25-005-150.txt`` and ``decisions.jsonl:17`` (the seventeenth line).
"""

from __future__ import annotations

import os
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path, PurePosixPath
from textwrap import shorten
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from grounds.errors import InputError
from grounds.limits import LIMITS, Limits
from grounds.reading.zipped import METHODS, open_zip

ARCHIVE, LINES = ".zip", ".jsonl"

CONTAINERS = frozenset({ARCHIVE, LINES})
"""The containers, by the end of a file's name."""

_LINE = re.compile(r"(.+\.jsonl):([1-9]\d{0,11})", re.IGNORECASE | re.DOTALL)
_OUTSIDE = re.compile(r"[/\\]|[A-Za-z]:|(?:.*[/\\])?\.\.(?:[/\\]|$)", re.DOTALL)
_NAMELESS = "."  # what a path makes of no name
_LONGEST_REASON = 60
_SHORTEST = len(b"{}\n")
_CHUNK = 1 << 20
_OPEN = 4  # containers that are kept open, or whose lines are remembered


class Address(NamedTuple):
    """Where a decision is in a container: the name of its file, or the number of its line."""

    container: Path
    place: str | int


def address_of(path: Path) -> Address | None:
    """Return the address that a path is, ``None`` where it leads into no container."""
    line = _LINE.fullmatch(str(path))
    if line and os.path.isfile(line[1]):
        return Address(Path(line[1]), int(line[2]))
    for parent in path.parents:
        if parent.suffix.lower() == ARCHIVE and os.path.isfile(parent):
            return Address(parent, path.relative_to(parent).as_posix())
    return None


def is_line(path: Path) -> bool:
    """Say whether a path is the address of a line.

    >>> is_line(Path("decisions.jsonl:17")), is_line(Path("decisions.jsonl"))
    (True, False)
    """
    return bool(_LINE.fullmatch(str(path)))


def file_of(path: Path) -> Path:
    """Return the file that a path is, or that it leads into."""
    address = None if path.exists() else address_of(path)
    return address.container if address else path


def members(container: Path, limits: Limits = LIMITS) -> Iterator[Path | InputError]:
    """Yield the address of everything in a container, an error for what cannot be reached.

    Raises
    ------
    InputError
        If the container is no archive, or a damaged one, or holds too much.
    """
    if container.suffix.lower() == LINES:
        starts = _starts(*_state(container), limits)
        for number, (start, end) in enumerate(pairwise(starts), 1):
            if end - start >= _SHORTEST:  # others are empty
                yield Path(f"{container}:{number}")
        return
    archive = _archive(*_state(container), limits)
    for name in archive.twice:
        yield InputError(container, f"holds {name!r} twice; the second is read, the first left out")
    for name in sorted(archive.files):
        if name == _NAMELESS:
            yield InputError(container, "holds a file without a name; left out")
        elif _OUTSIDE.match(name):
            yield InputError(container, f"holds a name that leads out of it ({name!r}); left out")
        else:
            yield container / name


def extract(address: Address, limits: Limits = LIMITS) -> bytes:
    """Return the bytes of a decision in a container.

    Raises
    ------
    InputError
        If there is no such decision, or it is too large or cannot be unpacked.
    """
    container, place = address
    if isinstance(place, int):
        return _line(container, place, limits)
    source = container / place
    archive = _archive(*_state(container), limits)
    info = archive.files.get(place)
    if info is None:
        raise InputError(source, "there is no such file in the archive")
    if info.flag_bits & 1:
        raise InputError(source, "is encrypted; unpack the archive with its password first")
    if info.compress_type not in METHODS:
        raise InputError(source, "is packed in an unusual way; unpack the archive first")
    limits.check("file", info.file_size, source)
    try:
        with archive.zip.open(info) as stream:
            return stream.read(limits.file)  # never more than the archive says that it has
    except (BadZipFile, EOFError, NotImplementedError, ValueError, zlib.error) as error:
        raise InputError(source, f"cannot be unpacked ({_short(error)})") from None


def _line(container: Path, number: int, limits: Limits) -> bytes:
    starts = _starts(*_state(container), limits)
    if number >= len(starts):
        raise InputError(f"{container}:{number}", "there is no such line")
    start, end = starts[number - 1 : number + 1]
    limits.check("file", end - start, f"{container}:{number}")
    with container.open("rb") as stream:
        stream.seek(start)
        return stream.read(end - start)


class _Archive(NamedTuple):
    """An open archive and its files, by their names, and the names that it has twice."""

    zip: ZipFile
    files: dict[str, ZipInfo]
    twice: tuple[str, ...]


def _state(container: Path) -> tuple[str, int, int]:
    """Return what tells whether a container is the one that is remembered."""
    state = os.stat(container)
    return str(container), state.st_mtime_ns, state.st_size


@lru_cache(maxsize=_OPEN)
def _archive(name: str, changed: int, size: int, limits: Limits) -> _Archive:
    try:
        opened = open_zip(open(name, "rb"), name, limits)  # noqa: SIM115 - open while remembered
    except BadZipFile as error:
        raise InputError(name, f"is no zip archive, or a damaged one ({_short(error)})") from None
    files = [info for info in opened.infolist() if not info.filename.endswith("/")]
    named = [(_plain(info.filename), info) for info in files]
    counts = Counter(name for name, _ in named)
    return _Archive(opened, dict(named), tuple(name for name in counts if counts[name] > 1))


def _short(error: Exception) -> str:
    """Return what went wrong without all that it may quote of the archive."""
    return shorten(str(error), _LONGEST_REASON, placeholder="…")


def _plain(name: str) -> str:
    """Return a name as a path has it, without ``./`` and the like."""
    return PurePosixPath(name).as_posix()


@lru_cache(maxsize=_OPEN)
def _starts(name: str, changed: int, size: int, limits: Limits) -> array[int]:
    """Return where each line of a file begins, and where the last one ends."""
    starts, position = array("q", [0]), 0
    with open(name, "rb") as stream:
        while chunk := stream.read(_CHUNK):
            found = chunk.find(b"\n")
            while found >= 0:
                starts.append(position + found + 1)
                found = chunk.find(b"\n", found + 1)
            if len(starts) > limits.lines:
                limits.refuse("lines", name)
            position += len(chunk)
    if starts[-1] < position:
        starts.append(position)
    return starts
