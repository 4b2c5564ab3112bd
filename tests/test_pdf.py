"""Reading PDFs: what is set on pages, by whatever program, reads as the text copy does."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from setting import (
    Piece,
    Style,
    drawn,
    set_by_typst,
    set_by_weasyprint,
    set_by_writer,
)

from grounds.corpus.copies import copy_of
from grounds.corpus.markup import parse_markup
from grounds.decision import Decision
from grounds.errors import InputError
from grounds.reading import find, read, read_bytes, read_text
from grounds.reading.pdf import MOST_PAGES, is_pdf, pdf_lines

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
FIELDS = ("reference", "body", "category", "outcome", "date")


@cache
def corpus() -> tuple[Decision, ...]:
    """Return every eighth decision, some of every folder."""
    paths = sorted(CORPUS.glob("*/*.md"))[::8]
    names = (str(path.relative_to(CORPUS)) for path in paths)
    return tuple(parse_markup((CORPUS / name).read_text("utf-8"), name).decision for name in names)


def seen(decision: Decision) -> list[object]:
    """Return what reading has to get right."""
    paragraphs = [(p.number, p.section, p.heading, p.text) for p in decision.paragraphs]
    return [*paragraphs, *(getattr(decision, name) for name in FIELDS)]


def copied(decision: Decision) -> list[object]:
    """Return the same, of what is read from the text copy."""
    return seen(read_text(copy_of(decision).text))


# Decisions set by several programs


@pytest.mark.parametrize("seed", ["one"])
def test_decisions_set_by_typst_read_as_their_text_copies(seed: str) -> None:
    folders = set()
    for decision in corpus():
        style = Style.some(decision.source + seed)
        again = read_bytes(set_by_typst(decision, style), decision.source)
        assert seen(again) == copied(decision), (decision.source, style)
        assert again.layout == "pdf"
        folders.add(Path(decision.source).parent)
    assert len(corpus()) >= 100
    assert len(folders) == len(list(CORPUS.glob("*/")))


def test_decisions_set_by_weasyprint_read_as_their_text_copies() -> None:
    pytest.importorskip("weasyprint", exc_type=OSError, reason="its system libraries are missing")
    for decision in corpus()[::6]:
        style = Style.some(decision.source + "two")
        again = read_bytes(set_by_weasyprint(decision, style), decision.source)
        assert seen(again) == copied(decision), (decision.source, style)


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_decisions_set_by_a_word_processor_read_as_their_text_copies(tmp_path: Path) -> None:
    given = [(decision, Style.some(decision.source)) for decision in corpus()[::20]]
    for (decision, style), data in zip(given, set_by_writer(given, tmp_path), strict=True):
        assert seen(read_bytes(data, decision.source)) == copied(decision), style


def test_letters_of_every_size_break_over_pages_alike() -> None:
    decision = max(corpus(), key=lambda decision: len(decision.paragraphs))
    lengths = set()
    for size in (8, 14, 20, 28):
        data = set_by_typst(decision, replace(Style(), size=size, running="both"))
        assert seen(read_bytes(data, "x")) == copied(decision), size
        lengths.add(data.count(b"/Type /Page\n"))
    assert len(lengths) > 1


def test_where_nothing_but_the_words_tells_pages_are_named() -> None:
    style = Style(spacing=0.65, hanging=False, bold=False, running="none")
    doubted = 0
    for decision in corpus()[::2]:
        again = read_bytes(set_by_typst(decision, style), decision.source)
        doubt = any("where lines end is not always clear (page" in w for w in again.warnings)
        assert doubt or seen(again) == copied(decision), decision.source
        doubted += doubt
    assert 0 < doubted < len(corpus()[::2]) / 3


# Pages drawn by hand

HEAD = ["Northmoor Council (94 101 233)", "", "Summary: We will not investigate.", ""]
BODY = [
    *("The complaint", "", "1. Ms X says the Council lost her file and did not look for", ""),
    *("Final decision", "", "2. We will not investigate, as it has said that it is sorry.", ""),
]


def column(lines: Iterable[str], top: float = 780, **look: float) -> Iterator[Piece]:
    """Yield the lines of a page below each other; an empty one leaves a space."""
    for place, line in enumerate(lines):
        if line:
            yield Piece(line, 70, top - 14 * place, **look)  # type: ignore[arg-type]


def texts(*pages: Iterable[Piece]) -> list[str]:
    """Return the paragraphs read from pages."""
    return [p.text for p in read_bytes(drawn(*pages), "x").paragraphs]


def body(*lines: str) -> list[str]:
    """Return the paragraphs of "The complaint" read from a page with these lines in it."""
    page = [*HEAD, "The complaint", "", *lines, "", "Final decision", "", "9. No."]
    return texts(column(page))[1:-1]


def test_the_order_of_drawing_does_not_matter() -> None:
    pieces = list(column([*HEAD, *BODY]))
    expected = texts(pieces)
    for seed in range(5):
        random.Random(seed).shuffle(pieces)
        assert texts(pieces) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["1. He is twenty-", "four years old now."], ["He is twenty-four years old now."]),
        (["1. He wants short-", "and long-term help."], ["He wants short- and long-term help."]),
        (["1. It is for 2019–", "20 and/", "or later."], ["It is for 2019–20 and/or later."]),
        (["1. See section 26(6)", "(c) of it."], ["See section 26(6)(c) of it."]),
        (["1. It is late as section", "26. That is so."], ["It is late as section 26. That is so."]),
        (["1. It is:", "• late; and", "• old.", "2. So."], ["It is:\nlate; and\nold.", "So."]),
        (["1. It is:", "o late; and", "o old.", "2. So."], ["It is:\nlate; and\nold.", "So."]),
        (["1. It is:", "(a) late;", "(b) old.", "2. So."], ["It is:\n(a) late;\n(b) old.", "So."]),
        (["1. It is late.", "(Act 1974, section 26)"], ["It is late.\n(Act 1974, section 26)"]),
        (["1. It is", "", "late, and old."], ["It is\nlate, and old."]),
    ],
)
def test_rows_become_lines(lines: list[str], expected: list[str]) -> None:
    widest = "0. This row reaches the margin, so that one sees which of the others were broken"
    assert body(*lines)[-len(expected) :] == expected or widest
    assert body(*lines) == expected
