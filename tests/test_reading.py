"""Reading: every copy of a decision gives the decision back, and nothing else passes for one."""

from __future__ import annotations

import contextlib
import io
import re
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rendering import Source, Style, dashes, numbered, page, parse, plain, wrapped

from grounds.decision import Decision
from grounds.errors import InputError
from grounds.limits import LIMITS
from grounds.reading import find, read, read_bytes, read_text, read_with_origins
from grounds.reading.decoding import clean
from grounds.reading.header import parse_date, parse_reference
from grounds.reading.sections import Heading, outline

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
Rendering = Callable[[Source, Style], str]

HEADER = """Northmoor Borough Council (94 101 233)
Category : Planning > Enforcement
Decision : Upheld
Decision date : 12 Mar 2025
"""


@cache
def corpus() -> tuple[Source, ...]:
    """Return every decision of the corpus."""
    paths = sorted(CORPUS.glob("*/*.md"))
    return tuple(parse(path.read_text("utf-8"), str(path.relative_to(CORPUS))) for path in paths)


def outcome(decision: Decision) -> list[tuple[int, str, str, str]]:
    """Return what reading has to get right of every paragraph."""
    return [(p.number, p.section, p.heading, p.text) for p in decision.paragraphs]


def body(*lines: str) -> str:
    """Return a text with a header and the lines given."""
    return HEADER + "\n".join(lines)


def texts(*lines: str) -> list[str]:
    """Return the paragraphs read from a text of the lines given."""
    return [paragraph.text for paragraph in read_text(body(*lines)).paragraphs]


def running(source: Source, style: Style) -> str:
    """Render with numbers that run on without restarting."""
    return numbered(source, replace(style, restart=False))


def read_page(source: Source, style: Style) -> Decision:
    """Read the decision rendered as a page."""
    return read_bytes(page(source, style).encode(), source.decision.source)


# Every copy of every decision


@pytest.mark.parametrize("render", [numbered, running, page])
def test_copies_with_numbers_give_every_decision_back(render: Rendering) -> None:
    for source in corpus():
        name = source.decision.source
        copy = render(source, Style.some(name + render.__name__)).encode()
        assert outcome(read_bytes(copy, name)) == outcome(source.decision), name


@pytest.mark.parametrize("render", [dashes, plain])
def test_copies_without_numbers_give_decisions_back_or_say_what_is_in_doubt(
    render: Rendering,
) -> None:
    exact = doubted = 0
    for source in corpus():
        name = source.decision.source
        decision = read_text(render(source, Style.some(name + render.__name__)), name)
        doubt = any("not clear" in warning for warning in decision.warnings)
        if outcome(decision) == outcome(source.decision):
            exact += 1
            doubted += doubt
        else:
            assert doubt, name
    assert exact >= 0.98 * len(corpus())
    assert doubted <= 0.02 * len(corpus())


@pytest.mark.parametrize("render", [numbered, dashes, plain, page])
def test_headers_are_read(render: Rendering) -> None:
    for source in corpus():
        expected = source.decision
        copy = render(source, replace(Style.some(expected.source), header=True)).encode()
        decision = read_bytes(copy, expected.source)
        for name in ("reference", "body", "category", "outcome", "date"):
            assert getattr(decision, name) == getattr(expected, name), (expected.source, name)


@pytest.mark.parametrize(
    ("render", "layout"),
    [(numbered, "numbered"), (dashes, "dashes"), (plain, "plain"), (page, "html")],
)
def test_the_layout_is_recognised_and_warnings_are_few(render: Rendering, layout: str) -> None:
    source = corpus()[0]
    decision = read_bytes(render(source, Style()).encode(), "x")
    assert decision.layout == layout
    expected = {
        "numbered": ("numbers restart in each section; continuous numbers restored",),
        "html": (),
    }
    assert decision.warnings == expected.get(
        layout, ("no numbers in this copy; its paragraphs were counted",)
    )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda copy: re.sub(r"(?m)^\s*• ", "", copy), id="bullets lost"),
        pytest.param(lambda copy: re.sub(r"(?m)^\s*\d+\. ", "", copy), id="only numbers lost"),
        pytest.param(
            lambda copy: re.sub(r"(?m)^\s*\d+\. ", "- ", copy), id="dashes, other bullets"
        ),
        pytest.param(lambda copy: re.sub(r"(?m)^(\s*\d+\.) ", "\\1\n", copy), id="number alone"),
        pytest.param(lambda copy: copy.replace(" ", "\u00a0"), id="non-breaking spaces"),
        pytest.param(lambda copy: copy.replace("tion", "ti\u00adon\u200b"), id="soft hyphens"),
    ],
)
def test_battered_copies_give_every_tenth_decision_back(change: Callable[[str], str]) -> None:
    for source in corpus()[::10]:
        copy = change(numbered(source, Style()))
        assert outcome(read_text(copy)) == outcome(source.decision), source.decision.source


@pytest.mark.parametrize("render", [numbered, dashes, plain])
def test_wrapped_lines_are_joined(render: Rendering) -> None:
    for source in corpus()[::10]:
        copy = wrapped(render(source, Style(furniture=False)), 80)
        words = [" ".join(p.text.split()) for p in read_text(copy).paragraphs]
        expected = [" ".join(p.text.split()) for p in source.decision.paragraphs]
        assert words == expected, source.decision.source


def test_words_are_found_again_where_they_stood() -> None:
    for source in corpus():
        copy = numbered(source, Style.some(source.decision.source)).replace("tion", "ti\u00adon")
        decision, origins = read_with_origins(copy, "x")
        position = 0
        for index, paragraph in enumerate(decision.paragraphs):
            for line in paragraph.text.splitlines():
                shown = line.replace("tion", "ti\u00adon")
                position = copy.index(shown, position)
                place = origins.locate(position - 1, position + len(shown) + 1)
                assert place is not None
                assert place[0] == index
                assert paragraph.text[place[1] : place[2]] == line
                assert origins.origin(*place) == (position, position + len(shown))
                position += len(shown)


@pytest.mark.parametrize("render", [numbered, dashes, plain])
def test_words_of_wrapped_lines_are_found_again(render: Rendering) -> None:
    for source in corpus()[::50]:
        copy = wrapped(render(source, Style(furniture=False)), 80)
        decision, origins = read_with_origins(copy)
        for index, paragraph in enumerate(decision.paragraphs):
            for words in re.finditer(r"\S+(?: \S+){,20}", paragraph.text):
                start, end = origins.origin(index, *words.span())
                assert copy[start:end].split() == words[0].split()
                assert origins.locate(start, end) == (index, *words.span())


# Layouts, line by line


def test_numbers_run_on_from_the_complaint_whatever_the_copy_says() -> None:
    decision = read_text(
        body(
            "Summary: We will not investigate.",
            "The complaint",
            "1. Ms X says the Council:",
            "• lost her file; and",
            "• did not reply.",
            "(Local Government Act 1974, section 26)",
            "1. She wants £100.",
            "Back to top",
            "My assessment",
            "The file",
            "1. It was found.",
            "Final decision",
            "1. We will not investigate.",
        )
    )
    assert [(p.number, p.section, p.heading) for p in decision.paragraphs] == [
        (0, "summary", "Summary"),
        (1, "complaint", "The complaint"),
        (2, "complaint", "The complaint"),
        (3, "assessment", "The file"),
        (4, "final", "Final decision"),
    ]
    assert decision.paragraphs[1].text.splitlines()[1:] == [
        "lost her file; and",
        "did not reply.",
        "(Local Government Act 1974, section 26)",
    ]


def test_a_numbered_list_inside_a_paragraph_is_no_paragraphs() -> None:
    lines = ("1. It will:", "1. apologise;", "2. pay £100; and", "3. train staff.", "2. I agree.")
    found = texts("The complaint", "1. A.", "Agreed action", *lines)
    assert found == ["A.", "It will:\napologise;\npay £100; and\ntrain staff.", "I agree."]


def test_numbers_that_jump_are_a_warning() -> None:
    decision = read_text(body("The complaint", "1. A.", "3. B.", "Final decision", "4. C."))
    assert "numbers jump from 1 to 3; paragraphs are counted as they come" in decision.warnings


@pytest.mark.parametrize("mark", ["- ", ""])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["We do not if:", "it is late; or", "it is old.", "Ms X is late."], [3, 1]),
        (["We do not if", "it is late; or", "it is old.", "Ms X is late."], [3, 1]),
        (["She wants:", "£100; and", "Mr Y’s apology.", "I agree."], [3, 1]),
        (["She says:", "a) it is late;", "b) it is old.", "I agree."], [3, 1]),
        (["It will:", "Apologise to Ms X.", "Pay her £100.", "The Council agreed."], [3, 1]),
        (
            ["I left out two matters:", "The fee. It is old.", "The van. It is new.", "I end."],
            [3, 1],
        ),
        (["It is late. (Section 26B)", "It is old. (Section 26)"], [1, 1]),
    ],
)
def test_bullets_are_told_from_paragraphs(mark: str, lines: list[str], expected: list[int]) -> None:
    marked = [mark + line for line in lines]
    found = texts("The complaint", mark + "A.", "What I found", *marked)[1:]
    assert [len(text.splitlines()) for text in found] == expected


def test_doubts_name_the_paragraph() -> None:
    decision = read_text(
        body("The complaint", "- A.", "Agreed action", "- It will:", "- Apologise.", "- Note it.")
    )
    assert "bullet or paragraph? not clear at paragraph 2" in decision.warnings


def test_subheadings_stand_in_the_section_around_them() -> None:
    names = ["The complaint", "What I found", "The complaint", "The decision", "Final decision"]
    found = outline([Heading(name) for name in names])
    assert found == ["complaint", "assessment", "assessment", "assessment", "final"]


def test_the_level_of_a_heading_counts() -> None:
    headings = [Heading("The complaint", 2), Heading("My assessment", 2), Heading("Decision", 3)]
    assert outline(headings) == ["complaint", "assessment", "assessment"]


def test_missing_parts_are_warnings() -> None:
    decision = read_text("My assessment\n1. A.\nHow I considered this complaint\n2. B.")
    assert decision.warnings == (
        "no header: reference, body, category, outcome and date are unknown",
        "no Summary",
        "no section 'The complaint'; paragraphs are counted from the first section there is",
        "no section 'Final decision'",
    )


def test_text_without_a_number_is_numbered_with_a_warning() -> None:
    decision = read_text(
        body("The complaint", "1. A.", "Final decision", "we end it here.", "2. B.")
    )
    assert [p.text for p in decision.paragraphs] == ["A.", "we end it here.", "B."]
    assert "text without a number under 'Final decision' was numbered" in decision.warnings


SEVERAL = "looks like more than one decision; only one record is made"


def test_more_than_one_decision_is_a_warning() -> None:
    one = body("Summary: No.", "The complaint", "1. A.", "Final decision", "2. B.")
    assert SEVERAL not in read_text(one).warnings
    assert SEVERAL in read_text(f"{one}\n{one}").warnings
    assert SEVERAL in read_text(f"{one}\nPrint this page\n{one}").warnings
    summary = "<h2>Final decision</h2><p>2. No.</p><h2>Summary</h2><p>It is late.</p>"
    page = f"<h2>The complaint</h2><p>1. A.</p>{summary}"
    assert SEVERAL in read_bytes(page.encode(), "x").warnings


def test_subheadings_are_no_second_decision() -> None:
    parts = ("What I found", "2. B.", "The decision", "3. C.", "The complaint", "4. D.")
    one = body("The complaint", "1. A.", *parts, "Final decision", "5. E.")
    assert SEVERAL not in read_text(one).warnings
    for source in corpus():
        assert SEVERAL not in read_page(source, Style()).warnings, source.decision.source


# Pages


def test_a_page_without_lists_is_read_as_text() -> None:
    lines = ["The complaint", "1. Ms X says it is late.", "Final decision", "2. It is."]
    decision = read_bytes("".join(f"<p>{line}</p>" for line in lines).encode(), "x")
    assert [p.text for p in decision.paragraphs] == ["Ms X says it is late.", "It is."]
    assert decision.layout == "html"


@pytest.mark.parametrize("item", ["<li>{}</li>", "<li><p>{}</p></li>"])
def test_lettered_lists_of_a_page_keep_their_letters(item: str) -> None:
    lettered = f"<ol type=a>{item.format('late;')}{item.format('old.')}</ol>"
    decision = read_bytes(
        f"<h2>The complaint</h2><ol><li>It is:{lettered}</li></ol>"
        "<h2>Final decision</h2><ol start=2><li>So it is.</li></ol>".encode(),
        "x",
    )
    assert [p.text for p in decision.paragraphs] == ["It is:\na) late;\nb) old.", "So it is."]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>3.</p><p>It is late.</p>", ["A:", "It is late."]),
        ("<p>•</p><p>It is late.</p>", ["A:\nIt is late."]),
        ("<p>•</p>", ["A:"]),
        ("<p>•</p><p>3. It is late.</p>", ["A:", "It is late."]),
        ("<p>&#8203; &#8203;</p>", ["A:"]),
        ("<p>3. It&nbsp;is &#8203; late.&#8203; </p>", ["A:", "It is late."]),
    ],
)
def test_marks_alone_and_invisible_characters_are_no_lines(html: str, expected: list[str]) -> None:
    page = f"<h2>My assessment</h2><p>2. A:</p>{html}<h2>Final decision</h2><p>4. No.</p>"
    decision = read_bytes(f"<h2>The complaint</h2><p>1. B.</p>{page}".encode(), "x")
    assert [p.text for p in decision.paragraphs] == ["B.", *expected, "No."]


def test_deeply_nested_pages_do_no_harm() -> None:
    with pytest.raises(InputError, match="does not look like"):
        read_bytes(b"<div>" * 5000 + b"<h2>The complaint</h2>", "deep.html")
    with pytest.raises(InputError, match="not closed"):
        read_bytes(b"<div>" * 1_000_000, "deep.html")


def test_time_is_linear_in_length() -> None:
    """What is hard to read costs no more than in proportion; far below a second each."""
    for unit in ("1. a:\n", "- A b.\n", ". (", "The x\n", "Summary\n", "â€™", "word " * 14 + "\n"):
        copy = body("The complaint", "1. A.", unit * (100_000 // len(unit)), "Final decision")
        start = time.process_time()
        with contextlib.suppress(InputError):
            read_text(copy)
        assert time.process_time() - start < 3, unit


# Encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_encodings(encoding: str) -> None:
    source = corpus()[0]
    decision = read_bytes(numbered(source, Style()).encode(encoding), "x")
    assert outcome(decision) == outcome(source.decision)
    assert ("not in UTF-8; read as Windows-1252" in decision.warnings) is (encoding == "cp1252")


def test_broken_characters_are_repaired_and_their_places_kept() -> None:
    broken = body("The complaint", "1. Ms X’s file.", "Final decision", "1. It’s lost.")
    broken = broken.replace("’", "â€™")
    decision, origins = read_with_origins(broken)
    assert [p.text for p in decision.paragraphs] == ["Ms X’s file.", "It’s lost."]
    assert "characters broken by a wrong encoding were repaired" in decision.warnings
    at = broken.index("lost")
    assert origins.locate(at, at + 4) == (1, 5, 9)
    assert origins.origin(1, 5, 9) == (at, at + 4)
    assert origins.origin(1, 0, 4) == (at - len("Itâ€™s "), at - 1)


@given(st.text(alphabet="a’ \u00ad\u200b\u00a0âÃ€™\n"))
def test_offsets_follow_what_was_dropped(text: str) -> None:
    cleaned = clean(text + "END")
    assert cleaned.text[cleaned.offset(len(text)) :] == "END"


@given(st.text(alphabet="a’é \u00ad\u200b\u00a0", min_size=1))
def test_every_visible_character_keeps_its_place(text: str) -> None:
    cleaned = clean(text)
    visible = [at for at, character in enumerate(text) if character not in "\u00ad\u200b"]
    assert [cleaned.offset(at) for at in visible] == list(range(len(cleaned.text)))
    assert [cleaned.given(at) for at in range(len(cleaned.text))] == visible


def test_places_outside_one_paragraph_are_nowhere() -> None:
    text = body("The complaint", "1. Ms X.", "2. Mr Y.", "Final decision", "3. No.")
    _, origins = read_with_origins(text)
    assert origins.locate(0, 9) is None
    assert origins.locate(text.index("Ms X"), text.index("Mr Y") + 4) is None
    assert origins.locate(text.index("2. Mr"), text.index("Mr Y") + 4) == (1, 0, 4)
    assert origins.locate(text.index("Ms X"), text.index("Ms X")) is None


# Whatever is thrown at it

LINES = st.sampled_from(
    ["The complaint", "Final decision", "My assessment", "Summary: No.", "Summary", "Analysis:"]
    + ["1. A:", "1. b", "2. C", "3.", "- d; and", "•", "(Act 1974)", "a) e", "Reasons", "", "  f"]
    + ["Back to top", "Print this page", "# G", "As follows.", "Decision :", "x" * 200, "\u00a0"]
)


@given(st.one_of(st.text(), st.lists(LINES).map("\n".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        decision, origins = read_with_origins(text, "some.txt")
    except InputError as error:
        assert str(error).startswith("some.txt: ")
        return
    assert decision == read_text(text, "some.txt")
    first = decision.paragraphs[0].number
    assert first == (0 if decision.paragraphs[0].section == "summary" else 1)
    assert all(b.number == a.number + 1 for a, b in pairwise(decision.paragraphs))
    for paragraph in decision.paragraphs:
        lines = paragraph.text.split("\n")
        assert all(line and line == line.strip() for line in lines)
        assert _is_subsequence(paragraph.text, text)
    assert origins.locate(0, len(text)) is None or len(decision.paragraphs) == 1
    for index, paragraph in enumerate(decision.paragraphs):
        whole = index, 0, len(paragraph.text)
        assert origins.locate(*origins.origin(*whole)) == whole


def _is_subsequence(words: str, text: str) -> bool:
    rest = iter(text)
    return all(character in rest for character in words if not character.isspace())


@given(st.binary())
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_bytes(data, "some.html")


TAGS = st.sampled_from(
    ["<ol>", "</ol>", "<ol start=3>", "<ol type=a>", "<li>", "</li>", "<ul>", "</ul>", "<p>"]
    + ["</p>", "<br>", "<h2>", "</h2>", "<h3>", "<div>", "</div>", "<b>", "<span class=label>"]
    + ["</span>", "<table>", "<td>", "<script>", "<!--", "-->", "<article id=article>", "<"]
)
ENTITIES = st.sampled_from(
    ["&#8203;", "&nbsp;", "&shy;", " ", "\n", "&bull;", "&amp;", "&lt;p>", "&#xD800;", "&#0;"]
    + ["&#x1F;", "&Acirc;&nbsp;", "&acirc;&euro;&trade;", "&#8232;", "&", "a", "1.", "12. ", "- "]
)
SECTION = st.sampled_from(
    ["<h2>The complaint</h2>", "<h2>My assessment</h2>", "<h3>Final decision</h3><p>"]
)


@given(st.lists(TAGS | ENTITIES | LINES | SECTION), st.booleans())
def test_any_page_is_read_or_refused(parts: list[str], complete: bool) -> None:
    top = "<h2>The complaint</h2><p>1. A.</p><h2>My assessment</h2>" if complete else ""
    try:
        decision = read_bytes(("<html>" + top + "".join(parts)).encode(), "some.html")
    except InputError as error:
        assert str(error).startswith("some.html: ")
        return
    assert all(b.number == a.number + 1 for a, b in pairwise(decision.paragraphs))
    for paragraph in decision.paragraphs:
        lines = [*paragraph.text.splitlines(), paragraph.heading]
        assert all(line and line == line.strip() for line in lines)


# Files and folders


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("empty.txt", b" \n\t", "is empty"),
        ("rubbish.txt", b"\x00\x01\x02", "is not a text file"),
        ("letter.txt", b"%PDF-1.7", "is damaged, or no PDF"),
        ("list.txt", b"Bread\nMilk\n", "does not look like an Ombudsman's decision"),
        ("essay.html", b"<h1>Summary</h1><p>All is well.</p>", "does not look like"),
        ("photo.jpeg", b"\xff\xd8", "unknown format '.jpeg'"),
        ("large.txt", b"x" * (LIMITS.file + 1), "has 51 MB, more than 50 MB"),
    ],
)
def test_bad_files_are_refused_by_name(
    tmp_path: Path, name: str, data: bytes, problem: str
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: {problem}")
    assert "\n" not in message


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        read(tmp_path / "none.txt")
    with pytest.raises(InputError, match="is a folder"):
        read(tmp_path)
    with pytest.raises(InputError, match="there is no such file"):
        read("x" * 5000 + ".txt")


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    source = corpus()[0]
    data = numbered(source, Style()).encode()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    decision = read("-")
    assert decision.source == "-"
    assert outcome(decision) == outcome(source.decision)


def test_folders_are_searched_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/2.TXT", "b/1.html", "c.txt", "a.htm", "notes.md"):
        (tmp_path / name).touch()
    found = list(find([tmp_path, tmp_path / "notes.md", tmp_path / "none", "-"]))
    names = [str(path.relative_to(tmp_path)) for path in found[:4] if isinstance(path, Path)]
    assert names == ["a.htm", "c.txt", "b/1.html", "b/2.TXT"]
    assert [str(error).split(": ")[1].split(";")[0] for error in found[4:6]] == [
        "unknown format '.md'",
        "there is no such file or folder",
    ]
    assert found[6] == Path("-")


def test_documents_that_cannot_be_read_are_named_and_hidden_files_passed_over(
    tmp_path: Path,
) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("a.txt", "b.RTF", "c.jpg", "b/1.doc", ".d.txt", ".e.pdf", ".git/f.txt"):
        (tmp_path / name).touch()
    found = list(find([tmp_path]))
    assert found[0] == tmp_path / "a.txt"
    advice = "known are .docx, .htm, .html, .jsonl, .pdf, .txt, .zip; save it as .docx or text"
    assert [str(error) for error in found[1:]] == [
        f"{tmp_path / 'b.RTF'}: unknown format '.RTF'; {advice}",
        f"{tmp_path / 'b' / '1.doc'}: unknown format '.doc'; {advice}",
    ]
    with pytest.raises(InputError, match=r"save it as \.docx or text"):
        read(tmp_path / "b.RTF")


# Header fields


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("04 Feb 2025", "2025-02-04"),
        ("4 February 2025", "2025-02-04"),
        ("4th Feb 2025", "2025-02-04"),
        ("4th of February 2025", "2025-02-04"),
        ("2025-02-04", "2025-02-04"),
        ("04/02/2025", "2025-02-04"),
        ("31 Feb 2025", None),
        ("soon", None),
    ],
)
def test_dates(text: str, date: str | None) -> None:
    assert parse_date(text) == date


def test_fields_that_are_not_understood_are_shown() -> None:
    top = "Reference: see the letter\nDecision date: the day after the letter of 12 March 2025\n"
    warnings = read_text(f"{top}The complaint\n1. A.\nFinal decision\n2. B.").warnings
    assert warnings[:3] == (
        "not in the header: body, category, outcome",
        "reference not understood: 'see the letter'",
        "date not understood: 'the day after the letter of 12 March 20…'",
    )


def test_a_field_without_a_value_is_missing() -> None:
    top = "Decision date :\nThe Ombudsman's final decision:\nReference: 25 005 150\n"
    warnings = read_text(f"{top}The complaint\n1. A.\nFinal decision\n2. B.").warnings
    assert warnings[0] == "not in the header: body, category, outcome, date"


def test_references() -> None:
    assert parse_reference("25-005-150") == "25 005 150"
    assert parse_reference("22 007 115a") == "22 007 115a"
    assert parse_reference("020 7946 0018") is None


def test_more_text_than_any_decision_has_is_refused() -> None:
    text = "The complaint\n1. No.\nFinal decision\n2. " + "No. " * 800_000
    with pytest.raises(InputError, match=r"has 3,200,0\d\d characters, more than 3,000,000"):
        read_bytes(text.encode(), "-")
    with pytest.raises(InputError, match=r"has 3,200,0\d\d characters, more than 3,000,000"):
        read_bytes(f"<p>{text}</p>".encode(), "-")
    style = f"<style>{'p { margin: 0 } ' * 300_000}</style>"  # which is no text
    page = "<h2>The complaint</h2><ol><li>No.</li></ol><h2>Final decision</h2><p>No.</p>"
    assert read_bytes(f"<html>{page}{style}</html>".encode(), "-").layout == "html"
