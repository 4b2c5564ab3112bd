"""Sets two decisions of the corpus as Word documents: ``python data/documents/set_in_word.py``.

Their numbers and bullets are Word's own, and not in their text. In the first document the numbers run
on; in the second they begin again in every section, and the header is a table. It needs python-docx.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import docx
from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from grounds.corpus import read_labelled
from grounds.decision import Decision
from grounds.reading.headings import with_headings

FOLDER = Path(__file__).parent
CORPUS = FOLDER.parent / "corpus"
SPACE = nsdecls("w")
LEVELS = (("decimal", "%1."), ("bullet", "•"))


def main() -> None:
    """Write the documents."""
    for name, restarted in (("07", False), ("53", True)):
        decision = next(read_labelled([CORPUS / "short" / f"{name}.md"])).decision
        document = set_in_word(decision, restarted)
        document.save(str(FOLDER / f"{(decision.reference or '').replace(' ', '-')}.docx"))


def set_in_word(decision: Decision, restarted: bool) -> Document:
    """Return a decision as a document, its numbers begun again in every section or running on."""
    document = docx.Document()
    numbering = document.part.numbering_part.element
    numbering.insert(0, parse_xml(_definition()))
    _header(document, decision, as_table=restarted)
    lists = 100
    for paragraph, headings in with_headings(decision):
        first, *points = paragraph.text.split("\n")
        if not paragraph.number:
            document.add_paragraph(f"Summary: {first}")
            continue
        for heading in headings:
            document.add_heading(heading.text, heading.level)
        if lists == 100 or headings and restarted:
            lists += 1
            numbering.append(parse_xml(_list(lists)))
        _listed(document, first, lists, 0)
        for point in points:
            if point.startswith("("):
                document.add_paragraph(point)
            else:
                _listed(document, point, lists, 1)
    return document


def _header(document: Document, decision: Decision, *, as_table: bool) -> None:
    document.add_heading(f"{decision.body} ({decision.reference})", 0)
    day = date.fromisoformat(decision.date or "")
    fields = {
        "Category": decision.category,
        "Decision": decision.outcome,
        "Decision date": f"{day:%d %b %Y}",
    }
    table = document.add_table(0, 2) if as_table else None
    for name, value in fields.items():
        if table:
            for cell, text in zip(table.add_row().cells, (name, value), strict=True):
                cell.text = text or ""
        else:
            document.add_paragraph(f"{name} : {value}")


def _listed(document: Document, text: str, number: int, level: int) -> None:
    properties = document.add_paragraph(text).paragraph_format.element.get_or_add_pPr()
    listed = properties.get_or_add_numPr()
    listed.get_or_add_ilvl().val = level
    listed.get_or_add_numId().val = number


def _definition() -> str:
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
        f'<w:lvlText w:val="{text}"/><w:pPr><w:ind w:left="{(i + 1) * 500}" w:hanging="400"/>'
        "</w:pPr></w:lvl>"
        for i, (form, text) in enumerate(LEVELS)
    )
    return f'<w:abstractNum {SPACE} w:abstractNumId="100">{levels}</w:abstractNum>'


def _list(number: int) -> str:
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    return f'<w:num {SPACE} w:numId="{number}"><w:abstractNumId w:val="100"/>{start}</w:num>'


if __name__ == "__main__":
    main()
