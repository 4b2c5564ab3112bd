"""Sets decisions as Word documents, with the numbers and bullets that Word sets by itself.

The package (styles, lists) is made once with python-docx; the text of each document is then written
straight into it, which is quicker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import BytesIO
from typing import Literal
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from grounds.decision import Decision, Paragraph
from grounds.reading.headings import with_headings
from grounds.reading.sections import section_of

SPACE = nsdecls("w")
_LETTER = re.compile(r"([a-z])\) ")
_FRESH = range(100, 200)  # lists of letters, each of which begins with a
_RESTARTED = range(200, 260)  # lists of paragraphs, each of which begins with 1
_RUNNING, _BULLETS, _STYLED, _CHAPTERS = 1, 2, 3, 4


@dataclass(frozen=True)
class Setting:
    """How a document is set.

    Attributes
    ----------
    numbers
        One list all through; one a section; the list of a style; paragraphs at the second level
        of a list whose first level numbers the headings; typed.
    points
        A list of bullets; bullets at the second level of the paragraphs' list; typed; lines of
        the paragraph.
    headings, header
        Styled or only bold; a paragraph a field, a row a field, a line a field.
    """

    numbers: Literal["running", "restart", "style", "chapters", "typed"] = "running"
    points: Literal["list", "nested", "typed", "lines"] = "list"
    headings: Literal["styled", "bold"] = "styled"
    header: Literal["paragraphs", "table", "lines"] = "paragraphs"


SETTINGS = (
    Setting(),
    Setting("restart", "nested", "bold", "table"),
    Setting("style", "list", "bold", "lines"),
    Setting("chapters", "list", "styled", "table"),
    Setting("typed", "typed", "styled", "paragraphs"),
    Setting("restart", "lines", "styled", "table"),
    Setting("style", "nested", "styled", "paragraphs"),
)


def set_in_word(decision: Decision, setting: Setting) -> bytes:
    """Return the bytes of a document."""
    return package("".join(_Setter(setting).body(decision)))


def package(body: str, styles: str = "", numbering: str = "") -> bytes:
    """Return a document with this body, and with more styles and lists than there are."""
    document = f"<w:document {SPACE}><w:body>{body}</w:body></w:document>"
    parts = {**_parts(), "word/document.xml": document.encode()}
    for name, more in (("styles", styles), ("numbering", numbering)):
        end = f"</w:{name}>"
        part = parts[f"word/{name}.xml"].decode().replace(end, more + end)
        parts[f"word/{name}.xml"] = part.encode()
    return zipped(parts)


def zipped(parts: dict[str, bytes], compression: int = ZIP_STORED) -> bytes:
    """Return an archive of these files."""
    stream = BytesIO()
    with ZipFile(stream, "w", compression) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


def squeezed(data: bytes) -> bytes:
    """Return an archive with its files compressed, as they mostly are."""
    with ZipFile(BytesIO(data)) as archive:
        return zipped({name: archive.read(name) for name in archive.namelist()}, ZIP_DEFLATED)


def paragraph(text: str, properties: str = "", run: str = "") -> str:
    """Return a paragraph; its words are parted, as Word does it, where somebody has edited them."""
    half = len(text) // 2
    runs = "".join(
        f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{escape(words)}</w:t></w:r>'
        for words in (text[:half], text[half:])
        if words
    ).replace("\n", "</w:t><w:br/><w:t xml:space='preserve'>")
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def listed(num: int, level: int = 0) -> str:
    """Return what a paragraph of a list says of itself."""
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>'


def styled(name: str) -> str:
    """Return what a paragraph with a style says of itself."""
    return f'<w:pStyle w:val="{name}"/>'


def definition(number: int, *levels: tuple[str, str], style: str = "") -> str:
    """Return the definition of a list, of levels with a format and a text each."""
    parts = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'{f"""<w:pStyle w:val="{style}"/>""" if style and not i else ""}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
        for i, (form, text) in enumerate(levels)
    )
    return f'<w:abstractNum w:abstractNumId="{number}">{parts}</w:abstractNum>'


def instance(number: int, of: int, start: int | None = None, level: int = 0) -> str:
    """Return a list of a definition, which starts over where a start is given."""
    over = f'<w:startOverride w:val="{start}"/>'
    changed = "" if start is None else f'<w:lvlOverride w:ilvl="{level}">{over}</w:lvlOverride>'
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{of}"/>{changed}</w:num>'


@cache
def _parts() -> dict[str, bytes]:
    """Return the parts of a document with the styles and lists that decisions are set with."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    for element in list(numbering):
        numbering.remove(element)
    definitions = (
        definition(1, ("decimal", "%1."), ("bullet", "•"), ("lowerRoman", "%3.")),
        definition(2, ("bullet", "\uf0b7"), ("bullet", "o")),
        definition(3, ("decimal", "%1."), ("bullet", "–"), style="Numbered"),
        definition(4, ("decimal", "%1"), ("decimal", "%1.%2")),
        definition(5, ("lowerLetter", "%1)"), ("lowerRoman", "%2)")),
    )
    lists = [instance(number, number) for number in (_RUNNING, _BULLETS, _STYLED, _CHAPTERS)]
    lists += [instance(number, 5, 1) for number in _FRESH]
    lists += [instance(number, 1, 1) for number in _RESTARTED]
    for part in (*definitions, *lists):
        numbering.append(parse_xml(part.replace(" ", f" {SPACE} ", 1)))
    styles = document.styles
    for style in [style for style in styles if style.type == WD_STYLE_TYPE.TABLE]:
        style.delete()  # nine tenths of the document, and nothing is set with them
    relations = document.part.rels
    for name in [name for name in relations if "stylesWithEffects" in relations[name].reltype]:
        del relations[name]  # the same once more
    for name, base in (("Numbered", "Normal"), ("Sub", "Heading 3"), ("Further", "Numbered")):
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles[base]
    numbered = styles["Numbered"].element.get_or_add_pPr()
    numbered.append(parse_xml(f'<w:numPr {SPACE}><w:numId w:val="{_STYLED}"/></w:numPr>'))
    stream = BytesIO()
    document.save(stream)
    with ZipFile(stream) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


class _Setter:
    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._fresh = iter(_FRESH)
        self._restarted = iter(_RESTARTED)
        self._list = 0  # of the paragraphs
        self._letters = (0, "")  # the list that is open, and the letter that would go on with it

    def body(self, decision: Decision) -> Iterator[str]:
        yield from self._header(decision)
        for paragraph_, headings in with_headings(decision):
            if paragraph_.number:
                for heading in headings:
                    opens = section_of(heading.text) == paragraph_.section
                    yield self._heading(heading.text, 2 if opens else heading.level)
            yield from self._paragraph(paragraph_)

    def _header(self, decision: Decision) -> Iterator[str]:
        title = f"{decision.body} ({decision.reference})"
        fields = {"Category": decision.category, "Decision": decision.outcome}
        if decision.date:
            fields["Decision date"] = f"{date.fromisoformat(decision.date):%d %b %Y}"
        yield paragraph(title, styled("Title"))
        known = {name: value for name, value in fields.items() if value}
        if self._setting.header == "table":
            rows = (
                f"<w:tr><w:tc>{paragraph(name, run='<w:b/>')}</w:tc>"
                f"<w:tc>{paragraph(value)}</w:tc></w:tr>"
                for name, value in known.items()
            )
            yield f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"
        else:
            lines = [f"{name}: {value}" for name, value in known.items()]
            whole = self._setting.header == "lines"
            yield from map(paragraph, ["\n".join(lines)] if whole else lines)
        yield paragraph("The Ombudsman's final decision:", run="<w:b/>")

    def _heading(self, text: str, level: int) -> str:
        if level == 2:
            self._list = next(self._restarted)
        if self._setting.headings == "bold":
            return paragraph(text, run="<w:b/>")
        numbered = self._setting.numbers == "chapters" and level == 2
        style = styled("Heading2" if level == 2 else "Sub")
        return paragraph(text, style + (listed(_CHAPTERS, 0) if numbered else ""))

    def _paragraph(self, decided: Paragraph) -> Iterator[str]:
        first, *others = decided.text.split("\n")
        if not decided.number:
            yield paragraph(f"Summary: {first}")
            yield from map(paragraph, others)
            return
        if self._setting.points == "lines":
            first, others = decided.text, []
        if self._setting.numbers == "typed":
            yield paragraph(f"{decided.number}.\u00a0 {first}")
        else:
            yield paragraph(first, self._numbered())
        self._letters = (0, "")
        for line in others:
            yield self._point(line)

    def _numbered(self) -> str:
        lists = {"running": _RUNNING, "restart": self._list}
        if self._setting.numbers == "chapters":
            return listed(_CHAPTERS, 1)
        if self._setting.numbers == "style":
            return styled("Further")
        return listed(lists[self._setting.numbers])

    def _point(self, line: str) -> str:
        if line.startswith("("):
            return paragraph(line)
        if self._setting.points == "typed":
            return paragraph(f"•\t{line}")
        letter = _LETTER.match(line)
        if letter and letter[1] in ("a", self._letters[1]):
            num = next(self._fresh) if letter[1] == "a" else self._letters[0]
            self._letters = (num, chr(ord(letter[1]) + 1))
            return paragraph(line[letter.end() :], listed(num))
        num = _RUNNING if self._setting.points == "nested" else _BULLETS
        level = 1 if self._setting.points == "nested" else 0
        return paragraph(line, listed(num, level))
