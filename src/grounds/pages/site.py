"""Pages of decisions as files: one decision as a page, several as a folder of pages with a list."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from grounds.errors import GroundsError
from grounds.pages import PAGES, decision, is_ours, put_page
from grounds.pages.decision import Link
from grounds.pages.index import Row, page, row_of
from grounds.reading.containers import CONTAINERS
from grounds.reading.files import SUFFIXES
from grounds.record import Record
from grounds.replacing import check_file
from grounds.writing import FORMATS

_FOLDER, _INDEX = "decisions", "index.html"
_BACK = Link(f"../{_INDEX}", "All decisions")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 60
_LOOKED_AT, _PAGE, _DAY = "grounds-looked-at-", "decision.html", 86_400
_OTHERS = (SUFFIXES | CONTAINERS | {*FORMATS, ".db", ".json"}) - {*PAGES}


def place_for(output: Path | None, inputs: int | None = None) -> Path:
    """Return where pages go: a file for one decision, a folder for several.

    Parameters
    ----------
    output
        Where they are wanted; ``None`` for one decision that is only to be looked at, whose page
        goes to a new folder for temporary files that only this user can read. It is removed after
        a day, when another one is looked at.
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
        _remove_older()
        return Path(mkdtemp(prefix=_LOOKED_AT)) / _PAGE
    if output.suffix.lower() in _OTHERS and not output.is_dir():
        raise GroundsError(f"{output}: pages are a .html file, or a folder")
    if output.suffix.lower() in PAGES:
        if inputs != 1:
            raise GroundsError(f"{output}: a page shows one decision; name a folder for several")
        check_file(output)
    elif output.exists() and not output.is_dir() or not output.parent.is_dir():
        raise GroundsError(f"{output}: not a .html file, nor a folder that is there or can be made")
    else:
        _check_ours(output)
    return output


def _remove_older() -> None:
    """Remove pages that were looked at a day ago or before: nobody knows when a browser is done."""
    for folder in Path(gettempdir()).glob(f"{_LOOKED_AT}????????"):
        with suppress(OSError):
            if folder.stat().st_mtime < time.time() - _DAY:
                (folder / _PAGE).unlink(missing_ok=True)
                folder.rmdir()


def check_outside(place: Path, inputs: Iterable[Path]) -> None:
    """Refuse a folder for pages inside one that is read: the next run would read the pages.

    Raises
    ------
    GroundsError
        If `place` is, or lies in, one of the inputs.
    """
    for folder in inputs:
        if place.suffix.lower() not in PAGES and place.resolve().is_relative_to(folder.resolve()):
            raise GroundsError(f"{place}: lies in {folder}, which is read; name another folder")


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
    names: Counter[str] = Counter()
    for record in records:
        name = _name(record, names)
        (place / _FOLDER).mkdir(parents=True, exist_ok=True)
        html = decision.page(record, _BACK)
        put_page(html, place / _FOLDER / name, durable=False)  # thousands, and easily made again
        rows.append(row_of(record, f"{_FOLDER}/{name}"))
    if not rows:
        return None
    put_page(page(rows), place / _INDEX)
    return place / _INDEX


def _name(record: Record, taken: Counter[str]) -> str:
    """Return the name of a decision's page: its reference or that of its file, and only its own."""
    called = record.decision.reference or Path(record.decision.source).stem
    plain = _NOT_IN_NAMES.sub("-", called.lower()).strip("-")[:_LONGEST_NAME] or "decision"
    taken[plain] += 1
    if taken[plain] == 1:
        return f"{plain}.html"
    return _name_again(f"{plain}-{taken[plain]}", taken)


def _name_again(name: str, taken: Counter[str]) -> str:
    """Return a name with a number, or with another one where it is another decision's own."""
    taken[name] += 1
    return f"{name}.html" if taken[name] == 1 else _name_again(f"{name}-{taken[name]}", taken)
