"""Word documents: what Word shows is what is read, numbers and bullets included."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rendering import Style, page, parse
from word_copies import (
    SETTINGS,
    SPACE,
    Setting,
    definition,
    instance,
    listed,
    package,
    paragraph,
    set_in_word,
    squeezed,
    styled,
    zipped,
)

from grounds.corpus import read_labelled
from grounds.corpus.copies import copy_of
from grounds.decision import Decision
from grounds.errors import InputError
from grounds.limits import LIMITS
from grounds.reading import find, read, read_bytes, read_text
from grounds.reading.word import is_word, word_lines

DATA = Path(__file__).parent.parent / "data"
MARKED = list[tuple[str, str]]
MULTILEVEL = definition(
    50, ("decimal", "%1."), ("decimal", "%1.%2"), ("lowerLetter", "(%3)"), ("lowerRoman", "%4)")
)  # fmt: skip


@cache
def decisions() -> tuple[Decision, ...]:
    """Return every labelled decision."""
    return tuple(each.decision for each in read_labelled([DATA / "corpus", DATA / "voices"]))


def outcome(decision: Decision) -> tuple[object, ...]:
    """Return what reading has to get right."""
    paragraphs = [(p.number, p.section, p.heading, p.text) for p in decision.paragraphs]
    fields = decision.reference, decision.body, decision.category, decision.outcome, decision.date
    return paragraphs, fields


def marked(body: str, styles: str = "", numbering: str = "") -> MARKED:
    """Return the lines of a document with this body."""
    lines, _ = word_lines(package(body, styles, numbering))
    return [(line.mark, line.text) for line in lines]


def run(content: str, properties: str = "") -> str:
    """Return a run of these elements."""
    return f"<w:r><w:rPr>{properties}</w:rPr>{content}</w:r>"


def words(text: str) -> str:
    """Return the element that holds words."""
    return f'<w:t xml:space="preserve">{text}</w:t>'


# Every decision


def test_every_third_decision_is_read_as_from_its_text_copy() -> None:
    """Or better: the style of a heading tells what its words leave open."""
    for i, decision in enumerate(decisions()[::3]):
        found = outcome(read_bytes(set_in_word(decision, SETTINGS[i % len(SETTINGS)]), "x"))
        copy = outcome(read_text(copy_of(decision).text))
        assert found in (copy, outcome(decision)), decision.source


@pytest.mark.parametrize("setting", SETTINGS, ids=str)
def test_every_setting_gives_every_fortieth_decision_back(setting: Setting) -> None:
    for decision in decisions()[::40]:
        copy = outcome(read_text(copy_of(decision).text))
        assert outcome(read_bytes(set_in_word(decision, setting), "x")) == copy, decision.source


def test_a_document_says_what_it_is() -> None:
    decision = read_bytes(set_in_word(decisions()[0], SETTINGS[0]), "x")
    assert (decision.layout, decision.warnings) == ("docx", ())


def test_documents_made_with_python_docx_are_read(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("Northmoor Borough Council (94 101 233)", 0)
    table = document.add_table(0, 2)
    for name, value in (("Decision", "Upheld"), ("Decision date :", "12 Mar 2025")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, value
    for heading, points in (("The complaint", ["it is late;", "it is old."]), ("Decision", [])):
        document.add_heading(heading, 2)
        document.add_paragraph("Ms X says:", "List Number")
        for point in points:
            document.add_paragraph(point, "List Bullet 2")
    document.save(str(tmp_path / "a.docx"))
    decision = read(tmp_path / "a.docx")
    assert (decision.reference, decision.outcome) == ("94 101 233", "Upheld")
    assert decision.date == "2025-03-12"
    assert [(p.number, p.section, p.text) for p in decision.paragraphs] == [
        (1, "complaint", "Ms X says:\nit is late;\nit is old."),
        (2, "final", "Ms X says:"),
    ]


def test_the_documents_to_try_are_decisions_of_the_corpus() -> None:
    for name, number in (("91-006-733", "07"), ("93-013-285", "53")):
        labelled = next(read_labelled([DATA / "corpus" / "short" / f"{number}.md"]))
        found = read(DATA / "documents" / f"{name}.docx")
        assert outcome(found) == outcome(labelled.decision)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not there")
def test_documents_written_by_libreoffice_are_read(tmp_path: Path) -> None:
    paths = sorted((DATA / "corpus").glob("*/*.md"))[::100]
    for i, path in enumerate(paths):
        source = parse(path.read_text("utf-8"), path.name)
        (tmp_path / f"{i}.html").write_text(page(source, Style.some(path.name)), "utf-8")
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--infilter=HTML (StarWriter)", "--convert-to"]
    pages = sorted(map(str, tmp_path.glob("*.html")))
    subprocess.run([*command, "docx", "--outdir", str(tmp_path), *pages], check=True, timeout=120)
    for name in pages:
        found = outcome(read(Path(name).with_suffix(".docx")))
        assert found == outcome(read(name)), paths[int(Path(name).stem)]


# Numbers


@pytest.mark.parametrize(
    ("numbering", "items", "expected"),
    [
        pytest.param(
            MULTILEVEL + instance(500, 50) + instance(501, 50),
            [(500, 0), (501, 0), (500, 0)],
            ["1", "2", "3"],
            id="lists of one definition go on with one count",
        ),
        pytest.param(
            MULTILEVEL + instance(500, 50) + instance(501, 50, 1) + instance(502, 50, 5),
            [(500, 0), (500, 0), (501, 0), (501, 0), (500, 0), (502, 0), (501, 0)],
            ["1", "2", "1", "2", "3", "5", "6"],
            id="a list starts over at its first paragraph only",
        ),
        pytest.param(
            MULTILEVEL + instance(500, 50),
            [(500, 0), (500, 1), (500, 2), (500, 2), (500, 3), (500, 1), (500, 2), (500, 0)],
            ["1", "•", "•(a) ", "•(b) ", "•i) ", "•", "•(a) ", "2"],
            id="points start over below each paragraph",
        ),
        pytest.param(
            MULTILEVEL.replace("<w:lvlText w:val=\"(", '<w:lvlRestart w:val="1"/><w:lvlText w:val="(')
            + instance(500, 50),
            [(500, 0), (500, 1), (500, 2), (500, 1), (500, 2), (500, 0), (500, 2)],
            ["1", "•", "•(a) ", "•", "•(b) ", "2", "•(a) "],
            id="a level starts over only where it says",
        ),
        pytest.param(
            MULTILEVEL.replace("<w:lvlText w:val=\"(", '<w:lvlRestart w:val="0"/><w:lvlText w:val="(')
            + instance(500, 50),
            [(500, 0), (500, 2), (500, 0), (500, 2)],
            ["1", "•(a) ", "2", "•(b) "],
            id="a level never starts over",
        ),
        pytest.param(
            MULTILEVEL + instance(500, 50, 4, level=2),
            [(500, 0), (500, 2), (500, 2), (500, 0), (500, 2)],
            ["1", "•(d) ", "•(e) ", "2", "•(d) "],
            id="points start where their list says",
        ),
        pytest.param(
            definition(50, ("upperRoman", "%1."), ("lowerLetter", "%1.%2"))
            + instance(500, 50)
            + '<w:num w:numId="501"><w:abstractNumId w:val="50"/><w:lvlOverride w:ilvl="1">'
            '<w:lvl w:ilvl="1"><w:start w:val="3"/><w:numFmt w:val="lowerLetter"/><w:isLgl/>'
            '<w:lvlText w:val="%1.%2"/></w:lvl></w:lvlOverride></w:num>',
            [(500, 0), (500, 1), (501, 0), (501, 1)],
            ["•I. ", "•I.a ", "•II. ", "•2.3 "],
            id="a list changes a level",
        ),
        pytest.param(
            definition(50, ("decimal", "%1)"), ("none", "")) + instance(500, 50),
            [(500, 0), (0, 0), (500, 1), (499, 0), (500, 8), (500, 0)],
            ["1", "", "", "", "", "2"],
            id="no list, no sign",
        ),
        pytest.param(
            definition(50, ("bullet", "o"), ("decimal", "–"), ("none", "Note:")) + instance(500, 50),
            [(500, 0), (500, 1), (500, 2)],
            ["•", "•", "•Note: "],
            id="bullets and words",
        ),
        pytest.param(
            '<w:abstractNum w:abstractNumId="50"><w:numStyleLink w:val="Ours"/></w:abstractNum>'
            + instance(500, 50)
            + MULTILEVEL.replace('"50"', '"51"')
            + instance(501, 51),
            [(500, 0), (501, 0)],
            ["1", "2"],
            id="the list of a style of lists",
        ),
        pytest.param(
            '<w:abstractNum w:abstractNumId="50"><w:numStyleLink w:val="Loop"/></w:abstractNum>'
            + instance(502, 50),
            [(502, 0)],
            [""],
            id="a style of lists that leads to itself",
        ),
    ],
)  # fmt: skip
def test_numbers_are_those_that_word_shows(
    numbering: str, items: list[tuple[int, int]], expected: list[str]
) -> None:
    linked = "".join(
        f'<w:style w:type="numbering" w:styleId="{name}"><w:pPr><w:numPr>'
        f'<w:numId w:val="{num}"/></w:numPr></w:pPr></w:style>'
        for name, num in (("Ours", 501), ("Loop", 502))
    )
    body = "".join(paragraph("X.", listed(num, level)) for num, level in items)
    found = marked(body, linked, numbering)
    assert [mark + text.removesuffix("X.") for mark, text in found] == expected


@given(st.lists(st.integers(0, 3), max_size=30))
def test_each_level_counts_since_the_last_paragraph_above_it(levels: list[int]) -> None:
    body = "".join(paragraph("X.", listed(500, level)) for level in [0, *levels])
    forms = definition(50, ("decimal", "%1."), *((("lowerLetter", f"%{i})")) for i in (2, 3, 4)))
    found = marked(body, numbering=forms + instance(500, 50))
    for i, level in enumerate([0, *levels]):
        before = [0, *levels][:i]
        since = max((j for j in range(i) if before[j] < level), default=-1)
        begun = sum(each == level for each in before[since + 1 :])
        skipped = _is_begun(before[since + 1 :], level)
        count = 1 + begun + skipped
        shown = (str(count), "X.") if level == 0 else ("•", f"{chr(ord('a') + count - 1)}) X.")
        assert found[i] == shown


def _is_begun(run: list[int], level: int) -> bool:
    """Say whether paragraphs of deeper levels came first, which begins the level."""
    return next((each != level for each in run), False)


def style(name: str, base: str = "", properties: str = "", named: str = "") -> str:
    """Return the style of a paragraph."""
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{named or name}"/>'
        f'<w:basedOn w:val="{base}"/><w:pPr>{properties}</w:pPr></w:style>'
    )


def test_styles_put_paragraphs_into_lists() -> None:
    styles = (
        style("P", properties='<w:numPr><w:numId w:val="500"/></w:numPr>')
        + style("Q", "P")
        + style("Off", "Q", '<w:numPr><w:numId w:val="0"/></w:numPr>')
        + style("Deep", "Off", '<w:numPr><w:ilvl w:val="1"/><w:numId w:val="500"/></w:numPr>')
        + style("Linked", properties='<w:numPr><w:numId w:val="501"/></w:numPr>')
        + style("Round", "Round")
    )
    numbering = (
        definition(50, ("decimal", "%1."), ("lowerLetter", "%2)"))
        + instance(500, 50)
        + definition(51, ("decimal", "%1."), ("lowerRoman", "%2)")).replace(
            '<w:numFmt w:val="lowerRoman"/>',
            '<w:numFmt w:val="lowerRoman"/><w:pStyle w:val="Linked"/>',
        )
        + instance(501, 51)
    )
    names = ("P", "Q", "Off", "Deep", "Linked", "Round", "None")
    body = "".join(paragraph(f"{name}.", styled(name)) for name in names)
    body += paragraph("Own.", styled("Q") + listed(0))
    body += paragraph("Level.", styled("Q") + '<w:numPr><w:ilvl w:val="1"/></w:numPr>')
    assert marked(body, styles, numbering) == [
        ("1", "P."),
        ("2", "Q."),
        ("", "Off."),
        ("•", "a) Deep."),
        ("•", "i) Linked."),
        ("", "Round."),
        ("", "None."),
        ("", "Own."),
        ("•", "b) Level."),
    ]


# At which level paragraphs stand


@pytest.mark.parametrize(
    "heading", [styled("Heading1") + listed(500), listed(500), styled("Heading1"), ""]
)
def test_paragraphs_may_stand_at_the_second_level(heading: str) -> None:
    numbering = MULTILEVEL + instance(500, 50)
    body = paragraph("The complaint", heading)
    body += paragraph("Ms X says:", listed(500, 1)) + paragraph("it is late.", listed(500, 2))
    body += paragraph("I agree.", listed(500, 1)) + paragraph("Final decision", heading)
    body += paragraph("So it is.", listed(500, 1))
    decision = read_bytes(package(body, numbering=numbering), "x")
    assert [(p.section, p.text) for p in decision.paragraphs] == [
        ("complaint", "Ms X says:\n(a) it is late."),
        ("complaint", "I agree."),
        ("final", "So it is."),
    ]


def test_headings_and_paragraphs_may_share_styles_of_headings() -> None:
    body = ""
    for heading in ("The complaint", "Final decision"):
        body += paragraph(heading, styled("Heading1") + listed(500))
        body += paragraph("Ms X says it is late.", styled("Heading2") + listed(500, 1))
    assert [mark for mark, _ in marked(body, numbering=MULTILEVEL + instance(500, 50))] == [
        "#", "1", "#", "1",
    ]  # fmt: skip


def test_paragraphs_at_several_levels_are_a_warning() -> None:
    body = paragraph("The complaint", styled("Heading2")) + paragraph("A.", listed(500, 0))
    body += paragraph("Final decision", styled("Heading2")) + paragraph("B.", listed(500, 1))
    decision = read_bytes(package(body, numbering=MULTILEVEL + instance(500, 50)), "x")
    assert [p.text for p in decision.paragraphs] == ["A.", "B."]
    assert any("several levels of a list" in warning for warning in decision.warnings)


def test_paragraphs_with_bullets_are_told_from_the_points_below_them() -> None:
    body = paragraph("The complaint", styled("Heading2")) + paragraph("Ms X says", listed(500))
    body += paragraph("It is late.", listed(500, 1)) + paragraph("It is old.", listed(500, 1))
    body += paragraph("Final decision", styled("Heading2")) + paragraph("No.", listed(500))
    numbering = definition(50, ("bullet", "–"), ("bullet", "–")) + instance(500, 50)
    decision = read_bytes(package(body, numbering=numbering), "x")
    assert [p.text for p in decision.paragraphs] == ["Ms X says\nIt is late.\nIt is old.", "No."]


# Headings


def test_headings_are_told_by_style_and_outline() -> None:
    styles = style("Ours", "Heading3") + style("Level", properties='<w:outlineLvl w:val="1"/>')
    styles += style("Body", "Ours", '<w:outlineLvl w:val="9"/>')
    styles += style("berschrift4", named="heading 4")
    body = "".join(
        paragraph(name, properties)
        for name, properties in (
            ("Title", styled("Title")),
            ("Style", styled("Heading2")),
            ("Based on it", styled("Ours")),
            ("Level of the style", styled("Level")),
            ("No level", styled("Body")),
            ("Other languages", styled("berschrift4")),
            ("Level of the paragraph", '<w:outlineLvl w:val="0"/>'),
            ("Taken back", styled("Level") + '<w:outlineLvl w:val="9"/>'),
            ("Two\nlines", styled("Heading2")),
            ("A sentence. " * 20, styled("Heading2")),
            ("", styled("Heading2")),
        )
    )
    assert [mark for mark, _ in marked(body, styles)] == [
        "#", "##", "###", "##", "", "####", "#", "", "##", "",
    ]  # fmt: skip


def test_headings_with_and_without_a_style_open_sections_alike() -> None:
    body = paragraph("The complaint", styled("Heading2")) + paragraph("1. A.")
    body += paragraph("My assessment", run="<w:b/>") + paragraph("2. B.")
    body += paragraph("The decision", styled("Heading3")) + paragraph("3. C.")
    body += paragraph("Final decision", styled("Heading2")) + paragraph("4. D.")
    found = [p.section for p in read_bytes(package(body), "x").paragraphs]
    assert found == ["complaint", "assessment", "assessment", "final"]


def test_what_does_not_show_or_is_not_the_decisions_own_is_left_out() -> None:
    styles = style("Contents1", named="toc 1")
    styles += style("Secret").replace("<w:pPr>", "<w:rPr><w:vanish/></w:rPr><w:pPr>")
    body = paragraph("The complaint 1", styled("Contents1")) + paragraph("Note", styled("Secret"))
    form = "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
    body += form.format(paragraph("Click here to enter a date.")) + paragraph("A")
    assert marked(body, styles) == [("", "A")]


# Words

BOX = f"<w:txbxContent>{paragraph('Boxed.')}</w:txbxContent>"
COMPATIBILITY = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (run(words("a") + "<w:tab/>" + words("b")), ["a b"]),
        (run(words("a  b\n c")), ["a b c"]),
        (run(words("A:") + "<w:br/>" + words("b") + "<w:cr/>" + words("c")), ["A:", "b", "c"]),
        (run(words("re") + "<w:softHyphen/>" + words("ply")), ["reply"]),
        (run(words("re\u00adply")), ["reply"]),
        (run(words("24") + "<w:noBreakHyphen/>" + words("A")), ["24-A"]),
        (run('<w:sym w:font="Symbol" w:char="F0B7"/>' + words("a")), ["a"]),
        (run(words("a") + '<w:sym w:font="Arial" w:char="2013"/><w:sym w:char="x"/>'), ["a–"]),
        (run(words("a") + '<w:sym w:char="000A"/><w:sym w:char="D800"/>'), ["a"]),
        (f"<w:hyperlink>{run(words('here'))}</w:hyperlink>", ["here"]),
        (f"<w:smartTag><w:smartTagPr/>{run(words('Leeds'))}</w:smartTag>", ["Leeds"]),
        (f"<w:sdt><w:sdtPr/><w:sdtContent>{run(words('a'))}</w:sdtContent></w:sdt>b", ["a"]),
        (
            f"<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>{run(words('Click'))}"
            f"</w:sdtContent></w:sdt>{run(words('a'))}",
            ["a"],
        ),
        (run(words("a"), "<w:vanish/>") + run(words("b"), '<w:vanish w:val="0"/>'), ["b"]),
        (run(words("a"), '<w:rStyle w:val="Unseen"/>') + run(words("b")), ["b"]),
        (run(words("a") + "<w:footnoteReference/><w:commentReference/>"), ["a"]),
        (run('<w:instrText>PAGE</w:instrText><w:delText>x</w:delText>') + run(words("a")), ["a"]),
        (f'<w:fldSimple w:instr="DATE">{run(words("today"))}</w:fldSimple>', ["today"]),
        (
            run('<w:fldChar w:fldCharType="begin"/><w:instrText>IF</w:instrText>')
            + run('<w:fldChar w:fldCharType="begin"/><w:fldChar w:fldCharType="separate"/>')
            + run(words("inner") + '<w:fldChar w:fldCharType="end"/>')
            + run('<w:fldChar w:fldCharType="separate"/>' + words("outer"))
            + run('<w:fldChar w:fldCharType="end"/><w:fldChar w:fldCharType="end"/>')
            + run(words(".")),
            ["outer."],
        ),
        (f"<w:ins>{run(words('new'))}</w:ins><w:del>{run(words('old'))}</w:del>", ["new"]),
        (f"<w:moveTo>{run(words('a'))}</w:moveTo><w:moveFrom>{run(words('a'))}</w:moveFrom>", ["a"]),
        (
            f"<w:r><mc:AlternateContent {COMPATIBILITY}><mc:Choice>{BOX}</mc:Choice>"
            f"<mc:Fallback><w:pict>{BOX}</w:pict></mc:Fallback></mc:AlternateContent>"
            f"<w:pict>{BOX}</w:pict>{words('a')}</w:r>",
            ["a", "Boxed.", "Boxed."],
        ),
        (f"<w:ruby><w:rt>{run(words('up'))}</w:rt>{run(words('a'))}</w:ruby>", ["a"]),
        ("<!-- a comment --><?mso target?>" + run(words("&#8217;&amp;")), ["’&"]),
    ],
)  # fmt: skip
def test_words_are_those_that_word_shows(content: str, expected: list[str]) -> None:
    unseen = '<w:style w:type="character" w:styleId="Unseen"><w:rPr><w:vanish/></w:rPr></w:style>'
    found = marked(f"<w:p>{content}</w:p>", unseen)
    assert [text for _, text in found] == expected


def test_lines_of_a_paragraph_belong_to_it() -> None:
    """A line break makes no paragraph, however much its line looks like a heading."""
    body = paragraph("1. Ms X says:\nNo notes\n• No reply") + paragraph("A\nB", listed(1))
    assert marked(body) == [
        ("1", "Ms X says:"), ("•", "No notes"), ("•", "No reply"), ("1", "A"), ("•", "B"),
    ]  # fmt: skip


@pytest.mark.parametrize("typed", ["1.\t", "1\t", "(1)\t", " 1)\t ", "1. ", "1.", "1.\u00a0"])
def test_numbers_may_be_typed(typed: str) -> None:
    tabbed = typed.replace("\t", "</w:t><w:tab/><w:t xml:space='preserve'>")
    assert marked(f"<w:p>{run(words(f'{tabbed}On 1 May'))}</w:p>") == [("1", "On 1 May")]


def test_marks_typed_in_a_paragraph_of_their_own_belong_to_the_next_one() -> None:
    body = paragraph("1.") + paragraph("A.") + paragraph("", listed(1)) + paragraph("Reasons")
    assert marked(body) == [("1", "A."), ("", "Reasons")]


def test_a_hidden_paragraph_has_no_number_and_an_empty_one_has() -> None:
    body = paragraph("A.", listed(1))
    body += paragraph("B.", listed(1) + "<w:rPr><w:vanish/></w:rPr>", run="<w:vanish/>")
    body += paragraph("", listed(1)) + paragraph("C.", listed(1))
    assert marked(body) == [("1", "A."), ("3", "C.")]


def test_what_was_deleted_takes_its_number_with_it() -> None:
    gone = "<w:rPr><w:del/></w:rPr>"
    body = paragraph("A ", listed(1) + gone) + paragraph("and B.", listed(1))
    body += f"<w:p><w:pPr>{listed(1)}{gone}</w:pPr><w:del>{run(words('C.'))}</w:del></w:p>"
    body += paragraph("D.", listed(1) + gone) + paragraph("") + paragraph("E.", gone)
    row = f"<w:tr><w:trPr><w:del/></w:trPr><w:tc>{paragraph('F.')}</w:tc></w:tr>"
    found = marked(body + f"<w:tbl>{row}</w:tbl>")
    assert found == [("1", "A and B."), ("2", "D."), ("", "E.")]


@pytest.mark.parametrize(
    ("content", "warning"),
    [
        (f"<w:ins>{run(words('a'))}</w:ins>", "tracked changes were read as accepted"),
        (run("<w:endnoteReference/>" + words("a")), "footnotes were left out"),
        (run(words("itâ€™s")), "characters broken by a wrong encoding were repaired"),
        (run(words("a")) + "<w:subDoc/>", "another document inside this one was left out"),
    ],
)
def test_what_is_not_read_as_it_stands_is_a_warning(content: str, warning: str) -> None:
    lines, warnings = word_lines(package(f"<w:p>{content}</w:p>" * 2))
    assert warnings == (warning,)
    assert len(lines) == 2


# Tables


def table(*rows: list[str]) -> str:
    """Return a table of cells with these blocks."""
    made = ("".join(f"<w:tc><w:tcPr/>{cell}</w:tc>" for cell in row) for row in rows)
    wrapped = (f"<w:sdt><w:sdtContent><w:tr>{row}</w:tr></w:sdtContent></w:sdt>" for row in made)
    return f"<w:tbl><w:tblPr/>{''.join(wrapped)}</w:tbl>"


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ([paragraph("Category :"), paragraph("Planning")], [("•", "Category: Planning")]),
        ([paragraph("May"), paragraph(""), paragraph("a"), paragraph("b")], [("•", "May: a; b")]),
        ([paragraph("The complaint"), paragraph("")], [("", "The complaint")]),
        (
            [paragraph("The complaint"), paragraph("It is late.")],
            [("", "The complaint"), ("", "It is late.")],
        ),
        ([paragraph("1."), paragraph("A.")], [("1", "A.")]),
        ([paragraph("", listed(1)), paragraph("A.") + paragraph("B.")], [("1", "A."), ("", "B.")]),
        (
            [paragraph("Complaint"), paragraph("A.", listed(1)) + paragraph("B.", listed(1))],
            [("", "Complaint"), ("1", "A."), ("2", "B.")],
        ),
        (
            [paragraph("A.", listed(1)) + table([paragraph("May"), paragraph("late")])],
            [("1", "A."), ("•", "May: late")],
        ),
    ],
)
def test_rows_are_lines(row: list[str], expected: MARKED) -> None:
    assert marked(table(row)) == expected


# Packages

TEXT, STYLES = "word/document.xml", "word/styles.xml"


@cache
def whole() -> dict[str, bytes]:
    """Return the parts of a document."""
    with ZipFile(BytesIO(set_in_word(decisions()[0], SETTINGS[0]))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def without(*names: str) -> dict[str, bytes]:
    """Return the parts of a document but for these."""
    return {name: part for name, part in whole().items() if name not in names}


def renamed(change: Callable[[str], str]) -> dict[str, bytes]:
    """Return the parts of a document under other names."""
    return {change(name): part for name, part in whole().items()}


def replaced(old: str, new: str) -> dict[str, bytes]:
    """Return the parts of a document with other words in them."""
    return {name: part.replace(old.encode(), new.encode()) for name, part in whole().items()}


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(without("word/settings.xml", "word/theme/theme1.xml"), id="lost parts"),
        pytest.param({**whole(), "word/media/image1.png": b"x" * 30_000_000}, id="large picture"),
        pytest.param({**whole(), "docProps/core.xml": b"<broken"}, id="other part damaged"),
        pytest.param(renamed(lambda name: name.replace("/", "\\")), id="backslashes"),
        pytest.param(renamed(str.upper) | {"[Content_Types].xml": whole()["[Content_Types].xml"]}, id="capitals"),
        pytest.param(
            replaced(
                "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                "vnd.ms-word.document.macroEnabled.main+xml",
            ),
            id="with macros",
        ),
        pytest.param(
            replaced(
                "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
                "http://purl.oclc.org/ooxml/wordprocessingml/main",
            ),
            id="strict",
        ),
        pytest.param(replaced('Target="word/document.xml"', 'Target="/word/document.xml"'), id="root"),
    ],
)  # fmt: skip
def test_documents_from_elsewhere_are_read(parts: dict[str, bytes]) -> None:
    assert outcome(read_bytes(zipped(parts), "x")) == outcome(decisions()[0])


def test_a_document_without_styles_and_lists_is_read() -> None:
    data = zipped(without(STYLES, "word/numbering.xml"))
    assert [text for _, text in marked_of(data)] == [text for _, text in marked_of(zipped(whole()))]
    assert {mark for mark, _ in marked_of(data)} == {""}


def marked_of(data: bytes) -> MARKED:
    """Return the lines of a document."""
    return [(line.mark, line.text) for line in word_lines(data)[0]]


def laughing(place: str) -> bytes:
    """Return a part whose entities hold each other and would fill the memory."""
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
    return (
        f'<!DOCTYPE w:document [<!ENTITY e0 "ha">{entities}]><w:document {SPACE}><w:body><w:p>'
        f"{place}</w:p></w:body></w:document>"
    ).encode()


OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def stream(name: str) -> bytes:
    """Return an old file of Office that has a stream of this name."""
    return OLD + name.encode("utf-16-le") + bytes(100)


def opened(kind: str) -> bytes:
    """Return a package whose main part is of this kind."""
    return zipped({"[Content_Types].xml": f'<Override ContentType="{kind}.main+xml"/>'.encode()})


SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (squeezed(zipped(whole()))[:-30], "is a damaged Word document or zip archive; get it again"),
        (zipped(whole())[:2000], "is a damaged Word document or zip archive; get it again"),
        (zipped(without(TEXT)), "is a Word document without its text; open it in Word"),
        (zipped(without("_rels/.rels")), "is a Word document without its text; open it in Word"),
        (zipped({**whole(), TEXT: b"<w:document"}), f"is a damaged Word document ({TEXT!r} cannot"),
        (zipped({**whole(), TEXT: b""}), f"is a damaged Word document ({TEXT!r} cannot"),
        (zipped({**whole(), TEXT: b"<document/>"}), "is a Word document without its text"),
        (zipped({**whole(), STYLES: b"<"}), f"is a damaged Word document ({STYLES!r} cannot"),
        (zipped(whole(), ZIP_LZMA), "is a damaged Word document ('[Content_Types].xml' cannot"),
        (zipped({**whole(), TEXT: laughing("&e11;")}), f"is a damaged Word document ({TEXT!r}"),
        (zipped({**whole(), TEXT: laughing('<w:r w:a="&e11;"/>')}), "is a damaged Word"),
        (zipped({**whole(), TEXT: b"<a>" * 10**6}), "has 1,000,000 elements, more than 250,000"),
        (package(""), "has no text"),
        (package(paragraph(" ") + "<w:altChunk/>"), "has no text; another document inside"),
        (package(paragraph("Dear Ms X")), "does not look like an Ombudsman's decision"),
        (OLD, "is an old Office document; save it as .docx"),
        (stream("WordDocument"), "is an old Word document (.doc); save it as .docx"),
        (stream("Workbook"), "is an old Excel workbook (.xls); save the decision in it as"),
        (stream("PowerPoint Document"), "is an old PowerPoint presentation (.ppt)"),
        (stream("EncryptedPackage"), "is locked with a password; save it without one"),
        (stream("__substg1.0_0037001F"), "is an Outlook message (.msg)"),
        (b"{\\rtf1\\ansi The complaint}", "is rich text (.rtf); save it as .docx"),
        (opened(SPREADSHEET), "is an Excel workbook; save the decision in it as .docx or text"),
        (opened(SLIDES), "is a PowerPoint presentation; save the decision in it as"),
        (
            zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}),
            "is an OpenDocument text (.odt); save it as .docx",
        ),
        (
            zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
            "is an OpenDocument file, but no text",
        ),
        (zipped({"a.txt": b"The complaint"}), "is a zip archive and no Word document; unpack it"),
        (zipped({}), "is a zip archive and no Word document; unpack it first"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["a.docx", "a.txt"])
def test_what_cannot_be_read_is_said_in_one_line(
    tmp_path: Path, name: str, data: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        read(tmp_path / name)
    assert str(caught.value).startswith(f"{tmp_path / name}: {problem}")
    assert "\n" not in str(caught.value)


def test_large_parts_are_refused_whatever_the_archive_says_of_them() -> None:
    most = LIMITS.unpacked
    large = zipped({**whole(), TEXT: b" " * (most + 1)}, ZIP_DEFLATED)
    lying = large.replace((most + 1).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    assert len(large) < most // 100
    for data, problem in ((large, "unpacks to 21 MB, more than 20 MB"), (lying, "is a damaged")):
        with pytest.raises(InputError, match=problem):
            read_bytes(data, "x")


def test_a_locked_part_is_refused() -> None:
    data = bytearray(zipped(whole()))
    for magic, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(magic)
        while at >= 0:
            if TEXT.encode() in data[at : at + 70]:
                data[at + place] |= 1
            at = data.find(magic, at + 1)
    with pytest.raises(InputError, match="is locked with a password"):
        read_bytes(bytes(data), "x")


def test_only_word_documents_are_word_documents() -> None:
    assert is_word(zipped(whole()))
    assert not is_word(opened(SPREADSHEET))
    assert not is_word(b"PK")
    assert not is_word(b"The complaint")


def test_deeply_nested_documents_do_no_harm() -> None:
    for opening, closing in (
        ("<w:r>", "</w:r>"),
        ("<w:sdt>", "</w:sdt>"),
        ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
        (f"<mc:AlternateContent {COMPATIBILITY}>", "</mc:AlternateContent>"),
    ):
        depth = 240 // opening.count("<")
        inside = opening * depth + paragraph("A.") + closing * depth
        assert len(word_lines(package(paragraph("A.") + inside))[0]) <= 2


def test_locks_of_open_documents_are_passed_over(tmp_path: Path) -> None:
    for name in ("a.docx", "~$a.docx", "b.DOCX"):
        (tmp_path / name).touch()
    assert list(find([tmp_path])) == [tmp_path / "a.docx", tmp_path / "b.DOCX"]


# Whatever is thrown at it


@settings(max_examples=200)
@given(st.data())
def test_damaged_files_are_read_or_refused(data: st.DataObject) -> None:
    file = bytearray(squeezed(zipped(small())))
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.none() | st.integers(0, len(file)))
    try:
        read_bytes(bytes(file[:cut]), "some.docx")
    except InputError as error:
        assert str(error).startswith("some.docx: ")


@cache
def small() -> dict[str, bytes]:
    """Return the parts of a short document, so that damage mostly hits what is read."""
    body = paragraph("The complaint") + paragraph("1. A.") + paragraph("Final decision")
    with ZipFile(BytesIO(package(body + paragraph("2. B.")))) as archive:
        names = ("[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", TEXT)
        return {name: archive.read(name) for name in names}


NAMES = st.sampled_from(
    ["p", "r", "t", "pPr", "rPr", "tbl", "tr", "tc", "sdt", "ins", "del", "br", "tab", "sym"]
    + ["numPr", "numId", "ilvl", "pStyle", "outlineLvl", "vanish", "fldChar", "txbxContent"]
    + ["lvl", "num", "abstractNum", "abstractNumId", "lvlOverride", "startOverride", "numFmt"]
    + ["lvlText", "start", "lvlRestart", "isLgl", "style", "basedOn", "name", "numStyleLink"]
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(
        ["val", "numId", "abstractNumId", "ilvl", "styleId", "type", "default", "char"]
        + ["fldCharType"]
    ),
    st.sampled_from(
        ["0", "1", "2", "-1", "x", "", "99999999999", "%1.", "%2)", "decimal", "bullet", "none"]
        + ["lowerLetter", "upperRoman", "P", "heading 1", "begin", "separate", "end", "F0B7"]
        + ["paragraph", "true", "110000"]
    ),
    max_size=3,
)
WORDS = st.sampled_from(["", "A", "b;", "The complaint", "Final decision", "1.", "Category :"])


def element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return elements with these in them."""
    return st.builds(_element, NAMES, ATTRIBUTES, WORDS, st.lists(inner, max_size=4).map("".join))


def _element(name: str, attributes: dict[str, str], text: str, inner: str) -> str:
    stated = "".join(f' w:{key}="{value}"' for key, value in attributes.items())
    return f"<w:{name}{stated}>{text}{inner}</w:{name}>"


SOUP = st.recursive(element(st.just("")), element, max_leaves=20)


@settings(max_examples=200)
@given(SOUP, SOUP, SOUP, st.booleans())
def test_any_elements_are_read_or_refused(
    body: str, styles: str, numbering: str, complete: bool
) -> None:
    top = paragraph("The complaint") + paragraph("A.", listed(1) + styled("P"))
    known = style("P", properties=listed(1)) if complete else ""
    document = package((top if complete else "") + body, known + styles, numbering)
    try:
        lines, _ = word_lines(document, "some.docx")
    except InputError as error:
        assert str(error).startswith("some.docx: ")
        return
    assert all(line.text and line.text == " ".join(line.text.split()) for line in lines)
