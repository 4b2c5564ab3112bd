"""Lists of Word documents: which number, letter or bullet Word sets before a paragraph.

Paragraphs name a list and a level in it. A list is an instance of a definition, which says how each
level counts and looks. Lists of the same definition go on with one count, unless one says, for its
first paragraph, where to start over. Paragraphs of a level start the levels below it over.
"""

from __future__ import annotations

from collections import defaultdict
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from grounds.reading.word.package import W, is_on, number, value
from grounds.reading.word.styles import Style, Styles

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_LEVELS = range(9)
_LONGEST_TEXT = 100  # of a label; Word has no longer ones
_DIGITS = frozenset(
    (
        "decimal",
        "decimalZero",
        "decimalFullWidth",
        "decimalHalfWidth",
        "decimalEnclosedCircle",
        "decimalEnclosedFullstop",
        "decimalEnclosedParen",
        "numberInDash",
        "ordinal",
        "cardinalText",
        "ordinalText",
        "custom",  # "001, 002" and the like
    )
)
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"),
    (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST_LETTERS = 30 * 26
_LARGEST_ROMAN = 3999


class Sign(Enum):
    """What stands before a paragraph of a list."""

    NUMBER = "number"
    LABEL = "label"  # a letter, a Roman number or words
    BULLET = "bullet"


class Item(NamedTuple):
    """A paragraph of a list; `label` is what stands before it if that is no bullet."""

    sign: Sign
    level: int
    number: int
    label: str = ""


class _Level(NamedTuple):
    format: str
    text: str
    start: int
    restart: int | None  # after a paragraph of which level this one starts over, from 1; 0 never
    legal: bool  # whether all numbers in its label are written with digits
    style: str  # the paragraphs' style that stands for this level


class _List(NamedTuple):
    definition: str
    levels: dict[int, _Level]
    starts: dict[int, int]  # where levels start over at the first paragraph of this list


class Numbering:
    """Counts the paragraphs of all lists of a document, in the order in which they come."""

    def __init__(self, root: Element | None, styles: Styles) -> None:
        self._styles = styles
        self._nums = _by_id(root, "num", "numId")
        self._definitions = _by_id(root, "abstractNum", "abstractNumId")
        self._levels: dict[str, dict[int, _Level]] = {}
        self._lists: dict[str, _List | None] = {}
        self._counts: defaultdict[str, dict[int, int]] = defaultdict(dict)
        self._started: set[tuple[str, int]] = set()

    def next(self, properties: Element | None, style: Style) -> Item | None:
        """Count a paragraph; return what stands before it, ``None`` where nothing does.

        Parameters
        ----------
        properties
            What the paragraph says of itself.
        style
            What its style says.
        """
        own = value(properties, "numPr", "numId")
        name = style.list if own is None else own
        found = self._list(name) if name else None
        if name is None or found is None:  # the list 0 is never there: it takes one out of its own
            return None
        level = number(properties, "numPr", "ilvl")
        if level is None:
            level = _level_of(style, found) if own is None else 0
        if level not in found.levels:
            return None
        self._count(name, found, level)
        return self._item(found, level)

    def _list(self, name: str) -> _List | None:
        if name not in self._lists:
            self._lists[name] = self._defined(name)
        return self._lists[name]

    def _defined(self, name: str) -> _List | None:
        """Return a list with the levels of its definition and those that it changes itself."""
        num = self._nums.get(name)
        definition = self._definition(value(num, "abstractNumId"))
        if num is None or definition is None:
            return None
        key = definition.get(f"{W}abstractNumId", "")
        if key not in self._levels:
            self._levels[key] = _levels(definition)
        levels, starts = dict(self._levels[key]), {}
        for override in num.iterchildren(f"{W}lvlOverride"):
            levels |= _levels(override)
            start = number(override, "startOverride")
            if start is not None:
                starts[_index(override)] = start
        return _List(key, levels, starts)

    def _definition(self, name: str | None) -> Element | None:
        """Return a definition, or the one that it stands for: that of a style."""
        for _ in _LEVELS:  # no longer way is known; it must not go round for ever
            definition = self._definitions.get(name or "")
            link = value(definition, "numStyleLink")
            if link is None:
                return definition
            num = self._nums.get(self._styles.style(link).list or "")
            name = value(num, "abstractNumId")
        return None

    def _count(self, name: str, found: _List, level: int) -> None:
        counts = self._counts[found.definition]
        for above in found.levels:
            if above < level:  # a level that is left out counts as begun
                counts.setdefault(above, found.levels[above].start)
        first = (name, level) not in self._started
        self._started.add((name, level))
        if level in counts and not (first and level in found.starts):
            counts[level] += 1
        else:
            counts[level] = found.starts.get(level, found.levels[level].start)
        for below in [below for below in counts if below > level]:
            restart = found.levels[below].restart if below in found.levels else None
            if restart is None or level < restart:
                del counts[below]

    def _item(self, found: _List, level: int) -> Item | None:
        shown = found.levels[level]
        count = self._counts[found.definition][level]
        if shown.format == "bullet":
            return Item(Sign.BULLET, level, count)
        if shown.format in _DIGITS and f"%{level + 1}" in shown.text:
            return Item(Sign.NUMBER, level, count)
        label = self._label(found, shown)
        if not label:
            return None
        worded = any(character.isalnum() for character in label)
        return Item(Sign.LABEL if worded else Sign.BULLET, level, count, label)

    def _label(self, found: _List, shown: _Level) -> str:
        counts = self._counts[found.definition]
        label = shown.text
        for index, level in found.levels.items():
            form = "decimal" if shown.legal else level.format
            label = label.replace(f"%{index + 1}", _written(counts.get(index, level.start), form))
        return label.strip()


def _by_id(root: Element | None, name: str, key: str) -> dict[str, Element]:
    found = () if root is None else root.iterchildren(f"{W}{name}")
    return {element.get(f"{W}{key}", ""): element for element in found}


def _levels(parent: Element) -> dict[int, _Level]:
    return {
        _index(element): _Level(
            format=_format(element),
            text=(value(element, "lvlText") or "")[:_LONGEST_TEXT],
            start=number(element, "start") or 0,
            restart=number(element, "lvlRestart"),
            legal=is_on(element, "isLgl"),
            style=value(element, "pStyle") or "",
        )
        for element in parent.iterchildren(f"{W}lvl")
    }


def _index(element: Element) -> int:
    level = element.get(f"{W}ilvl", "")
    return int(level) if level in map(str, _LEVELS) else 0


def _format(level: Element) -> str:
    """Return how a level counts; a form of later versions of Word stands deeper in it."""
    found = next(level.iter(f"{W}numFmt"), None)
    return "decimal" if found is None else found.get(f"{W}val", "decimal")


def _level_of(style: Style, found: _List) -> int:
    """Return the level at which a style puts a paragraph into its list."""
    named = (index for index, level in found.levels.items() if level.style == style.lister)
    return next(named, style.list_level or 0)


def _written(count: int, form: str) -> str:
    """Write a number in the form of a level.

    >>> [_written(28, form) for form in ("lowerLetter", "upperRoman", "decimal", "none")]
    ['bb', 'XXVIII', '28', '']
    """
    if form in ("none", "bullet"):
        return ""
    if form.endswith("Letter") and 0 < count <= _MOST_LETTERS:
        letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letters.upper() if form.startswith("upper") else letters
    if form.endswith("Roman") and 0 < count <= _LARGEST_ROMAN:
        roman = _roman(count)
        return roman.upper() if form.startswith("upper") else roman
    return str(count)


def _roman(count: int) -> str:
    written = ""
    for worth, sign in _ROMAN:
        written += sign * (count // worth)
        count %= worth
    return written
