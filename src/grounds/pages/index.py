"""Many tagged decisions as a page: a list to search and to filter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup

from grounds.codebook import codebook
from grounds.decision import Decision
from grounds.pages import render
from grounds.pages.decision import title_of
from grounds.record import Record
from grounds.statistics import UNKNOWN, column_of, subject_of, year_of
from grounds.writing.plain import long_date


@dataclass(frozen=True, slots=True)
class Row:
    """A decision as the list shows it; `page` is where its page is, ``""`` where it has none."""

    page: str
    decision: Decision
    tags: tuple[str, ...]
    review: bool


def row_of(record: Record, page: str = "") -> Row:
    """Return the row of a decision whose page is at `page`, seen from the list."""
    return Row(
        page=page,
        decision=replace(record.decision, paragraphs=(), warnings=()),
        tags=tuple(one.tag for one in (*record.tags, *record.remedies)),
        review=bool(record.review) or record.foreign,
    )


def page(rows: Sequence[Row]) -> str:
    """Return the list as an HTML page, which needs no other file than the pages it leads to."""
    return render("index", parts=["list"], number=len(rows), listing=listing(rows))


def listing(rows: Iterable[Row]) -> dict[str, Any]:
    """Return what ``list.html`` names: the rows, the latest first, and what to filter them by."""
    listed = sorted(rows, key=lambda row: row.decision.date or "", reverse=True)
    values = [_values(row) for row in listed]
    return {
        "rows": _json(values),
        "tags": _json([[tag.id, tag.family] for tag in codebook().tags.values()]),
        "families": [
            (title, [tag.id for tag in codebook().tags.values() if tag.family == family])
            for family, title in (("ground", "Grounds"), ("bar", "Bars"), ("remedy", "Remedies"))
        ],
        "bodies": sorted({row.decision.body or UNKNOWN for row in listed}),
        "subjects": sorted({subject_of(row.decision) or UNKNOWN for row in listed}),
        "years": sorted({year_of(row.decision) or UNKNOWN for row in listed}, reverse=True),
    }


def _values(row: Row) -> list[Any]:
    """Return a row as the page's script takes it."""
    decision, order = row.decision, column_of()
    return [
        row.page,
        title_of(decision),
        decision.source,
        decision.body or UNKNOWN,
        decision.reference or "",
        year_of(decision) or UNKNOWN,
        long_date(decision.date) or "",
        subject_of(decision) or UNKNOWN,
        decision.category or "",
        decision.outcome or "",
        [order[tag] for tag in row.tags],
        int(row.review),
    ]


def _json(values: object) -> Markup:
    """Return JSON that no markup in it can end."""
    return Markup(json.dumps(values, separators=(",", ":")).replace("<", "\\u003c"))
