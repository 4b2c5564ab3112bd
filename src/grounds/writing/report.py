"""The report of an evaluation: on the screen, and as a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from grounds.replacing import replacing
from grounds.writing.lines import hanging, line

if TYPE_CHECKING:
    from grounds.evaluation import FamilyFigures, Report, TagFigures
    from grounds.figures import Interval

_SMALL = 24
"""Characters of the longest name of a figure."""


def show_report(report: Report, to: Console) -> None:
    """Show how well a model tags, the whole first and then tag by tag."""
    line(to, (f"{report.decisions:,} decisions", "bold"), f"; {report.method}")
    if report.seen:
        hanging(
            to,
            "Note",
            f"the model was trained on {report.seen:,} of them, so these figures flatter it; "
            "--folds gives honest ones",
            hang=6,
            label_style="bold yellow",
        )
    line(to)
    titles = (("grounds and bars", "bold underline"), " " * 10, ("remedies", "bold underline"))
    line(to, " " * (_SMALL + 3), *titles)
    pairs = (report.reasons, report.remedies)
    for name, label in (("micro_f1", "micro F1"), ("macro_f1", "macro F1"), ("exact", "all right")):
        line(to, f"{label:{_SMALL}}", *(_with_interval(family, name) for family in pairs))
    for name in ("precision", "recall"):
        cells = (f"{getattr(family.figures, name):8.3f}{'':18}" for family in pairs)
        line(to, f"{name:{_SMALL}}", *cells)
    errors = (f"{family.calibration_error:8.3f}{'':18}" for family in pairs)
    line(to, f"{'calibration error':{_SMALL}}", *errors)
    line(to)
    if report.evidence is not None:
        line(to, f"{'evidence well placed':{_SMALL}}{report.evidence:8.3f}")
    if report.cited is not None:
        line(to, f"{'cited, micro F1':{_SMALL}}{report.cited.micro_f1:8.3f}")
    _show_tags(report.tags, to)
    line(to)
    line(to, "In brackets: 95% intervals, from 1,000 draws of decisions.")


def write_report(report: Report, path: Path) -> None:
    """Write a report as JSON."""
    with replacing(path) as draft:
        draft.write_text(json.dumps(report.to_dict(), indent=1) + "\n", encoding="utf-8")


def _with_interval(family: FamilyFigures, name: str) -> str:
    value = getattr(family.figures, name)
    return f"{value:8.3f}  {_bounds(family.intervals[name]):16}"


def _bounds(interval: Interval) -> str:
    low, high = interval
    return f"({low:.2f}–{high:.2f})"


def _show_tags(tags: tuple[TagFigures, ...], to: Console) -> None:
    for title, family in (("Grounds and bars", "reason"), ("Remedies", "remedy")):
        line(to)
        titles = "labelled  given  precision  recall     F1"
        line(to, (title, "bold underline"), " " * (26 - len(title)), (titles, "bold"))
        for tag in tags:
            if tag.family == family:
                line(to, "  ", (f"{tag.tag:24}", "bold cyan"), _numbers(tag))


def _numbers(tag: TagFigures) -> str:
    """Return the figures of a tag in columns; a dash where there is nothing to divide by."""
    precision = f"{tag.precision:.2f}" if tag.given else "–"
    recall = f"{tag.recall:.2f}" if tag.gold else "–"
    known = tag.given or tag.gold
    f1, bounds = (f"{tag.f1:.2f}", _bounds(tag.f1_interval)) if known else ("–", "")
    return f"{tag.gold:8,}{tag.given:7,}{precision:>11}{recall:>8}{f1:>7}  {bounds}"
