"""Limits: how much of what a stranger wrote is read, each by a name under which it can be raised.

No limit is near anything that the Ombudsman has published. They are there so that no file, whatever
it holds, takes all of the memory or the night.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NoReturn

from grounds.errors import GroundsError, InputError

_UNITS = ("KB", "MB", "GB", "TB", "PB", "EB")
_KB, _MB, _GB = 1 << 10, 1 << 20, 1 << 30
MOST = 1 << 60
"""The highest limit that there is: more than any disk holds."""

_AMOUNT = re.compile(r"(\d{1,19}) ?([KMGTPE]B)?", re.IGNORECASE)
_SMALLEST = 10_000  # of a unit, that is shown in the next
_ADVICE = "; to read it: --limit "


def _limit(default: int, about: str, has: str, unit: str = "bytes") -> Any:
    return field(default=default, metadata={"about": about, "has": has, "unit": unit})


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read at most, in bytes where nothing else is said.

    Raises
    ------
    GroundsError
        If one of them is no whole number from 1 to `MOST`.

    Examples
    --------
    >>> Limits(pages=2000).pages, Limits().pages
    (2000, 500)
    """

    file: int = _limit(
        50 * _MB, "a file, a decision in an archive, or a line of JSON Lines", "has {}"
    )
    text: int = _limit(3_000_000, "the text of a decision", "has {}", "characters")
    paragraphs: int = _limit(50_000, "the lines of a text, or of a document", "has {}", "lines")
    pages: int = _limit(500, "a PDF", "has {}", "pages")
    memory: int = _limit(2 * _GB, "what the pages of a PDF take while they are read", "takes {}")
    seconds: int = _limit(5, "how long that takes a processor", "takes {}", "seconds")
    markup: int = _limit(10 * _MB, "a page of the site, or an object of JSON", "has {}")
    unpacked: int = _limit(20 * _MB, "a part of a Word document, unpacked", "unpacks to {}")
    elements: int = _limit(250_000, "a part of a Word document", "has {}", "elements")
    archive: int = _limit(20 * _GB, "all files of an archive, unpacked", "unpacks to {}")
    members: int = _limit(200_000, "an archive", "holds {}", "files")
    lines: int = _limit(10_000_000, "a JSON Lines file of decisions", "has {}", "lines")
    labels: int = _limit(200 * _MB, "a file of labelled data, other than JSON Lines", "has {}")

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if type(value) is not int or not 1 <= value <= MOST:  # True is an int
                raise GroundsError(
                    f"limit {one.name} is {value!r}; give a whole number from 1 to {MOST}"
                )

    def check(self, name: str, amount: int, source: str | Path) -> None:
        """Refuse what has more than the limit of this name.

        Parameters
        ----------
        name
            One of the limits.
        amount
            How much there is.
        source
            What has it.

        Raises
        ------
        InputError
            If that is too much; the message says how to have it read.

        Examples
        --------
        >>> Limits().check("pages", 812, "x.pdf")
        Traceback (most recent call last):
        grounds.errors.InputError: x.pdf: has 812 pages, more than 500; to read it: --limit pages=812
        """
        if amount > getattr(self, name):
            has = _meta(name)["has"].format(_shown(name, amount))
            most = _shown(name, getattr(self, name))
            more = f"more than {most.removesuffix(_meta(name)['unit']).rstrip()}"
            raise InputError(source, f"{has}, {more}{_ADVICE}{_set(name, amount)}")

    def refuse(self, name: str, source: str | Path) -> NoReturn:
        """Refuse what has more than the limit of this name, nobody knows how much.

        Raises
        ------
        InputError
            Always; the message says how to have it read.
        """
        most = getattr(self, name)
        has = _meta(name)["has"].format(f"more than {_shown(name, most)}")
        raise InputError(source, f"{has}{_ADVICE}{_set(name, 2 * most)}, or more")

    def covers(self, other: Limits) -> bool:
        """Say whether all is read under these limits that is read under others."""
        return all(getattr(self, one.name) >= getattr(other, one.name) for one in fields(self))


LIMITS = Limits()
"""The limits where nobody sets others."""

SERVED = Limits(file=10 * _MB, text=1_000_000)
"""Those of the page for the browser, where somebody waits; `file` is of the whole form."""


def is_limited(problem: str) -> bool:
    """Say whether it is a limit that a problem comes from.

    >>> is_limited("has 812 pages, more than 500; to read it: --limit pages=812")
    True
    """
    return _ADVICE in problem


def parse_limits(settings: Iterable[str], limits: Limits = LIMITS) -> Limits:
    """Return the limits that settings like ``pages=2000`` and ``file=200MB`` change.

    Raises
    ------
    GroundsError
        If there is no such limit, or the value is no number.

    Examples
    --------
    >>> parse_limits(["pages=2000", "file=1MB"]).file
    1048576
    """
    known = {one.name for one in fields(Limits)}
    values: dict[str, int] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        if name not in known:
            raise GroundsError(f"--limit {setting}: known are {', '.join(defaults())}")
        amount = _AMOUNT.fullmatch(value.strip())
        if not amount or (amount[2] and _meta(name)["unit"] != "bytes"):
            raise GroundsError(f"--limit {setting}: give a number, as in {_set(name, LIMITS)}")
        power = _UNITS.index(amount[2].upper()) + 1 if amount[2] else 0
        values[name] = int(amount[1]) * _KB**power
    return replace(limits, **values)


def defaults(limits: Limits = LIMITS) -> Iterator[str]:
    """Yield each limit with its default, as ``--limit`` takes it.

    >>> next(defaults())
    'file=50MB'
    """
    return (_set(one.name, limits) for one in fields(Limits))


def _meta(name: str) -> dict[str, str]:
    return next(dict(one.metadata) for one in fields(Limits) if one.name == name)


def _set(name: str, amount: int | Limits) -> str:
    """Return a setting that lets an amount, or a limit of others, through."""
    number = amount if isinstance(amount, int) else getattr(amount, name)
    written = "".join(_size(number)) if _meta(name)["unit"] == "bytes" else str(number)
    return f"{name}={written}"


def _shown(name: str, amount: int) -> str:
    """Return an amount as a person writes it.

    >>> _shown("pages", 1200), _shown("file", 50 * _MB), _shown("file", 50 * _MB + 1)
    ('1,200 pages', '50 MB', '51 MB')
    """
    unit = _meta(name)["unit"]
    number, size = _size(amount) if unit == "bytes" else (str(amount), unit)
    return f"{int(number):,} {size or unit}"


def _size(amount: int) -> tuple[str, str]:
    """Return a number of bytes in the unit that suits it, never less than it is."""
    unit = ""
    for larger in _UNITS:
        if amount < _SMALLEST and amount % _KB:
            break
        amount, unit = -(-amount // _KB), larger
    return str(amount), unit
