"""Header fields: reference, body, category, outcome and date of a decision."""

from __future__ import annotations

import re
from datetime import datetime

_REFERENCE = re.compile(r"\b(\d{2})[ -]?(\d{3})[ -]?(\d{3})\b")
_DATE_FORMATS = ("%d %b %Y", "%d %B %Y", "%Y-%m-%d", "%d/%m/%Y")


def parse_reference(text: str) -> str | None:
    """Return the reference in its published form, or ``None``.

    >>> parse_reference("London Borough of Havering (25-005-150)")
    '25 005 150'
    """
    match = _REFERENCE.search(text)
    return " ".join(match.groups()) if match else None


def parse_date(text: str) -> str | None:
    """Return a date as ISO 8601, or ``None`` where it is none.

    >>> parse_date("04 Feb 2025")
    '2025-02-04'
    """
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(text.strip(), form).date().isoformat()
        except ValueError:
            continue
    return None
