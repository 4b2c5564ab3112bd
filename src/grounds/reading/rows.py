"""Rows of words on printed pages, and the lines of a text that they make up.

A page says nothing of headings and paragraphs. They are told by the space above a row, by where it
begins, by the room left at the end of the row above, by the size and weight of its letters, and by
its mark; where all of these leave it open, by the words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from grounds.reading.decoding import clean
from grounds.reading.furniture import ends_decision, is_furniture
from grounds.reading.header import is_label
from grounds.reading.lines import Line, marked_line
from grounds.reading.sections import section_of

SOFT_HYPHEN = "\u00ad"

# Lengths in sizes of letters
_SAME_ROW = 0.4
_NO_SPACE = 0.15
_CELL_GAP = 1.2
_ALIGNED = 0.35
_SLACK = 0.7
_UNFINISHED_SLACK = 4.0
_WIDEST_HANG = 4.0
_CHARACTER = 0.5
_USUAL_PITCH = 1.3
_AT_MARGIN = 0.1

_SAME_SIZE = 0.08
_SUBHEADING = 0.93  # of the size of section headings, or less
_EXTRA_SPACE = 1.18  # of the distance between the rows of a paragraph, or more
_MOSTLY = 0.8
_MANY_HYPHENS = 0.05
_MANY_COLUMNS = 0.2
_LONGEST_HEADING = 150

_SUMMARY = re.compile(r"summary\s*(?::|$)", re.IGNORECASE)
_LETTER = re.compile(r"(?:\(?(?:[a-z]|[ivx]{2,4})\)|[a-z]\.)(?=\s|$)")
_BROKEN = re.compile(rf"(?:\w[-\u2010{SOFT_HYPHEN}–—]|\w\w/)$")
_HYPHENATED = re.compile(rf"[^\W\d][-\u2010{SOFT_HYPHEN}]$")
_SECTION = re.compile(r"\d[A-Z]*(?:\(\w+\))*$")  # of an act, as in "26(6)"
_SUBSECTION = re.compile(r"\((?:\d{1,2}[A-Z]?|[a-z]{1,2})\)")
_CONJUNCTION = re.compile(r"(?:and|or)\b")
_SUSPENDED = re.compile(r"(?:and|or|to)\b")
_STOPS = (".", "?", "!", ")", "’", "”", ";", ":")
_LIST_STOPS = (";", ":", ",", ".", " and", " or")
_ITEM_STOPS = (":", ";", "; and", "; or", ", and", ", or")
_CLOSED = (".", ",", ";")
_WEAK_MARKS = frozenset("-–—*o")


class Word(NamedTuple):
    """A word on a page: lengths in points, heights from the bottom."""

    text: str
    left: float
    right: float
    base: float
    size: float
    bold: bool = False
    spaced: bool = True  # whether a space stands before it


class Row(NamedTuple):
    """The words that stand on one line of a page."""

    page: int
    words: tuple[Word, ...]
    text: str
    base: float
    size: float
    bold: bool

    @property
    def left(self) -> float:
        """Where the first word begins."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Where the last word ends."""
        return self.words[-1].right

    @property
    def mark(self) -> str:
        """The number, bullet or letter before the words, or nothing."""
        match = _LETTER.match(self.text)
        return match[0] if match else marked_line(self.text).mark

    @property
    def words_left(self) -> float | None:
        """Where the first word after the mark begins, ``None`` where the two are not apart."""
        if not self.mark:
            return self.left
        alone = len(self.words) > 1 and len(self.words[0].text) <= len(self.mark) + 1
        return self.words[1].left if alone else None

    def cells(self) -> list[Row]:
        """Return the row taken apart at its wide gaps."""
        cells = [[self.words[0]]]
        for above, word in pairwise(self.words):
            if word.left - above.right > _CELL_GAP * self.size:
                cells.append([])
            cells[-1].append(word)
        return [_row(self.page, words) for words in cells]


def rows_of(page: int, words: Iterable[Word]) -> list[Row]:
    """Return the rows of a page from top to bottom, whatever the order of its words.

    >>> below, second, first = Word("C", 9, 16, 8, 9), Word("B", 20, 26, 20, 9), Word("A", 9, 15, 20, 9)
    >>> [row.text for row in rows_of(1, [below, second, first])]
    ['A B', 'C']
    """
    groups: list[list[Word]] = []
    for word in sorted(words, key=lambda word: -word.base):
        above = groups[-1][-1] if groups else None
        if above and above.base - word.base <= _SAME_ROW * max(word.size, above.size):
            groups[-1].append(word)
        else:
            groups.append([word])
    return [_row(page, sorted(group, key=lambda word: word.left)) for group in groups]


def _row(page: int, words: Sequence[Word]) -> Row:
    letters: Counter[float] = Counter()
    for word in words:
        letters[word.size] += len(word.text)
    size = max(letters, key=lambda size: (letters[size], size))
    text = words[0].text
    for before, word in pairwise(words):
        apart = word.spaced or word.left - before.right > _NO_SPACE * size
        text += f" {word.text}" if apart else word.text
    base = next(word.base for word in words if word.size == size)
    bold = all(word.bold for word in words if any(map(str.isalpha, word.text)))
    return Row(page, tuple(words), text, base, size, bold)


def lines_of(rows: Sequence[Row]) -> tuple[list[Line], list[str]]:
    """Return the lines that the rows of a decision make up, and what there is to warn of."""
    top = next((i for i, row in enumerate(rows) if _opens(row.text)), 0)
    rows = [*_fields(rows[:top]), *rows[top:]]
    blocks = _Blocks(rows)
    for row in rows:
        blocks.take(row)
    return list(_lines(blocks)), [*blocks.warnings(), *_warnings(rows[top:])]


def _opens(text: str) -> bool:
    """Say whether the header ends above a row."""
    return bool(_SUMMARY.match(text)) or section_of(text) not in (None, "final")


# The header


def _fields(rows: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows of a header, a field each: its label and its value may stand in columns."""
    labels: list[Row] = []
    for row in rows:
        cells = row.cells()
        if labels and not any(is_label(cell.text) for cell in cells):
            yield from _under(labels, cells)
            labels = []
            continue
        yield from labels
        labels = cells if len(cells) > 1 and all(is_label(cell.text) for cell in cells) else []
        if not labels:
            yield from _beside(cells)
    yield from labels


def _beside(cells: Sequence[Row]) -> Iterator[Row]:
    """Yield fields whose values stand right of their labels."""
    groups = [[cells[0]]]
    for cell in cells[1:]:
        if is_label(cell.text.partition(":")[0]):
            groups.append([])
        groups[-1].append(cell)
    for first, *others in groups:
        row = _row(first.page, [word for cell in (first, *others) for word in cell.words])
        labelled = others and is_label(first.text)
        value = " ".join(cell.text for cell in others)
        yield row._replace(text=f"{first.text.rstrip(' :')}: {value}") if labelled else row


def _under(labels: Sequence[Row], cells: Sequence[Row]) -> Iterator[Row]:
    """Yield fields whose values stand below their labels."""
    for label in labels:
        nearest = min(cells, key=lambda cell: abs(cell.left - label.left))
        yield nearest._replace(text=f"{label.text.rstrip(' :')}: {nearest.text}")


# Lines


class _Blocks:
    """Gathers the rows that make up a line, by what the rows of the whole show.

    Attributes
    ----------
    blocks
        The rows of each line.
    size
        Of the letters of most words.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.blocks: list[list[Row]] = []
        self._numbers: set[int] = set()
        self._doubts: set[tuple[int, int]] = set()  # pages of the rows between which they are
        self._tight = False  # whether lines follow each other without space between them
        letters: Counter[float] = Counter()
        for row in rows:
            letters[row.size] += len(row.text)
        self.size = max(letters, key=letters.__getitem__, default=1)
        self._right = max((row.right for row in rows), default=0)
        wrapped = [(above, row) for above, row in pairwise(rows) if _surely_wrapped(above, row)]
        pitches = [(above.base - row.base) / row.size for above, row in wrapped]
        self._pitch = median(pitches) if pitches else _USUAL_PITCH  # between rows of a line
        flush = sum(self._reaches_margin(above) for above, _ in wrapped)
        self._justified = flush > _MOSTLY * len(wrapped)
        self._hanging = {  # of lines with numbers, and of those with other marks
            numbers: self._mostly_hang(rows, numbers=numbers) for numbers in (True, False)
        }

    def _mostly_hang(self, rows: Sequence[Row], *, numbers: bool) -> bool | None:
        """Say whether lines go on right of their numbers, or of their bullets."""
        hang = [
            row.left - above.left > _ALIGNED * row.size
            for above, row in pairwise(rows)
            if above.mark and above.mark.isdigit() == numbers and self._is_near(above, row)
        ]
        return None if sum(hang) * 2 == len(hang) else sum(hang) * 2 > len(hang)

    def _is_near(self, above: Row, row: Row) -> bool:
        """Say whether a row may go on with the line of the row above, for all but its words."""
        near = row.page == above.page and not self._spaced(above, row) and row.text[0] != "("
        back = row.left < above.left - _ALIGNED * row.size and not row.text[0].islower()
        return near and not back and not row.mark and _same_size(above, row)

    def _reaches_margin(self, row: Row) -> bool:
        return row.right > self._right - _AT_MARGIN * row.size

    def take(self, row: Row) -> None:
        """Take in the next row."""
        block = self.blocks[-1] if self.blocks else []
        if block and not self._begins(row, block):
            block.append(row)
            return
        self.blocks.append([row])
        plain = block and not row.bold and row.size == block[-1].size
        if plain and row.page == block[-1].page and not self._spaced(block[-1], row):
            self._tight = True
        if row.mark.isdigit():
            self._numbers.add(int(row.mark))

    def warnings(self) -> Iterator[str]:
        """Yield what was not clear: above all on the same page, where lines have space between."""
        doubts = {page for above, page in self._doubts if self._tight or page != above}
        if doubts:
            pages = ", ".join(map(str, sorted(doubts)))
            yield f"where lines end is not always clear (page {pages})"

    def is_heading(self, block: Sequence[Row]) -> bool:
        """Say whether a line is set as a heading."""
        text = block[-1].text
        words = block[0].mark or text.endswith(_CLOSED) or not any(map(str.isalpha, text))
        if words or sum(len(row.text) for row in block) > _LONGEST_HEADING:
            return False
        return all(map(self._is_large, block))

    def _begins(self, row: Row, block: Sequence[Row]) -> bool:
        """Say whether a row begins a line, rather than going on with that of the rows above."""
        above = block[-1]
        if not _same_size(above, row):
            return True
        if self._spaced(above, row):
            return True
        if _HYPHENATED.search(above.text):
            return False
        if is_label(row.text.partition(":")[0]) or _SUMMARY.match(row.text):
            return True
        if is_furniture(row.text) or is_furniture(above.text) or ends_decision(row.text):
            return True
        if self._is_large(row) and self._is_large(above) and not block[0].mark:
            named = section_of(above.text) or section_of(row.text)
            return named is not None and row.text[0].isupper()
        if self._is_short(above, row):
            return True
        if self._aligned(row, block):
            return self._begins_by_words(row, block)
        deeper = row.left > above.left + _ALIGNED * row.size
        begun = bool(row.mark) or not row.text[0].islower()
        return begun or deeper or _is_item(above.text, row.text)

    def _is_large(self, row: Row) -> bool:
        """Say whether a row is set as those of headings are."""
        return row.bold or row.size > (1 + _SAME_SIZE) * self.size

    def _spaced(self, above: Row, row: Row) -> bool:
        """Say whether there is more space above a row than between those of a line."""
        distance = above.base - row.base
        return row.page == above.page and distance > _EXTRA_SPACE * self._pitch * row.size

    def _aligned(self, row: Row, block: Sequence[Row]) -> bool:
        """Say whether a row begins where the next one of a line would."""
        reach = _ALIGNED * row.size
        if len(block) > 1:
            return abs(row.left - block[-1].left) <= reach
        first = block[0]
        if not first.mark:
            return any(abs(row.left - cell.left) <= reach for cell in (first, first.cells()[-1]))
        hanging = self._hanging[first.mark.isdigit()]
        if hanging is False:
            return row.left <= first.left + reach
        within = first.words_left or first.left + _WIDEST_HANG * row.size
        least = first.left + (reach if hanging else -reach)
        return least <= row.left <= within + reach

    def _is_short(self, above: Row, row: Row) -> bool:
        """Say whether the first word of a row would have had room on the one above.

        Where no sentence ends above, that may be since it must not part from the second word.
        """
        first = row.words[0]
        slack = _SLACK if above.text.endswith(_STOPS) else _UNFINISHED_SLACK
        return above.right + first.right - first.left + slack * row.size < self._right

    def _begins_by_words(self, row: Row, block: Sequence[Row]) -> bool:
        """Say the same where nothing but the words tells."""
        above = block[-1]
        mark, closed = row.mark, above.text.endswith(_STOPS)
        if mark.isdigit():
            return (closed or above.bold) and (mark == "1" or int(mark) - 1 in self._numbers)
        if mark:
            strong = mark not in _WEAK_MARKS and not _LETTER.match(mark)
            return strong or above.text.endswith(_LIST_STOPS)
        if row.bold != above.bold:
            return closed
        if section_of(row.text):
            return closed
        if closed and row.page != above.page:
            self._doubts.add((above.page, row.page))
        if self._justified and self._reaches_margin(above):
            return False
        if row.text[0].islower():
            return block[0].text[0].islower() and _is_item(above.text, row.text)
        if row.text[0] == "(" and closed:
            if self._justified:
                return True
            self._doubts.add((above.page, row.page))
        return False


def _is_item(above: str, text: str) -> bool:
    """Say whether a text in lower case may be an item of a list that has lost its bullets."""
    return above.endswith(_ITEM_STOPS) and not _CONJUNCTION.match(text)


def _same_size(above: Row, row: Row) -> bool:
    return abs(row.size - above.size) <= _SAME_SIZE * above.size


def _surely_wrapped(above: Row, row: Row) -> bool:
    """Say whether the words alone tell that a row goes on with the line above."""
    return (
        row.page == above.page
        and row.text[0].islower()
        and not row.mark
        and _same_size(above, row)
        and not above.text.endswith(_LIST_STOPS)
    )


def _lines(gathered: _Blocks) -> Iterator[Line]:
    blocks, margin = gathered.blocks, min((block[0].left for block in gathered.blocks), default=0)
    titled = [block for block in blocks if gathered.is_heading(block)]
    sections = [block[0].size for block in titled if section_of(_joined(block))]
    section_size = median(sections) if sections else 0
    waiting: Line | None = None  # a mark that stands on a row of its own
    for block in blocks:
        text = " ".join(clean(_joined(block)).text.split())
        indent = round((block[0].left - margin) / (_CHARACTER * gathered.size))
        if gathered.is_heading(block):
            sub = block[0].size < _SUBHEADING * section_size
            line = Line(text, "###" if sub else "##", indent)
        else:
            line = marked_line(text, indent)
        if waiting and not line.mark:
            line = line._replace(mark=waiting.mark, indent=waiting.indent)
        waiting = None if line.text else line
        if line.text:
            yield line


def _joined(block: Sequence[Row]) -> str:
    """Return the text of rows, put together where a word was broken."""
    parts = [block[0].text]
    for above, row in pairwise(block):
        cited = _SECTION.search(above.text) and _SUBSECTION.match(row.text)
        suspended = above.text.endswith("-") and _SUSPENDED.match(row.text)
        broken = cited or _BROKEN.search(above.text) and not suspended
        if above.text.endswith("\u2010") and row.text[0].islower():
            parts[-1] = parts[-1][:-1]
        parts.append(row.text if broken else f" {row.text}")
    return "".join(parts)


def _warnings(rows: Sequence[Row]) -> Iterator[str]:
    """Yield what makes the text of a whole decision doubtful."""
    hyphens = sum(bool(re.search(r"[a-z]-$", row.text)) for row in rows)
    if hyphens > max(2, _MANY_HYPHENS * len(rows)):
        yield "words broken at the end of a line keep their hyphen"
    columns = sum(len(row.cells()) > 1 and not row.mark for row in rows)
    if columns > max(2, _MANY_COLUMNS * len(rows)):
        yield "text seems to stand in columns; its lines may be mixed up"
