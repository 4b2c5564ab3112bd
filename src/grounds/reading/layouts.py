"""What each line of a copy is, recognised from the layout of the whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import dropwhile, zip_longest

from grounds.decision import Layout
from grounds.reading.assembling import Block, Draft, Kind
from grounds.reading.furniture import ends_decision, is_furniture
from grounds.reading.header import parse_date, parse_header
from grounds.reading.lines import Line
from grounds.reading.lists import UNFINISHED, Items, is_small
from grounds.reading.sections import section_of

_SUMMARY = re.compile(r"summary\s*(?:[:–-]\s*|$)", re.IGNORECASE)
_FINAL = re.compile(r"(?:the )?final decision[:.]?", re.IGNORECASE)
_CITATION = re.compile(r"\bAct \d|\bas amended\b|\bsections? \d")
_LONGEST_HEADING = 100
_NO_HEADING_ENDS = (".", ";", ",", ":", '"', "”")


def draft_of(lines: Sequence[Line]) -> Draft:
    """Take the lines of a copy apart: header, Summary, headings, paragraphs."""
    top = _summary_at(lines)
    end = next((i for i in range(top, len(lines)) if ends_decision(lines[i].text)), len(lines))
    body = [line for line in lines[top:end] if not is_furniture(line.text)]
    first = next((i for i, line in enumerate(body) if _opens_section(line)), len(body))
    summary = [line for line in map(_without_label, body[:first]) if line.text]
    above = [line.text for line in lines[:top] if not is_furniture(line.text)]
    header, unclear = parse_header(above)
    layout = _layout(body[first:])
    draft = Draft(layout, header, summary, [], unclear)
    if not header.date and "date" not in unclear and (date := _date_alone(above)):
        draft.header = header._replace(date=date)
        draft.warnings.append("date taken from a line of its own, without a label")
    if _is_several(lines[top:]):
        draft.warnings.append("looks like more than one decision; only one record is made")
    if any(line.joins for line in lines):
        unsure = "; where paragraphs end is not always clear" if layout == "plain" else ""
        draft.warnings.append(f"lines broken to fit a width were joined{unsure}")
    draft.blocks += _blocks(body[first:], layout, draft.warnings)
    return draft


def _date_alone(lines: Sequence[str]) -> str | None:
    """Return the date of a letter's head, the only one that stands on a line of its own."""
    dates = {date for line in lines if (date := parse_date(line))}
    return dates.pop() if len(dates) == 1 else None


def _summary_at(lines: Sequence[Line]) -> int:
    """Return the index of the Summary, or else of the first section."""
    sections = (i for i, line in enumerate(lines) if _opens_section(line))
    top = next(sections, len(lines))
    if top < len(lines) and section_of(lines[top].text) == "final":  # the header's "Decision"
        top = next(sections, top)
    return next((i for i in range(top) if _SUMMARY.match(lines[i].text)), top)


def _without_label(line: Line) -> Line:
    """Take "Summary:" off the front of a line."""
    match = _SUMMARY.match(line.text)
    if not match:
        return line
    cut = match.end()
    joins = tuple((at - cut, start) for at, start in line.joins)
    return line._replace(text=line.text[cut:], start=line.start + cut, joins=joins)


def _opens_section(line: Line) -> bool:
    return _could_be_heading(line) and section_of(line.text) not in (None, "summary")


def _is_several(lines: Sequence[Line]) -> bool:
    """Say whether a decision seems to begin below the end of another one.

    Only "Final decision" in full tells of an end: "The decision" is also a sub-heading.
    """
    headings = (line.text for line in lines if _could_be_heading(line))
    below = dropwhile(lambda text: not _FINAL.fullmatch(text), headings)
    return any(section_of(text) in ("complaint", "summary") for text in below)


def _could_be_heading(line: Line) -> bool:
    """Say whether a line has the form of a heading."""
    text = line.text
    if line.mark:
        return line.titled
    if len(text) > _LONGEST_HEADING or text[0].islower() or text[0] == "(":
        return False
    if text.endswith(_NO_HEADING_ENDS):
        return text[-1] == ":" and section_of(text) is not None
    return ". " not in text and not _CITATION.search(text)


def _layout(lines: Sequence[Line]) -> Layout:
    """Return the layout that most sections open in."""
    votes: Counter[Layout] = Counter()
    for heading, first, second in zip(lines, lines[1:], [*lines[2:], None], strict=False):
        if _opens_section(heading):
            votes[_layout_of(second if second and _could_be_heading(first) else first)] += 1
    return max(votes, key=votes.__getitem__, default="plain")


def _layout_of(opener: Line) -> Layout:
    if opener.numbered:
        return "numbered"
    return "dashes" if opener.bulleted else "plain"


def _blocks(lines: Sequence[Line], layout: Layout, warnings: list[str]) -> Iterator[Block]:
    return _numbered(lines, warnings) if layout == "numbered" else _counted(lines, layout, warnings)


def _numbered(lines: Sequence[Line], warnings: list[str]) -> Iterator[Block]:
    """Yield what each line of a numbered copy is."""
    numbers: list[int] = []
    point = 0  # number of the point above, in a numbered list inside a paragraph
    above = ""  # the line above, unless that is a heading
    for line, following in zip_longest(lines, lines[1:]):
        if _is_heading(line, "numbered", above.endswith(UNFINISHED), following):
            yield Block(Kind.HEADING, line, len(line.mark))
            point, above = 0, ""
            continue
        point = _point(line, numbers, point, above)
        if line.numbered and not point:
            numbers.append(int(line.mark))
            yield Block(Kind.PARAGRAPH, line)
        else:
            yield Block(Kind.LINE, line)
        above = line.text
    warnings += _number_warnings(numbers)


def _point(line: Line, numbers: Sequence[int], above_point: int, above: str) -> int:
    """Return the number of a point in a list inside a paragraph, 0 for any other line.

    Such a list begins with 1 right below the colon that opens it; below a bullet a 1 would be a
    paragraph. It goes on as long as its numbers do, unless the paragraphs' own number comes up.
    """
    if not line.numbered:
        return 0
    number = int(line.mark)
    if number == 1 and numbers and above.endswith(":"):
        return 1
    if not above_point or number != above_point + 1:
        return 0
    return 0 if number == numbers[-1] + 1 and not above.endswith(UNFINISHED) else number


def _number_warnings(numbers: Sequence[int]) -> Iterator[str]:
    restarted = False
    for above, number in zip([0, *numbers], numbers, strict=False):
        if number == 1 and above:
            restarted = True
        elif number != above + 1:
            yield f"numbers jump from {above} to {number}; paragraphs are counted as they come"
            return
    if restarted:
        yield "numbers restart in each section; continuous numbers restored"


def _is_heading(line: Line, layout: Layout, unfinished: bool, following: Line | None) -> bool:
    """Say whether a line is a heading, from its form and what stands around it."""
    if line.mark or not _could_be_heading(line):
        return line.titled
    if section_of(line.text):
        return True
    if unfinished or following is None:
        return False
    if layout == "plain":
        return not is_small(following.text)
    return bool(following.mark) or _could_be_heading(following)


def _counted(lines: Sequence[Line], layout: Layout, warnings: list[str]) -> Iterator[Block]:
    """Yield what each line of a copy without numbers is."""
    own = _first_paragraph(lines) if layout == "dashes" else None
    told = any(line.mark and _told_apart(line, own) for line in lines)
    items = Items()
    count = 0
    doubts: dict[int, None] = {}
    for line, following in zip_longest(lines, lines[1:]):
        if _is_heading(line, layout, items.unfinished, following):
            items.restart()
            yield Block(Kind.HEADING, line, len(line.mark))
            continue
        if _told_apart(line, own):
            items.note(line.text, bullet=True)
            yield Block(Kind.LINE, line)
            continue
        bullet = items.is_continued(line.text) if told else items.is_bullet(line.text)
        count += not bullet
        if items.doubt:
            doubts[count] = None
        yield Block(Kind.LINE if bullet else Kind.PARAGRAPH, line)
    warnings.append("no numbers in this copy; its paragraphs were counted")
    if doubts:
        places = ", ".join(map(str, doubts))
        warnings.append(f"bullet or paragraph? not clear at paragraph {places}")


def _first_paragraph(lines: Sequence[Line]) -> Line | None:
    return next((line for line in lines if line.bulleted), None)


def _told_apart(line: Line, own: Line | None) -> bool:
    """Say whether mark or indent tell a line from the paragraphs of its copy."""
    if own is None:
        return line.numbered or line.bulleted
    return line.mark != own.mark or line.indent > own.indent + 1
