"""Text from a file made safe to show: no character that steers a terminal or breaks a line."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

_SPACE = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")

CELL = 32_767
"""So many characters, counted as UTF-16 does, a cell of a spreadsheet holds."""


def one_line(text: str) -> str:
    r"""Return `text` on one line, without control characters and marks that turn its direction.

    >>> one_line("two\r\nlines and a \x1b[31mred\x07 word")
    'two lines and a [31mred word'
    """
    if text.isprintable():  # nearly always, and much quicker to find out
        return text
    return without_surrogates(_CONTROL.sub("", _SPACE.sub(" ", text)))


def without_surrogates(text: str) -> str:
    r"""Return `text` with a mark for what is no character, such as odd bytes of a file name.

    >>> without_surrogates("caf\udce9.txt")
    'caf�.txt'
    """
    return _SURROGATE.sub("\ufffd", text)


def fitting(text: str) -> str:
    """Return `text` cut to what a cell holds, with an ellipsis where something was cut off.

    >>> fitting("short"), len(fitting("very " * 10_000)), fitting("very " * 10_000)[-6:]
    ('short', 32767, 'ery v…')
    """
    if 2 * len(text) <= CELL:  # no character takes more than two
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * CELL:
        return text
    return units[: 2 * (CELL - 1)].decode("utf-16-le", "ignore") + "…"


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
