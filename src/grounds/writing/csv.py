"""CSV: one row a decision, for a spreadsheet. ``docs/formats.md`` describes the columns."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from grounds.codebook import codebook
from grounds.record import Record, TagFound
from grounds.writing.plain import one_line, places

FIELDS = (
    "source", "reference", "body", "category", "decision", "date",
    "grounds", "bars", "remedies", "cited", "review", "evidence", "warnings",
)  # fmt: skip
"""The columns before the one column a tag."""

_FORMULA = ("=", "+", "-", "@")


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
    decision = record.decision
    relied = {found.tag for found in (*record.tags, *record.remedies)}
    cells = (
        decision.source,
        decision.reference or "",
        decision.body or "",
        decision.category or "",
        decision.outcome or "",
        decision.date or "",
        ";".join(found.tag for found in record.tags if found.family == "ground"),
        ";".join(found.tag for found in record.tags if found.family == "bar"),
        ";".join(found.tag for found in record.remedies),
        ";".join(cited.tag for cited in record.cited),
        ";".join(review.tag for review in record.review),
        " | ".join(_best(found) for found in (*record.tags, *record.remedies)),
        " | ".join(decision.warnings),
    )
    return [*map(cell, cells), *(int(tag in relied) for tag in codebook().tags)]


def _best(found: TagFound) -> str:
    """Return the paragraphs that carry a tag, and the best words."""
    if not found.evidence:
        return found.tag
    where = places(evidence.paragraph for evidence in found.evidence)
    return f"{found.tag} ({where}): {found.evidence[0].text}"


def cell(text: str) -> str:
    """Return `text` on one line, and kept from being read as a formula."""
    line = one_line(text).strip()
    return f"'{line}" if line.startswith(_FORMULA) else line


def from_cell(line: str) -> str:
    """Return the text of a cell that `cell` wrote."""
    return line[1:] if line.startswith("'") and line[1:].startswith(_FORMULA) else line
