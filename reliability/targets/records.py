"""Records that are read back: from JSON Lines, and from a database that somebody had in hand."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from random import Random

from inputs import bytes_changed, json_changed
from invariants import Broken, check_record
from records import labelled, record_of
from scratch import folder, found, held

from grounds import database
from grounds.database.store import opened
from grounds.record import Record
from grounds.writing import jsonl
from targets import Target

_NAMES = ("short/01.md", "short/04.md")

_TABLES = (
    "decisions", "paragraphs", "tags", "remedies", "evidence", "cited", "review", "warnings", "models",
)  # fmt: skip
_COLUMNS = (
    "id", "decision_id", "number", "section", "heading", "text", "tag", "family", "score", "cited", "place",
    "paragraph", "start", "stop", "paragraphs", "warning", "source", "sha256", "date", "layout", "model_id", "kind",
)  # fmt: skip
_VALUES = (
    "NULL", "0", "-1", "1", "9223372036854775807", "1e999", "-1e999", "0.5", "''", "'x'", "x'00ff'", "char(0)",
    "zeroblob(100000)", "hex(zeroblob(10000))", "'late'", "'[1,2]'", "'[' || '1'", "replace(hex(zeroblob(9999)), '0', '[')",
    "CAST(x'ff' AS TEXT)", "'2025-02-30'", "'=1+1'", "'<script>'", "random()", "1 + 1e300", "'apology:sought'",
)  # fmt: skip
_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id, i AS decision_id"
_SQL: tuple[str, ...] = (
    "UPDATE {table} SET {column} = {value}",
    "UPDATE {table} SET {column} = {value} WHERE rowid = 1",
    "DELETE FROM {table} WHERE rowid = 1",
    "DELETE FROM {table}",
    "INSERT INTO {table} SELECT * FROM {table}",
    "DROP TABLE {table}",
    "ALTER TABLE {table} RENAME TO old",
    "ALTER TABLE {table} RENAME TO old; CREATE VIEW {table} AS SELECT * FROM old",
    "ALTER TABLE {table} RENAME TO old; CREATE VIEW {table} AS " + _ENDLESS + " FROM n",
    "ALTER TABLE {table} RENAME TO old; CREATE VIEW {table} AS SELECT o.* FROM old o, old, old p, old q",
    "ALTER TABLE {table} RENAME COLUMN {column} TO other",
    "ALTER TABLE {table} ADD COLUMN more TEXT DEFAULT {value}",
    "ALTER TABLE {table} ADD COLUMN made AS (hex(zeroblob(1000000)))",
    "CREATE TRIGGER t{seed} AFTER INSERT ON {table} BEGIN DELETE FROM decisions; END",
    "CREATE TEMP VIEW {table} AS SELECT 1",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = replace(sql, 'TEXT', 'BLOB')",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = {value} WHERE name = '{table}'",
    "PRAGMA writable_schema = ON; UPDATE sqlite_master SET rootpage = 2",
    "PRAGMA user_version = {seed}",
    "PRAGMA application_id = {seed}",
)
"""What somebody may do to a database."""


def _lines() -> Iterator[bytes]:
    records = [record_of(labelled(name)) for name in _NAMES]
    yield b"".join(map(jsonl.line_of, records))
    yield json.dumps(records[0].to_dict(), indent=None).encode("utf-16")
    yield from found("records-jsonl")


def _databases() -> Iterator[bytes]:
    path = folder() / "seed.db"
    with opened(path) as store:
        for name in _NAMES:
            store.add(jsonl.line_of(record_of(labelled(name))))
    with closing(sqlite3.connect(path)) as made:  # as small as may be
        made.executescript("DROP TABLE paragraphs_fts; DELETE FROM codebook")
        for kind, name in made.execute("SELECT type, name FROM sqlite_master").fetchall():
            if kind in ("view", "trigger") or (kind == "index" and not name.startswith("sqlite_")):
                made.execute(f"DROP {kind} {name}")
        made.executescript("PRAGMA page_size = 512; VACUUM")
    yield path.read_bytes()
    path.unlink()
    yield from found("records-db")


def _database_changed(data: bytes, draw: Random) -> bytes:
    """Change the pages of a database, or ask SQLite to change what is in it."""
    if draw.random() < 0.3:
        at = draw.randrange(len(data) + 1)
        return data[:at] + draw.randbytes(draw.choice((1, 2, 8))) + data[at + 1 :]
    if draw.random() < 0.1:
        return bytes_changed(data, draw)
    words = {
        "table": draw.choice(_TABLES), "column": draw.choice(_COLUMNS), "value": draw.choice(_VALUES),
        "seed": draw.randrange(1 << 31),
    }  # fmt: skip
    with closing(sqlite3.connect(":memory:")) as changed:
        try:
            changed.deserialize(data)
            changed.set_progress_handler(lambda: 1, 1_000_000)
            changed.executescript(draw.choice(_SQL).format(**words))
            return changed.serialize()
        except (sqlite3.Error, sqlite3.Warning, ValueError):
            return data


def _check(path: Path, read: Callable[[Path], Iterator[Record]]) -> None:
    records = list(read(path))
    for record in records:
        if all(found.evidence for found in (*record.tags, *record.remedies)):  # as ours have
            check_record(record)
    if [one.to_dict() for one in read(path)] != [one.to_dict() for one in records]:
        raise Broken("reading twice does not give the same")


def _check_lines(data: bytes) -> None:
    with held(data, ".jsonl") as path:
        _check(path, jsonl.read_records)


def _check_database(data: bytes) -> None:
    with held(data, ".db") as path:
        before = set(folder().iterdir())
        _check(path, database.read)
        numbers = [one.number for one in database.listed(path)]
        if any(one >= other for one, other in pairwise(numbers)):
            raise Broken(f"numbers are {numbers}")
        for number in numbers[:3]:
            if database.find(path, number) is None:
                raise Broken(f"{number} is listed and not found")
        if path.read_bytes() != data or set(folder().iterdir()) != before:
            raise Broken("reading has written")


TARGETS = (
    Target("records-jsonl", "records (`.jsonl`)", _lines, _check_lines, json_changed),
    Target("records-db", "records (`.db`)", _databases, _check_database, _database_changed),
)
