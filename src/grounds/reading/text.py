"""Reading text copies of a decision, in each of their layouts."""

from __future__ import annotations

import hashlib

from grounds.decision import Decision
from grounds.limits import LIMITS, Limits
from grounds.reading.assembling import Group, assemble
from grounds.reading.decoding import CleanText, clean
from grounds.reading.layouts import draft_of
from grounds.reading.lines import split_lines
from grounds.reading.origins import Origins


def read_text(text: str, source: str = "-", limits: Limits = LIMITS) -> Decision:
    """Read a text copy of a decision.

    Parameters
    ----------
    text
        The copy: paragraphs numbered, begun with dashes, or one a line.
    source
        Its name, for messages and for ``decision.source``.
    limits
        How much text is read.

    Raises
    ------
    InputError
        If it does not look like a decision of the Ombudsman, or is too long.

    Examples
    --------
    >>> decision = read_text('''Summary: We will not investigate this complaint.
    ... The complaint
    ... 1. Ms X says the Council lost her file.
    ... How I considered this complaint
    ... 1. I considered what Ms X sent.''')
    >>> [(paragraph.number, paragraph.section) for paragraph in decision.paragraphs]
    [(0, 'summary'), (1, 'complaint'), (2, 'method')]
    """
    check_length(text, source, limits)
    return _read(clean(text), source, checksum(text))[0]


def read_with_origins(
    text: str, source: str = "-", limits: Limits = LIMITS
) -> tuple[Decision, Origins]:
    """Read a text copy, and return with the decision where its words stood in the text."""
    check_length(text, source, limits)
    cleaned = clean(text)
    decision, groups = _read(cleaned, source, checksum(text))
    return decision, Origins(text, cleaned, groups)


def check_length(text: str, source: str, limits: Limits) -> None:
    """Refuse a text that has too much, before the work.

    Raises
    ------
    InputError
        If it has too many characters or lines.
    """
    limits.check("text", len(text), source)
    limits.check("paragraphs", text.count("\n"), source)


def checksum(text: str) -> str:
    """Return the SHA-256 checksum of a text in UTF-8."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _read(cleaned: CleanText, source: str, sha256: str) -> tuple[Decision, list[Group]]:
    draft = draft_of(split_lines(cleaned.text))
    draft.warnings[:0] = cleaned.warnings
    return assemble(draft, source, sha256)
