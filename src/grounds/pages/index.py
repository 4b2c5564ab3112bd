"""Many tagged decisions as a page: a list to search and to filter."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from grounds.codebook import codebook
from grounds.pages import render
from grounds.pages.decision import title_of
from grounds.record import Record
from grounds.writing.plain import long_date


@dataclass(frozen=True, slots=True)
class Row:
    """A decision as the list shows it; `page` is where its page is, seen from the list."""

    page: str
    title: str
    reference: str | None
    date: str | None
    category: str | None
    outcome: str | None
    tags: tuple[str, ...]
    review: bool


def row_of(record: Record, page: str) -> Row:
    """Return the row of a decision whose page is at `page`, seen from the list."""
    found = record.decision
    return Row(
        page=page,
        title=title_of(found),
        reference=found.reference,
        date=found.date,
        category=found.category,
        outcome=found.outcome,
        tags=tuple(one.tag for one in (*record.tags, *record.remedies)),
        review=bool(record.review),
    )


def page(rows: Iterable[Row]) -> str:
    """Return the list as an HTML page, which needs no other file than the pages it leads to."""
    listed = sorted(rows, key=lambda row: row.date or "", reverse=True)
    return render(
        "index",
        rows=listed,
        data=_json([_values(row) for row in listed]),
        families=[
            (title, [tag for tag in codebook().tags.values() if tag.family == family])
            for family, title in (("ground", "Grounds"), ("bar", "Bars"), ("remedy", "Remedies"))
        ],
        bodies=sorted({row.title for row in listed}),
        categories=sorted({_subject(row) for row in listed} - {""}),
        years=sorted({row.date[:4] for row in listed if row.date}, reverse=True),
    )


def _values(row: Row) -> list[Any]:
    """Return a row as the page's script takes it."""
    tags = list(codebook().tags)
    return [
        row.page,
        row.title,
        row.reference or "",
        row.date or "",
        long_date(row.date) or "",
        row.category or "",
        row.outcome or "",
        [tags.index(tag) for tag in row.tags],
        int(row.review),
    ]


def _subject(row: Row) -> str:
    """Return the first part of a category, ``"Education"`` of ``"Education > Transport"``."""
    return (row.category or "").partition(">")[0].strip()


def _json(values: object) -> str:
    """Return JSON that no markup in it can end."""
    return json.dumps(values, separators=(",", ":")).replace("<", "\\u003c")
