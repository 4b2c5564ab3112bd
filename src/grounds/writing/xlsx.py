"""XLSX: a workbook with a sheet each for decisions, tags, remedies, evidence and the codebook.

It is written row by row, so that memory does not grow with the number of records.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from grounds.codebook import codebook
from grounds.record import ModelId, Record
from grounds.writing.plain import fitting, one_line, places
from grounds.writing.rows import Row, decision_rows, evidence_rows, tag_rows, values_of

ROWS = 1_048_576
"""So many rows a sheet holds, the headings among them."""

SHEETS = {
    "Decisions": {
        "reference": 12, "date": 12, "body": 28, "category": 30, "decision": 18, "grounds": 24,
        "bars": 18, "remedies": 26, "cited": 24, "review": 24, "warnings": 36, "source": 36,
    },
    "Tags": {
        "reference": 12, "date": 12, "body": 28, "tag": 24, "family": 9, "meaning": 44, "score": 8,
        "cited": 8, "paragraphs": 16, "evidence": 70, "source": 36,
    },
    "Remedies": {
        "reference": 12, "date": 12, "body": 28, "kind": 18, "status": 10, "meaning": 44,
        "score": 8, "paragraphs": 16, "evidence": 70, "source": 36,
    },
    "Evidence": {
        "reference": 12, "tag": 24, "paragraph": 12, "section": 12, "text": 90, "score": 8,
        "start": 8, "end": 8, "source": 36,
    },
    "Codebook": {
        "tag": 26, "family": 9, "meaning": 70, "provision": 12, "example": 70, "decisions": 13,
    },
    "Notes": {"heading": 18, "what it says": 100},
}  # fmt: skip
"""The columns of every sheet, and how wide they are in characters."""

_HEADINGS = {"review": "For review", "text": "Words"}
"""Headings that are not the column's name."""

_NOTES = {
    "Tag": "points to paragraphs: read them before you rely on it; the sheet Codebook says what it means",
    "Grounds, Bars": "why the Ombudsman did not investigate: what the decision relies on",
    "Remedies": "what was asked for, agreed, provided or declined to put things right",
    "Cited": "only listed among the Ombudsman's powers (on the sheet Tags: listed there as well)",
    "For review": "tags near the line, given or not, for a person to look at",
    "Score": "the probability that the tag, or this piece of evidence, is right",
    "Paragraphs": "numbers on the published page; the Summary has none and counts as 0",
    "Evidence": "the words that say it best; all of them are on the sheet Evidence",
    "Start, End": "where the words stand in the paragraph: characters, counted from 0",
    "Decisions": "on the sheet Codebook: how many decisions of this workbook have the tag",
    "Warnings": "what could not be made out in the file, or was restored",
}

_YEAR = 1900
"""Before this year a spreadsheet knows no dates."""

_FITTED = 10_000
"""So many rows of a sheet are as high as their text. Excel finds the heights of the others by itself,
LibreOffice does not; XlsxWriter keeps all that are given in memory."""

_LINE, _HIGHEST = 15, 409
"""The height of a line, and the most that a row can have, in points."""


def write(records: Iterable[Record], path: Path) -> None:
    """Write the records to a workbook.

    Raises
    ------
    OSError
        If the disk does not take it.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    # What it keeps on disk until the end stands beside the file, where there is room for that too.
    with TemporaryDirectory(dir=path.parent, prefix=".", ignore_cleanup_errors=True) as folder:
        book = Workbook(path, {"constant_memory": True, "tmpdir": folder})
        book.use_zip64()
        book.set_properties({"created": datetime.datetime(2000, 1, 1)})  # the same bytes every time
        _fill(book, records)
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from None


def _fill(book: Any, records: Iterable[Record]) -> None:
    sheets = {name: _Sheet(book, name, widths) for name, widths in SHEETS.items()}
    counts: Counter[str] = Counter()
    model = None
    for record in records:
        values, model = values_of(record), record.model
        for row in decision_rows(values):
            sheets["Decisions"].add(row)
        for row in tag_rows(values):
            counts[row["tag"]] += 1
            row["meaning"] = codebook().tag(row["tag"]).definition
            row["paragraphs"] = places(row["paragraphs"])
            sheets["Remedies" if row["family"] == "remedy" else "Tags"].add(row)
        for row in evidence_rows(values):
            sheets["Evidence"].add(row)
    for row in _codebook_rows(counts):
        sheets["Codebook"].add(row)
    for row in _note_rows(model):
        sheets["Notes"].add(row)
    for sheet in sheets.values():
        sheet.finish()


def _codebook_rows(counts: Mapping[str, int]) -> Iterable[Row]:
    for tag in codebook().tags.values():
        yield {
            "tag": tag.id,
            "family": tag.family,
            "meaning": tag.definition,
            "provision": tag.provision,
            "example": tag.examples[0],
            "decisions": counts[tag.id],
        }


def _note_rows(model: ModelId | None) -> Iterable[Row]:
    notes = dict(_NOTES)
    if model is not None:
        notes["Model"] = f"{model.name} {model.version}, SHA-256 {model.sha256}"
    for heading, note in notes.items():
        yield {"heading": heading, "what it says": note}


class _Sheet:
    """A sheet that grows row by row, and goes on in another one when it is full."""

    def __init__(self, book: Any, name: str, widths: Mapping[str, int]) -> None:
        self._book, self._name, self._widths = book, name, widths
        self._heading = book.add_format(
            {"bold": True, "bg_color": "#E4EAF0", "bottom": 1, "text_wrap": True, "valign": "top"}
        )
        look = {"text_wrap": True, "valign": "top", "align": "left"}
        self._body = book.add_format(look)
        self._formats = {
            "date": book.add_format({**look, "num_format": "d mmm yyyy"}),
            "score": book.add_format({**look, "num_format": "0.00"}),
        }
        self._sheets = 0
        self._begin()

    def _begin(self) -> None:
        self._sheets += 1
        number = f" {self._sheets}" if self._sheets > 1 else ""
        self._sheet = self._book.add_worksheet(f"{self._name}{number}")
        self._sheet.freeze_panes(1, 1)
        for column, (name, width) in enumerate(self._widths.items()):
            self._sheet.set_column(column, column, width, self._formats.get(name, self._body))
            self._sheet.write_string(
                0, column, _HEADINGS.get(name, name.capitalize()), self._heading
            )
        self._sheet.set_landscape()
        self._sheet.set_paper(9)  # A4
        self._sheet.fit_to_pages(1, 0)
        self._sheet.repeat_rows(0)
        self._row = 1

    def add(self, row: Row) -> None:
        """Write a row; what it has beyond the columns of this sheet is left out."""
        if self._row == ROWS:
            self.finish()
            self._begin()
        cells = [_cell(row[name]) for name in self._widths]
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                self._sheet.write_string(self._row, column, cell)
            elif isinstance(cell, datetime.date):
                self._sheet.write_datetime(self._row, column, cell)
            elif cell is not None:
                self._sheet.write_number(self._row, column, cell)
        if self._row < _FITTED:
            self._sheet.set_row(self._row, _height(cells, self._widths.values()))
        self._row += 1

    def finish(self) -> None:
        """Let the rows be filtered."""
        self._sheet.autofilter(0, 0, self._row - 1, len(self._widths) - 1)


def _cell(value: Any) -> Any:
    """Return what stands in a cell: a number, a date, a text, or nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime.date) and value.year < _YEAR:
        return str(value)
    if not isinstance(value, str | list):
        return value
    text = "\n".join(map(one_line, [value] if isinstance(value, str) else value))
    # XlsxWriter would take such a text for its own markup, and write it into the file as it is.
    return fitting(f" {text}" if text.startswith("<r>") else text) or None


def _height(cells: Iterable[Any], widths: Iterable[int]) -> int:
    """Return how high a row has to be, in points, for its longest cell to be seen."""
    lines = (
        sum(1 + len(line) // (width + width // 10) for line in cell.split("\n"))
        for cell, width in zip(cells, widths, strict=True)
        if isinstance(cell, str)
    )
    return min(_LINE * max(lines, default=1), _HIGHEST)
