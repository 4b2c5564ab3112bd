"""What the tables and views hold, in words: the comments of ``schema.sql`` and ``views.sql``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

_CREATED = re.compile(
    r"(?P<about>(?:^-- .*\n)+)^CREATE (?P<kind>TABLE|VIEW) (?P<name>\w+) \((?P<columns>(?s:.*?))^\)",
    re.MULTILINE,
)
_COLUMN = re.compile(r"^    (?P<name>[a-z]\w*)\b.*?-- (?P<about>.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Described:
    """A table or a view: what it is, and what its columns hold."""

    name: str
    is_view: bool
    about: str
    columns: Mapping[str, str]


@cache
def described() -> tuple[Described, ...]:
    """Return the tables, then the views, in the order in which they are made.

    >>> [one.name for one in described()][3:7]
    ['decisions', 'paragraphs', 'tags', 'remedies']
    >>> described()[3].columns["year"]
    'the year of its date'
    """
    return tuple(_all())


def _all() -> Iterator[Described]:
    for name in ("schema.sql", "views.sql"):
        source = files("grounds.database").joinpath(name).read_text("utf-8")
        for found in _CREATED.finditer(source):
            about = " ".join(line[3:] for line in found["about"].splitlines())
            columns = {c["name"]: c["about"] for c in _COLUMN.finditer(found["columns"])}
            yield Described(found["name"], found["kind"] == "VIEW", about, columns)
