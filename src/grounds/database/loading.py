"""The records of a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from grounds.database import rows
from grounds.database.files import check, check_tables, connect, plainly
from grounds.decision import Decision
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


@dataclass(frozen=True, slots=True)
class Listed:
    """A decision as lists show it: its number in the database, its header, and what was found.

    `decision` has no paragraphs and no warnings; `review` says whether a tag is for a person to
    look at.
    """

    number: int
    decision: Decision
    tags: tuple[str, ...]
    review: bool


def listed(path: str | Path) -> Iterator[Listed]:
    """Yield the decisions of a database without their texts, in the order of their numbers.

    Raises
    ------
    InputError
        If there is no such file.
    GroundsError
        If it is no database of grounds, or is damaged.
    """
    with reading(Path(path)) as connection:
        connection.row_factory = sqlite3.Row
        for row in connection.execute(_LISTED):
            header = {name: row[name] for name in _HEADER}
            tags = row["tags"].split(",") if row["tags"] else ()
            decision = Decision(**header, outcome=row["decision"], paragraphs=())
            if not isinstance(row["id"], int):  # which only another's hand can have done
                raise GroundsError(f"{path}: a decision in it has no number; give another database")
            yield Listed(row["id"], decision, tuple(tags), bool(row["review"]))


def find(path: str | Path, number: int) -> Record | None:
    """Return the record of a decision by its number in the database, ``None`` where it has none.

    Raises
    ------
    InputError
        If there is no such file.
    GroundsError
        If it is no database of grounds, or is damaged.
    """
    with reading(Path(path)) as connection:
        connection.row_factory = sqlite3.Row
        if abs(number) > _LARGEST_NUMBER:
            return None
        found = _next(connection, number - 1, Path(path))
        return found[1] if found and found[0] == number else None


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
        check_tables(connection, (*rows.COLUMNS, "models"))
        yield connection


_LARGEST_NUMBER = 2**63 - 1
"""That SQLite has."""

_HEADER = ("source", "sha256", "layout", "reference", "body", "category", "date")

_LISTED = f"""
    SELECT id, {", ".join(_HEADER)}, decision,
        (SELECT group_concat(tag) FROM (
            SELECT tag, place, 0 AS part FROM tags WHERE decision_id = decisions.id
            UNION ALL SELECT tag, place, 1 FROM remedies WHERE decision_id = decisions.id
            ORDER BY part, place
        )) AS tags,
        EXISTS (SELECT 1 FROM review WHERE decision_id = decisions.id) AS review
    FROM decisions ORDER BY id
"""


def _next(connection: sqlite3.Connection, last: int, path: Path) -> tuple[int, Record] | None:
    """Return the number and the record of the decision behind number `last`."""
    connection.execute("BEGIN")  # all of it as it is at this moment
    try:
        query = "SELECT id FROM decisions WHERE id > ? ORDER BY id LIMIT 1"
        found = connection.execute(query, (last,)).fetchone()
        return (found["id"], _record(connection, found["id"], path)) if found else None
    finally:
        connection.execute("COMMIT")


def _record(connection: sqlite3.Connection, number: int, path: Path) -> Record:
    try:
        return rows.record(connection, number)
    except (ValueError, TypeError, RecursionError) as error:  # someone changed it by hand
        raise GroundsError(f"{path}: its record {number} is broken ({error})") from None
