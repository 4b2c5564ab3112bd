"""JSON Lines: one compact UTF-8 object a record and line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from grounds.record import Record

_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def write(records: Iterable[Record], path: Path) -> None:
    """Write the records to a file."""
    with path.open("wb") as stream:
        dump(records, stream)


def dump(records: Iterable[Record], stream: BinaryIO) -> None:
    """Write the records to an open binary stream."""
    stream.writelines(_line(record) for record in records)


def _line(record: Record) -> bytes:
    # File names can hold bytes that are no UTF-8. "backslashreplace" writes their surrogates as
    # JSON's own escapes (\udc80), which every reader gives back unchanged.
    return _encode(record.to_dict()).encode("utf-8", "backslashreplace") + b"\n"
