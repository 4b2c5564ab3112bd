"""Text from a file made safe to show: no character that steers a terminal or breaks a line."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

_SPACE = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def one_line(text: str) -> str:
    r"""Return `text` on one line, without control characters and marks that turn its direction.

    >>> one_line("two\r\nlines and a \x1b[31mred\x07 word")
    'two lines and a [31mred word'
    """
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", _SPACE.sub(" ", text)))


def places(paragraphs: Iterable[int]) -> str:
    """Return paragraphs in order, as a person names them.

    >>> places([8, 0, 5, 8])
    'Summary, ¶ 5, 8'
    """
    numbers = sorted(set(paragraphs))
    names = ["Summary"] if 0 in numbers else []
    if any(numbers):
        names.append("¶ " + ", ".join(str(number) for number in numbers if number))
    return ", ".join(names)


def long_date(iso: str | None) -> str | None:
    """Return a date as in a letter.

    >>> long_date("2025-10-08")
    '8 October 2025'
    """
    if iso is None:
        return None
    date = datetime.date.fromisoformat(iso)
    return f"{date.day} {date:%B %Y}"
