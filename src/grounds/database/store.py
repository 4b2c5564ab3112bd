"""Writing to a database: the records of a run, a transaction a batch."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from itertools import count
from pathlib import Path

from grounds.codebook import Tag, codebook
from grounds.database.files import (
    APPLICATION,
    SCHEMA,
    check,
    check_tables,
    check_writable,
    connect,
    plainly,
    problem,
)
from grounds.database.rows import COLUMNS, Row, Rows, add_rows, name_of
from grounds.journal import Input, checksum
from grounds.limits import LIMITS, Limits
from grounds.record import Failure, ModelId
from grounds.replacing import alone, check_file

BATCH = 256
"""Decisions in one transaction: what a run that is killed may lose."""

_PATIENCE = 60
"""Seconds in which others that read have to give way to a transaction."""


@contextmanager
def opened(path: str | Path, limits: Limits = LIMITS) -> Iterator[Store]:
    """Open a database to write to, for this run alone; make it where there is none.

    What was added is written when the block ends, also where it raises.

    Parameters
    ----------
    path
        The file.
    limits
        How much of an input is read, to tell whether it has changed.

    Raises
    ------
    GroundsError
        If the file is something else, of another program or of a newer version, is damaged or
        locked, or cannot be written to. It is not touched then.
    OSError
        If the disk is full or fails.
    """
    path = Path(path)
    check_file(path)
    file = path.resolve()
    check(file)
    check_writable(file)
    lock = file.with_name(f"{file.name}.lock")
    with (
        alone(path, lock, patience=0) as killed,
        plainly(path),
        closing(connect(file, write=True)) as connection,
    ):
        _prepare(connection)
        connection.execute(f"PRAGMA busy_timeout = {1000 * _PATIENCE}")
        store = Store(path, connection, limits, killed=killed)
        try:
            yield store
        finally:
            store.flush()


class Store:
    """A database that is written to; see `opened`.

    Attributes
    ----------
    killed
        Whether the run before was killed, or crashed.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, limits: Limits, *, killed: bool = False
    ) -> None:
        self._path, self._connection, self._limits = path, connection, limits
        self.killed = killed
        self._waiting: list[bytes | Failure] = []

    def left(self, inputs: Iterable[Input], model: ModelId) -> list[Input]:
        """Return the inputs that are to be tagged.

        Those are not which have the bytes that they had when this model tagged them in this
        version of grounds.
        """
        return [one for one in inputs if not self._has(str(one), model)]

    def _has(self, source: str, model: ModelId) -> bool:
        query = """
            SELECT decisions.sha256 FROM decisions JOIN models ON models.id = model_id
            WHERE source = ? AND (name, version, models.sha256, grounds) = (?, ?, ?, ?)
        """
        made = (model.name, model.version, model.sha256, _version())
        row = self._connection.execute(query, (name_of(source), *made)).fetchone()
        return row is not None and row[0] == checksum(source, self._limits)

    def add(self, outcome: bytes | Failure) -> None:
        """Add a record, as a line of JSON, or a failure.

        A record takes the place of an older one of its source, and its source is no failure any
        more. A failure leaves an older record as it is.

        Raises
        ------
        OSError
            If the disk is full or fails, or another program keeps the file locked.
        """
        self._waiting.append(outcome)
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what was added, all of it or nothing."""
        if not self._waiting:
            return
        try:
            with _transaction(self._connection):
                self._write(self._waiting)
        except sqlite3.IntegrityError:
            self._waiting = []
            raise
        except sqlite3.DatabaseError as error:
            self._waiting = []
            raise OSError(error.sqlite_errorcode, problem(error), str(self._path)) from None
        self._waiting = []

    def _write(self, outcomes: Sequence[bytes | Failure]) -> None:
        lines = [json.loads(outcome) for outcome in outcomes if isinstance(outcome, bytes)]
        records = {name_of(values["source"]): values for values in lines}
        numbers = self._numbers(records)
        rows: Rows = defaultdict(list)
        for source, values in records.items():
            add_rows(values, numbers[source], self._model(**values["model"]), rows)
        self._do("INSERT INTO meta VALUES ('writing', ?)", [(_version(),)])
        self._remove(numbers.values())
        self._insert(rows)
        self._do("DELETE FROM meta WHERE key = ?", [("writing",)])
        failed = [one for one in outcomes if isinstance(one, Failure)]
        self._do("DELETE FROM failures WHERE source = ?", zip(records))
        self._do("INSERT OR REPLACE INTO failures VALUES (?, ?, ?)", map(self._failure, failed))

    def _failure(self, failure: Failure) -> Row:
        digest = checksum(failure.source, self._limits)
        return name_of(failure.source), digest, name_of(failure.problem)

    def _numbers(self, sources: Iterable[str]) -> dict[str, int]:
        """Return the number of each source: the one it has, else the next."""
        [(last,)] = self._connection.execute("SELECT coalesce(max(id), 0) FROM decisions")
        query = "SELECT id FROM decisions WHERE source = ?"
        numbers = {}
        for source in sources:
            row = self._connection.execute(query, (source,)).fetchone()
            last += row is None
            numbers[source] = row[0] if row else last
        return numbers

    def _remove(self, decisions: Collection[int]) -> None:
        """Remove decisions, those that are there, with all that belongs to them."""
        self._do(
            "INSERT INTO paragraphs_fts (paragraphs_fts, rowid, text) "
            "SELECT 'delete', id, text FROM paragraphs WHERE decision_id = ?",
            zip(decisions),
        )
        self._do("DELETE FROM decisions WHERE id = ?", zip(decisions))

    def _insert(self, rows: Rows) -> None:
        [(last,)] = self._connection.execute("SELECT coalesce(max(id), 0) FROM paragraphs")
        for table, columns in COLUMNS.items():
            marks = ", ".join("?" * len(columns))
            self._do(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows[table])
        added = "SELECT id, text FROM paragraphs WHERE id > ?"
        self._do(f"INSERT INTO paragraphs_fts (rowid, text) {added}", [(last,)])

    def _model(self, name: str, version: str, sha256: str) -> int:
        """Return the number of a model, which it is given where it has none."""
        made = (name, version, sha256, _version())
        self._do(
            "INSERT OR IGNORE INTO models (name, version, sha256, grounds) VALUES (?, ?, ?, ?)",
            [made],
        )
        query = "SELECT id FROM models WHERE (name, version, sha256, grounds) = (?, ?, ?, ?)"
        [(number,)] = self._connection.execute(query, made)
        return int(number)

    def _do(self, statement: str, rows: Iterable[Row]) -> None:
        self._connection.executemany(statement, rows)


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none, and bring what describes them up to date."""
    connection.executescript("PRAGMA foreign_keys = ON; PRAGMA synchronous = NORMAL;")
    [(schema,)] = connection.execute("PRAGMA user_version")
    if schema == 0:
        _create(connection)
    check_tables(connection, (*COLUMNS, "models", "meta", "codebook", "failures"))
    with _transaction(connection):  # better refused now than after the work
        _describe(connection)


def _describe(connection: sqlite3.Connection) -> None:
    meta = {"schema": str(SCHEMA), "grounds": _version(), "codebook": codebook().version}
    if dict(connection.execute("SELECT key, value FROM meta")) == meta:
        return
    connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
    connection.executemany(_TAG, map(_tag, codebook().tags.values(), count(1)))


def _create(connection: sqlite3.Connection) -> None:
    tables, views = (
        files("grounds.database").joinpath(name).read_text("utf-8")
        for name in ("schema.sql", "views.sql")
    )
    marks = f"PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {SCHEMA};"
    connection.executescript(f"BEGIN IMMEDIATE; {tables} {views} {marks} COMMIT;")


_TAG = """
    INSERT INTO codebook (tag, family, kind, status, meaning, provision, place)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tag) DO UPDATE SET
        place = excluded.place, meaning = excluded.meaning, provision = excluded.provision
"""


def _tag(tag: Tag, place: int) -> Row:
    kind, status = tag.id.split(":") if tag.family == "remedy" else (None, None)
    return tag.id, tag.family, kind, status, tag.definition, tag.provision, place


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do what is in the block, or nothing of it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@cache
def _version() -> str:
    return version("lgsco-grounds")
