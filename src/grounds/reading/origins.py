"""Where the words of a decision stood in the text it was read from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grounds.reading.assembling import Group
from grounds.reading.decoding import CleanText
from grounds.reading.lines import Line


class Piece(NamedTuple):
    """Words that stand together in the text and in a paragraph."""

    begin: int  # where the mark before the words stands in the text
    start: int  # where the words stand in the text
    end: int
    paragraph: int
    offset: int  # where the words stand in the paragraph


class Origins:
    """The way from places in a text to places in the paragraphs read from it, and back."""

    def __init__(self, text: str, cleaned: CleanText, groups: Sequence[Group]) -> None:
        self._text, self._cleaned = text, cleaned
        self._pieces = [piece for i, group in enumerate(groups) for piece in _pieces(i, group)]
        self._begins = [piece.begin for piece in self._pieces]
        self._places = [(piece.paragraph, piece.offset) for piece in self._pieces]

    def locate(self, start: int, end: int) -> tuple[int, int, int] | None:
        """Return the place of ``text[start:end]`` in the paragraphs.

        Parameters
        ----------
        start, end
            Offsets in the text that was read. White space at the ends does not count, nor does
            the number or bullet before the first word.

        Returns
        -------
        tuple of int, or None
            Index of the paragraph, and start and end in its text; ``None`` where the words are
            not all of one paragraph.
        """
        words = self._text[start:end]
        start += len(words) - len(words.lstrip())
        end -= len(words) - len(words.rstrip())
        first = self._place(self._cleaned.offset(start))
        last = self._place(self._cleaned.offset(end), closing=True)
        if first is None or last is None or first[0] != last[0] or first[1] >= last[1]:
            return None
        return first[0], first[1], last[1]

    def origin(self, index: int, start: int, end: int) -> tuple[int, int]:
        """Return the place in the text of ``paragraphs[index].text[start:end]``.

        Where the copy broke the line between the words, what stands there belongs to it: the line
        break and the indent; between two lines of the paragraph also the mark of the second.

        Parameters
        ----------
        index
            Index of the paragraph.
        start, end
            Offsets of one character or more in its text.
        """
        return self._origin(index, start), self._origin(index, end - 1, closing=True)

    def _origin(self, index: int, at: int, *, closing: bool = False) -> int:
        """Return the place in the text of a character of a paragraph, or its end."""
        piece = self._pieces[bisect_right(self._places, (index, at)) - 1]
        return self._cleaned.given(min(piece.start + at - piece.offset, piece.end) + closing)

    def _place(self, at: int, *, closing: bool = False) -> tuple[int, int] | None:
        """Return paragraph and offset of a place in the clean text."""
        i = bisect_right(self._begins, at - closing) - 1
        if i < 0 or at - closing >= self._pieces[i].end:
            return None
        piece = self._pieces[i]
        return piece.paragraph, piece.offset + max(at - piece.start, 0)


def _pieces(paragraph: int, group: Group) -> Iterator[Piece]:
    offset = 0
    for line in group.lines:
        yield from _line_pieces(paragraph, line, offset)
        offset += len(line.text) + 1


def _line_pieces(paragraph: int, line: Line, offset: int) -> Iterator[Piece]:
    joints = [(0, line.start), *line.joins]
    ends = [at - 1 for at, _ in line.joins] + [len(line.text)]
    for i, ((at, start), end) in enumerate(zip(joints, ends, strict=True)):
        begin = start if i else line.begin
        yield Piece(begin, start, start + end - at, paragraph, offset + at)
