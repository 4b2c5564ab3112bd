"""A decision as the text copy that people make of the published page, with character offsets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from grounds.decision import Decision, Paragraph
from grounds.errors import InputError
from grounds.reading import read_text
from grounds.reading.headings import with_headings

_BULLET, _MARGIN = "    • ", "    "
_SECTION, _SUB_HEADING = 2, 3  # levels of headings


@dataclass(frozen=True, slots=True)
class Copy:
    """The text of a decision, and where its words stand in it.

    Attributes
    ----------
    text
        The copy: header, headings, paragraphs numbered through the whole decision.
    lines
        For each paragraph, where each of its lines begins: in the paragraph, and in `text`.
    """

    text: str
    lines: tuple[tuple[tuple[int, int], ...], ...]

    def offset(self, index: int, position: int) -> int:
        """Return where in `text` a position in paragraph `index` stands."""
        within, start = max(line for line in self.lines[index] if line[0] <= position)
        return start + position - within


def exact_copy_of(decision: Decision) -> Copy:
    """Write a decision as a copy that reads back as the same paragraphs, so that labels stay true.

    Where sub-headings would be read as something else, they are left out.

    Raises
    ------
    InputError
        If the paragraphs would still be others: they hold what looks like a heading or a number.
    """
    for level in (_SUB_HEADING, _SECTION):
        copy = copy_of(decision, level)
        with suppress(InputError):
            if _words(read_text(copy.text)) == _words(decision):
                return copy
    raise InputError(
        decision.source, "cannot be written as text: some paragraphs would be read otherwise"
    )


def copy_of(decision: Decision, level: int = _SUB_HEADING) -> Copy:
    """Write a decision as a numbered text copy, which nearly always reads back as it was.

    Parameters
    ----------
    decision
        The decision.
    level
        How deep headings may be that are written: 3 for all, 2 for those of sections.

    Examples
    --------
    >>> paragraph = Paragraph(1, "complaint", "The complaint", "Mr X wants:\\nan apology.")
    >>> copy = copy_of(Decision("x", "", "plain", (paragraph,), "94 101 233", "Northmoor Council"))
    >>> print(copy.text)
    Northmoor Council (94 101 233)
    <BLANKLINE>
    The complaint
    <BLANKLINE>
    1. Mr X wants:
        • an apology.
    <BLANKLINE>
    >>> start = copy.offset(0, paragraph.text.index("apology"))
    >>> copy.text[start : start + 7]
    'apology'
    """
    text = "".join(f"{line}\n" for line in _header(decision))
    places = []
    for paragraph, headings in with_headings(decision):
        if paragraph.number:
            shown = (heading.text for heading in headings if heading.level <= level)
            text += "".join(f"\n{heading}\n" for heading in shown)
        lines, position = [], 0
        for mark, words in _lines(paragraph):
            text += mark
            lines.append((position, len(text)))
            text += f"{words}\n"
            position += len(words) + 1
        places.append(tuple(lines))
    return Copy(text, tuple(places))


def _words(decision: Decision) -> list[tuple[int, str, str]]:
    return [(one.number, one.section, one.text) for one in decision.paragraphs]


def _header(decision: Decision) -> Iterator[str]:
    if decision.body and decision.reference:
        yield f"{decision.body} ({decision.reference})"
    elif decision.body or decision.reference:
        yield f"Body : {decision.body}" if decision.body else f"Reference : {decision.reference}"
    if decision.category:
        yield f"Category : {decision.category}"
    if decision.outcome:
        yield f"Decision : {decision.outcome}"
    if decision.date:
        yield f"Decision date : {date.fromisoformat(decision.date):%d %b %Y}"


def _lines(paragraph: Paragraph) -> Iterator[tuple[str, str]]:
    """Yield each line of a paragraph and what stands before it."""
    first, *others = paragraph.text.split("\n")
    yield f"\n{paragraph.number}. " if paragraph.number else "\nSummary: ", first
    for line in others:
        yield _MARGIN if line.startswith("(") else _BULLET, line
