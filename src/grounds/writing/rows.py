"""Rows: records as tables with one row a decision, a tag or a piece of evidence.

CSV, spreadsheets, Parquet and data frames take their rows from here, each with the columns that
suit it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, get_args

from grounds.codebook import codebook
from grounds.errors import GroundsError
from grounds.record import Record
from grounds.writing.plain import without_surrogates

Rows = Literal["decisions", "tags", "evidence"]
"""What one row of a table is about."""

Kind = Literal["text", "date", "number", "score", "flag", "texts", "numbers"]
"""What a column holds; `text` and `date` may be missing."""

Row = dict[str, Any]

_HEADER: dict[str, Kind] = {
    "source": "text",
    "reference": "text",
    "body": "text",
    "category": "text",
    "decision": "text",
    "date": "date",
}

_LISTS = ("grounds", "bars", "remedies", "cited", "review", "warnings")

_TAG: dict[str, Kind] = {
    "tag": "text",
    "family": "text",
    "kind": "text",
    "status": "text",
    "score": "score",
    "cited": "flag",
    "paragraphs": "numbers",
    "evidence": "text",
}

_EVIDENCE: dict[str, Kind] = {
    "tag": "text",
    "family": "text",
    "paragraph": "number",
    "section": "text",
    "start": "number",
    "end": "number",
    "text": "text",
    "score": "score",
}


def columns(rows: Rows) -> dict[str, Kind]:
    """Return the names of a table's columns, in order, and what each holds.

    Raises
    ------
    GroundsError
        If there are no such rows.

    Examples
    --------
    >>> [name for name, kind in columns("evidence").items() if kind == "number"]
    ['paragraph', 'start', 'end']
    """
    if rows == "decisions":
        return _HEADER | dict.fromkeys(_LISTS, "texts") | dict.fromkeys(codebook().tags, "flag")
    if rows == "tags":
        return _HEADER | _TAG
    if rows == "evidence":
        return _HEADER | _EVIDENCE
    raise GroundsError(f"unknown rows {rows!r}; known are {', '.join(get_args(Rows))}")


def values_of(record: Record) -> Row:
    """Return a record as plain values that any table can hold: real dates, and only characters."""
    values: Row = _characters(record.to_dict())
    if values["date"] is not None:
        values["date"] = datetime.date.fromisoformat(values["date"])
    return values


def decision_rows(values: Row) -> Iterator[Row]:
    """Yield the one row of a decision: what it relies on as lists, and as one flag a tag."""
    tags, remedies = values["tags"], values["remedies"]
    given = {found["tag"] for found in (*tags, *remedies)}
    yield {
        **_header(values),
        "grounds": [found["tag"] for found in tags if found["family"] == "ground"],
        "bars": [found["tag"] for found in tags if found["family"] == "bar"],
        "remedies": [found["tag"] for found in remedies],
        "cited": [cited["tag"] for cited in values["cited"]],
        "review": [review["tag"] for review in values["review"]],
        "warnings": values["warnings"],
        **{tag: tag in given for tag in codebook().tags},
    }


def tag_rows(values: Row) -> Iterator[Row]:
    """Yield a row for each ground, bar and remedy of a decision, with its best words."""
    header = _header(values)
    for found in found_in(values):
        pieces = found["evidence"]
        yield {
            **header,
            **found,
            "paragraphs": sorted({piece["paragraph"] for piece in pieces}),
            "evidence": pieces[0]["text"] if pieces else None,
        }


def evidence_rows(values: Row) -> Iterator[Row]:
    """Yield a row for each piece of evidence of a decision, the best of a tag first."""
    header = _header(values)
    sections = {paragraph["number"]: paragraph["section"] for paragraph in values["paragraphs"]}
    for found in found_in(values):
        for piece in found["evidence"]:
            yield {
                **header,
                "tag": found["tag"],
                "family": found["family"],
                "section": sections.get(piece["paragraph"]),
                **piece,
            }


def found_in(values: Row) -> Iterator[Row]:
    """Yield grounds, bars and remedies of a decision, all with the same keys."""
    for found in values["tags"]:
        yield {"kind": None, "status": None, **found}
    for found in values["remedies"]:
        yield {"family": "remedy", "cited": False, **found}


ROWS: Mapping[Rows, Callable[[Row], Iterator[Row]]] = {
    "decisions": decision_rows,
    "tags": tag_rows,
    "evidence": evidence_rows,
}
"""What makes the rows of a table of a record's values."""


def _header(values: Row) -> Row:
    return {name: values[name] for name in _HEADER}


def _characters(value: Any) -> Any:
    """Replace what stands for bytes that are no character, in every text."""
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, dict):
        return {key: _characters(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_characters(entry) for entry in value]
    return value
