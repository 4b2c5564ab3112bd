"""The corpus's own markup: a decision with ``[[tag, tag|words]]`` around the words that carry tags.

See ``data/README.md`` for the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby
from reprlib import repr as shortened

from grounds.corpus.place import Place
from grounds.corpus.relied import decision_tags
from grounds.decision import Decision, LabelledDecision, Paragraph, Section, Span
from grounds.errors import InputError
from grounds.reading.decoding import clean
from grounds.reading.header import parse_date, parse_reference
from grounds.reading.headings import with_headings
from grounds.reading.sections import section_of
from grounds.reading.text import checksum

_FIELDS = ("body", "reference", "category", "decision", "date")
_FIELD = re.compile(rf"^({'|'.join(_FIELDS)}):\s*(.+)$")
_UNKNOWN = "-"  # stands for a header field that is not known
_NUMBERED = re.compile(r"^(\d+)\.\s+(.*)$")
_MARK = re.compile(r"\[\[([^\[\]|]*)\|((?:(?!\[\[).)*?)\]\]")


@dataclass(slots=True)
class _Draft:
    """A paragraph while its lines are being gathered."""

    number: int
    section: Section
    heading: str
    text: str = ""
    marks: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, line: str, place: Place) -> None:
        start = len(self.text) + 1 if self.text else 0
        words, marks = _unmark(line, place)
        self.text = f"{self.text}\n{words}" if self.text else words
        self.marks += [(start + a, start + b, tag) for a, b, tag in marks]


@dataclass(slots=True)
class _Reader:
    """What has been read of a file so far."""

    header: dict[str, str] = field(default_factory=dict)
    drafts: list[_Draft] = field(default_factory=list)
    section: Section | None = None
    heading: str = ""
    number: int = 0
    fresh: bool = True  # an unnumbered line does not belong to the paragraph above

    def feed(self, line: str, place: Place) -> None:
        if self.section is None and (match := _FIELD.match(line)):
            self.header[match[1]] = _field(match[1], match[2], place)
        elif line.startswith("## "):
            self.heading, self.fresh = line[3:].strip(), True
            self.section = section_of(self.heading) or "assessment"
        elif self.section is None:
            raise place.error(f"text before the first section: {line[:50]!r}")
        elif line.startswith("### "):
            self.heading, self.fresh = line[4:].strip(), True
        elif match := _NUMBERED.match(line):
            self.number += 1
            if int(match[1]) != self.number:
                raise place.error(f"paragraph is numbered {match[1]}, expected {self.number}")
            self._open(self.number, self.section, match[2], place)
        elif not self.fresh:
            self.drafts[-1].add(line.removeprefix("- "), place)
        elif self.section == "summary" and not self.drafts:
            self._open(0, self.section, line, place)
        else:
            raise place.error(f"unnumbered text opens a section: {line[:50]!r}")

    def _open(self, number: int, section: Section, line: str, place: Place) -> None:
        self.drafts.append(_Draft(number, section, self.heading))
        self.drafts[-1].add(line, place)
        self.fresh = False


def parse_markup(text: str, source: str) -> LabelledDecision:
    """Parse one labelled decision.

    Parameters
    ----------
    text
        The file's content.
    source
        Its name, for messages and for ``decision.source``.

    Raises
    ------
    InputError
        Where the file breaks the format, with the line and what is wrong.
    """
    reader = _Reader()
    for number, line in enumerate(clean(text).text.split("\n"), 1):
        if line.strip():
            reader.feed(line.strip(), Place(source, number))
    if missing := [name for name in _FIELDS if name not in reader.header]:
        raise InputError(source, f"the header lacks {', '.join(missing)}")
    if not reader.drafts:
        raise InputError(source, "no paragraphs")
    return _labelled(reader.header, reader.drafts, text, source)


def to_markup(labelled: LabelledDecision) -> str:
    """Write one labelled decision as markup, which `parse_markup` reads back.

    Tags over the same words share a mark. A header field that is not known becomes ``-``, and
    what was not labelled as cited counts as citing nothing.

    Raises
    ------
    InputError
        Where markup cannot hold the labels: there are no spans, the tags are not those that the
        spans give, spans overlap or run over more than one line, or the words hold ``[[`` or
        ``]]``.

    Examples
    --------
    >>> paragraph = Paragraph(0, "summary", "Summary", "We will not investigate. It is too late.")
    >>> decision = Decision("x", "", "plain", (paragraph,), body="Northmoor Borough Council")
    >>> print(to_markup(
    ...     LabelledDecision(decision, frozenset({"late"}), spans=(Span(0, 25, 40, "late"),))
    ... ))
    body: Northmoor Borough Council
    reference: -
    category: -
    decision: -
    date: -
    <BLANKLINE>
    ## Summary
    We will not investigate. [[late|It is too late.]]
    <BLANKLINE>
    """
    decision = labelled.decision
    if labelled.spans is None:
        raise InputError(decision.source, "cannot be written as markup: its labels have no words")
    lines = [*_header_lines(decision)]
    for index, (paragraph, headings) in enumerate(with_headings(decision)):
        lines += [f"\n{'#' * heading.level} {heading.text}" for heading in headings]
        marks = [span for span in labelled.spans if span.index == index]
        lines += _paragraph_lines(paragraph, marks, decision.source)
    text = "\n".join(lines) + "\n"
    _check_reads_back(text, labelled)
    return text


def _field(name: str, value: str, place: Place) -> str:
    value = value.strip()
    if name == "date" and value != _UNKNOWN and parse_date(value) is None:
        raise place.error(f"{shortened(value)} is no date such as 12 Mar 2025")
    return value


def _labelled(
    header: dict[str, str], drafts: list[_Draft], text: str, source: str
) -> LabelledDecision:
    known = {name: None if value == _UNKNOWN else value for name, value in header.items()}
    decision = Decision(
        source=source,
        sha256=checksum(text),
        layout="markup",
        paragraphs=tuple(Paragraph(d.number, d.section, d.heading, d.text) for d in drafts),
        reference=parse_reference(header["reference"]),
        body=known["body"],
        category=known["category"],
        outcome=known["decision"],
        date=parse_date(header["date"]),
    )
    spans = tuple(Span(i, a, b, tag) for i, d in enumerate(drafts) for a, b, tag in d.marks)
    return LabelledDecision(decision, *decision_tags(decision, spans), spans)


def _unmark(line: str, place: Place) -> tuple[str, list[tuple[int, int, str]]]:
    """Take the marks out of a line; return its words and (start, end, tag) in them."""
    words, marks, position = "", [], 0
    for match in _MARK.finditer(line):
        words += line[position : match.start()]
        start = len(words)
        words += match[2]
        if not match[2].strip():
            raise place.error(f"mark without words: {shortened(match[0])}")
        marks += [(start, len(words), tag) for tag in place.tags(match[1].split(","))]
        position = match.end()
    words += line[position:]
    if "[[" in words or "]]" in words:
        raise place.error(f"broken or nested mark: {words[:70]!r}")
    return words, marks


def _header_lines(decision: Decision) -> Iterator[str]:
    day = f"{date.fromisoformat(decision.date):%d %b %Y}" if decision.date else None
    values = (decision.body, decision.reference, decision.category, decision.outcome, day)
    for name, value in zip(_FIELDS, values, strict=True):
        yield f"{name}: {value or _UNKNOWN}"


def _paragraph_lines(paragraph: Paragraph, spans: list[Span], source: str) -> Iterator[str]:
    first, *others = _mark(paragraph, spans, source).split("\n")
    yield f"{paragraph.number}. {first}" if paragraph.number else first
    for line in others:
        yield line if line.startswith("(") else f"- {line}"


def _mark(paragraph: Paragraph, spans: list[Span], source: str) -> str:
    """Return the text of a paragraph with marks around the words of `spans`."""
    marked, position = "", 0
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    for (start, end), group in groupby(ordered, key=lambda span: (span.start, span.end)):
        words = paragraph.text[start:end]
        if start < position:
            raise _unwritable(
                source, f"spans overlap in paragraph {paragraph.number}: {shortened(words)}"
            )
        if "\n" in words:
            raise _unwritable(source, f"a span runs over more than one line: {shortened(words)}")
        tags = ", ".join(span.tag for span in group)
        marked += f"{paragraph.text[position:start]}[[{tags}|{words}]]"
        position = end
    return marked + paragraph.text[position:]


def _check_reads_back(text: str, labelled: LabelledDecision) -> None:
    """Refuse what the markup would change, such as brackets in the words."""
    decision = labelled.decision
    try:
        back = parse_markup(text, decision.source)
    except InputError as error:
        raise _unwritable(decision.source, error.problem) from error
    same = replace(decision, sha256=back.decision.sha256, layout="markup", warnings=())
    if back.decision != same or sorted(back.spans or (), key=_order) != sorted(
        labelled.spans or (), key=_order
    ):
        raise _unwritable(decision.source, "reading it back would not give the same")
    if (back.tags, back.cited) != (labelled.tags, labelled.cited or frozenset()):
        raise _unwritable(decision.source, "its tags are not those that the marked words give")


def _order(span: Span) -> tuple[int, int, int, str]:
    return span.index, span.start, span.end, span.tag


def _unwritable(source: str, problem: str) -> InputError:
    return InputError(source, f"cannot be written as markup: {problem}")
