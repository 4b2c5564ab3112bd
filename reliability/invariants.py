"""What must hold of every decision that is read, and of every record made of one.

Each function raises `Broken` with what does not hold.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from jsonschema import Draft202012Validator
from selectolax.lexbor import LexborHTMLParser

import grounds
from grounds.decision import SECTIONS, Decision
from grounds.errors import GroundsError, InputError
from grounds.model import Model
from grounds.reading import read_bytes
from grounds.reading.containers import is_line
from grounds.reading.decoding import clean, decode
from grounds.reading.html import is_html
from grounds.reading.jsonl import is_json, parse_fields
from grounds.reading.pdf import is_pdf, pdf_lines
from grounds.reading.word import is_word, word_lines
from grounds.record import Record, schema
from grounds.tagging import tag_all

_ALLOWED = "\n\t"  # of the control characters, in a text
_BIDIRECTIONAL = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_LETTER = re.compile(r"(?:^|(?<=\n))[a-z]\) ")
_LONGEST_REFUSAL = 400
_REPAIRED = "characters broken by a wrong encoding were repaired"
_REFERENCE = re.compile(r"\d{2} \d{3} \d{3}[a-z]?")
_TWICE = 4  # one PDF in so many is read twice: PDFs take longer than the rest


class Broken(AssertionError):
    """What always holds does not hold."""


def check_read(decision: Decision, data: bytes) -> None:
    """Check a decision read from bytes, by reading them again and looking at them in another way."""
    check_decision(decision)
    if (
        sampled(data, _TWICE if is_pdf(data) else 1)
        and read_bytes(data, decision.source) != decision
    ):
        raise Broken("reading twice does not give the same")
    words = [paragraph.text for paragraph in decision.paragraphs]
    if is_pdf(data):
        _check_order(words, [line.text for line in pdf_lines(data)[0]])
        if sampled(data, _TWICE):
            _check_letters(words, data)
    elif is_word(data):
        _check_order(words, [line.text for line in word_lines(data)[0]])
    else:
        _check_text(decision, words, data)


def sampled(data: bytes, one_in: int) -> bool:
    """Say whether an input is one of a part of them, always the same."""
    return zlib.crc32(data) % one_in == 0


def check_decision(decision: Decision) -> None:
    """Check what holds of a decision whatever it was read from."""
    paragraphs = decision.paragraphs
    first = 0 if paragraphs[0].section == "summary" else 1
    if [one.number for one in paragraphs] != list(range(first, first + len(paragraphs))):
        raise Broken(f"numbers are {[one.number for one in paragraphs]}")
    for one in paragraphs:
        if one.section not in SECTIONS:
            raise Broken(f"{one.section!r} is no section")
        if any(not line or line != line.strip() for line in one.text.split("\n")):
            raise Broken(f"a line of paragraph {one.number} is empty or padded: {one.text!r}")
        _check_characters(one.text, _ALLOWED)
        _check_characters(one.heading, "\t")
    fields = (decision.reference, decision.body, decision.category, decision.outcome, decision.date)
    for text in (*filter(None, fields), *decision.warnings):
        _check_characters(text, "\t")
        if len(text.splitlines()) != 1:
            raise Broken(f"a field or warning is not one line: {text!r}")
    if decision.reference and not _REFERENCE.fullmatch(decision.reference):
        raise Broken(f"{decision.reference!r} is no reference")


def _check_characters(text: str, allowed: str) -> None:
    for character in set(text):
        odd = unicodedata.category(character) in ("Cc", "Cs") or character in _BIDIRECTIONAL
        if odd and character not in allowed:
            raise Broken(f"{character!r} comes out in {text[:60]!r}")


def check_refusal(problem: GroundsError) -> None:
    """Check that a refusal is one line that a person can read, whatever the input holds."""
    text = problem.problem if isinstance(problem, InputError) else str(problem)
    if not text.isprintable() or len(text) > _LONGEST_REFUSAL:
        raise Broken(f"a refusal is not one short line: {text[:200]!r}")


# Nothing is made up


def _check_text(decision: Decision, words: Sequence[str], data: bytes) -> None:
    """Check the words against those of a text, of a page or of a JSON object."""
    if is_json(data) or is_line(Path(decision.source)):
        text = parse_fields(data, decision.source).text
    else:
        text = decode(data, decision.source)[0]
    text = clean(text).text
    if decision.layout == "html" and is_html(text):
        tree = LexborHTMLParser(text)
        text = clean(tree.text() if tree.body is None else tree.body.text()).text
        words = [_LETTER.sub("", one).replace(":", "") for one in words]
    if _REPAIRED in decision.warnings or decision.layout == "html":
        words = ["".join(filter(str.isascii, one)) for one in words]
    _check_order(words, [text])


def _check_order(words: Iterable[str], given: Iterable[str]) -> None:
    """Check that the words stand in what was given, in this order."""
    rest = iter("".join(given))
    for one in words:
        for character in one:
            if not character.isspace() and character not in rest:
                raise Broken(f"not in what was read, or not in this order: {one[:80]!r}")


def _check_letters(words: Sequence[str], data: bytes) -> None:
    """Check that a PDF has each letter, a to z, at least as often as its paragraphs do.

    Others may come of characters that were broken by a wrong encoding and repaired.
    """
    from pypdfium2 import PdfDocument, PdfiumError

    there: Counter[str] = Counter()
    with PdfDocument(data) as document:
        for number in range(len(document)):
            try:
                text = document[number].get_textpage().get_text_range()
            except PdfiumError:
                continue
            there.update(_letters(text))
    found = Counter(_letters("".join(words)))
    if more := found - there:
        raise Broken(f"letters that the PDF has not: {dict(more)}")


def _letters(text: str) -> list[str]:
    return [one for one in unicodedata.normalize("NFKC", text) if one.isascii() and one.isalnum()]


# Records


@cache
def _model() -> Model:
    return grounds.load_model()


@cache
def _neighbours() -> tuple[Decision, ...]:
    """Return decisions to tag others among."""
    texts = (
        "The complaint\n1. Mr X says it is late.\nMy assessment\n2. We cannot achieve more. " * 3,
        "Summary: We will not investigate as there is no sign of fault.\nThe complaint\n1. Ms Y.\n"
        "Agreed action\n2. The Council has agreed to apologise and to pay £100.",
    )
    return tuple(read_bytes(text.encode(), f"neighbour {i}") for i, text in enumerate(texts))


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def check_tagged(decision: Decision) -> None:
    """Tag a decision with the shipped model, and check its record and that neighbours change nothing."""
    record, *_ = tag_all([decision], _model())
    check_record(record)
    before, behind = _neighbours()
    for batch in ([before, decision, behind], [behind, before, decision, decision]):
        among = list(tag_all(batch, _model()))
        for one, other in zip(batch, among, strict=True):
            if one is decision and other.to_dict() != record.to_dict():
                raise Broken("tagging depends on the neighbours")


def check_record(record: Record) -> None:
    """Check a record: its form, its evidence, and that it comes back from JSON."""
    values = record.to_dict()
    problem = next(_validator().iter_errors(values), None)
    if problem:
        raise Broken(f"not of the schema: {problem.message[:200]}")
    texts = {one.number: one.text for one in record.decision.paragraphs}
    for found in (*record.tags, *record.remedies):
        if not found.evidence:
            raise Broken(f"{found.tag} has no evidence")
        for one in found.evidence:
            if texts[one.paragraph][one.start : one.end] != one.text or not one.text.strip():
                raise Broken(f"{one} is not in its paragraph")
    again = Record.from_dict(json.loads(json.dumps(values)))
    if again.to_dict() != values:
        raise Broken("the record does not come back from JSON")
