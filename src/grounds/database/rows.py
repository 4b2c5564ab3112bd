"""Records as rows of tables, and rows as records."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from grounds.record import SCHEMA, Record

Row = tuple[Any, ...]
Rows = dict[str, list[Row]]
"""Rows by their table."""

COLUMNS = {
    "decisions": (
        "id", "model_id", "source", "sha256", "reference", "body", "category", "decision", "date",
        "layout",
    ),
    "paragraphs": ("decision_id", "number", "section", "heading", "text"),
    "tags": ("decision_id", "place", "tag", "family", "score", "cited"),
    "remedies": ("decision_id", "place", "tag", "kind", "status", "score"),
    "evidence": ("decision_id", "tag", "place", "paragraph", "start", "stop", "text", "score"),
    "cited": ("decision_id", "place", "tag", "paragraphs"),
    "review": ("decision_id", "place", "tag", "score"),
    "warnings": ("decision_id", "place", "warning"),
}  # fmt: skip
"""The columns of the tables that hold records, in an order in which they can be filled."""

_HEADER = COLUMNS["decisions"][2:]
_SURROGATE = re.compile("[\ud800-\udfff]")


def add_rows(values: Mapping[str, Any], decision: int, model: int, to: Rows) -> None:
    """Add the rows of a record, as plain values, to those of others.

    Parameters
    ----------
    values
        As `Record.to_dict` gives them.
    decision, model
        The numbers of the decision and of the model in the database.
    to
        The rows so far.
    """
    header = (values[name] for name in _HEADER[1:])
    to["decisions"].append((decision, model, name_of(values["source"]), *map(_text, header)))
    to["paragraphs"] += [
        (decision, one["number"], one["section"], _text(one["heading"]), _text(one["text"]))
        for one in values["paragraphs"]
    ]
    to["tags"] += [
        (decision, place, one["tag"], one["family"], one["score"], int(one["cited"]))
        for place, one in enumerate(values["tags"], 1)
    ]
    to["remedies"] += [
        (decision, place, one["tag"], one["kind"], one["status"], one["score"])
        for place, one in enumerate(values["remedies"], 1)
    ]
    to["evidence"] += [
        (
            decision, found["tag"], place, one["paragraph"], one["start"], one["end"],
            _text(one["text"]), one["score"],
        )
        for found in (*values["tags"], *values["remedies"])
        for place, one in enumerate(found["evidence"], 1)
    ]  # fmt: skip
    to["cited"] += [
        (decision, place, one["tag"], json.dumps(one["paragraphs"]))
        for place, one in enumerate(values["cited"], 1)
    ]
    to["review"] += [
        (decision, place, one["tag"], one["score"]) for place, one in enumerate(values["review"], 1)
    ]
    to["warnings"] += [
        (decision, place, _text(warning)) for place, warning in enumerate(values["warnings"], 1)
    ]


def name_of(source: str) -> str:
    r"""Return a source as the database names it.

    SQLite's text is UTF-8. The odd bytes of a file name that is not, which Python keeps as lone
    surrogates, are written as JSON writes them.

    >>> name_of("caf\udce9.txt")
    'caf\\udce9.txt'
    """
    return source.encode("utf-8", "backslashreplace").decode("utf-8")


def _text(text: str | None) -> str | None:
    """Return text that SQLite can keep, as long as it was: offsets count its characters."""
    if text is None or text.isascii():
        return text
    return _SURROGATE.sub("\ufffd", text)


def record(connection: sqlite3.Connection, decision: int) -> Record:
    """Return the record of a decision, by its number in the database."""
    rows = {
        table: [dict(row) for row in connection.execute(query, (decision,))]
        for table, query in _QUERIES.items()
    }
    evidence = defaultdict(list)
    for row in rows["evidence"]:
        evidence[row.pop("tag")].append(row)
    [header] = rows["decisions"]
    [model] = rows["models"]
    return Record.from_dict(
        {
            "schema": SCHEMA,
            **header,
            "paragraphs": rows["paragraphs"],
            "tags": [
                {**row, "cited": bool(row["cited"]), "evidence": evidence[row["tag"]]}
                for row in rows["tags"]
            ],
            "cited": [
                {"tag": row["tag"], "paragraphs": json.loads(row["paragraphs"])}
                for row in rows["cited"]
            ],
            "remedies": [{**row, "evidence": evidence[row["tag"]]} for row in rows["remedies"]],
            "review": rows["review"],
            "warnings": [row["warning"] for row in rows["warnings"]],
            "model": model,
        }
    )


_QUERIES = {
    "decisions": f"SELECT {', '.join(_HEADER)} FROM decisions WHERE id = ?",
    "models": "SELECT name, version, models.sha256 FROM models "
    "JOIN decisions ON model_id = models.id WHERE decisions.id = ?",
    "paragraphs": "SELECT number, section, heading, text FROM paragraphs "
    "WHERE decision_id = ? ORDER BY id",
    "tags": "SELECT tag, family, score, cited FROM tags WHERE decision_id = ? ORDER BY place",
    "remedies": "SELECT tag, score FROM remedies WHERE decision_id = ? ORDER BY place",
    "evidence": 'SELECT tag, paragraph, start, stop AS "end", text, score FROM evidence '
    "WHERE decision_id = ? ORDER BY tag, place",
    "cited": "SELECT tag, paragraphs FROM cited WHERE decision_id = ? ORDER BY place",
    "review": "SELECT tag, score FROM review WHERE decision_id = ? ORDER BY place",
    "warnings": "SELECT warning FROM warnings WHERE decision_id = ? ORDER BY place",
}
