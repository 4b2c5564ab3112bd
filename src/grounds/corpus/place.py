"""Where labels stand: reading a labelled file, and naming the place where it is wrong."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grounds.codebook import codebook
from grounds.errors import GroundsError, InputError
from grounds.limits import LIMITS, Limits
from grounds.reading.files import lines_in, open_file, read_up_to


@dataclass(frozen=True, slots=True)
class Place:
    """A file, one line of it, or one item where lines tell nothing; and how much is read there."""

    source: str
    line: int | None = None
    item: str = ""
    limits: Limits = field(default=LIMITS, repr=False)

    def error(self, problem: str) -> InputError:
        """Return the error that says what is wrong here, on one line."""
        named = f"{self.item}: {problem}" if self.item else problem
        return InputError(self.source, " ".join(named.split()), self.line)

    def tags(self, names: Iterable[str]) -> list[str]:
        """Return the names of tags without spaces around them.

        Raises
        ------
        InputError
            Where the codebook does not have one of them.
        """
        try:
            return [codebook().tag(name.strip()).id for name in names]
        except GroundsError as error:
            raise self.error(str(error)) from None

    def cited(self, names: Iterable[str]) -> frozenset[str]:
        """Return the names of what is only cited: grounds and bars.

        Raises
        ------
        InputError
            Where one is a remedy, or the codebook does not have it.
        """
        found = frozenset(self.tags(names))
        for tag in sorted(found):
            if ":" in tag:
                raise self.error(f"{tag!r} is a remedy; only grounds and bars are cited")
        return found

    def origin(self, *given: Any) -> str:
        """Return the first source that is given, or else what names this place.

        Raises
        ------
        InputError
            Where it is no text.
        """
        for source in given:
            if source not in (None, ""):
                if not isinstance(source, str):
                    raise self.error(f"'source' is {type(source).__name__}, no text")
                return source
        return f"{self.source}:{self.line or self.item.removeprefix('task ')}"


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """A decision that nobody has labelled yet, in a file of labelled ones: where it is."""

    source: str


@contextmanager
def collecting(errors: list[InputError] | None) -> Iterator[None]:
    """Put an error into `errors` instead of raising it; ``None`` lets it pass."""
    try:
        yield
    except InputError as error:
        if errors is None:
            raise
        errors.append(error)


def read_utf8(path: Path, limits: Limits = LIMITS) -> str:
    """Return the text of a file, without the byte order mark that spreadsheets put before it.

    Raises
    ------
    InputError
        Where the file cannot be opened, is too large, or is not UTF-8 (with the line).
    """
    return decode(read_bytes(path, limits), Place(str(path), 1))


def read_bytes(path: Path, limits: Limits = LIMITS) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    InputError
        Where the file cannot be opened, or is too large.
    """
    try:
        with open_file(path) as file:
            limits.check("labels", os.fstat(file.fileno()).st_size, path)
            data = read_up_to(file, limits.labels + 1)  # it may grow
        if len(data) > limits.labels:
            limits.refuse("labels", path)
        return data
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None


def read_lines(path: Path, limits: Limits = LIMITS) -> Iterator[tuple[bytes, Place]]:
    """Yield each line of a file that is not empty, and where it stands.

    The lines are left as bytes, so that one which is not UTF-8 does not hide those below.

    Raises
    ------
    InputError
        Where the file cannot be opened, or a line is too long.
    """
    try:
        with open_file(path) as file:
            for number, line in enumerate(lines_in(file, limits, path), 1):
                if line.strip():
                    yield line, Place(str(path), number, limits=limits)
    except OSError as error:
        raise InputError(path, f"cannot be read: {error.strerror}") from None


def decode(raw: bytes, place: Place) -> str:
    """Return UTF-8 bytes, of which the first stand at `place`, as text.

    Raises
    ------
    InputError
        Where they are not UTF-8, with the line.
    """
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = (place.line or 1) + raw.count(b"\n", 0, error.start)
        problem = f"not UTF-8 (byte 0x{raw[error.start]:02x}); save the file as UTF-8"
        raise InputError(place.source, problem, line) from None


def parse_json(text: str, place: Place) -> Any:
    """Return what JSON, of which the first line stands at `place`, holds.

    Raises
    ------
    InputError
        Where it is not JSON, or JSON that Python does not take: numbers of thousands of digits,
        and lists in lists in lists. For these Python names no line; the error has that of `place`.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = (place.line or 1) + error.lineno - 1
        problem = f"not JSON: {error.msg} at character {error.colno}"
        raise InputError(place.source, problem, line) from None
    except RecursionError:
        raise place.error("not JSON: nested too deeply") from None
    except ValueError:
        raise place.error("not JSON: a number with too many digits") from None
