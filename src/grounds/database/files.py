"""The file of a database: recognising it, connecting to it, and saying what is wrong with it."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import shorten

from grounds.errors import GroundsError
from grounds.replacing import UNWRITABLE

SUFFIXES = frozenset({".db", ".sqlite", ".sqlite3"})
"""The ends of names of files that are databases."""

APPLICATION = int.from_bytes(b"LGSC")
"""What SQLite keeps in the file to say whose it is (application_id)."""

SCHEMA = 1
"""The version of the tables (user_version)."""

PATIENCE = 5
"""Seconds to wait for another program that has the file locked."""

_COMPUTED = frozenset({"year", "subject"})
"""Columns that are computed from others, which reading does not ask for."""

_OLDEST = (3, 31)
"""The first SQLite with generated columns."""

_MAGIC = b"SQLite format 3\0"
_HEADER = 100
_LONGEST_REASON = 100
_DAMAGED = "is damaged ({}); put a copy in its place, or give another name"
_LOCKED = "another program has it locked; close it there, or wait for its end"
_PROBLEMS = {
    sqlite3.SQLITE_BUSY: _LOCKED,
    sqlite3.SQLITE_LOCKED: _LOCKED,
    sqlite3.SQLITE_READONLY: UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: UNWRITABLE,
    sqlite3.SQLITE_FULL: "the disk is full; make room and run the same command again",
}

_OF_THE_DISK = {sqlite3.SQLITE_FULL: errno.ENOSPC, sqlite3.SQLITE_IOERR: errno.EIO}
"""What is no fault of the file's, nor of who gave it."""


def check(path: Path) -> None:
    """Refuse a file that is there and is no database of grounds, and do not touch it.

    Raises
    ------
    GroundsError
        If it is something else, was written by another program or a newer version, or is damaged.
    """
    if not path.exists() or not path.stat().st_size:
        return
    with path.open("rb") as stream:
        header = stream.read(_HEADER)
    if not header.startswith(_MAGIC):
        raise GroundsError(f"{path}: is no database but something else; give another name")
    if len(header) < _HEADER:
        raise GroundsError(f"{path}: {_DAMAGED.format('it is cut off')}")
    if int.from_bytes(header[68:72]) != APPLICATION:
        raise GroundsError(f"{path}: is a database of another program; give another name")
    if int.from_bytes(header[60:64]) > SCHEMA:
        raise GroundsError(f"{path}: was written by a newer grounds; update this one")
    size = (int.from_bytes(header[16:18]) or 1) * int.from_bytes(header[28:32])
    journal = path.with_name(f"{path.name}-journal")
    if path.stat().st_size < size and not journal.exists():  # else SQLite mends it
        raise GroundsError(f"{path}: {_DAMAGED.format('it is cut off')}")


def check_tables(connection: sqlite3.Connection, tables: Iterable[str]) -> None:
    """Refuse a database whose tables are views, which could make rows without end.

    Columns that are computed are refused too, but for the two that ours has.

    Raises
    ------
    sqlite3.DatabaseError
        With what is wrong.
    """
    query = "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?"
    computed = "SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 0"
    for table in tables:
        page = connection.execute(query, (table,)).fetchone()
        if page is None or not page[0]:  # virtual tables have none
            raise sqlite3.DatabaseError(f"{table} is no table")
        for (name,) in connection.execute(computed, (table,)):
            if name not in _COMPUTED:
                raise sqlite3.DatabaseError(f"the column {name!r} of {table} is computed")


def check_writable(path: Path) -> None:
    """Refuse a file that may not be written to.

    Raises
    ------
    GroundsError
        With what to look at.
    """
    effective = os.access in os.supports_effective_ids
    if path.exists() and not os.access(path, os.W_OK, effective_ids=effective):
        raise GroundsError(f"{path}: {UNWRITABLE}")


def connect(path: Path, *, write: bool = False) -> sqlite3.Connection:
    """Connect to a database, which is made where it is to be written and is not there.

    A connection that only reads can still take back what a run that was killed left half done.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        oldest = ".".join(map(str, _OLDEST))
        raise GroundsError(
            f"databases need SQLite {oldest}, and this Python has {sqlite3.sqlite_version}; "
            "use a newer Python"
        )
    address = f"{path.resolve().as_uri()}?mode={'rwc' if write else 'rw'}"
    connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, isolation_level=None)
    if not write:
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA trusted_schema = OFF")  # what the file defines is a stranger's
    return connection


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Say what SQLite finds wrong in one line that names the file.

    Raises
    ------
    GroundsError
        Instead of SQLite's own exceptions.
    OSError
        If the disk is full or fails.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _code(error) in _OF_THE_DISK:
            raise OSError(_OF_THE_DISK[_code(error)], problem(error), str(path)) from None
        raise GroundsError(f"{path}: {problem(error)}") from None
    except UnicodeDecodeError as error:  # the name of a column
        raise GroundsError(f"{path}: {_damaged(error)}") from None


def problem(error: sqlite3.DatabaseError) -> str:
    """Return what is wrong and what to do, one line."""
    if isinstance(error, sqlite3.IntegrityError):
        return f"a record does not fit into it ({error})"
    if _code(error) == sqlite3.SQLITE_IOERR:
        return f"{error}; see whether the disk is full or damaged"
    return _PROBLEMS.get(_code(error), _damaged(error))


def _damaged(error: Exception) -> str:
    """Return what to do, and what is wrong without all that it may quote of the file."""
    return _DAMAGED.format(shorten(str(error), _LONGEST_REASON, placeholder="…"))


def _code(error: sqlite3.DatabaseError) -> int:
    """Return SQLite's number of an error, without its details."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
    return code & 0xFF
