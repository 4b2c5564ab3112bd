"""What the styles of a Word document say about its paragraphs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from grounds.reading.word.package import W, child, is_on, number, value

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_HEADING = re.compile(r"heading ([1-9])")


class Style(NamedTuple):
    """What a style, and those that it is based on, say about a paragraph.

    Attributes
    ----------
    name
        Its name, in small letters.
    heading
        Which level of heading it is, 0 where it is none, ``None`` where nothing is said.
    list, list_level
        Number of the list and level in it, ``None`` where nothing is said.
    lister
        The style that says which list: a level of the list may name it as its own.
    hidden
        Whether the words are hidden.
    """

    name: str = ""
    heading: int | None = None
    list: str | None = None
    list_level: int | None = None
    lister: str = ""
    hidden: bool = False


class Styles:
    """The styles of a document, looked up by their identifiers."""

    def __init__(self, root: Element | None) -> None:
        found = () if root is None else root.iterchildren(f"{W}style")
        self._elements = {element.get(f"{W}styleId", ""): element for element in found}
        self._usual = next(filter(_is_usual, self._elements.values()), None)
        self._known: dict[str, Style] = {}

    def paragraph(self, name: str | None) -> Style:
        """Return the style of a paragraph that names it, or names none."""
        if name not in self._elements and self._usual is not None:
            name = self._usual.get(f"{W}styleId", "")
        return self.style(name)

    def style(self, name: str | None) -> Style:
        """Return a style; one that is not there says nothing."""
        chain: dict[str, Element] = {}
        base = name or ""
        while base in self._elements and base not in self._known and base not in chain:
            chain[base] = self._elements[base]
            base = value(chain[base], "basedOn") or ""
        style = self._known.get(base, Style())
        for below in reversed(chain):
            style = self._known[below] = _onto(style, chain[below])
        return style


def outline_level(properties: Element | None) -> int | None:
    """Return the level of heading that the properties of a paragraph say, 0 for none."""
    level = number(properties, "outlineLvl")
    return None if level is None else (level + 1) % 10  # 9 stands for "body text"


def _is_usual(element: Element) -> bool:
    kind, usual = element.get(f"{W}type"), element.get(f"{W}default")
    return kind == "paragraph" and usual in ("1", "true", "on")


def _onto(base: Style, element: Element) -> Style:
    """Return what a style says, given what the one that it is based on says."""
    properties = child(element, "pPr")
    name = (value(element, "name") or "").lower()
    heading = outline_level(properties)
    if heading is None:
        heading = _named_level(name)
    style = base._replace(name=name, heading=base.heading if heading is None else heading)
    listed = value(properties, "numPr", "numId")
    if listed is not None:
        style = style._replace(list=listed, lister=element.get(f"{W}styleId", ""))
    level = number(properties, "numPr", "ilvl")
    if level is not None:
        style = style._replace(list_level=level)
    if child(element, "rPr", "vanish") is not None:
        style = style._replace(hidden=is_on(element, "rPr", "vanish"))
    return style


def _named_level(name: str) -> int | None:
    if name == "title":
        return 1
    match = _HEADING.fullmatch(name)
    return int(match[1]) if match else None
