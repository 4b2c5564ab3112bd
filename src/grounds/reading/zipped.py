"""Opening a zip archive, a Word document too, that may have been made to take all memory.

`zipfile` takes the list of its files into memory as a whole, whatever the archive says of its length.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from grounds.errors import InputError
from grounds.limits import Limits

METHODS = (ZIP_STORED, ZIP_DEFLATED)
"""How files are packed that are unpacked here: of others `zipfile` unpacks more than it is asked for."""

_ENTRY = 128  # bytes of the list that a file takes, more than is usual
_TAIL = 1 << 17  # bytes at the end of an archive in which the place of the list is looked for


class _Guarded:
    """A file of which, until it is trusted, no more is read at once than a list of files has."""

    def __init__(self, stream: BinaryIO, source: str | Path, limits: Limits) -> None:
        self._stream, self._source, self._limits = stream, source, limits
        self.trusted = False
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    def read(self, size: int = -1) -> bytes:
        """Read from where the file is."""
        if not self.trusted and size > _TAIL + self._limits.members * _ENTRY:
            self._limits.check("members", size // _ENTRY, self._source)
        return self._stream.read(size)


def open_zip(stream: BinaryIO, source: str | Path, limits: Limits) -> ZipFile:
    """Open an archive; `source` is its name.

    Raises
    ------
    BadZipFile
        If it is none, or is damaged.
    InputError
        If it holds too many files, or they are too large together.
    """
    guarded = _Guarded(stream, source, limits)
    try:
        opened = ZipFile(guarded)
    except InputError:
        raise
    except (ValueError, NotImplementedError) as error:
        raise BadZipFile(str(error)) from None
    guarded.trusted = True
    limits.check("members", len(opened.infolist()), source)
    limits.check("archive", sum(info.file_size for info in opened.infolist()), source)
    return opened
