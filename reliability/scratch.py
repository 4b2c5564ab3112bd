"""Files for what reads files, and the inputs that once went wrong."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

FOUND = Path(__file__).parent / "found"


@cache
def folder() -> Path:
    """Return a folder of this process."""
    return Path(mkdtemp(prefix="grounds-fuzz-"))


@contextmanager
def held(data: bytes, suffix: str) -> Iterator[Path]:
    """Give a file that holds these bytes for as long as the block runs; always the same name."""
    path = folder() / f"{zlib.crc32(data):08x}{suffix}"
    path.write_bytes(data)
    try:
        yield path
    finally:
        path.unlink()


def found(target: str) -> Iterator[bytes]:
    """Yield the inputs of a target that once went wrong."""
    for path in sorted((FOUND / target).glob("*")):
        yield path.read_bytes()
