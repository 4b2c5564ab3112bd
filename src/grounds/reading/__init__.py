"""Reading: from bytes to a `Decision` with sections and continuous paragraph numbers.

A file is found and loaded (`files`, `containers`), its bytes are decoded (`decoding`), or told for
what they are (`kinds`), its layout is recognised and its lines are told apart (`lines`, `html`,
`pdf`, `word`, `layouts`), and the paragraphs put together (`assembling`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from grounds.decision import Decision, Layout
from grounds.errors import InputError
from grounds.reading.assembling import Draft, assemble
from grounds.reading.containers import is_line
from grounds.reading.decoding import clean, decode
from grounds.reading.files import MOST_CHARACTERS, MOST_LINES, find, load
from grounds.reading.html import is_html, page_lines
from grounds.reading.jsonl import complete, is_json, parse_fields
from grounds.reading.kinds import refusal
from grounds.reading.layouts import draft_of
from grounds.reading.lines import Line, split_lines
from grounds.reading.pdf import is_pdf, pdf_lines
from grounds.reading.text import read_text, read_with_origins
from grounds.reading.word import is_word, word_lines

__all__ = ["find", "read", "read_bytes", "read_text", "read_with_origins"]


def read(source: str | Path) -> Decision:
    """Read a decision from a file.

    Parameters
    ----------
    source
        Path of a text copy (``.txt``), of a page of the Ombudsman's site (``.html``), of a PDF
        (``.pdf``) or of a Word document (``.docx``), or ``"-"`` for standard input.

    Raises
    ------
    InputError
        If the file cannot be read, or does not look like a decision of the Ombudsman.
    """
    return read_bytes(load(source), str(source))


def read_bytes(data: bytes, source: str) -> Decision:
    """Read a decision from the bytes of a file, in whatever format; `source` is its name.

    Examples
    --------
    >>> page = b"<h2>The complaint</h2><ol><li>Ms X lost her job.</li></ol><h2>Final decision</h2>"
    >>> read_bytes(page + b"<ol start=2><li>We will not investigate.</li></ol>", "-").layout
    'html'
    """
    draft = _draft(data, source)
    return assemble(draft, source, hashlib.sha256(data).hexdigest())[0]


def _draft(data: bytes, source: str) -> Draft:
    """Take a decision apart, in whatever format it is."""
    if is_pdf(data):
        return _lined_draft(pdf_lines(data, source), "pdf")
    if is_word(data):
        return _lined_draft(word_lines(data, source), "docx")
    if problem := refusal(data):
        raise InputError(source, problem)
    if is_json(data) or is_line(Path(source)):
        fields = parse_fields(data, source)
        draft = _text_draft(fields.text, source)
        complete(draft, fields)
        return draft
    text, warnings = decode(data, source)
    draft = _text_draft(text, source)
    draft.warnings[:0] = warnings
    return draft


def _text_draft(text: str, source: str) -> Draft:
    """Take a text copy or a page apart."""
    cleaned = clean(text)
    if is_html(cleaned.text):
        lines = page_lines(cleaned.text, source)
        _refuse_too_much(sum(len(line.text) for line in lines), len(lines), source)
        draft = draft_of(lines)
        draft.layout = "html"
    else:
        _refuse_too_much(len(cleaned.text), cleaned.text.count("\n"), source)
        draft = draft_of(split_lines(cleaned.text))
    draft.warnings[:0] = cleaned.warnings
    return draft


def _refuse_too_much(characters: int, lines: int, source: str) -> None:
    if characters > MOST_CHARACTERS or lines > MOST_LINES:
        raise InputError(source, "has too much text for a decision")


def _lined_draft(found: tuple[Sequence[Line], Sequence[str]], layout: Layout) -> Draft:
    """Take a document apart of which lines and warnings were found."""
    lines, warnings = found
    draft = draft_of(lines)
    draft.layout = layout
    draft.warnings[:0] = warnings
    return draft
