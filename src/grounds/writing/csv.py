"""CSV: one row a decision, for a spreadsheet. ``docs/formats.md`` describes the columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from grounds.codebook import codebook
from grounds.record import Record
from grounds.writing.plain import fitting, one_line, places
from grounds.writing.rows import Row, decision_rows, tag_rows, values_of

FIELDS = (
    "source", "reference", "body", "category", "decision", "date",
    "grounds", "bars", "remedies", "cited", "review", "evidence", "warnings",
)  # fmt: skip
"""The columns before the one column a tag."""

_SENTENCES = ("evidence", "warnings")
"""Columns whose entries have spaces and semicolons in them."""

_BEFORE = r"((?:^|;)[\s\"\u200b\ufeff]*)"
"""Where a spreadsheet may see a cell begin: one that takes semicolons for borders sees more of them."""

_SIGNS = "(?=[-=+@＝＋－＠])"  # noqa: RUF001 - some spreadsheets take wide ones for the same
_FORMULA, _KEPT = (re.compile(f"{_BEFORE}{kept}{_SIGNS}") for kept in ("('*)", "'('*)"))


def write(records: Iterable[Record], path: Path) -> None:
    """Write the records to a file that spreadsheets open as UTF-8."""
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns())
        writer.writerows(map(row, records))


def columns() -> tuple[str, ...]:
    """Return the names of the columns."""
    return FIELDS + tuple(codebook().tags)


def row(record: Record) -> list[str | int]:
    """Return the cells of one decision, in the order of `columns`."""
    values = values_of(record)
    (found,) = decision_rows(values)
    found["evidence"] = [_best(tag) for tag in tag_rows(values)]
    cells = (cell(_joined(found[name], " | " if name in _SENTENCES else ";")) for name in FIELDS)
    return [*cells, *(int(found[tag]) for tag in codebook().tags)]


def _best(found: Row) -> str:
    """Return the paragraphs that carry a tag, and the best words."""
    if found["evidence"] is None:
        return str(found["tag"])
    return f"{found['tag']} ({places(found['paragraphs'])}): {found['evidence']}"


def _joined(value: str | date | list[str] | None, between: str) -> str:
    """Return a value as text, several of them with something between."""
    return between.join(value) if isinstance(value, list) else str(value or "")


def cell(text: str) -> str:
    """Return `text` on one line, as long as cells may be, and kept from being read as a formula.

    >>> cell("=1+1"), cell("yes;=1+1"), cell("'=1+1"), cell("1 = 1")
    ("'=1+1", "yes;'=1+1", "''=1+1", '1 = 1')
    """
    return fitting(_FORMULA.sub(r"\1'\2", one_line(text).strip()))


def from_cell(line: str) -> str:
    """Return the text of a cell that `cell` wrote."""
    return _KEPT.sub(r"\1\2", line)
