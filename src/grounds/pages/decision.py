"""A tagged decision as a page: its paragraphs as published, the words marked that carry each tag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import NamedTuple

from grounds.codebook import Tag, codebook
from grounds.decision import Decision, Paragraph
from grounds.pages import render
from grounds.pages.pieces import pieces
from grounds.reading.headings import Heading, with_headings
from grounds.record import Evidence, Record, TagFound
from grounds.writing.plain import long_date, places


@dataclass(frozen=True, slots=True)
class Place:
    """Evidence as the page links to it: the id of its first mark, and which paragraph it is in."""

    mark: str
    name: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class FoundView:
    """A tag as the page shows it; `places` are in reading order."""

    meaning: Tag
    found: TagFound
    places: tuple[Place, ...]

    @property
    def about(self) -> str:
        """The id of what it means."""
        return about_of(self.found.tag)

    @property
    def start(self) -> str:
        """The id of its first mark, or of what it means where nothing is marked."""
        return self.places[0].mark if self.places else self.about

    @property
    def tour(self) -> str:
        """The ids of its marks, for a walk from one to the next."""
        return " ".join(place.mark for place in self.places)


@dataclass(frozen=True, slots=True)
class Mark:
    """Words that carry tags, or (without an id) none.

    Attributes
    ----------
    text
        The words.
    id
        The mark's, ``""`` where nothing is marked.
    pieces
        The tags that the words carry, and how well these words do so.
    labels
        The tags of which a piece of evidence ends here.
    """

    text: str
    id: str = ""
    pieces: tuple[tuple[TagFound, Evidence], ...] = ()
    labels: tuple[str, ...] = ()

    @property
    def about(self) -> str:
        """The id of what the tag means that they carry best."""
        return about_of(self.pieces[0][0].tag)

    @property
    def family(self) -> str:
        """The family of its tags, ``"several"`` where they differ."""
        families = {found.family for found, _ in self.pieces}
        return families.pop() if len(families) == 1 else "several"


@dataclass(frozen=True, slots=True)
class ParagraphView:
    """A paragraph as the page shows it: the headings above it, and its lines as marks."""

    paragraph: Paragraph
    headings: tuple[Heading, ...]
    lines: tuple[tuple[Mark, ...], ...]
    cited: tuple[str, ...]


class Link(NamedTuple):
    """Where a page leads, and what that is called."""

    address: str
    name: str


def page(record: Record, back: Link | None = None) -> str:
    """Return a tagged decision as an HTML page, which needs no other file and no network.

    Parameters
    ----------
    record
        From `grounds.tag`.
    back
        The page that this one was reached from, if any.
    """
    paragraphs = list(_paragraphs(record))
    first = _first_marks(paragraphs)
    found = [_view(one, first) for one in (*record.tags, *record.remedies)]
    return render(
        "decision",
        record=record,
        decision=record.decision,
        title=title_of(record.decision),
        facts=[fact for fact in _facts(record.decision) if fact],
        paragraphs=paragraphs,
        families=[
            (title, [view for view in found if view.found.family == family])
            for family, title in (("ground", "Grounds"), ("bar", "Bars"))
        ],
        remedies=_by_kind([view for view in found if view.found.family == "remedy"]),
        found=found,
        cited=[(codebook().tags[cited.tag], cited.paragraphs) for cited in record.cited],
        review=[(codebook().tags[review.tag], review.score) for review in record.review],
        codebook=codebook(),
        back=back,
    )


def title_of(decision: Decision) -> str:
    """Return what a decision is called on a page."""
    return decision.body or Path(decision.source).name


def about_of(tag: str) -> str:
    """Return the id of what a tag means, on a page.

    >>> about_of("apology:provided")
    'about-apology-provided'
    """
    return f"about-{tag.replace(':', '-')}"


def _facts(decision: Decision) -> tuple[str | None, ...]:
    return decision.reference, long_date(decision.date), decision.outcome


def _paragraphs(record: Record) -> Iterator[ParagraphView]:
    carried: dict[int, list[tuple[TagFound, Evidence]]] = defaultdict(list)
    for found in (*record.tags, *record.remedies):
        for evidence in found.evidence:
            carried[evidence.paragraph].append((found, evidence))
    ids = (f"mark-{number}" for number in count(1))
    for paragraph, headings in with_headings(record.decision):
        yield ParagraphView(
            paragraph,
            tuple(headings),
            tuple(_lines(paragraph.text, carried[paragraph.number], ids)),
            tuple(one.tag for one in record.cited if paragraph.number in one.paragraphs),
        )


def _lines(
    text: str, found: Sequence[tuple[TagFound, Evidence]], ids: Iterator[str]
) -> Iterator[tuple[Mark, ...]]:
    """Yield the lines of a paragraph, each divided where evidence begins and ends."""
    start = 0
    for line in text.split("\n"):
        spans = [(one[1].start - start, one[1].end - start, one) for one in found]
        yield tuple(_marks(pieces(line, spans), start, text, ids))
        start += len(line) + 1


def _marks(
    parts: Sequence[tuple[str, list[tuple[TagFound, Evidence]]]],
    end: int,
    text: str,
    ids: Iterator[str],
) -> Iterator[Mark]:
    """Yield the pieces of a line, which begins at `end` of the text of its paragraph."""
    for words, held in parts:
        end += len(words)
        if not held:
            yield Mark(words)
            continue
        labels = tuple(found.tag for found, last in held if not text[end : last.end].strip())
        held.sort(key=lambda piece: -piece[1].score)
        yield Mark(words, next(ids), tuple(held), labels)


def _first_marks(paragraphs: Sequence[ParagraphView]) -> dict[tuple[str, int, int], str]:
    """Return the id of the first mark of each piece of evidence: by tag, paragraph and start."""
    first: dict[tuple[str, int, int], str] = {}
    for paragraph in paragraphs:
        for line in paragraph.lines:
            for mark in line:
                for found, evidence in mark.pieces:
                    place = (found.tag, evidence.paragraph, evidence.start)
                    first.setdefault(place, mark.id)
    return first


def _view(found: TagFound, first: dict[tuple[str, int, int], str]) -> FoundView:
    ordered = sorted(found.evidence, key=lambda one: (one.paragraph, one.start))
    return FoundView(
        codebook().tags[found.tag],
        found,
        tuple(
            Place(first[found.tag, one.paragraph, one.start], places([one.paragraph]), one)
            for one in ordered
        ),
    )


def _by_kind(remedies: Sequence[FoundView]) -> dict[str, dict[str, FoundView]]:
    """Return remedies by their kind and their status."""
    kinds: dict[str, dict[str, FoundView]] = {}
    for view in remedies:
        kind, _, status = view.found.tag.partition(":")
        kinds.setdefault(kind, {})[status] = view
    return kinds
