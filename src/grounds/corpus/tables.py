"""Labelled decisions as CSV: one decision a row, labelled as a whole.

Column ``text`` holds a decision, or ``path`` names its file, relative to the table. Column
``tags`` holds the tags it relies on, separated by semicolons. Columns ``cited`` (what it only
cites) and ``source`` (the file that the text came from; its folder is what folds go by) may be
missing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from grounds.corpus.cells import read_cells
from grounds.corpus.copies import exact_copy_of
from grounds.corpus.labelling import is_labelling, read_labelling
from grounds.corpus.place import Place, Unlabelled, collecting
from grounds.decision import Decision, LabelledDecision
from grounds.errors import InputError
from grounds.limits import LIMITS, Limits
from grounds.reading import read, read_text

_SHOWN, _LONGEST = 8, 40  # columns that a message names, and characters of each
_COLUMNS = ("text", "tags", "cited", "source")


def read_table(
    path: Path, errors: list[InputError] | None = None, limits: Limits = LIMITS
) -> Iterator[LabelledDecision | Unlabelled]:
    """Yield the labelled decisions of a CSV file.

    Parameters
    ----------
    path
        The file: a decision a row, or a labelling table (`grounds.corpus.labelling`).
    errors
        Takes the errors of rows that cannot be used, instead of raising the first.
    limits
        How much is read.

    Raises
    ------
    InputError
        Where the table or a row cannot be used, with the line and what is wrong.
    """
    columns, rows = read_cells(path, errors, limits)
    if is_labelling(columns):
        yield from read_labelling(columns, rows, path, errors)
        return
    _check_columns(columns, Place(str(path), 1))
    for row, place in rows:
        with collecting(errors):
            tags = frozenset(place.tags(_split(row["tags"])))
            cited = place.cited(_split(row["cited"])) if "cited" in row else None
            yield LabelledDecision(_decision(row, path, place), tags, cited)


def write_table(decisions: Iterable[LabelledDecision], file: TextIO) -> None:
    """Write labelled decisions as CSV, which `read_table` reads back; spans are lost."""
    table = csv.writer(file)
    table.writerow(_COLUMNS)
    for labelled in decisions:
        tags, cited = (";".join(sorted(tags or ())) for tags in (labelled.tags, labelled.cited))
        table.writerow(
            (exact_copy_of(labelled.decision).text, tags, cited, labelled.decision.source)
        )


def _check_columns(columns: tuple[str, ...], place: Place) -> None:
    found = f"(found: {', '.join(name[:_LONGEST] for name in columns[:_SHOWN])})"
    if "tags" not in columns:
        raise place.error(f"no column 'tags' {found}")
    if not {"text", "path"} & set(columns):
        raise place.error(f"no column 'text' or 'path' {found}")


def _decision(row: dict[str, str], table: Path, place: Place) -> Decision:
    if not row.get("text") and row.get("path") == "-":  # which would wait for somebody to type
        raise place.error("'-' is no file; name one in the column 'path'")
    try:
        if row.get("text"):
            source = row.get("source") or f"{table}:{place.line}"
            return read_text(row["text"], source, place.limits)
        return read(table.parent / row.get("path", ""), place.limits)
    except InputError as error:
        raise place.error(error.problem if row.get("text") else str(error)) from error


def _split(names: str) -> list[str]:
    return [name for name in names.split(";") if name.strip()]
