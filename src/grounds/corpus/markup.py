"""The corpus's own markup: a decision with ``[[tag, tag|words]]`` around the words that carry tags.

See ``data/README.md`` for the format.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field

from grounds.codebook import codebook
from grounds.decision import Decision, LabelledDecision, Paragraph, Section, Span
from grounds.errors import InputError
from grounds.reading.header import parse_date, parse_reference
from grounds.reading.sections import section_of

_FIELDS = ("body", "reference", "category", "decision", "date")
_FIELD = re.compile(rf"^({'|'.join(_FIELDS)}):\s*(.+)$")
_NUMBERED = re.compile(r"^(\d+)\.\s+(.*)$")
_SPAN = re.compile(r"\[\[([^\]|]*)\|(.*?)\]\]")
_REASON_SECTIONS = frozenset({"summary", "method", "assessment", "remedy", "final"})


@dataclass(slots=True)
class _Draft:
    """A paragraph while its lines are being gathered."""

    number: int
    section: Section
    heading: str
    text: str = ""
    spans: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, line: str, problem: _Problem) -> None:
        start = len(self.text) + 1 if self.text else 0
        words, spans = _unmark(line, problem)
        self.text = f"{self.text}\n{words}" if self.text else words
        self.spans += [(start + a, start + b, tag) for a, b, tag in spans]


@dataclass(frozen=True, slots=True)
class _Problem:
    """Makes the error for one line of one file."""

    source: str
    line: int

    def __call__(self, what: str) -> InputError:
        return InputError(self.source, what, self.line)


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
    header: dict[str, str] = {}
    drafts: list[_Draft] = []
    section: Section | None = None
    heading, number = "", 0
    fresh = True  # the next unnumbered line opens a paragraph (only in the Summary)
    for line_number, raw in enumerate(text.splitlines(), 1):
        line, problem = raw.strip(), _Problem(source, line_number)
        if not line:
            continue
        if section is None and (match := _FIELD.match(line)):
            header[match[1]] = match[2].strip()
        elif line.startswith("## "):
            heading = line[3:].strip()
            section, fresh = section_of(heading) or "assessment", True
        elif line.startswith("### "):
            heading, fresh = line[4:].strip(), True
        elif section is None:
            raise problem(f"text before the first section: {line[:50]!r}")
        elif match := _NUMBERED.match(line):
            number += 1
            if int(match[1]) != number:
                raise problem(f"paragraph is numbered {match[1]}, expected {number}")
            drafts.append(_Draft(number, section, heading))
            drafts[-1].add(match[2], problem)
            fresh = False
        elif not fresh:
            drafts[-1].add(line.removeprefix("- "), problem)
        elif section == "summary":
            drafts.append(_Draft(0, section, heading))
            drafts[-1].add(line, problem)
            fresh = False
        else:
            raise problem(f"unnumbered text opens a section: {line[:50]!r}")
    missing = [name for name in _FIELDS if name not in header]
    if missing:
        raise InputError(source, f"the header lacks {', '.join(missing)}")
    if not drafts:
        raise InputError(source, "no paragraphs")
    return _labelled(header, drafts, text, source)


def _labelled(
    header: dict[str, str], drafts: list[_Draft], text: str, source: str
) -> LabelledDecision:
    decision = Decision(
        source=source,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        layout="markup",
        paragraphs=tuple(Paragraph(d.number, d.section, d.heading, d.text) for d in drafts),
        reference=parse_reference(header["reference"]),
        body=header["body"],
        category=header["category"],
        outcome=header["decision"],
        date=parse_date(header["date"]),
    )
    spans = tuple(Span(i, a, b, tag) for i, d in enumerate(drafts) for a, b, tag in d.spans)
    return LabelledDecision(decision, *decision_tags(decision, spans), spans)


def decision_tags(
    decision: Decision, spans: tuple[Span, ...]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return what a decision relies on and what it only cites, from the words that carry tags.

    Grounds and bars count in summary, method, assessment, remedy and final sections; in the
    powers section they are cited. Remedies count everywhere but in the powers section.
    """
    relied, cited = set(), set()
    for span in spans:
        section = decision.paragraphs[span.index].section
        if ":" in span.tag:
            if section != "powers":
                relied.add(span.tag)
        elif section == "powers":
            cited.add(span.tag)
        elif section in _REASON_SECTIONS:
            relied.add(span.tag)
    return frozenset(relied), frozenset(cited)


def _unmark(line: str, problem: _Problem) -> tuple[str, list[tuple[int, int, str]]]:
    """Take the marks out of a line; return its words and (start, end, tag) in them."""
    known = codebook().tags
    words, spans, position = "", [], 0
    for match in _SPAN.finditer(line):
        words += line[position : match.start()]
        start = len(words)
        words += match[2]
        for tag in (name.strip() for name in match[1].split(",")):
            if tag not in known:
                raise problem(f"unknown tag {tag!r} (see 'grounds codebook')")
            spans.append((start, len(words), tag))
        position = match.end()
    words += line[position:]
    if "[[" in words or "]]" in words:
        raise problem(f"broken or nested mark: {words[:70]!r}")
    return words, spans
