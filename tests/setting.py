"""Sets a decision as the PDFs of it that people keep: made from Word, or printed from the site.

``python tests/setting.py data/documents`` makes the PDFs of that folder anew.
"""

from __future__ import annotations

import io
import json
import math
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from html import escape
from pathlib import Path
from typing import Any, Literal, NamedTuple

import typst

from grounds.corpus.markup import parse_markup
from grounds.decision import Decision, Paragraph
from grounds.reading.headings import with_headings
from grounds.reading.sections import section_of

Line = tuple[Literal["text", "bullet", "more", "letter"], str]
"""A line of a paragraph and what it is there."""

Block = dict[str, Any]
"""A heading (``level``, ``text``) or a paragraph (``number``, ``lines``)."""

_LETTER = re.compile(r"[a-z]\) ")


@dataclass(frozen=True, slots=True)
class Style:
    """How a page looks."""

    paper: Literal["a4", "us-letter"] = "a4"
    size: float = 11  # of letters, in points
    hanging: bool = True  # numbers stand left of the text
    spacing: float = 1.1  # between paragraphs, in sizes of letters
    justify: bool = False
    bold: bool = True  # headings
    running: Literal["none", "footer", "both", "browser"] = "footer"
    fields: Literal["title", "labels", "table"] = "labels"
    bullet: str = "•"
    nested: bool = False  # every other bullet stands below the one before
    restart: bool = False  # numbers begin anew in every section

    @classmethod
    def some(cls, seed: str) -> Style:
        """Return a style that is always the same for a seed."""
        draw = random.Random(seed)
        return cls(
            paper=draw.choice(("a4", "us-letter")),
            size=draw.choice((9, 10, 11, 12, 14)),
            hanging=draw.random() < 0.7,
            spacing=draw.choice((0.65, 0.9, 1.1, 1.5)),
            justify=draw.random() < 0.4,
            bold=draw.random() < 0.8,
            running=draw.choice(("none", "footer", "both", "browser")),
            fields=draw.choice(("title", "labels", "table")),
            bullet=draw.choice("•–◦▪"),
            nested=draw.random() < 0.3,
            restart=draw.random() < 0.3,
        )


def blocks(decision: Decision) -> Iterator[Block]:
    """Yield the headings and paragraphs of a decision."""
    for paragraph, headings in with_headings(decision):
        for heading in headings:
            opens = section_of(heading.text) == paragraph.section
            yield {"level": 2 if opens else heading.level, "text": heading.text}
        yield {"number": paragraph.number, "lines": list(_lines(paragraph))}


def _lines(paragraph: Paragraph) -> Iterator[Line]:
    first, *others = paragraph.text.split("\n")
    yield "text", first
    for line in others:
        if _LETTER.match(line):
            yield "letter", line
        else:
            yield ("more" if line.startswith("(") else "bullet"), line


def fields(decision: Decision) -> dict[str, str]:
    """Return the fields of the header and their labels."""
    day = date.fromisoformat(decision.date) if decision.date else None
    labelled = {
        "Complaint reference": decision.reference,
        "Complaint against": decision.body,
        "Category": decision.category,
        "Decision": decision.outcome,
        "Decision date": f"{day.day} {day:%B %Y}" if day else None,
    }
    return {label: value for label, value in labelled.items() if value}


def _data(decision: Decision, style: Style) -> dict[str, Any]:
    return {
        "style": asdict(style),
        "reference": decision.reference or "",
        "title": f"{decision.body} ({decision.reference})",
        "fields": fields(decision),
        "blocks": list(blocks(decision)),
    }


_TYPST = r"""
#let given = json(bytes(sys.inputs.given))
#let style = given.style
#let small(body) = text(size: 0.8em, body)
#let number = context counter(page).display()
#let footer = context if style.running == "browser" {
  small[#("https://www.lgo.org.uk/decisions/" + given.reference.replace(" ", "-")) #h(1fr) #number/#counter(page).final().first()]
} else if style.running != "none" {
  small[Final decision #h(1fr) Page #number of #counter(page).final().first()]
}
#let header = if style.running == "browser" {
  small[12/03/2025, 14:07 #h(1fr) #given.title #h(1fr)]
} else if style.running == "both" {
  small[Local Government and Social Care Ombudsman #h(1fr) #given.reference]
}
#set document(title: given.title)
#set page(paper: style.paper, margin: (x: 22mm, y: 25mm), header: header, footer: footer)
#set text(size: style.size * 1pt, font: "Libertinus Serif")
#set par(justify: style.justify, spacing: style.spacing * 1em)
#show heading: set text(size: 1em, weight: if style.bold { "bold" } else { "regular" })
#show heading.where(level: 2): set text(size: if style.bold { 1.15em } else { 1.4em })
#show heading.where(level: 3): set text(size: if style.bold { 1em } else { 1.2em })
#set enum(indent: 0pt, body-indent: 1.2em, number-align: end + top)

#let marked(mark, body) = if style.hanging {
  grid(columns: (1.2em, 1fr), mark, body)
} else [#mark #body]

#let line(item, place) = {
  let (kind, words) = item
  if kind == "bullet" {
    let depth = if style.nested { calc.rem(place, 2) } else { 0 }
    pad(left: 1em + 1.5em * depth, marked(style.bullet, words))
  } else if kind == "letter" {
    pad(left: 1em, marked(words.slice(0, 2), words.slice(3)))
  } else { words }
}

#let paragraph(shown, item) = {
  let lines = item.lines.enumerate().map(((place, one)) => line(one, place))
  if item.number == 0 {
    par[*Summary:* #lines.join(parbreak())]
  } else if style.hanging {
    enum(start: shown, spacing: style.spacing * 1em, enum.item(lines.join(parbreak())))
  } else {
    [#shown. #lines.join(parbreak())]
    parbreak()
  }
}

#if style.fields == "title" {
  heading(level: 1, given.title)
  for (label, value) in given.fields {
    if label not in ("Complaint reference", "Complaint against") [#label : #value #parbreak()]
  }
} else if style.fields == "table" {
  grid(columns: (35%, 1fr), row-gutter: 0.8em, ..given.fields.pairs().flatten())
} else {
  for (label, value) in given.fields [*#label:* #value #parbreak()]
}
The Ombudsman's final decision:
#let shown = 0
#for item in given.blocks {
  if "level" in item {
    if item.text != "Summary" { heading(level: item.level, item.text) }
    if style.restart and item.level == 2 { shown = 0 }
  } else {
    if item.number > 0 { shown += 1 }
    paragraph(shown, item)
  }
}

Investigator's decision on behalf of the Ombudsman
"""


def set_by_typst(decision: Decision, style: Style) -> bytes:
    """Set a decision as from a word processor."""
    given = json.dumps(_data(decision, style))
    pdf = typst.compile(
        _TYPST.encode(),
        format="pdf",
        sys_inputs={"given": given},
        ignore_system_fonts=True,
        timestamp=0,  # the same bytes every time
    )
    assert isinstance(pdf, bytes)
    return pdf


_CSS = """
@page {{ size: {paper}; margin: 22mm; {running} }}
body {{ font: {size}pt/1.35 serif; text-align: {align}; }}
h1 {{ font-size: 1.3em; }} h2 {{ font-size: 1.15em; }} h3 {{ font-size: 1em; }}
h1, h2, h3 {{ font-weight: {weight}; break-after: avoid; text-align: left; }}
p, li {{ margin: 0 0 {spacing}em; }}
.label {{ display: inline-block; {label} }}
.plain {{ list-style: none; padding: 0; }} .plain ul {{ padding-left: 1em; }}
"""

_RUNNING = """
@top-left {{ content: "{top}"; font-size: 8pt; }}
@bottom-left {{ content: "{bottom}"; font-size: 8pt; }}
@bottom-right {{ content: "Page " counter(page) " of " counter(pages); font-size: 8pt; }}
"""


def page(decision: Decision, style: Style) -> str:
    """Return a decision as a page of the site."""
    given = _data(decision, style)
    top = "Local Government and Social Care Ombudsman" if style.running == "both" else ""
    running = _RUNNING.format(top=top, bottom=f"Final decision {decision.reference}")
    css = _CSS.format(
        paper={"a4": "A4", "us-letter": "letter"}[style.paper],
        size=style.size,
        running="" if style.running in ("none", "browser") else running,
        align="justify" if style.justify else "left",
        weight="bold" if style.bold else "normal",
        spacing=style.spacing - 0.65,
        label="width: 14em" if style.fields == "table" else "font-weight: bold",
    )
    head = f"<meta charset=utf-8><title>{escape(given['title'])}</title><style>{css}</style>"
    return f"<!DOCTYPE html><html lang=en><head>{head}</head><body>{''.join(_body(given, style))}</body></html>"


def _body(given: dict[str, Any], style: Style) -> Iterator[str]:
    yield f"<article id=article><h1>{escape(given['title'])}</h1>"
    for label, value in given["fields"].items():
        yield f"<div><span class=label>{label} :</span> <span class=value>{escape(value)}</span></div>"
    yield "<h2>The Ombudsman's final decision:</h2>"
    shown = 0
    for block in given["blocks"]:
        if "level" in block:
            shown = 0 if style.restart and block["level"] == 2 else shown
            if block["text"] != "Summary":
                yield f"<h{block['level']}>{escape(block['text'])}</h{block['level']}>"
            continue
        lines = "".join(_items(block["lines"], style))
        if block["number"] == 0:
            yield f"<p><b>Summary:</b> {lines}</p>"
            continue
        shown += 1
        if style.hanging:
            yield f"<ol start={shown}><li>{lines}</li></ol>"
        else:
            yield f"<ol class=plain><li>{shown}. {lines}</li></ol>"
    yield "<p>Investigator's decision on behalf of the Ombudsman</p></article>"


def _items(lines: list[Line], style: Style) -> Iterator[str]:
    for place, (kind, words) in enumerate(lines):
        text = escape(words, quote=False)
        if kind == "text":
            yield text
        elif kind == "more":
            yield f"<div>{text}</div>"
        elif kind == "letter":
            yield f'<ul style="list-style: none"><li>{text}</li></ul>'
        elif style.nested and place % 2 == 0:
            yield f"<ul><ul><li>{text}</li></ul></ul>"
        else:
            yield f"<ul><li>{text}</li></ul>"


def set_by_weasyprint(decision: Decision, style: Style) -> bytes:
    """Set a decision as printed from the site."""
    from weasyprint import HTML  # needs libraries of the system

    pdf = HTML(string=page(decision, style)).write_pdf(presentational_hints=True)
    assert isinstance(pdf, bytes)
    return pdf


def document(decision: Decision, style: Style) -> bytes:
    """Return a decision as a Word document, with automatic numbers and bullets."""
    from docx import Document
    from docx.shared import Pt

    made = Document()
    made.styles["Normal"].font.size = Pt(style.size)
    given = _data(decision, style)
    section = made.sections[0]
    if style.running != "none":
        section.footer.paragraphs[0].text = f"Final decision\t{decision.reference}"
        section.header.paragraphs[0].text = "Local Government and Social Care Ombudsman"
    made.add_heading(given["title"], 0)
    table = made.add_table(0, 2)
    for label, value in given["fields"].items():
        row = table.add_row().cells
        row[0].text, row[1].text = label, value
    for block in given["blocks"]:
        if "level" in block:
            if block["text"] != "Summary":
                made.add_heading(block["text"], block["level"] - 1)
            continue
        for kind, words in block["lines"]:
            if kind == "text" and block["number"] == 0:
                made.add_paragraph().add_run("Summary: ").bold = True
                made.paragraphs[-1].add_run(words)
            elif kind == "text":
                made.add_paragraph(words, "List Number")
            elif kind == "bullet":
                made.add_paragraph(words, "List Bullet 2" if style.nested else "List Bullet")
            else:
                made.add_paragraph(words, "List Continue")
    made.add_paragraph("Investigator's decision on behalf of the Ombudsman")
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def set_by_writer(decisions: Iterable[tuple[Decision, Style]], folder: Path) -> list[bytes]:
    """Set decisions as Word documents that LibreOffice makes PDFs of."""
    paths = []
    for index, (decision, style) in enumerate(decisions):
        paths.append(folder / f"{index:04}.docx")
        paths[-1].write_bytes(document(decision, style))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    options = ["--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run(
        ["soffice", profile, *options, *map(str, paths)], check=True, capture_output=True
    )
    return [path.with_suffix(".pdf").read_bytes() for path in paths]


class Piece(NamedTuple):
    """Words on a page, and where they begin."""

    text: str
    x: float
    y: float
    size: float = 11
    bold: bool = False
    turned: int = 0  # degrees to the left
    mode: int = 0  # 3: not to be seen


def drawn(*pages: Iterable[Piece], rotate: int = 0, locked: bool = False) -> bytes:
    """Return a PDF of words at places, drawn in the order given."""
    objects = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        5: f"<< /Filter /Standard /V 1 /R 2 /O ({'o' * 32}) /U ({'u' * 32}) /P -4 >>",
    }
    kids = []
    for page in pages:
        number = len(objects) + 2
        kids.append(f"{number} 0 R")
        objects[number] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {rotate} "
            f"/Resources << /Font << /F0 3 0 R /F1 4 0 R >> >> /Contents {number + 1} 0 R >>"
        )
        content = "\n".join(map(_shown, page))
        objects[number + 1] = f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"
    objects[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    data = b"%PDF-1.4\n"
    places = []
    for number in sorted(objects):
        places.append(f"{number} 1\n{len(data):010} 00000 n \n")
        data += f"{number} 0 obj\n{objects[number]}\nendobj\n".encode("cp1252")
    size = max(objects) + 1
    lock = f"/Encrypt 5 0 R /ID [({'i' * 16}) ({'i' * 16})]" if locked else ""
    end = f"trailer\n<< /Size {size} /Root 1 0 R {lock} >>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + b"xref\n" + "".join(places).encode() + end.encode()


def _shown(piece: Piece) -> str:
    turn = math.radians(piece.turned)
    cos, sin = round(math.cos(turn), 6), round(math.sin(turn), 6)
    words = re.sub(r"([()\\])", r"\\\1", piece.text)
    return (
        f"BT {piece.mode} Tr /F{int(piece.bold)} {piece.size} Tf "
        f"{cos} {sin} {-sin} {cos} {piece.x} {piece.y} Tm ({words}) Tj ET"
    )


EXAMPLES = {
    "planning/21.md": Style(running="footer", fields="labels"),
    "tax-corporate/25.md": Style(size=12, running="both", fields="table", justify=True),
    "transport-environment/09.md": Style(paper="us-letter", running="browser", fields="title"),
}


def main(folder: Path) -> None:
    """Make the PDFs of the examples, named by their references."""
    corpus = Path(__file__).parent.parent / "data" / "corpus"
    for name, style in EXAMPLES.items():
        decision = parse_markup((corpus / name).read_text("utf-8"), name).decision
        path = folder / f"{(decision.reference or '').replace(' ', '-')}.pdf"
        path.write_bytes(set_by_typst(decision, style))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
