"""Tables as spreadsheets save them: rows by the names of their columns, with the lines they are on.

Cells are parted by commas, by semicolons (where the comma is the decimal sign) or by tabs ("Unicode
text"). The text is UTF-8, or UTF-16 with a byte order mark, or else Windows-1252.
"""

from __future__ import annotations

import csv
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from reprlib import repr as shortened
from typing import Any

from grounds.corpus.place import Place, collecting, decode, read_bytes
from grounds.errors import InputError
from grounds.limits import LIMITS, Limits

Row = tuple[dict[str, str], Place]
"""Cells by column, and the line where the row begins."""

_DELIMITERS = ",;\t"
_BROKEN = "â€"  # a quotation mark or dash in UTF-8, so that the file is damaged UTF-8


def read_cells(
    path: Path, errors: list[InputError] | None = None, limits: Limits = LIMITS
) -> tuple[tuple[str, ...], Iterator[Row]]:
    """Return the columns of a table, and its rows; rows without any words are passed over.

    Parameters
    ----------
    path
        The file.
    errors
        Takes the errors of rows that cannot be used, instead of raising the first.
    limits
        How much is read.

    Raises
    ------
    InputError
        Where the file is no table, or a row has other cells than the columns, with the line.
    """
    text, source = _text(path, limits), str(path)
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # decisions pass the usual limit
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    cells = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        columns = tuple(name.strip().lower() for name in next(cells, []))
    except csv.Error as error:
        raise InputError(source, f"not CSV: {error}", cells.line_num) from None
    for name in columns:
        if name and columns.count(name) > 1:
            raise InputError(source, f"column {shortened(name)} is there more than once", 1)
    return columns, _rows(cells, columns, Place(source, limits=limits), errors)


def _rows(
    cells: Any, columns: tuple[str, ...], table: Place, errors: list[InputError] | None
) -> Iterator[Row]:
    line = cells.line_num + 1
    try:
        for row in cells:
            place, line = replace(table, line=line), cells.line_num + 1
            with collecting(errors):
                if len(row) < len(columns) and any(row) or any(row[len(columns) :]):
                    raise place.error(f"{len(row)} fields, but the table has {len(columns)}")
                if any(cell.strip() for cell in row):
                    yield dict(zip(columns, row, strict=False)), place
    except csv.Error as error:
        raise InputError(table.source, f"not CSV: {error}", cells.line_num) from None


def _text(path: Path, limits: Limits) -> str:
    data = read_bytes(path, limits)
    try:
        if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            return data.decode("utf-16")
    except UnicodeDecodeError:
        raise InputError(path, "not UTF-16; save the file as UTF-8") from None
    try:
        return decode(data, Place(str(path), 1))
    except InputError as error:
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            raise error from None
        if _BROKEN in text:
            raise
        return text
