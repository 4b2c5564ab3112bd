"""Reading pages of the Ombudsman's site.

A page becomes lines with marks, as a text copy has them (``##`` before a heading, the number of
a paragraph, a bullet), and is then read as one.
"""

from __future__ import annotations

import re
from collections import Counter

from selectolax.lexbor import LexborHTMLParser, LexborNode

from grounds.errors import InputError
from grounds.reading.decoding import clean
from grounds.reading.lines import Line, marked_line

_PAGE = re.compile(r"<(?:!doctype html|html|head|body|main|article|section|div|h[1-6]|p|ol)[\s>]")
_START_OF_PAGE = 4096
_DROPPED = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "header",
        "footer",
        "aside",
        "form",
        "button",
        "select",
        "svg",
        "img",
        "iframe",
        "head",
        "title",
        "_comment",
        "-comment",
    )
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_INLINE = frozenset(
    (
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "u",
        "var",
        "wbr",
    )
)
_BULLET = "•"
_DEEPEST = 150
_MOST_WORK = 100_000_000
"""For each new element the parser walks through those that are open, and copies some of them."""

_COPIED = frozenset(
    [
        "a",
        "b",
        "big",
        "code",
        "em",
        "font",
        "i",
        "nobr",
        "s",
        "small",
        "strike",
        "strong",
        "tt",
        "u",
    ]
)
_COPYING = 20  # times as much work as walking, memory above all

_OPENED = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[cdata\[.*?(?:\]\]>|\Z)|<[!?][^>]*"
    r"|<(?:(script|style|textarea|title|xmp|iframe|noembed|noframes)\b.*?(?:</\1|\Z))"
    r"|<(?P<close>/?)(?P<name>[a-z][^\s/>]*)"
    r"(?:=\s*(?:\"[^\"]*(?:\"|\Z)|'[^']*(?:'|\Z)|[^\s>]*)|[^>=])*+",
    re.DOTALL,
)
"""Tags, and what looks like tags inside comments and the like; nothing of it is looked at twice."""

_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{20000,}")
_QUOTED = re.compile("\"[^\"]*\"|'[^']*'")
_MOST_ATTRIBUTES = 5_000

_CLOSED_BY_OTHERS = frozenset(
    [
        "area",
        "base",
        "br",
        "col",
        "dd",
        "dt",
        "embed",
        "hr",
        "img",
        "input",
        "li",
        "link",
        "meta",
        "option",
        "p",
        "param",
        "source",
        "td",
        "th",
        "tr",
        "track",
        "wbr",
    ]
)


def is_html(text: str) -> bool:
    """Say whether a text is a page.

    >>> is_html("<!DOCTYPE html><html></html>"), is_html("Summary: the fee was < £10")
    (True, False)
    """
    return bool(_PAGE.search(text[:_START_OF_PAGE].lower()))


def page_lines(page: str, source: str = "-") -> list[Line]:
    """Return the lines of the decision in a page; `source` is its name.

    Raises
    ------
    InputError
        If so many elements stand inside others that taking the page apart would take forever.

    Examples
    --------
    >>> [(line.mark, line.text) for line in page_lines("<h2>Analysis</h2><ol start=9><li>No.")]
    [('##', 'Analysis'), ('9', 'No.')]
    """
    if any(_attributes(tag[0]) > _MOST_ATTRIBUTES for tag in _LONG_TAG.finditer(page)):
        raise InputError(source, "is no proper page: an element has thousands of attributes")
    if _COPYING * page.count("<") ** 2 > 2 * _MOST_WORK and _work(page) > _MOST_WORK:
        raise InputError(
            source, "is no proper page: its elements are not closed, or nested too deep"
        )
    tree = LexborHTMLParser(page)
    root = tree.css_first("article#article") or tree.body
    return _Walk(root).lines if root else []


def _attributes(tag: str) -> int:
    """Return how many attributes a tag can have at the most; the parser compares each with each."""
    bare = _QUOTED.sub(" ", tag)  # pictures are in quotes
    return max(len(bare.split()), bare.count("="), bare.count("/"))


def _work(page: str) -> int:
    """Return through how many open elements the parser would walk, at the most."""
    work = depth = 0
    opened: Counter[str] = Counter()
    for tag in _OPENED.finditer(page.lower()):
        name = tag["name"]
        if name is None:
            depth += tag[0].count("<") - 1  # it may be none, to the parser
        elif name not in _CLOSED_BY_OTHERS:
            closed = bool(tag["close"])
            if closed and not opened[name]:
                continue
            opened[name] += -1 if closed else 1
            weight = _COPYING if name in _COPIED else 1
            depth += -weight if closed else weight
        work += depth
    return work


class _Walk:
    """Gathers the lines of a page on a walk through its elements."""

    def __init__(self, root: LexborNode) -> None:
        self.lines: list[Line] = []
        self._words: list[str] = []
        self._letter = ""  # that a page shows before the line
        self._mark = ""  # of the line that is being gathered
        self._rest = ""  # of the lines after it, in the same element
        self._waiting = ""  # a mark that stood alone, as text, and belongs to the line below it
        self._runs_on = any(_start(ordered) > 1 for ordered in root.css("ol[start]"))
        self._numbered = False  # whether there was a numbered paragraph
        self._walk(root, 0)
        self._end_line()

    def _walk(self, node: LexborNode, depth: int) -> None:
        for child in node.iter(include_text=True):
            tag = child.tag or ""
            if tag == "-text":
                self._words.append(child.text_content or "")
            elif tag in _DROPPED:
                continue
            elif depth > _DEEPEST:
                self._words.append(child.text())
            elif tag in _HEADINGS:
                self._element(child, depth, "#" * int(tag[1]), self._rest)
            elif tag in ("ol", "ul"):
                self._list(child, depth)
            elif tag in _INLINE and not _is_field(child):
                self._walk(child, depth + 1)
            else:
                self._block(child, depth)

    def _block(self, node: LexborNode, depth: int) -> None:
        """Walk through an element that begins and ends a line (``br`` does no more than that)."""
        self._end_line()
        self._walk(node, depth + 1)
        if _is_field(node, "label"):
            self._words.append(":")
        self._end_line()

    def _element(
        self, node: LexborNode, depth: int, mark: str, rest: str, letter: str = ""
    ) -> None:
        """Walk through an element whose first line has a mark."""
        self._end_line()
        outside = self._rest
        self._mark, self._rest, self._letter = mark, rest, letter
        self._walk(node, depth + 1)
        self._end_line()
        self._mark = self._rest = outside
        self._letter = ""

    def _list(self, node: LexborNode, depth: int) -> None:
        self._end_line()
        number = _start(node)
        points = self._rest or node.tag == "ul" or self._is_points(node, number)
        for child in node.iter():
            if child.tag != "li":
                self._block(child, depth)
                continue
            mark = _BULLET if points else str(number)
            self._element(child, depth, mark, _BULLET, _letter(node, number))
            number += 1

    def _is_points(self, node: LexborNode, number: int) -> bool:
        """Say whether an ordered list outside any other holds points and not paragraphs."""
        return bool(_letter(node, 1)) or number == 1 and self._runs_on and self._numbered

    def _end_line(self) -> None:
        words = " ".join(clean("".join(self._words)).text.split())
        self._words.clear()
        if not words:
            return
        words, self._letter = self._letter + words, ""
        line = Line(words, self._mark) if self._mark else marked_line(words)
        self._mark = self._rest
        if line.text:
            line = line._replace(mark=line.mark or self._waiting)
            self.lines.append(line)
            self._numbered = self._numbered or line.numbered
        self._waiting = "" if line.text else line.mark


def _start(ordered: LexborNode) -> int:
    """Return the number of the first item of an ordered list."""
    start = ordered.attributes.get("start") or ""
    return int(start) if start.isdecimal() and len(start) < 4 else 1


def _letter(ordered: LexborNode, number: int) -> str:
    """Return the letter that a page shows before an item, ``"a) "``, or nothing.

    Without it the point "as in b) above" would point nowhere.
    """
    lettered = (ordered.attributes.get("type") or "").lower() == "a"
    return f"{chr(ord('a') + number - 1)}) " if lettered and 1 <= number <= 26 else ""


def _is_field(node: LexborNode, *names: str) -> bool:
    """Say whether an element is the label or the value of a header field."""
    return (node.attributes.get("class") or "") in (names or ("label", "value"))
