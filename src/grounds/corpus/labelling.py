"""The labelling table: decisions sentence by sentence, for people to write tags beside.

One row a sentence: the person reads ``text`` and fills in ``tags``. The words that carry a tag are
then the sentence, which trains a model as well as words marked more closely
(``docs/how-to/labelling.md``); nobody has to mark any. Lines after the first of a paragraph begin
with a bullet. A decision counts as labelled once one of its rows has tags or ``none``, or where
``done`` says so, and not where ``done`` says no.

A date is written ``on 2025-02-05``: spreadsheets turn a bare one into the form of their country, in
which the fifth of February can look like the second of May.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from reprlib import repr as shortened
from typing import Any, TextIO

from grounds.codebook import codebook
from grounds.corpus.cells import Row
from grounds.corpus.example import NONE, evidence_spans
from grounds.corpus.place import Place, Unlabelled, collecting
from grounds.corpus.relied import decision_tags
from grounds.decision import (
    SECTIONS,
    Decision,
    LabelledDecision,
    Paragraph,
    Section,
    Span,
    counts_in,
)
from grounds.errors import InputError
from grounds.reading.decoding import clean_line
from grounds.reading.header import parse_date, parse_reference
from grounds.reading.text import checksum
from grounds.record import Record
from grounds.writing.csv import cell, from_cell

_NEEDED = ("paragraph", "section", "text", "tags", "row", "source")
_SUGGESTED = "suggested"
_COLUMNS = (
    "paragraph", "section", "text", "tags", "remarks", "done",
    "heading", "row", "source", "reference", "body", "category", "decision", "date",
)  # fmt: skip

_BULLET = "• "
_SUMMARY = "Summary"
_ROW = re.compile(r"(\d{1,6}) of (\d{1,6})")
_PARAGRAPH = re.compile(r"\d{1,4}")
_ON = "on "
_DAY_OR_MONTH = re.compile(r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|1[0-2])/\d+")
_NAMED = 5  # missing rows that a message names
_YES = frozenset(["x", "yes", "y", "done", "true", "1", "✓", "✔"])
_NO = frozenset(["no", "n", "-", "false", "0", "not"])
_NO_TAG = frozenset({NONE, "-"})


@dataclass(slots=True)
class _Sentence:
    """A row that was filled in."""

    number: int
    paragraph: int
    section: Section
    heading: str
    text: str
    tags: set[str]
    place: Place


@dataclass(slots=True)
class _Draft:
    """A decision while its rows are being gathered."""

    place: Place
    header: dict[str, str]
    rows: int
    sentences: dict[int, _Sentence] = field(default_factory=dict)
    broken: bool = False
    touched: bool = False  # somebody wrote tags, or that there are none
    done: bool | None = None


def is_labelling(columns: Iterable[str]) -> bool:
    """Say whether a table with these columns is a labelling table."""
    return {"paragraph", "row"} <= set(columns)


# Writing


def write_labelling(tasks: Iterable[Decision | Record], file: TextIO) -> None:
    """Write decisions as a table to fill in.

    Parameters
    ----------
    tasks
        Decisions, or records of them: what these suggest stands in a column of its own. The first
        says which they all are.
    file
        The file.
    """
    table = csv.writer(file)
    columns: tuple[str, ...] = ()
    for number, task in enumerate(tasks):
        if number == 0:
            columns = _columns(suggested=isinstance(task, Record))
            table.writerow(columns)
        table.writerows([cell(row.get(name, "")) for name in columns] for row in _task_rows(task))


def _columns(*, suggested: bool) -> tuple[str, ...]:
    after = _COLUMNS.index("tags") + 1
    return (*_COLUMNS[:after], *([_SUGGESTED] if suggested else []), *_COLUMNS[after:])


def _task_rows(task: Decision | Record) -> Iterator[dict[str, str]]:
    decision, spans = (
        (task, ()) if isinstance(task, Decision) else (task.decision, evidence_spans(task))
    )
    sentences = list(_sentences(decision))
    header = {
        "source": decision.source,
        "reference": decision.reference or "",
        "body": decision.body or "",
        "category": decision.category or "",
        "decision": decision.outcome or "",
        "date": f"{_ON}{decision.date}" if decision.date else "",
    }
    width = len(str(len(sentences)))
    for number, (index, start, end) in enumerate(sentences, 1):
        paragraph = decision.paragraphs[index]
        found = {s.tag for s in spans if s.index == index and s.start < end and s.end > start}
        yield header | {
            "paragraph": str(paragraph.number or _SUMMARY),
            "section": paragraph.section,
            "heading": paragraph.heading,
            "text": _shown(paragraph.text, start, end),
            _SUGGESTED: "; ".join(tag for tag in codebook().tags if tag in found),
            "row": f"{number:0{width}} of {len(sentences)}",
        }


def _sentences(decision: Decision) -> Iterator[tuple[int, int, int]]:
    """Yield the sentences: the index of the paragraph, start and end in its text.

    What begins with a bracket or a bullet begins a sentence only where it begins a line: so the
    table shows where lines begin.
    """
    from grounds.features.clauses import segment  # only writing needs spaCy

    clauses = segment([decision])
    begins: dict[int, set[int]] = {}
    opening = clauses.sentence.searchsorted(range(len(clauses.sentence_start)))
    for index, start in zip(
        clauses.paragraph[opening].tolist(), clauses.first[opening].tolist(), strict=True
    ):
        text = decision.paragraphs[index].text
        if text[start - 1 : start] == "\n" or text[start] not in "(•":
            begins.setdefault(index, {0}).add(start)
    for index, paragraph in enumerate(decision.paragraphs):
        starts = sorted(begins.get(index, {0}))
        for start, end in zip(starts, [*starts[1:], len(paragraph.text)], strict=True):
            yield index, start, start + len(paragraph.text[start:end].rstrip())


def _shown(text: str, start: int, end: int) -> str:
    words = text[start:end]
    opens_line = start > 0 and text[start - 1] == "\n"
    return f"{_BULLET}{words}" if opens_line and not words.startswith("(") else words


# Reading


def read_labelling(
    columns: Iterable[str], rows: Iterable[Row], path: Path, errors: list[InputError] | None = None
) -> Iterator[LabelledDecision | Unlabelled]:
    """Yield the decisions of a labelling table, in the order of their first rows.

    Parameters
    ----------
    columns, rows
        What `grounds.corpus.cells.read_cells` found. Rows may stand in any order, and there may
        be other columns.
    path
        The file, for messages.
    errors
        Takes the errors of rows and decisions that cannot be used, instead of raising the first.

    Raises
    ------
    InputError
        Where a column is missing, or a row or decision cannot be used, with the line.
    """
    if missing := [name for name in _NEEDED if name not in columns]:
        raise InputError(path, f"the labelling table lacks the column {', '.join(missing)}", 1)
    drafts: dict[str, _Draft] = {}
    for row, place in rows:
        with collecting(errors):
            _add(row, place, drafts)
    for draft in drafts.values():
        if not draft.broken:
            with collecting(errors):
                yield _finished(draft)


def _add(row: dict[str, str], place: Place, drafts: dict[str, _Draft]) -> None:
    row = {name: from_cell(value.strip()) for name, value in row.items()}
    number, rows = _numbers(row, place)
    draft = drafts.setdefault(row["source"], _Draft(place, row, rows))
    before, draft.broken = draft.broken, True
    if rows != draft.rows:
        raise place.error(
            f"row {shortened(row['row'])}, but above there are {draft.rows} rows of this file"
        )
    _add_done(row.get("done", "").lower(), draft, place)
    sentence = _sentence(row, number, place)
    draft.touched |= bool(row["tags"])
    there = draft.sentences.setdefault(number, sentence)
    if there.text != sentence.text:
        raise place.error(
            f"row {shortened(row['row'])} is there twice, with other words in its text"
        )
    there.tags |= sentence.tags
    draft.broken = before


def _numbers(row: dict[str, str], place: Place) -> tuple[int, int]:
    """Return which row of its decision this is, and how many that has."""
    match = _ROW.fullmatch(row["row"])
    if not match or not 0 < int(match[1]) <= int(match[2]):
        raise place.error(f"column 'row' has {shortened(row['row'])}, not such as '07 of 42'")
    return int(match[1]), int(match[2])


def _add_done(word: str, draft: _Draft, place: Place) -> None:
    if word and word not in _YES | _NO:
        raise place.error(f"column 'done' has {shortened(word)}; write x, no or nothing")
    if word in _NO:
        draft.done = False
    elif word and draft.done is None:
        draft.done = True


def _sentence(row: dict[str, str], number: int, place: Place) -> _Sentence:
    section = next((section for section in SECTIONS if section == row["section"].lower()), None)
    if section is None:
        raise place.error(
            f"unknown section {shortened(row['section'])} (one of {', '.join(SECTIONS)})"
        )
    text = clean_line(row["text"])
    if not text:
        raise place.error("no text")
    shown = row["paragraph"]
    numbered = _PARAGRAPH.fullmatch(shown)
    if not numbered and shown.lower() != _SUMMARY.lower():
        raise place.error(f"paragraph {shortened(shown)} is neither a number nor {_SUMMARY!r}")
    paragraph = int(shown) if numbered else 0
    tags = set(_tags(row["tags"], place))
    for tag in tags:
        if not counts_in(tag, section) and (section != "powers" or ":" in tag):
            raise place.error(
                f"{tag!r} does not count in the section {section!r}; write it beside the sentence "
                "in which the Ombudsman says it"
            )
    return _Sentence(
        number, paragraph, section, clean_line(row.get("heading", "")), text, tags, place
    )


def _finished(draft: _Draft) -> LabelledDecision | Unlabelled:
    if draft.done is False or (draft.done is None and not draft.touched):
        return Unlabelled(draft.header["source"])
    numbers = range(1, draft.rows + 1)
    if missing := draft.rows - len(draft.sentences):
        absent = (str(number) for number in numbers if number not in draft.sentences)
        named = ", ".join(islice(absent, _NAMED)) + (", …" if missing > _NAMED else "")
        raise draft.place.error(
            f"of the {draft.rows} rows of {draft.header['source']} these are missing: {named}; "
            "put them back"
        )
    paragraphs: list[Paragraph] = []
    spans: list[Span] = []
    for number in numbers:
        _add_sentence(draft.sentences[number], paragraphs, spans)
    decision = _decision(draft.header, tuple(paragraphs), draft.place)
    tags, cited = decision_tags(decision, spans)
    return LabelledDecision(decision, tags, cited or None, tuple(spans))


def _add_sentence(one: _Sentence, paragraphs: list[Paragraph], spans: list[Span]) -> None:
    last = paragraphs[-1] if paragraphs else None
    if last and (last.number, last.section) == (one.paragraph, one.section):
        words = one.text.removeprefix(_BULLET)
        gap = "\n" if one.text.startswith((_BULLET, "(")) else " "
        start = len(last.text) + 1
        text = f"{last.text}{gap}{words}"
        paragraphs[-1] = Paragraph(one.paragraph, one.section, last.heading, text)
    else:
        if one.paragraph != (last.number + 1 if last else min(one.paragraph, 1)):
            raise one.place.error(f"paragraph {one.paragraph} is out of its order")
        words, start = one.text, 0
        paragraphs.append(Paragraph(one.paragraph, one.section, one.heading, words))
    index = len(paragraphs) - 1
    order = (tag for tag in codebook().tags if tag in one.tags)
    spans += [Span(index, start, start + len(words), tag) for tag in order]


def _decision(header: dict[str, str], paragraphs: tuple[Paragraph, ...], place: Place) -> Decision:
    def known(name: str) -> Any:
        return clean_line(header.get(name, "")) or None

    return Decision(
        source=header["source"],
        sha256=checksum("\n\n".join(paragraph.text for paragraph in paragraphs)),
        layout="numbered",
        paragraphs=paragraphs,
        reference=_reference(header.get("reference", ""), place),
        body=known("body"),
        category=known("category"),
        outcome=known("decision"),
        date=_date(header.get("date", ""), place),
    )


def _reference(written: str, place: Place) -> str | None:
    reference = parse_reference(written)
    if written and not reference:
        raise place.error(
            f"column 'reference' has {shortened(written)}, not such as '94 101 233' (did a spreadsheet change "
            "it?); write it in this row as published, or leave it empty"
        )
    return reference


def _date(written: str, place: Place) -> str | None:
    day = parse_date(written.lower().removeprefix(_ON))
    if written and not day:
        problem = f"column 'date' has {shortened(written)}, which is not understood"
    elif _DAY_OR_MONTH.fullmatch(written):
        problem = f"column 'date' has {shortened(written)}, of which either number may be the month"
    else:
        return day
    raise place.error(
        f"{problem} (did a spreadsheet change it?); write it in this row such as 'on 2025-02-05', "
        "or leave it empty"
    )


# Names of tags, as people write them


def _tags(written: str, place: Place) -> Iterator[str]:
    """Yield the tags that a cell names: by their ids, in whatever spelling, or by what they mean."""
    for part in [written] if _plain(written) in _names() else re.split(r"[;|\n]", written):
        for name in [part] if _plain(part) in _names() else part.split(","):
            if not name.strip() or name.strip().lower() in _NO_TAG:
                continue
            tag = _names().get(_plain(name))
            yield tag or place.tags([re.sub(r"\s+", "_", name.strip().lower())])[0]


@cache
def _names() -> dict[str, str]:
    tags = codebook().tags.values()
    return {_plain(tag.definition): tag.id for tag in tags} | {_plain(t.id): t.id for t in tags}


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", name.lower()))
