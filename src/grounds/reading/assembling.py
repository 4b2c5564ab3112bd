"""From headings and lines, of whatever layout, to the paragraphs of a decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from grounds.decision import Decision, Layout, Paragraph, Section
from grounds.errors import InputError
from grounds.reading.header import Header
from grounds.reading.lines import Line
from grounds.reading.sections import Heading, outline

_OF_ITS_KIND = frozenset({"complaint", "powers", "method"})
_SHOWN = 40  # characters of a header field that is not understood


class Kind(Enum):
    """What a line of a decision is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LINE = "line"  # a bullet, a citation or another line of the paragraph above


class Block(NamedTuple):
    """A line with what it is; `level` is that of a heading, where the copy shows one."""

    kind: Kind
    line: Line
    level: int = 0


class Group(NamedTuple):
    """The lines of one paragraph."""

    section: Section
    heading: str
    lines: list[Line]


@dataclass(slots=True)
class Draft:
    """A decision taken apart, before it is put together."""

    layout: Layout
    header: Header
    summary: list[Line]
    blocks: list[Block]
    unclear: dict[str, str] = field(default_factory=dict)  # header fields not understood
    warnings: list[str] = field(default_factory=list)


def assemble(draft: Draft, source: str, sha256: str) -> tuple[Decision, list[Group]]:
    """Put a decision together; return it and the lines of each of its paragraphs.

    Raises
    ------
    InputError
        If it does not look like a decision of the Ombudsman.
    """
    groups = list(_groups(draft))
    _refuse_others({group.section for group in groups}, source)
    if draft.summary:
        groups.insert(0, Group("summary", "Summary", draft.summary))
    decision = Decision(
        source=source,
        sha256=sha256,
        layout=draft.layout,
        paragraphs=tuple(_paragraphs(groups)),
        warnings=(*_missing(draft, groups), *draft.warnings),
        **draft.header._asdict(),
    )
    return decision, groups


def _groups(draft: Draft) -> Iterator[Group]:
    """Yield the lines of each paragraph from "The complaint" on."""
    headings = [Heading(b.line.text, b.level) for b in draft.blocks if b.kind is Kind.HEADING]
    sections = iter(outline(headings))
    section: Section = "complaint"
    heading = ""
    group: Group | None = None
    for kind, line, _ in draft.blocks:
        if kind is Kind.HEADING:
            section, heading, previous = next(sections), line.text, group
            if previous:
                yield previous
            group = None
        elif kind is Kind.LINE and group:
            group.lines.append(line)
        else:
            if kind is Kind.LINE:
                draft.warnings.append(f"text without a number under {heading!r} was numbered")
            if group:
                yield group
            group = Group(section, heading, [line])
    if group:
        yield group


def _paragraphs(groups: Sequence[Group]) -> Iterator[Paragraph]:
    first = 0 if groups[0].section == "summary" else 1
    for number, (section, heading, lines) in enumerate(groups, first):
        text = lines[0].text if len(lines) == 1 else "\n".join([line.text for line in lines])
        yield Paragraph(number, section, heading, text)


def _refuse_others(sections: set[Section], source: str) -> None:
    """Raise an error unless there are at least two sections, one of a kind only decisions have."""
    if len(sections) > 1 and sections & _OF_ITS_KIND:
        return
    found = f"only {', '.join(sorted(sections))}" if sections else "none"
    raise InputError(
        source,
        "does not look like an Ombudsman's decision: headings such as 'The complaint', "
        f"'How I considered this complaint' and 'Final decision' are missing (found {found})",
    )


def _missing(draft: Draft, groups: Sequence[Group]) -> Iterator[str]:
    """Yield a warning for each part that a decision has and this one lacks."""
    unknown = [name for name, value in draft.header._asdict().items() if value is None]
    fields = [name for name in unknown if name not in draft.unclear]
    if len(fields) == len(draft.header):
        yield "no header: reference, body, category, outcome and date are unknown"
    elif fields:
        yield f"not in the header: {', '.join(fields)}"
    for name, value in draft.unclear.items():
        shown = value if len(value) <= _SHOWN else f"{value[: _SHOWN - 1]}…"
        yield f"{name} not understood: {shown!r}"
    sections = {group.section for group in groups}
    if "summary" not in sections:
        yield "no Summary"
    if "complaint" not in sections:
        yield "no section 'The complaint'; paragraphs are counted from the first section there is"
    if "final" not in sections:
        yield "no section 'Final decision'"
