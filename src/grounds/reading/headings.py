"""Which headings stand above a paragraph, when a decision is written out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from grounds.decision import Decision, Paragraph, Section
from grounds.reading.sections import section_of

_USUAL: dict[Section, str] = {
    "summary": "Summary",
    "complaint": "The complaint",
    "powers": "The Ombudsman's role and powers",
    "method": "How I considered this complaint",
    "assessment": "My assessment",
    "remedy": "Agreed action",
    "final": "Final decision",
}


class Heading(NamedTuple):
    """A heading: level 2 opens a section, level 3 stands inside one."""

    level: int
    text: str


def with_headings(decision: Decision) -> Iterator[tuple[Paragraph, list[Heading]]]:
    """Yield each paragraph with the headings between it and the one before.

    A paragraph knows only the nearest heading above it. Where that one would not open its
    section, the section's usual heading goes before it.
    """
    section, heading = None, ""
    for paragraph in decision.paragraphs:
        if paragraph.section != section:
            yield paragraph, _opening(paragraph)
        elif paragraph.heading != heading:
            yield paragraph, [Heading(3, paragraph.heading)]
        else:
            yield paragraph, []
        section, heading = paragraph.section, paragraph.heading


def _opening(paragraph: Paragraph) -> list[Heading]:
    if section_of(paragraph.heading) == paragraph.section:
        return [Heading(2, paragraph.heading)]
    return [Heading(2, _USUAL[paragraph.section]), Heading(3, paragraph.heading)]
