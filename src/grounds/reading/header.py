"""Header fields: reference, body, category, outcome and date of a decision."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

_REFERENCE = re.compile(r"\b([0-9]{2})[ -]?([0-9]{3})[ -]?([0-9]{3}[a-z]?)\b")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAY_MONTH_YEAR = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([A-Za-z]{3})[a-z]* (\d{4})")
_YEAR_MONTH_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_IN_NUMBERS = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_FIELDS = {
    "category": "category",
    "decision": "outcome",
    "decision date": "date",
    "reference": "reference",
    "complaint reference": "reference",
    "body": "body",
    "organisation": "body",
    "complaint against": "body",
}


class Header(NamedTuple):
    """The fields of a decision's header, ``None`` where missing."""

    reference: str | None = None
    body: str | None = None
    category: str | None = None
    outcome: str | None = None
    date: str | None = None


def parse_reference(text: str) -> str | None:
    """Return the reference in its published form, or ``None``.

    >>> parse_reference("London Borough of Havering (25-005-150)")
    '25 005 150'

    A joint investigation with another ombudsman adds a letter:

    >>> parse_reference("22 007 115a")
    '22 007 115a'
    """
    match = _REFERENCE.search(text)
    return " ".join(match.groups()) if match else None


def parse_date(text: str) -> str | None:
    """Return a date as ISO 8601, or ``None`` where it is none.

    >>> parse_date("04 Feb 2025")
    '2025-02-04'
    """
    text = text.strip()
    match = _DAY_MONTH_YEAR.fullmatch(text)
    if match and match[2].lower() in _MONTHS:
        parts = match[3], str(_MONTHS.index(match[2].lower()) + 1), match[1]
    elif match := _IN_NUMBERS.fullmatch(text):
        parts = match[3], match[2], match[1]
    elif match := _YEAR_MONTH_DAY.fullmatch(text):
        parts = match[1], match[2], match[3]
    else:
        return None
    try:
        year, month, day = map(int, parts)
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def is_label(text: str) -> bool:
    """Say whether a text is the name of a field.

    >>> is_label("Decision date :"), is_label("Decision upheld")
    (True, False)
    """
    return text.strip(" :").lower() in _FIELDS


def parse_header(lines: Iterable[str]) -> tuple[Header, dict[str, str]]:
    """Return the fields found in the lines above the first section.

    Returns
    -------
    tuple of Header and dict
        The fields, and by its name the text of each that is there but not understood.

    Examples
    --------
    >>> parse_header(["Northmoor Council (94 101 233)", "Decision date :", "12 Mar 2025"])[0].date
    '2025-03-12'
    >>> parse_header(["Decision date: in spring"])[1]
    {'date': 'in spring'}
    """
    found: dict[str, str] = {}
    for name, value in _fields(lines):
        found.setdefault(name, value)
    header = Header(
        reference=parse_reference(found.get("reference", "")),
        body=found.get("body"),
        category=found.get("category"),
        outcome=found.get("outcome"),
        date=parse_date(found.get("date", "")),
    )
    unclear = {name: found[name] for name in found if header._asdict()[name] is None}
    return header, unclear


def _fields(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield names and values; a value may stand on the line below its name."""
    waiting: str | None = None
    for line in lines:
        label, colon, value = line.partition(":")
        name = _FIELDS.get(label.strip().lower())
        if colon and name:
            value = value.strip(" :")
            waiting = None if value else name
            if value:
                yield name, value
        elif waiting:
            yield waiting, line
            waiting = None
        else:
            yield from _title(line)


def _title(line: str) -> Iterator[tuple[str, str]]:
    """Yield body and reference from a line such as ``Northmoor Council (94 101 233)``."""
    body, bracket, rest = line.rpartition("(")
    if bracket and body.strip() and parse_reference(rest):
        yield "body", body.strip()
        yield "reference", rest
