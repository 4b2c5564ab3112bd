"""What is printed at the top and the bottom of pages and is not of the decision."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from grounds.reading.rows import Row

_DEEPEST = 4  # rows
_LONGEST = 300  # characters, so that no row takes long to look at
_OFTEN = 0.4  # of the pages
_DIGITS = re.compile(r"\d+")
_STAMP = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? \d{1,2}[:.]\d{2}\b")
_SURE = re.compile(
    r"page \d{1,4}(?: of \d{1,4})?|\d{1,4} ?(?:of|/) ?\d{1,4}|(?:https?|file)://\S+", re.IGNORECASE
)
_PART = re.compile(
    r"final decision|(?:local government|social care|and|&| )+ombudsman|\d\d[ -]\d{3}[ -]\d{3}[a-z]?",
    re.IGNORECASE,
)


def without_running(pages: Sequence[Sequence[Row]]) -> list[list[Row]]:
    """Return the rows of pages without their running heads and feet.

    What stands at the same height of several pages and differs by nothing but its numbers is
    dropped, and so is what is plainly a page number, an address or the like. On the first page
    the head is kept: it may be all there is of a header.
    """
    kept = [list(rows) for rows in pages]
    heads, feet = _repeated(kept, 0), _repeated(kept, -1)
    for number, rows in enumerate(kept, 1):
        _strip(rows, 0, heads if number > 1 else frozenset(), number, ends=False)
        _strip(rows, -1, feet, number, ends=number == len(kept))
    return kept


def _strip(
    rows: list[Row], side: int, repeated: frozenset[tuple[str, int]], number: int, *, ends: bool
) -> None:
    for _ in range(_DEEPEST):
        if rows and (_key(rows[side]) in repeated or _is_running(rows[side].text, number, ends)):
            rows.pop(side)


def _repeated(pages: Sequence[Sequence[Row]], side: int) -> frozenset[tuple[str, int]]:
    """Return what stands at the top (side 0) or the bottom (-1) of several pages."""
    counts = Counter(key for rows in pages for key in set(_outer(rows, side)))
    least = max(2, _OFTEN * len(pages))
    return frozenset(key for key, count in counts.items() if count >= least)


def _outer(rows: Sequence[Row], side: int) -> Iterator[tuple[str, int]]:
    for row in rows[:_DEEPEST] if side == 0 else rows[-_DEEPEST:]:
        if not row.text.startswith("("):  # the same section of an act may well end two pages
            yield _key(row)


def _key(row: Row) -> tuple[str, int]:
    return _DIGITS.sub("#", row.text), round(row.base)


def _is_running(text: str, number: int, ends: bool) -> bool:
    """Say whether a row on page `number` can be nothing else; `ends`: nothing stands below it."""
    if _STAMP.match(text):
        return True
    if len(text) > _LONGEST:
        return False
    rest = _SURE.sub("", text)
    sure = rest != text
    rest = _PART.sub("", rest).strip(" -–—|·[]")
    return rest == str(number) or not rest and (sure or ends)
