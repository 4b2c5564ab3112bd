"""Statistics of tagged decisions as a page: charts and tables, every number with its decisions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
from markupsafe import Markup

from grounds import statistics
from grounds.codebook import codebook
from grounds.errors import GroundsError
from grounds.figures import wilson
from grounds.pages import PAGES, charts, put_page, render
from grounds.pages.charts import Line, Words
from grounds.pages.index import Row, listing, row_of
from grounds.record import Record
from grounds.replacing import check_file
from grounds.statistics import Fate, Groups, Sample, TagCount, sample_of

_LINES = 12
"""Tags whose course over the years is drawn."""

_BODIES = 25
"""Bodies that have a row of their own."""

_PAIRS = 15
"""Pairs of tags that are named."""

_FEW = 30
"""Groups of fewer decisions say little, and are shown pale."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number with the decisions behind it: `address` asks the page's list for them."""

    value: int
    total: int
    address: str

    @property
    def share(self) -> str:
        """Its part of the total, and the 95% interval of that."""
        if not self.total:
            return ""
        share = np.array([self.value / self.total])
        low, high = (100 * bound[0] for bound in wilson(share, np.array([self.total])))
        return f"{100 * share[0]:.0f}% ({low:.0f}–{high:.0f})"


@dataclass(frozen=True, slots=True)
class GroupView:
    """A year, subject or body as a row: its decisions, and those with each of the tags shown."""

    name: str
    total: Number
    cells: tuple[Number, ...]

    @property
    def few(self) -> bool:
        """Whether it says little."""
        return self.total.value < _FEW


def check(path: Path) -> None:
    """Refuse a place that the page cannot be written to.

    Raises
    ------
    GroundsError
        If it does not end in ``.html``, or the folder to write in is not there.
    """
    if path.suffix.lower() not in PAGES:
        raise GroundsError(f"{path}: statistics are written to a .html page")
    check_file(path)


def write(records: Iterable[Record], path: Path) -> int:
    """Write the statistics of records as a page; return how many there are, none is written of 0.

    Parameters
    ----------
    records
        What is counted; one at a time is held in memory.
    path
        The page; an older one stays until it is complete.
    """
    rows: list[Row] = []

    def noted() -> Iterator[Record]:
        for record in records:
            if not record.foreign:
                rows.append(row_of(record))
            yield record

    sample = sample_of(noted())
    if rows:
        put_page(page(sample, rows), path)
    return len(rows)


def page(sample: Sample, rows: Sequence[Row]) -> str:
    """Return the statistics as an HTML page, which needs no other file and no network.

    Parameters
    ----------
    sample
        The decisions, from `grounds.statistics.sample_of`.
    rows
        The same decisions, from `grounds.pages.index.row_of`.
    """
    counts = statistics.count_tags(sample)
    reasons = _frequent(counts, codebook().reasons)
    years, subjects, bodies = (
        statistics.by_year(sample),
        statistics.by_size(sample, sample.subjects),
        statistics.by_size(sample, sample.bodies),
    )
    return render(
        "statistics",
        parts=["list"],
        number=len(sample),
        left_out=sample.left_out,
        period=_period(years),
        families=[
            (key, title, _largest(_of_family(counts, families)))
            for key, title, families in (
                ("reason", "Grounds and bars", ("ground", "bar")),
                ("remedy", "Remedies", ("remedy",)),
            )
        ],
        meaning={tag.id: tag.definition for tag in codebook().tags.values()},
        family={tag.id: tag.family for tag in codebook().tags.values()},
        shown=reasons,
        over_time=_over_time(years, reasons[:_LINES]),
        years=_views(years, "year", reasons),
        subjects=_views(subjects, "subject", reasons),
        by_subject=_shares(subjects, reasons),
        bodies=_views(bodies, "body", reasons)[:_BODIES],
        more_bodies=max(len(bodies.names) - _BODIES, 0),
        pairs=[
            (pair, Number(pair.both, len(sample), ask(tag=pair.tags[0], also=pair.tags[1])))
            for pair in statistics.count_pairs(sample)[:_PAIRS]
        ],
        fates=[(fate.kind, _fates(fate)) for fate in statistics.count_fates(sample)],
        statuses=codebook().statuses,
        fate_chart=_fate_chart(statistics.count_fates(sample)),
        listing=listing(rows),
        ask=ask,
    )


def ask(**wanted: str) -> str:
    """Return the address that asks a page's list for decisions.

    >>> ask(tag="late", year="2024")
    '#tag=late&year=2024'
    """
    return f"#{urlencode(wanted)}"


def _of_family(counts: Sequence[TagCount], families: Sequence[str]) -> list[TagCount]:
    tags = codebook().tags
    return [count for count in counts if count.given and tags[count.tag].family in families]


def _largest(counts: Sequence[TagCount]) -> list[TagCount]:
    return sorted(counts, key=lambda count: -count.given)


def _frequent(counts: Sequence[TagCount], names: Sequence[str]) -> list[str]:
    """Return the tags of `names` that occur, the most frequent first."""
    return [c.tag for c in _largest([c for c in counts if c.given and c.tag in names])]


def _period(years: Groups) -> str:
    known = [name for name in years.names if name != statistics.UNKNOWN]
    if not known:
        return "without dates"
    return known[0] if len(known) == 1 else f"{known[0]} to {known[-1]}"


def _columns(tags: Sequence[str]) -> list[int]:
    return [statistics.column_of()[tag] for tag in tags]


def _views(groups: Groups, field: str, tags: Sequence[str]) -> list[GroupView]:
    columns = _columns(tags)
    views = []
    for row, name in enumerate(groups.names):
        total = int(groups.totals[row])
        cells = tuple(
            Number(int(groups.counts[row, column]), total, ask(tag=tag, **{field: name}))
            for tag, column in zip(tags, columns, strict=True)
        )
        views.append(GroupView(name, Number(total, total, ask(**{field: name})), cells))
    return views


def _over_time(years: Groups, tags: Sequence[str]) -> Markup | None:
    """Draw the share of each tag by year, where there are years to draw."""
    known = [row for row, name in enumerate(years.names) if name.isdecimal()]
    if len(known) < 2 or not tags:
        return None
    totals = years.totals[known].astype(float)
    lines = []
    for tag, column in zip(tags, _columns(tags), strict=True):
        share = years.counts[known, column] / np.maximum(totals, 1)
        lines.append(Line(tag, _colour(tag), share, *wilson(share, totals)))
    words = Words(
        "over-time",
        "Share of the decisions of each year that rely on a ground or bar",
        "The table below has the numbers.",
    )
    return charts.small_lines(words, [int(years.names[row]) for row in known], lines)


def _shares(groups: Groups, tags: Sequence[str]) -> Markup | None:
    """Draw the share of each tag in each group, in percent."""
    if not tags:
        return None
    shares = 100 * groups.counts[:, _columns(tags)] / np.maximum(groups.totals, 1)[:, None]
    words = Words(
        "by-subject",
        "Percent of the decisions on each subject that rely on a ground or bar",
        "The table below has the numbers.",
    )
    names = [
        f"{name} ({total:,})"
        for name, total in zip(groups.names, groups.totals.tolist(), strict=True)
    ]
    return charts.grid(words, [_colour(tag) for tag in tags], np.round(shares), names, tags)


def _colour(tag: str) -> str:
    return charts.BAR if codebook().tags[tag].family == "bar" else charts.REASON


def _fates(fate: Fate) -> list[tuple[Number, Number]]:
    """Return, for each status, how many of those who seek it have it, and how many of all."""
    sought = fate.where_sought["sought"]
    return [
        (
            Number(
                fate.where_sought[status],
                sought,
                ask(tag=f"{fate.kind}:sought", also=f"{fate.kind}:{status}"),
            ),
            Number(number, number, ask(tag=f"{fate.kind}:{status}")),
        )
        for status, number in fate.all.items()
    ]


def _fate_chart(fates: Sequence[Fate]) -> Markup:
    words = Words(
        "fates",
        "Of the decisions in which a remedy is sought: how often it was provided, agreed, declined",
        "The table beside it has the numbers.",
    )
    names = [fate.kind.replace("_", " ") for fate in fates]
    sought = [fate.where_sought["sought"] for fate in fates]
    parts = {
        status: [fate.where_sought[status] for fate in fates]
        for status in codebook().statuses
        if status != "sought"
    }
    return charts.parts_of(words, charts.REMEDY, names, sought, parts)
