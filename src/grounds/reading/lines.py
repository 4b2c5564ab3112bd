"""A text as lines: marks taken off, wrapped lines joined, places in the text remembered."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from grounds.reading.furniture import ends_decision, is_furniture
from grounds.reading.sections import section_of

_MARK = re.compile(
    r"(?:(\d{1,3})\.(?!\d)|(#{1,6}(?=\s))|([•·▪◦‣●○■\uf0b7])|([-–—*o](?=\s)))\s*"
)  # fmt: skip
_STOPS = (".", "?", "!", ")", "’", "”", ";", ",")
_COMPLETE = (":", ";", "; and", "; or")
_SHORT = 0.75
_WIDEST_WRAP = 130
_FEWEST_WRAPS = 3


class Line(NamedTuple):
    """A line of a text.

    Attributes
    ----------
    text
        The words, without the mark and the space around.
    mark
        What stood before them: a number (``"12"``), a bullet (``"-"``, ``"•"`` …), the ``#`` of a
        heading, or nothing.
    indent
        How many characters stood before the mark.
    begin
        Offset in the text of the mark (of the words where there is none).
    start
        Offset in the text of the words.
    joins
        Where wrapped lines were joined to this one: offset in `text`, offset in the text read.
    """

    text: str
    mark: str = ""
    indent: int = 0
    begin: int = 0
    start: int = 0
    joins: tuple[tuple[int, int], ...] = ()

    @property
    def numbered(self) -> bool:
        """Whether a number stood before the words."""
        return self.mark.isdigit()

    @property
    def bulleted(self) -> bool:
        """Whether a bullet stood before the words."""
        return bool(self.mark) and not self.mark.isdigit() and not self.titled

    @property
    def titled(self) -> bool:
        """Whether the line is marked as a heading."""
        return self.mark.startswith("#")


def split_lines(text: str) -> list[Line]:
    """Return the lines that have words.

    >>> [(line.mark, line.text) for line in split_lines("1. Ms X says:\\n  • it is late; and")]
    [('1', 'Ms X says:'), ('•', 'it is late; and')]
    """
    raw = text.splitlines(keepends=True)
    width = max(map(len, raw), default=0)
    if width <= _WIDEST_WRAP and (lines := _unwrapped(raw, width - 1)):
        return lines
    return [line for line in _marked(raw) if line]


def _marked(raw: list[str]) -> Iterator[Line | None]:
    """Yield each line, ``None`` for an empty one. A mark alone belongs to the line below it."""
    position = 0
    waiting: Line | None = None
    for whole in raw:
        words = whole.strip()
        if words:
            indent = len(whole) - len(whole.lstrip())
            line = marked_line(words, indent, position + indent)
            if not line.text:
                waiting = line
            elif waiting and not line.mark:
                yield line._replace(mark=waiting.mark, indent=waiting.indent, begin=waiting.begin)
                waiting = None
            else:
                yield line
                waiting = None
        else:
            yield None
        position += len(whole)


def marked_line(words: str, indent: int = 0, begin: int = 0) -> Line:
    """Take the mark off one line that has no space around it."""
    match = _MARK.match(words)
    if not match:
        return Line(words, "", indent, begin, begin)
    mark = match[match.lastindex or 0]
    return Line(words[match.end() :], mark, indent, begin, begin + match.end())


def _unwrapped(raw: list[str], width: int) -> list[Line]:
    """Join lines that were broken to fit `width`; return none where that is not the case.

    A line is broken where the first word below would not have fitted on it.
    """
    groups: list[list[Line]] = []
    room = width
    for line in _marked(raw):
        if line is None:
            room = width
            continue
        above = groups[-1][-1] if groups and len(_first_word(line)) >= room else None
        if above and not above.text.endswith((*_STOPS, ":")):
            line = _with_number(line)
        if above and not _stands_alone(line, above, width):
            groups[-1].append(line)
        else:
            groups.append([line])
        room = width - (line.indent + line.start - line.begin + len(line.text))
    wraps = sum(map(len, groups)) - len(groups)
    return [_joined(group) for group in groups] if wraps >= _FEWEST_WRAPS else []


def _first_word(line: Line) -> str:
    return f"{line.mark}." if line.numbered else line.text.split(None, 1)[0]


def _with_number(line: Line) -> Line:
    """Put back a number that ends the sentence above and only looks like a mark."""
    words = f"{line.mark}. {line.text}"
    whole = line.numbered and len(words) == line.start - line.begin + len(line.text)
    return line._replace(text=words, mark="", start=line.begin) if whole else line


def _stands_alone(line: Line, above: Line, width: int) -> bool:
    """Say whether a line is none that was broken off the one above it."""
    if line.mark or is_furniture(line.text) or ends_decision(line.text):
        return True
    if above.text.endswith(_COMPLETE):
        return True
    if line.text[0].islower() or line.text.endswith((*_STOPS, ":")):
        return False
    could_be_heading = above.text.endswith(_STOPS) and len(line.text) < width * _SHORT
    return could_be_heading or section_of(line.text) is not None


def _joined(group: list[Line]) -> Line:
    joins = []
    length = len(group[0].text)
    for line in group[1:]:
        joins.append((length + 1, line.start))
        length += 1 + len(line.text)
    text = " ".join(line.text for line in group)
    return group[0]._replace(text=text, joins=tuple(joins))
