"""Composes any number of decisions out of the labelled corpus: ``python benchmarks/composer.py``.

For measuring time and memory on more decisions than there are labelled. They read like decisions
and are as long, but what they say makes no sense: nothing about accuracy is measured on them.
"""

from __future__ import annotations

import argparse
import calendar
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import chain, groupby
from pathlib import Path
from typing import NamedTuple

from places import DATA

from grounds.corpus import decision_tags, read_labelled
from grounds.corpus.copies import copy_of
from grounds.decision import SECTIONS, Decision, LabelledDecision, Paragraph, Section, Span
from grounds.reading.sections import section_of
from grounds.reading.text import checksum

FOLDER = 1000
"""Files in one folder."""

BORROWED = ("complaint", "powers", "method")
"""Sections that come from other decisions than the one which gives the header and the reasons."""

KEPT = 100
"""The most frequent words (of four letters or more) are never replaced."""

NEXT = 4
"""Of the others, one among the next so many is replaced: two in five, a tenth of all words."""

RARE = 30
"""A word that is always capitalised and no more frequent than this is a name."""

_MONTHS = list(calendar.month_name)[1:]
_CLEAR = "|".join(month for month in _MONTHS if month not in ("March", "May"))
_MONTH = rf"\b(?:{_CLEAR})\b|(?<=\d )(?:March|May)\b|\b(?:March|May)(?= \d)"
_PATTERNS = {
    "law": r"(?:\b[A-Z]\w+ )*\b(?:Act|Order|Regulations|Rules) \d{4}"
    r"|\b(?:[Ss]ections?|[Pp]aragraphs?)(?:(?:,| and| or)? \d\w*(?:\(\w+\))*)+",
    "pounds": r"£\d[\d,]*(?:\.\d\d)?",
    "day": rf"\b\d{{1,2}}(?= (?:{'|'.join(_MONTHS)})\b)",
    "month": _MONTH,
    "year": r"\b(?:19|20)\d\d\b",
    "number": r"(?<![\w(.,/])\d+(?![\w(/])",
    "initial": r"(?:(?<=\bM[rsx] )|(?<=\bMrs )|(?<=\bMiss )|(?<=\bDr ))[A-Z]\b",
    "name": r"\b[A-Z][a-z]+\b",
    "word": r"\b[a-z]{4,}\b",
}
_SLOT = re.compile("|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _PATTERNS.items()))
_ENDINGS = ("ing", "ed", "ly", "s", "")
_FIRST_DAY, _DAYS = date(2014, 1, 1), 365 * 12
_REFERENCES = 10_000_000
"""Those from 90 000 000 on, which the Ombudsman has not reached."""


def compose(n: int, seed: int = 0) -> Iterator[LabelledDecision]:
    """Yield distinct decisions, each put together from sections of different labelled ones.

    One gives the header, the Summary, the reasons, remedies and the end; others the complaint, the
    powers and the method. Everywhere sums, dates, numbers, initials and other names are replaced
    (a name by the same one throughout a decision), the names of laws are not, and of the words
    that are not among the most frequent, two in five: by another word of the corpus with the same
    ending, or by one that is invented (`Lexicon`).

    Among the paragraphs of 5,000 decisions 96% are distinct, among the sentences and lines 84% (97%
    of those with twelve words or more; what comes again is mostly law and the like of "We will not
    investigate."). They have 458 words on average, the labelled ones 462, and as many tags (5.5).
    900 decisions have 11,000 different words, 5,000 have 23,000, and 57,500 have 69,000.

    Parameters
    ----------
    n
        How many. The first of them are the same whatever the number.
    seed
        Gives other decisions.
    """
    chance = random.Random(seed)
    yield from (_decision(number, _material(), chance) for number in range(n))


def text_of(decision: Decision) -> str:
    """Return the numbered text copy of a decision, which reads back as the same decision."""
    return copy_of(decision).text


def write(n: int, folder: Path, seed: int = 0) -> None:
    """Write text copies of decisions, a thousand in a folder."""
    for number, item in enumerate(compose(n, seed)):
        path = folder / item.decision.source
        if number % FOLDER == 0:
            path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(item.decision), "utf-8")


# Words


class Lexicon:
    """Words of a list, and then new ones without end: the head of one, the tail of another.

    They are drawn by Zipf's law as Mandelbrot put it, so that the more are drawn, the more new
    ones are among them.

    Parameters
    ----------
    words
        The list, the most frequent first.

    Examples
    --------
    >>> lexicon = Lexicon(["refuse", "garden", "permit"])
    >>> [lexicon.word(rank) for rank in range(6)]
    ['refuse', 'garden', 'permit', 'refden', 'garmit', 'peruse']
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._heads = [word[: (len(word) + 1) // 2] for word in words]
        self._tails = [word[(len(word) + 1) // 2 :] for word in words]
        self._flat = len(words) / 10  # about one in eleven words drawn is new

    def word(self, rank: int) -> str:
        """Return the word of a rank, from 0."""
        many = len(self._heads)
        return self._heads[rank % many] + self._tails[(rank + rank // many) % many]

    def draw(self, chance: random.Random) -> str:
        """Return a word, the less probable the higher its rank."""
        return self.word(int(self._flat * (1 / (1 - chance.random()) - 1)))


class Vocabulary:
    """What stands in for the words of a corpus: lexicons of names, and of words by ending."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts = Counter(word for text in texts for word in re.findall(r"[A-Za-z]+", text))
        ordered = [word for word, _ in counts.most_common()]
        common = [word for word in ordered if re.fullmatch(r"[a-z]{4,}", word)]
        self.names = {
            word
            for word, count in counts.items()
            if word.istitle() and len(word) > 3 and count <= RARE and word.lower() not in counts
        } - set(_MONTHS)
        self.words = set(common[KEPT:])
        lists: dict[str, list[str]] = {ending: [] for ending in _ENDINGS}
        for word in common[KEPT:]:
            lists[_ending(word)].append(word)
        self.by_ending = {ending: Lexicon(words) for ending, words in lists.items() if words}
        self.for_names = Lexicon([word for word in ordered if word in self.names])


def _ending(word: str) -> str:
    return next(ending for ending in _ENDINGS if word.endswith(ending))


class _Others:
    """Other names, numbers and words for those of one decision."""

    def __init__(self, vocabulary: Vocabulary, chance: random.Random) -> None:
        self._vocabulary = vocabulary
        self._chance = chance
        self._shift = 1 + int(25 * chance.random())
        self._names: dict[str, str] = {}

    def word(self, old: str) -> str:
        return self._vocabulary.by_ending[_ending(old)].draw(self._chance)

    def name(self, old: str) -> str:
        if old not in self._names:
            self._names[old] = self._vocabulary.for_names.draw(self._chance)
        return self._names[old]

    def initial(self, old: str) -> str:
        return chr(ord("A") + (ord(old) - ord("A") + self._shift) % 26)

    def number(self, old: str) -> str:
        low = 10 ** (len(old) - 1)
        return str(low + int(9 * low * self._chance.random()))

    def pounds(self, old: str) -> str:
        amount = 10 ** (1 + 3.3 * self._chance.random())
        return f"£{amount:,.2f}" if "." in old else f"£{int(amount):,}"

    def day(self, _: str) -> str:
        return str(1 + int(28 * self._chance.random()))

    def month(self, _: str) -> str:
        return _MONTHS[int(12 * self._chance.random())]

    def year(self, _: str) -> str:
        return str(_FIRST_DAY.year + int(12 * self._chance.random()))


_FILLS: dict[str, Callable[[_Others, str], str]] = {
    kind: getattr(_Others, kind) for kind in _PATTERNS if kind != "law"
}


# Texts


_Mark = tuple[int, int, str]
"""Where a span begins and ends in a text, and its tag."""


class _Slot(NamedTuple):
    """A place in a text for another name, number or word: which part of it, and where."""

    part: int
    start: int
    kind: str


@dataclass(frozen=True, slots=True)
class _Template:
    """A text cut at its slots; `words` are the slots that are mostly left as they are."""

    parts: list[str]
    slots: list[_Slot]
    words: list[_Slot]
    spans: tuple[_Mark, ...]

    @classmethod
    def of(cls, text: str, vocabulary: Vocabulary, spans: Iterable[_Mark] = ()) -> _Template:
        """Cut a text."""
        spans, end = tuple(spans), 0
        parts: list[str] = []
        slots: list[_Slot] = []
        words: list[_Slot] = []
        edges = {edge for start, stop, _ in spans for edge in (start, stop)}
        for match in _SLOT.finditer(text):
            kind = match.lastgroup or ""
            if not _is_slot(kind, match, vocabulary, edges):
                continue
            parts += (text[end : match.start()], match[0])
            slot = _Slot(len(parts) - 1, match.start(), kind)
            (words if kind == "word" else slots).append(slot)
            end = match.end()
        return cls([*parts, text[end:]], slots, words, spans)

    def varied(self, others: _Others, chance: random.Random) -> tuple[str, list[_Mark]]:
        """Return the text with other names, numbers and words, and where its spans are then."""
        parts = self.parts.copy()
        grown = []
        for part, start, kind in chain(self.slots, self._some_words(chance)):
            old = parts[part]
            parts[part] = new = _FILLS[kind](others, old)
            grown.append((start, len(new) - len(old)))

        def moved(place: int) -> int:
            return place + sum(by for start, by in grown if start < place)

        return "".join(parts), [(moved(start), moved(end), tag) for start, end, tag in self.spans]

    def _some_words(self, chance: random.Random) -> Iterator[_Slot]:
        place = int(NEXT * chance.random())
        while place < len(self.words):
            yield self.words[place]
            place += 1 + int(NEXT * chance.random())


def _is_slot(kind: str, match: re.Match[str], vocabulary: Vocabulary, edges: set[int]) -> bool:
    """Say whether words can be replaced: no law, and no border of a span inside them."""
    known = {"word": vocabulary.words, "name": vocabulary.names}
    if kind == "law" or kind in known and match[0] not in known[kind]:
        return False
    return edges.isdisjoint(range(match.start() + 1, match.end()))


# Decisions


class _Part(NamedTuple):
    """A heading and the paragraphs below it."""

    heading: _Template
    paragraphs: list[_Template]


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What a decision gives to others: its header, and its sections."""

    decision: Decision
    body: _Template
    sections: dict[Section, list[_Part]]

    @classmethod
    def of(cls, item: LabelledDecision, vocabulary: Vocabulary) -> _Pattern:
        sections = {
            section: [
                _Part(_Template.of(heading, vocabulary), [one[2] for one in below])
                for heading, below in groupby(group, lambda one: one[1])
            ]
            for section, group in groupby(_templates(item, vocabulary), lambda one: one[0])
        }
        body = _Template.of(item.decision.body or "", vocabulary)
        return cls(item.decision, body, sections)


@dataclass(frozen=True, slots=True)
class _Material:
    """What decisions are put together from.

    Attributes
    ----------
    vocabulary
        Stands in for the words.
    patterns
        The labelled decisions.
    sections
        Their sections, by kind.
    """

    vocabulary: Vocabulary
    patterns: list[_Pattern]
    sections: dict[Section, list[list[_Part]]]

    @classmethod
    def of(cls, labelled: Iterable[LabelledDecision]) -> _Material:
        items = [item for item in labelled if _is_usual(item.decision)]
        vocabulary = Vocabulary(
            text
            for item in items
            for text in (item.decision.body or "", *(p.text for p in item.decision.paragraphs))
        )
        patterns = [_Pattern.of(item, vocabulary) for item in items]
        sections = defaultdict(list)
        for pattern in patterns:
            for section, parts in pattern.sections.items():
                sections[section].append(parts)
        return cls(vocabulary, patterns, sections)


@cache
def _material() -> _Material:
    return _Material.of(read_labelled([DATA / "corpus"]))


def _is_usual(decision: Decision) -> bool:
    """Say whether sections stand in the usual order, so that another's can take their place."""
    places = [SECTIONS.index(paragraph.section) for paragraph in decision.paragraphs]
    return places == sorted(places) and SECTIONS[places[-1]] == "final"


def _templates(
    item: LabelledDecision, vocabulary: Vocabulary
) -> Iterator[tuple[Section, str, _Template]]:
    for index, paragraph in enumerate(item.decision.paragraphs):
        spans = ((s.start, s.end, s.tag) for s in item.spans or () if s.index == index)
        template = _Template.of(paragraph.text, vocabulary, spans)
        yield paragraph.section, paragraph.heading, template


def _decision(number: int, material: _Material, chance: random.Random) -> LabelledDecision:
    pattern = chance.choice(material.patterns)
    others = _Others(material.vocabulary, chance)
    paragraphs: list[Paragraph] = []
    spans: list[Span] = []
    for section, own in pattern.sections.items():
        parts = chance.choice(material.sections[section]) if section in BORROWED else own
        for heading, below in parts:
            title = _title(heading, others, chance)
            for template in below:
                text, marks = template.varied(others, chance)
                spans += (Span(len(paragraphs), start, end, tag) for start, end, tag in marks)
                paragraphs.append(Paragraph(len(paragraphs), section, title, text))
    decision = Decision(
        source=f"{number // FOLDER:03}/{number:06}.txt",
        sha256="",
        layout="numbered",
        paragraphs=tuple(paragraphs),
        reference=_reference(number),
        body=pattern.body.varied(others, chance)[0],
        category=pattern.decision.category,
        outcome=pattern.decision.outcome,
        date=(_FIRST_DAY + timedelta(int(_DAYS * chance.random()))).isoformat(),
    )
    decision = replace(decision, sha256=checksum(text_of(decision)))
    return LabelledDecision(decision, *decision_tags(decision, spans), tuple(spans))


def _title(heading: _Template, others: _Others, chance: random.Random) -> str:
    """Return a heading, that of a section as it is and a sub-heading varied."""
    plain = "".join(heading.parts)
    varied, _ = heading.varied(others, chance)
    return plain if section_of(plain) or section_of(varied) else varied


def _reference(number: int) -> str:
    """Return a reference of its own for each of the first ten million."""
    digits = str(90_000_000 + 7_654_321 * (number + 1) % _REFERENCES)
    return f"{digits[:2]} {digits[2:5]} {digits[5:]}"


def main() -> None:
    """Write decisions to a folder."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("n", type=int, metavar="N", help="how many decisions")
    options.add_argument("folder", type=Path, metavar="FOLDER", help="where to write them")
    options.add_argument("--seed", type=int, default=0, help="another one gives other decisions")
    given = options.parse_args()
    write(given.n, given.folder, given.seed)


if __name__ == "__main__":
    main()
