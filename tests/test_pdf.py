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
from pypdfium2 import PdfDocument
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
from grounds.reading.pdf import is_pdf, pdf_lines

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


def test_decisions_set_by_typst_read_as_their_text_copies() -> None:
    folders = set()
    for decision in corpus():
        style = Style.some(decision.source)
        again = read_bytes(set_by_typst(decision, style), decision.source)
        assert seen(again) == copied(decision), (decision.source, style)
        assert again.layout == "pdf"
        folders.add(Path(decision.source).parent)
    assert len(corpus()) >= 100
    assert len(folders) == len(list(CORPUS.glob("*/")))


def test_decisions_set_by_weasyprint_read_as_their_text_copies() -> None:
    try:
        import weasyprint  # noqa: F401
    except OSError as error:
        pytest.skip(f"WeasyPrint lacks a library of the system: {error}")
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
        lengths.add(len(PdfDocument(data)))
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


SIDES = (("Left", 70), ("Right", 300))
WIDE = "1. Ms X says the Council did nothing at all for her or for her son until he was"


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
    ("end", "below", "expected"),
    [
        ("twenty-", "four years old.", "twenty-four years old."),
        ("in short-", "and long-term care.", "in short- and long-term care."),
        ("in 2019–", "20 and later.", "in 2019–20 and later."),
        ("in and/", "or out of care.", "in and/or out of care."),
        ("(section 26(6)", "(c) of the Act).", "(section 26(6)(c) of the Act)."),
        ("in section", "26. That is so.", "in section 26. That is so."),
        ("at school.", "2. She wants £100.", "at school.|She wants £100."),
        ("at school.", "7. It is not so.", "at school. 7. It is not so."),
        ("at school:", "• it did not write;", "at school:\nit did not write;"),
        ("at school:", "o it did not write;", "at school:\nit did not write;"),
        ("at school;", "(b) it did not write.", "at school;\n(b) it did not write."),
        ("at school", "– and not at home.", "at school – and not at home."),
    ],
)
def test_full_rows_go_on_below_unless_a_mark_says_otherwise(
    end: str, below: str, expected: str
) -> None:
    start = f"{WIDE} {end}"
    found = body(start, below, "", f"8. {start[3:]}")  # as wide, so that both reach the margin
    assert "|".join(found[:-1]) == f"{WIDE} {expected}"[3:]


def test_space_and_room_and_margin_begin_lines() -> None:
    assert body(f"{WIDE} at school.", "", "She wants £100.")[0].endswith("school.\nShe wants £100.")
    assert body(f"{WIDE} at", "school. It is late.", "She wants £100.")[0].endswith(
        "at school. It is late.\nShe wants £100."
    )
    lines = [*column([*HEAD, "The complaint", "", "1."]), Piece(f"{WIDE[3:]} at", 84, 696)]
    hanging = [Piece(f"a school; {WIDE[10:]}", 84, 682), Piece("five.", 84, 668)]
    marks = [Piece("•", 98, 654), Piece(f"late: {WIDE[10:]}", 110, 654)]
    more = [Piece("old.", 110, 640), Piece("(Act 1974, section 26)", 84, 626)]
    final = column(["Final decision", "", "2. No."], top=580)
    found = texts([*lines, *hanging, *marks, *more, *final])[1]
    assert found.split("\n")[1:] == [f"late: {WIDE[10:]} old.", "(Act 1974, section 26)"]


def test_headings_over_two_rows_are_one() -> None:
    heading = [
        Piece("What Ms X says about her son’s", 70, 600, bold=True),
        Piece("place at the school", 70, 586, bold=True),
    ]
    page = [*column([*HEAD, "The complaint", "", "1. Ms X says the Council lost her file."])]
    below = column(["2. It was found.", "", "Final decision", "", "3. No."], top=560)
    decision = read_bytes(drawn([*page, *heading, *below]), "x")
    assert decision.paragraphs[2].heading == "What Ms X says about her son’s place at the school"


def test_raised_letters_stay_with_their_word() -> None:
    raised = Piece("st", 76.2, 713, size=6)
    page = [*column([*HEAD, "The complaint", "", "1", "", *BODY[4:]])]
    page[3] = Piece("1. On the 1", 70, 710)
    raised = raised._replace(x=70 + 53.2, y=714)
    rest = Piece("of May it was late.", 134, 710)
    assert texts([*page, raised, rest])[1] == "On the 1st of May it was late."


# Heads and feet of pages, the header


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ("", "{page}"),
        ("", "Page {page} of 2"),
        ("Local Government and Social Care Ombudsman", "- {page} -"),
        ("", "Final decision    94 101 233    {page}"),
        ("A council’s own heading", "printed for the file"),
        ("12/03/2025, 14:07    Decision", "https://www.lgo.org.uk/decisions/1 {page}/2"),
        ("3/12/25, 2:07 PM    Decision", "file:///C:/decision.html {page}/2"),
    ],
)
def test_heads_and_feet_are_dropped(head: str, foot: str) -> None:
    pages = []
    for page, lines in enumerate(([*HEAD, *BODY[:4]], ["the key.", "", *BODY[4:]]), 1):
        around = [Piece(head, 70, 815), Piece(foot.format(page=page), 70, 30)]
        pages.append([*around, *column(lines)])
    found = texts(*pages)
    assert found == texts(column([*HEAD, *BODY[:3], "the key.", "", *BODY[4:]]))
    assert found[1].endswith("look for the key.")


def test_the_foot_of_a_single_page_is_no_heading() -> None:
    page = [*column([*HEAD, *BODY]), Piece("Final decision", 70, 30)]
    decision = read_bytes(drawn(page), "x")
    assert [p.section for p in decision.paragraphs] == ["summary", "complaint", "final"]


@pytest.mark.parametrize(
    "places",
    [
        {(70, 780): "Complaint reference: 94 101 233", (70, 766): "Complaint against: Fen Council"},
        {(70, 780): "Complaint reference", (70, 752): "Complaint against", (240, 780): "94 101 233"}
        | {(240, 752): "Fen Council"},
        {(70, 780): "Complaint reference:", (70, 766): "94 101 233"}
        | {(70, 738): "Complaint against:", (70, 724): "Fen Council"},
        {(70, 780): "Complaint reference:", (300, 780): "Complaint against:"}
        | {(70, 766): "94 101 233", (300, 766): "Fen Council"},
        {
            (70, 780): "Complaint reference: 94 101 233",
            (300, 780): "Complaint against: Fen Council",
        },
    ],
)
def test_fields_stand_beside_or_below_their_labels(places: dict[tuple[float, float], str]) -> None:
    header = [Piece(text, x, y) for (x, y), text in places.items()]
    decision = read_bytes(drawn([*header, *column(HEAD[2:] + BODY, top=660)]), "x")
    assert (decision.reference, decision.body) == ("94 101 233", "Fen Council")


def test_a_date_without_a_label_is_taken_with_a_warning() -> None:
    decision = read_bytes(drawn(column(["12 March 2025", "", *HEAD, *BODY])), "x")
    assert decision.date == "2025-03-12"
    assert "date taken from a line of its own, without a label" in decision.warnings


# What a PDF may be


def test_pages_on_their_side_are_read() -> None:
    upright = list(column([*HEAD, *BODY]))
    turned = [Piece(p.text, 595 - p.y * 0.7, p.x, turned=90) for p in upright]
    decision = read_bytes(drawn(turned, rotate=90), "x")
    assert [p.text for p in decision.paragraphs] == texts(upright)


def test_text_at_an_angle_is_left_out_with_a_warning() -> None:
    page = [*column([*HEAD, *BODY]), Piece("DRAFT", 200, 300, size=60, turned=45)]
    decision = read_bytes(drawn(page), "x")
    assert [p.text for p in decision.paragraphs] == texts(column([*HEAD, *BODY]))
    assert "text set at an angle was left out" in decision.warnings


def test_what_a_page_does_not_say_is_a_warning() -> None:
    scanned = read_bytes(drawn(column([*HEAD, *BODY]), []), "x")
    assert "no text on page 2; it may be a scan" in scanned.warnings
    recognised = read_bytes(drawn(column([*HEAD, *BODY], mode=3)), "x")
    assert "the text comes from text recognition (OCR); words may be wrong" in recognised.warnings
    cut = drawn(column([*HEAD, *BODY])).replace(b"%%EOF", b"")
    assert "the file ends early; parts may be missing" in read_bytes(cut, "x").warnings


def test_columns_and_hyphens_that_leave_doubt_are_warnings() -> None:
    rows = [Piece(f"{side} of row {y}", x, y) for y in range(500, 300, -20) for side, x in SIDES]
    decision = read_bytes(drawn([*column([*HEAD, *BODY]), *rows]), "x")
    assert "text seems to stand in columns; its lines may be mixed up" in decision.warnings
    broken = [
        f"{WIDE} hap-",
        *["py and she says that she will not be able to do it again, nor hap-"] * 4,
    ]
    decision = read_bytes(drawn(column([*HEAD, *BODY[:2], *broken, "py.", "", *BODY[4:]])), "x")
    assert "words broken at the end of a line keep their hyphen" in decision.warnings


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (drawn(column(HEAD), locked=True), "is protected with a password; save a copy without"),
        (drawn([]), "has no text; it may be a scan: run text recognition"),
        (drawn(*[[]] * 501), "has 501 pages, more than 500; to read it: --limit pages=501"),
        (b"%PDF-1.7\n" + b"garbage " * 100, "is damaged, or no PDF: it cannot be opened"),
        (drawn(column(HEAD))[:400], "is damaged, or no PDF"),
        (drawn(column(["Bread", "Milk"])), "does not look like an Ombudsman's decision"),
    ],
)
def test_pdfs_that_cannot_be_read_are_refused_by_name(
    tmp_path: Path, data: bytes, problem: str
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}: {problem}")
    assert "\n" not in str(caught.value)


def test_a_pdf_is_known_by_its_content(tmp_path: Path) -> None:
    data = drawn(column([*HEAD, *BODY]))
    for name in ("a.txt", "b.PDF"):
        (tmp_path / name).write_bytes(b"\n" + data)
    assert [read(path).layout for path in find([tmp_path]) if isinstance(path, Path)] == ["pdf"] * 2
    assert not is_pdf(b"Summary: The file was lost.")


@settings(max_examples=60)
@given(st.data())
def test_any_pdf_is_read_or_refused(data: st.DataObject) -> None:
    whole = bytearray(drawn(column([*HEAD, *BODY])))
    for _ in range(data.draw(st.integers(0, 8))):
        whole[data.draw(st.integers(5, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.none() | st.integers(5, len(whole)))
    try:
        decision = read_bytes(bytes(whole[:cut]), "some.pdf")
    except InputError as error:
        assert str(error).startswith("some.pdf: ")
        return
    for paragraph in decision.paragraphs:
        assert all(line and line == line.strip() for line in paragraph.text.splitlines())


WORDS = st.sampled_from(
    [
        "The complaint",
        "Final decision",
        "Summary:",
        "1.",
        "2. It is",
        "•",
        "(b)",
        "late;",
        "and",
        "-",
    ]
    + ["Decision date", "12 March 2025", "Page 1 of 2", "twenty-", "(Act 1974)", "o", "\xa0", "£"]
)
PLACED = st.builds(
    Piece,
    WORDS,
    st.sampled_from((70, 84, 98, 300, 500)),
    st.sampled_from((30, 44, 400, 414, 416, 500, 528, 790)),
    size=st.sampled_from((0, 6, 11, 14)),
    bold=st.booleans(),
    turned=st.sampled_from((0, 0, 0, 90, 30)),
)


@settings(max_examples=80)
@given(st.lists(st.lists(PLACED, max_size=12), min_size=1, max_size=3))
def test_words_anywhere_on_pages_are_lines_or_refused(pages: list[list[Piece]]) -> None:
    try:
        lines, _ = pdf_lines(drawn(*pages), "some.pdf")
    except InputError as error:
        assert str(error).startswith("some.pdf: ")
        return
    assert all(line.text == " ".join(line.text.split()) != "" for line in lines)


def test_several_threads_may_read() -> None:
    given = [set_by_typst(decision, Style()) for decision in corpus()[:8]]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda data: read_bytes(data, "x"), given * 2))
    assert together == [read_bytes(data, "x") for data in given] * 2
