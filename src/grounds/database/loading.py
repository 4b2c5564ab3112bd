"""The records of a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from grounds.database import rows
from grounds.database.files import check, connect, plainly
from grounds.errors import GroundsError, InputError
from grounds.record import Record


def read(path: str | Path) -> Iterator[Record]:
    """Yield the records of a database, one at a time, in the order of their numbers there.

    A run may write to the database at the same time: each record is whole, as it was before or as
    it is after.

    Raises
    ------
    InputError
        If there is no such file.
    GroundsError
        If it is no database of grounds, or is damaged.
    """
    path = Path(path)
    with reading(path) as connection:
        connection.row_factory = sqlite3.Row
        last = -1
        while record := _next(connection, last, path):
            last, found = record
            yield found


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Connect to a database that is there, to read from it.

    Raises
    ------
    InputError
        If there is no such file.
    GroundsError
        If it is no database of grounds, or is damaged.
    """
    if not path.is_file() or not path.stat().st_size:
        raise InputError(path, "there is no such database")
    check(path)
    with plainly(path), closing(connect(path)) as connection:
        yield connection


def _next(connection: sqlite3.Connection, last: int, path: Path) -> tuple[int, Record] | None:
    """Return the number and the record of the decision behind number `last`."""
    connection.execute("BEGIN")  # all of it as it is at this moment
    try:
        query = "SELECT id FROM decisions WHERE id > ? ORDER BY id LIMIT 1"
        found = connection.execute(query, (last,)).fetchone()
        return (found["id"], rows.record(connection, found["id"])) if found else None
    except ValueError as error:  # someone changed it by hand
        raise GroundsError(f"{path}: its record {found['id']} is broken ({error})") from None
    finally:
        connection.execute("COMMIT")
