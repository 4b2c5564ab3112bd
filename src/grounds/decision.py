"""A decision as it is read: header, sections and numbered paragraphs.

Everything after reading works on these data classes and knows nothing of files or layouts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Section = Literal["summary", "complaint", "powers", "method", "assessment", "remedy", "final"]
Layout = Literal["numbered", "dashes", "plain", "html", "pdf", "docx", "markup"]

SECTIONS: tuple[Section, ...] = get_args(Section)
"""The sections that hold paragraphs, in the order in which a decision has them."""

POWERS = SECTIONS.index("powers")
"""The place of the powers among them."""


def counts_in(tag: str, section: Section) -> bool:
    """Say whether words in a section make their decision rely on a tag, or have a remedy.

    The powers only cite. A remedy counts in every other section; of grounds and bars, "The
    complaint" only tells what the person says.

    >>> counts_in("apology:sought", "complaint"), counts_in("late", "complaint")
    (True, False)
    """
    return section != "powers" and (":" in tag or section != "complaint")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One numbered paragraph with the bullets and citation lines that belong to it.

    Attributes
    ----------
    number
        The number on the published page, from 1; 0 is the Summary.
    section
        One of `SECTIONS`.
    heading
        The nearest heading or sub-heading above the paragraph, as printed.
    text
        The words. Bullets, lettered points and citation lines follow the first line, each on a
        line of its own (``"\\n"``), bullets without their mark. No line is empty or padded.
    """

    number: int
    section: Section
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision, read from a file.

    Attributes
    ----------
    source
        Where it came from: a path as given, or ``"-"``.
    sha256
        Checksum of the bytes read, hexadecimal.
    layout
        The copy layout that was recognised.
    paragraphs
        In reading order; paragraph 0 (the Summary) first where there is one.
    reference, body, category, outcome, date
        Header fields, ``None`` where missing. `reference` has the published form
        ``"25 005 150"``; `outcome` is what the site calls "Decision" ("Upheld", "Closed after
        initial enquiries"); `date` is ISO 8601 (``"2025-10-08"``).
    warnings
        What could not be made out, or was restored, one sentence each.
    """

    source: str
    sha256: str
    layout: Layout
    paragraphs: tuple[Paragraph, ...]
    reference: str | None = None
    body: str | None = None
    category: str | None = None
    outcome: str | None = None
    date: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Words that carry a tag: ``decision.paragraphs[index].text[start:end]``."""

    index: int
    start: int
    end: int
    tag: str


@dataclass(frozen=True, slots=True)
class LabelledDecision:
    """A decision with the tags that a reader gave it.

    Attributes
    ----------
    decision
        The decision itself.
    tags
        Grounds and bars relied on, and remedies (``kind:status``).
    cited
        Grounds and bars only listed among the powers; ``None`` where not labelled.
    spans
        The words that carry the tags, in reading order; ``None`` where the decision was
        labelled as a whole.
    """

    decision: Decision
    tags: frozenset[str]
    cited: frozenset[str] | None = None
    spans: tuple[Span, ...] | None = None
