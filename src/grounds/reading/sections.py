"""Which section of a decision a heading opens."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from grounds.decision import Section

_RULES: tuple[tuple[re.Pattern[str], Section], ...] = tuple(
    (re.compile(pattern), section)  # type: ignore[misc]
    for pattern, section in (
        (r"^summary$", "summary"),
        (r"^(the )?complaint$", "complaint"),
        (r"roles? and powers?\)?$|^(our|the ombudsm[ae]n'?s'?) powers?$", "powers"),
        (r"^how (i|we) (have )?(considered|investigated)", "method"),
        (r"(have|did) not investigated?$|^what (i|we) (have )?investigated$", "method"),
        (r"^((agreed|recommended|proposed) )?(actions?|remedy|remedies)$", "remedy"),
        (r"^recommendations?$", "remedy"),
        (r"^(the )?(final )?decision$", "final"),
        (r"^(my |our )?(assessment|analysis|findings)$", "assessment"),
        (r"^what (i|we) (have )?found( out)?$|^reasons( for |$)", "assessment"),
    )
)

_AFTER_METHOD = frozenset({"assessment", "remedy", "final"})
_LONGEST_HEADING = 120


class Heading(NamedTuple):
    """A heading as printed, and its level where the copy shows one (0 where it does not)."""

    text: str
    level: int = 0


def section_of(heading: str) -> Section | None:
    """Return the section that `heading` opens, or ``None`` for a sub-heading.

    >>> section_of("The Ombudsman’s role and powers")
    'powers'
    >>> section_of("Analysis")
    'assessment'
    >>> section_of("Ms X's complaint") is None
    True
    """
    return _opened(heading) if len(heading) <= _LONGEST_HEADING else None


@lru_cache(maxsize=4096)  # of headings, not of whole paragraphs: it must not take much memory
def _opened(heading: str) -> Section | None:
    plain = heading.replace("’", "'").strip().lower().rstrip(":.")
    return next((section for rule, section in _RULES if rule.search(plain)), None)


def outline(headings: Sequence[Heading]) -> list[Section]:
    """Return the section that stands under each heading of a decision.

    A name alone does not tell: "The decision" and "The complaint" are also sub-headings of an
    assessment, and an assessment often opens as "Background". The order of headings tells, and
    their level where the copy shows it.

    >>> names = ["The complaint", "How I considered this complaint", "Background", "The decision",
    ...          "Final decision"]
    >>> outline([Heading(name) for name in names])
    ['complaint', 'method', 'assessment', 'assessment', 'final']
    """
    named = _named(headings)
    upcoming = _upcoming(named)
    sections: list[Section] = []
    current: Section = "complaint"
    assessed = False
    for section, following in zip(named, upcoming, strict=True):
        if section == "complaint" and sections or section == "powers" and assessed:
            section = None
        elif section is None and current in ("powers", "method") and not assessed:
            section = "assessment" if following in _AFTER_METHOD else None
        current = section or current
        assessed = assessed or current in _AFTER_METHOD
        sections.append(current)
    return sections


def _named(headings: Sequence[Heading]) -> list[Section | None]:
    """Return the section by name alone, of headings of the level that opens sections."""
    named = [section_of(heading.text) for heading in headings]
    levels = [heading.level for heading, section in zip(headings, named, strict=True) if section]
    top = min(filter(None, levels), default=0)  # a level that is not shown says nothing
    last = max((i for i, section in enumerate(named) if section == "final"), default=-1)
    return [
        None if heading.level > top or section == "final" and i != last else section
        for i, (heading, section) in enumerate(zip(headings, named, strict=True))
    ]


def _upcoming(named: Sequence[Section | None]) -> list[Section | None]:
    """Return, for each heading, the next section named after it."""
    following: Section | None = None
    upcoming: list[Section | None] = []
    for section in reversed(named):
        upcoming.append(following)
        following = section or following
    return upcoming[::-1]
