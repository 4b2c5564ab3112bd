"""JSON Lines: one compact UTF-8 object a record and line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from grounds.errors import InputError
from grounds.limits import LIMITS, Limits
from grounds.reading.files import lines_in, open_file
from grounds.record import Record

_BEGIN = b'{"schema":'
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def write(records: Iterable[Record], path: Path) -> None:
    """Write the records to a file."""
    with path.open("wb") as stream:
        dump(records, stream)


def dump(records: Iterable[Record], stream: BinaryIO) -> None:
    """Write the records to an open binary stream."""
    stream.writelines(map(line_of, records))


def read_records(path: str | Path, limits: Limits = LIMITS) -> Iterator[Record]:
    """Yield the records of a file that ``grounds tag -o tags.jsonl`` wrote, one at a time.

    Parameters
    ----------
    path
        The file.
    limits
        How long a line may be.

    Raises
    ------
    InputError
        If the file cannot be read, or a line is no record of schema 1.
    """
    try:
        lines = open_file(Path(path))
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror or error})") from None
    with lines:
        for number, line in enumerate(lines_in(lines, limits, path), 1):
            try:
                values = json.loads(line)
                yield Record.from_dict(values if isinstance(values, dict) else {})
            except (ValueError, RecursionError) as error:
                raise InputError(path, str(error), number) from None


def is_record(path: Path) -> bool:
    """Say whether the first line of a file begins as those of `write` do."""
    try:
        with path.open("rb") as lines:
            return lines.read(len(_BEGIN)) == _BEGIN
    except OSError:
        return False


def line_of(record: Record) -> bytes:
    """Return a record as a line."""
    # File names can hold bytes that are no UTF-8. "backslashreplace" writes their surrogates as
    # JSON's own escapes (\udc80), which every reader gives back unchanged.
    return _encode(record.to_dict()).encode("utf-8", "backslashreplace") + b"\n"
