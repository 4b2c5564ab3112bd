"""From the elements of a Word document to lines with marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from grounds.errors import InputError
from grounds.limits import LIMITS, Limits
from grounds.reading.decoding import clean
from grounds.reading.lines import Line, marked_line
from grounds.reading.sections import section_of
from grounds.reading.word.numbering import Item, Numbering, Sign
from grounds.reading.word.package import Package, W, child, is_on, value
from grounds.reading.word.styles import Styles, outline_level

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_BULLET = "•"
_INDENT = 4  # characters a level
_LONGEST_HEADING = 120
_ENDS_SENTENCE = (".", ";")
_ALTERNATIVES = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_CHARACTERS = {
    f"{W}tab": "\t",
    f"{W}ptab": "\t",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
}
_CONTENTS = "toc "  # what the names of styles in a table of contents begin with
_TYPED = re.compile(r"^\s*\(?(\d{1,3})[.)]?\t")  # a number before a tab, with or without a stop
_GONE = ("del", "moveFrom")
_DELETED = tuple(f"{W}{name}" for name in _GONE)
_CHANGES = (*_DELETED, f"{W}ins", f"{W}moveTo")
_DROPPED = frozenset((*_DELETED, f"{W}pPr", f"{W}rPr", f"{W}sectPr", f"{W}rt"))
_WARNINGS = {
    _CHANGES: "tracked changes were read as accepted",
    (f"{W}footnoteReference", f"{W}endnoteReference"): "footnotes were left out",
    (f"{W}altChunk", f"{W}subDoc"): "another document inside this one was left out",
}
_LEVELS = "numbered paragraphs stand at several levels of a list; check where they begin"


def walk(
    package: Package, source: str, limits: Limits = LIMITS
) -> tuple[list[Line], tuple[str, ...]]:
    """Return the lines of a document and what there is to warn of; `source` is its name.

    Raises
    ------
    InputError
        If it has no text, or far too much.
    """
    limits.check("paragraphs", sum(1 for _ in package.document.iter(f"{W}p")), source)
    document = _Document(package)
    lines = list(_with_lone_marks(document.lines(package.document)))
    found = [text for tags, text in _WARNINGS.items() if _has(package.document, tags)]
    if not lines:
        raise InputError(source, "; ".join(["has no text", *found]))
    if len(document.levels) > 1:
        found.append(_LEVELS)
    return lines, (*dict.fromkeys(document.warnings), *found)


def _has(root: Element, tags: Sequence[str]) -> bool:
    return next(root.iter(*tags), None) is not None


def _with_lone_marks(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield lines; a mark that stands alone belongs to the line below it."""
    waiting = ""
    for line in lines:
        if line.text:
            yield line._replace(mark=line.mark or waiting)
        waiting = "" if line.text else line.mark


class _Words(NamedTuple):
    """The words of a paragraph, the text boxes that hang on it, and what it says of itself."""

    parts: list[str]
    boxes: list[Element]
    properties: Element | None


class _Document:
    """Takes a document apart, in the order in which it is read.

    Attributes
    ----------
    warnings
        What was repaired.
    levels
        At which levels of lists numbered paragraphs stand.
    """

    def __init__(self, package: Package) -> None:
        self.warnings: list[str] = []
        self.levels: set[int] = set()
        self._styles = Styles(package.styles)
        self._numbering = Numbering(package.numbering, self._styles)
        self._level: int | None = None  # of the numbered paragraphs in this section
        self._begun: _Words | None = None  # of a paragraph that runs on into the next one
        self._tables = 0  # how many the walk is inside of
        self._fields: list[bool] = []  # for each open field whether its result has begun
        self._instructions = 0  # how many of their results have not

    def lines(self, root: Element) -> Iterator[Line]:
        """Yield the lines of the whole document."""
        yield from self.blocks(root)
        if self._begun:
            yield from self._finished(self._begun)

    def blocks(self, parent: Element) -> Iterator[Line]:
        """Yield the lines of the paragraphs and tables in an element."""
        for element in _alternatives_chosen(parent):
            if element.tag == f"{W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{W}tbl":
                yield from self._table(element)
            elif element.tag not in _DROPPED and not _is_placeholder(element):
                yield from self.blocks(element)

    def _paragraph(self, element: Element) -> Iterator[Line]:
        properties = child(element, "pPr")
        style = self._styles.paragraph(value(properties, "pStyle"))
        words = self._begun or _Words([], [], properties)
        self._begun = None
        self._fields.clear()
        self._instructions = 0
        hidden = style.hidden or style.name.startswith(_CONTENTS)
        if not hidden:
            self._gather(element, words)
        if _is_gone(child(properties, "rPr")):
            self._begun = words if words.parts else None
        elif words.parts or not (hidden or is_on(properties, "rPr", "vanish")):
            yield from self._finished(words)

    def _finished(self, words: _Words) -> Iterator[Line]:
        """Yield the lines of a paragraph that is complete, and of the text boxes that hang on it."""
        style = self._styles.paragraph(value(words.properties, "pStyle"))
        level = outline_level(words.properties)
        heading = style.heading if level is None else level
        item = self._numbering.next(words.properties, style)
        yield from self._marked(self._split("".join(words.parts)), item, heading or 0)
        for box in words.boxes:
            yield from self.blocks(box)

    def _gather(self, parent: Element, words: _Words) -> None:
        """Take in the words of an element, as they show."""
        for element in _alternatives_chosen(parent):
            tag = element.tag
            shown = _shown(element)
            if shown is not None:
                if not self._instructions:
                    words.parts.append(shown)
            elif tag == f"{W}fldChar":
                self._field(element.get(f"{W}fldCharType", ""))
            elif tag == f"{W}txbxContent":
                words.boxes.append(element)
            elif tag not in _DROPPED and not self._is_hidden(element):
                self._gather(element, words)

    def _field(self, kind: str) -> None:
        """Keep account of fields: what stands before their result is an instruction."""
        if kind == "begin":
            self._fields.append(False)
            self._instructions += 1
        elif self._fields:
            self._instructions -= not self._fields.pop()
            if kind == "separate":
                self._fields.append(True)

    def _is_hidden(self, element: Element) -> bool:
        if element.tag != f"{W}r":
            return _is_placeholder(element)
        own = child(element, "rPr", "vanish")
        if own is not None:
            return is_on(element, "rPr", "vanish")
        return self._styles.style(value(element, "rPr", "rStyle")).hidden

    def _split(self, words: str) -> list[str]:
        """Return the lines of a paragraph, cleaned."""
        cleaned = clean(_TYPED.sub(r"\1. ", words))
        self.warnings += cleaned.warnings
        lines = (" ".join(line.split()) for line in cleaned.text.split("\n"))
        return [line for line in lines if line]

    def _marked(self, lines: Sequence[str], item: Item | None, heading: int) -> Iterator[Line]:
        """Yield the lines of a paragraph with their marks."""
        if not lines:
            if item and self._tables:  # the words may stand in the next cell
                yield Line("", self._mark(item))
            return
        whole = " ".join(lines)
        if heading and _reads_as_heading(whole, item):
            self._level = None
            yield Line(whole, "#" * min(heading, 6))
            return
        if section_of(whole) and (item is None or _is_numbered_heading(whole, item)):
            self._level = item = None
        first = _line(lines[0], item, self._mark(item)) if item else marked_line(lines[0])
        yield first
        for line in map(marked_line, lines[1:]):
            yield line._replace(mark=line.mark or (_BULLET if first.mark else ""))

    def _mark(self, item: Item) -> str:
        """Return the number of a paragraph, or a bullet for a point of the paragraph above it.

        The first number of a section tells at which level of its list paragraphs stand.
        """
        if item.sign is not Sign.NUMBER:
            return _BULLET
        if self._level is None:
            self._level = item.level
        if item.level > self._level:
            return _BULLET
        self.levels.add(item.level)
        return str(item.number)

    def _table(self, table: Element) -> Iterator[Line]:
        self._tables += 1
        for row in _inside(table, f"{W}tr"):
            if not _is_gone(child(row, "trPr")):
                cells = [list(self.blocks(cell)) for cell in _inside(row, f"{W}tc")]
                yield from _row([lines for lines in cells if lines])
        self._tables -= 1


def _row(cells: Sequence[Sequence[Line]]) -> Iterator[Line]:
    """Yield the row of a table: as one line if that is all it is, or cell after cell."""
    texts = [lines[0].text for lines in cells if len(lines) == 1 and not lines[0].mark]
    if len(cells) > 1 and len(texts) == len(cells) and not _is_section(*texts[:2]):
        yield Line(f"{texts[0].rstrip(' :')}: {'; '.join(texts[1:])}", _BULLET)
    else:
        for lines in cells:
            yield from lines


def _is_section(label: str, text: str) -> bool:
    """Say whether a row has a section's heading beside its text, and no field of the header."""
    return section_of(label) is not None and text.endswith(_ENDS_SENTENCE)


def _line(text: str, item: Item, mark: str) -> Line:
    label = f"{item.label} " if item.sign is Sign.LABEL else ""
    return Line(f"{label}{text}", mark, _INDENT * item.level)


def _reads_as_heading(text: str, item: Item | None) -> bool:
    """Say whether a paragraph in the style of a heading is one.

    Where headings are numbered their style is also used for numbered paragraphs.
    """
    if section_of(text):
        return True
    return len(text) <= _LONGEST_HEADING and not (item and text.endswith(_ENDS_SENTENCE))


def _is_numbered_heading(text: str, item: Item) -> bool:
    """Say whether the paragraph of a list that reads as the heading of a section is one."""
    counted = item.sign is Sign.NUMBER or item.sign is Sign.LABEL and item.label[0].isupper()
    return counted and text[0].isupper() and not text.endswith(_ENDS_SENTENCE)


def _is_gone(properties: Element | None) -> bool:
    """Say whether a change that is tracked has deleted a row, or the end of a paragraph."""
    return any(child(properties, name) is not None for name in _GONE)


def _shown(element: Element) -> str | None:
    """Return the characters that an element stands for, ``None`` for one that holds others."""
    if element.tag == f"{W}t":
        return (element.text or "").replace("\n", " ")
    return _symbol(element) if element.tag == f"{W}sym" else _CHARACTERS.get(element.tag)


def _symbol(element: Element) -> str:
    """Return a symbol; those that only a font of symbols has are mostly bullets."""
    try:
        character = chr(int(element.get(f"{W}char", ""), 16))
    except (ValueError, OverflowError):
        return ""
    if "\ue000" <= character <= "\uf8ff":
        return _BULLET
    return character if character.isprintable() else ""


def _is_placeholder(element: Element) -> bool:
    """Say whether an element is a field of a form that nobody has filled in."""
    return element.tag == f"{W}sdt" and is_on(element, "sdtPr", "showingPlcHdr")


def _inside(parent: Element, tag: str) -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, whatever wraps them."""
    for element in _alternatives_chosen(parent):
        if element.tag == tag:
            yield element
        elif element.tag not in _DROPPED:
            yield from _inside(element, tag)


def _alternatives_chosen(parent: Element) -> Iterator[Element]:
    """Yield the elements in another one; where there are several for one thing, the first."""
    for element in parent:
        if element.tag == _ALTERNATIVES:
            yield from _alternatives_chosen(element[0]) if len(element) else ()
        else:
            yield element
