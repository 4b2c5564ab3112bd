"""Pages of decisions as files: one decision as a page, several as a folder of pages with a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp

from grounds.errors import GroundsError
from grounds.pages import PAGES, decision, is_ours, put_page
from grounds.pages.decision import Link
from grounds.pages.index import Row, page, row_of
from grounds.record import Record
from grounds.replacing import check_file

_FOLDER, _INDEX = "decisions", "index.html"
_BACK = Link(f"../{_INDEX}", "All decisions")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 60


def place_for(output: Path | None, inputs: int | None = None) -> Path:
    """Return where pages go: a file for one decision, a folder for several.

    Parameters
    ----------
    output
        Where they are wanted; ``None`` for one decision that is only to be looked at, whose page
        goes to a new folder for temporary files that only this user can read.
    inputs
        How many decisions there are; ``None`` where that is not known, and there may be many.

    Raises
    ------
    GroundsError
        If they cannot go there.
    """
    if output is None:
        if inputs != 1:
            raise GroundsError("several decisions are shown in a folder: name it with -o")
        return Path(mkdtemp(prefix="grounds-")) / "decision.html"
    if output.suffix.lower() in PAGES:
        if inputs != 1:
            raise GroundsError(f"{output}: a page shows one decision; name a folder for several")
        check_file(output)
    elif output.exists() and not output.is_dir() or not output.parent.is_dir():
        raise GroundsError(f"{output}: not a .html file, nor a folder that is there or can be made")
    else:
        _check_ours(output)
    return output


def _check_ours(folder: Path) -> None:
    """Refuse a folder in which pages of another origin stand where ours go."""
    for file in (folder / _INDEX, *(folder / _FOLDER).glob("*.html")):
        if file.is_file() and not is_ours(file):
            raise GroundsError(f"{file}: is in the way, and no page of ours; name another folder")


def write(records: Iterable[Record], place: Path) -> Path | None:
    """Write pages to a place; return the one to open, ``None`` where there are no records.

    In a folder every decision has a page, and ``index.html``, which comes last, lists them. Older
    pages of the same names are replaced. One record at a time is held in memory.

    Parameters
    ----------
    records
        What the pages show.
    place
        From `place_for`.
    """
    if place.suffix.lower() in PAGES:
        for record in records:
            put_page(decision.page(record), place)
            return place
        return None
    rows: list[Row] = []
    names: set[str] = set()
    for record in records:
        name = _name(record, names)
        names.add(name)
        (place / _FOLDER).mkdir(parents=True, exist_ok=True)
        put_page(decision.page(record, _BACK), place / _FOLDER / name)
        rows.append(row_of(record, f"{_FOLDER}/{name}"))
    if not rows:
        return None
    put_page(page(rows), place / _INDEX)
    return place / _INDEX


def _name(record: Record, taken: set[str]) -> str:
    """Return the name of a decision's page: its reference or that of its file, and only its own."""
    called = record.decision.reference or Path(record.decision.source).stem
    plain = _NOT_IN_NAMES.sub("-", called.lower()).strip("-")[:_LONGEST_NAME] or "decision"
    name, again = f"{plain}.html", 1
    while name in taken:
        again += 1
        name = f"{plain}-{again}.html"
    return name
