"""The screen: records, numbered paragraphs and the codebook, for a person to read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from grounds.codebook import Codebook, codebook
from grounds.decision import Decision
from grounds.record import FOREIGN, Record, TagFound
from grounds.writing.lines import GAP, hanging, line, row
from grounds.writing.plain import long_date, places

if TYPE_CHECKING:
    from grounds.corpus import Counts

_WIDE = 136
"""Characters from which the table has a column for everything."""


def show_record(record: Record, to: Console) -> None:
    """Show what one decision relies on, with the best words for each tag."""
    show_header(record.decision, to)
    if record.foreign:
        line(to)
        hanging(to, "", f"It {FOREIGN}.", style="bold")
    elif not record.tags:
        line(to)
        line(to, ("Relies on no ground or bar.", "bold"))
    _show_found("Grounds", [found for found in record.tags if found.family == "ground"], to)
    _show_found("Bars", [found for found in record.tags if found.family == "bar"], to)
    _show_found("Remedies", record.remedies, to)
    _show_notes(record, to)


def show_header(decision: Decision, to: Console) -> None:
    """Show which decision it is."""
    line(to, (decision.body or Path(decision.source).name, "bold"))
    facts = (decision.reference, long_date(decision.date), decision.outcome)
    for text in (" · ".join(fact for fact in facts if fact), decision.category):
        if text:
            line(to, text)


def _show_found(title: str, found: Sequence[TagFound], to: Console) -> None:
    if not found:
        return
    line(to)
    line(to, (title, "bold underline"))
    width = max(len(tag.tag) for tag in found)
    for tag in found:
        where = places(evidence.paragraph for evidence in tag.evidence)
        line(to, "  ", (tag.tag.ljust(width), "bold cyan"), f"  {tag.score:.2f}  {where}")
        if tag.family != "remedy":  # whose id says it all
            hanging(to, "", codebook().tags[tag.tag].definition, indent=4, style="dim")
        for best in tag.evidence[:1]:
            hanging(to, places([best.paragraph]), f"“{elided(best.text)}”", indent=4, hang=9)


def elided(words: str) -> str:
    """Mark words that begin or end within a sentence.

    >>> elided("because the appeal is late,")
    '… because the appeal is late, …'
    """
    before = "… " if words[:1].islower() else ""
    after = "" if words.rstrip("\"”’')]")[-1:] in (".", "?", "!", "…") else " …"
    return f"{before}{words}{after}"


def _show_notes(record: Record, to: Console) -> None:
    """Show what is not relied on but worth knowing."""
    cited = ", ".join(f"{cited.tag} ({places(cited.paragraphs)})" for cited in record.cited)
    review = ", ".join(f"{review.tag} {review.score:.2f}" for review in record.review)
    warnings = "; ".join(said for said in record.decision.warnings if said != FOREIGN)
    notes = {"Only cited": cited, "For review": review, "Warnings": warnings}
    if any(notes.values()):
        line(to)
    for label, words in notes.items():
        hanging(to, label, words, hang=13, label_style="bold")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the table: title, width in characters, and the lines of a record's cell."""

    title: str
    width: int
    lines: Callable[[Record], Sequence[str | None]]

    def cell(self, record: Record) -> list[str]:
        """Return the lines that say something, or a dash."""
        return [text for text in self.lines(record) if text] or ["–"]


def show_records(records: Iterable[Record], to: Console) -> None:
    """Show one row a decision, as they come, and at the end how many rely on something."""
    columns = _columns(to)
    widths = [column.width for column in columns]
    total = relying = foreign = 0
    for record in records:
        if total == 0:
            row(to, [[column.title] for column in columns], widths, "bold")
        elif to.is_terminal:
            line(to)
        row(to, [column.cell(record) for column in columns], widths)
        total += 1
        relying += bool(record.tags)
        foreign += record.foreign
    if total:
        said = f"; {foreign} do{'es' * (foreign == 1)} not look like one" if foreign else ""
        line(to)
        line(to, f"{total} decision{'s' * (total > 1)}: {relying} with a ground or bar{said}")


def _columns(to: Console) -> tuple[_Column, ...]:
    """Return the columns that fit: by name where there is room, else two facts in a cell."""
    if to.is_terminal and to.width < _WIDE:
        rest = to.width - (11 + 21 + 24 + 3 * GAP)
        return (
            _Column("Reference", 11, lambda r: (_name(r), r.decision.date)),
            _Column(
                "Body, decision", max(rest, 12), lambda r: (r.decision.body, r.decision.outcome)
            ),
            _Column("Grounds and bars", 21, lambda r: _tags(r, "ground") + _tags(r, "bar")),
            _Column("Remedies", 24, _remedies),
        )
    # A pipe has no width to keep to, and one line must hold every ground.
    body, outcome, grounds = (to.width - 117, 24, 21) if to.is_terminal else (32, 30, 44)
    return (
        _Column("Reference", 11, lambda r: (_name(r),)),
        _Column("Date", 10, lambda r: (r.decision.date,)),
        _Column("Body", min(body, 40), lambda r: (r.decision.body,)),
        _Column("Decision", outcome, lambda r: (r.decision.outcome,)),
        _Column("Grounds", grounds, lambda r: _tags(r, "ground")),
        _Column("Bars", 15, lambda r: _tags(r, "bar")),
        _Column("Remedies", 24, _remedies),
    )


def _name(record: Record) -> str:
    return record.decision.reference or Path(record.decision.source).name


def _tags(record: Record, family: str) -> list[str]:
    if record.foreign and family == "ground":
        return ["not a decision?"]
    return [found.tag for found in record.tags if found.family == family]


def _remedies(record: Record) -> list[str]:
    return [found.tag for found in record.remedies]


def show_decision(decision: Decision, to: Console) -> None:
    """Show the numbered paragraphs under their headings, with the section that each stands in."""
    show_header(decision, to)
    shown = None
    for paragraph in decision.paragraphs:
        place_of = (paragraph.section, paragraph.heading)
        if place_of != shown:
            line(to)
            line(to, (paragraph.heading, "bold underline"), (f"  [{paragraph.section}]", "dim"))
            shown = place_of
        label = f"{paragraph.number}." if paragraph.number else ""
        first, *further = paragraph.text.split("\n")
        hanging(to, label, first, hang=5, label_style="bold cyan")
        for text in further:
            hanging(to, "", text, indent=7)
    for warning in decision.warnings:
        line(to)
        hanging(to, "Warning", warning, hang=10, label_style="bold")


def show_codebook(book: Codebook, to: Console) -> None:
    """Show every tag by family, with what the Ombudsman says and the provision."""
    for title, family in (("Grounds", "ground"), ("Bars", "bar")):
        line(to, (title, "bold underline"), "  the Ombudsman says that …")
        for tag in book.tags.values():
            if tag.family == family:
                words = f"{tag.definition} [{tag.provision}]"
                hanging(to, tag.id, words, indent=2, hang=23, label_style="bold cyan")
        line(to)
    line(to, ("Remedies", "bold underline"), "  kind:status, such as apology:provided")
    for names in (book.kinds, book.statuses):
        for name, definition in names.items():
            hanging(to, name, definition, indent=2, hang=23, label_style="bold cyan")
        line(to)
    line(to, "In brackets: provisions of the Local Government Act 1974.")
    line(to, f"Version {book.version}. 'grounds codebook TAG' says all about one tag.")


def show_counts(counts: Counts, to: Console) -> None:
    """Show how much labelled data there is, tag by tag."""
    line(
        to,
        (f"{counts.decisions:,} decisions", "bold"),
        f", {counts.words:,} words, {counts.spans:,} tags on words; ",
        f"{counts.without_reason:,} rely on no ground or bar",
    )
    if counts.sentences:
        line(to, f"{counts.sentences:,} single sentences, {counts.untagged:,} without a tag")
    columns = {"decisions": counts.relied, "cited": counts.cited, "sentences": counts.in_sentences}
    columns = {title: counted for title, counted in columns.items() if counted}
    for title, family in (("Grounds", "ground"), ("Bars", "bar"), ("Remedies", "remedy")):
        line(to)
        titles = "".join(f"{name:>11}" for name in columns)
        line(to, (title, "bold underline"), " " * (27 - len(title)), titles)
        for tag in codebook().tags.values():
            if tag.family == family:
                numbers = (counted[tag.id] for counted in columns.values())
                cells = "".join(f"{number:11,}" if number else f"{'–':>11}" for number in numbers)
                line(to, "  ", (f"{tag.id:25}", "bold cyan"), cells)
