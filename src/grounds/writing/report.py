"""The report of an evaluation: on the screen, and as a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from grounds.errors import GroundsError
from grounds.replacing import check_file, replacing
from grounds.writing.lines import hanging, line

if TYPE_CHECKING:
    from grounds.evaluation import FamilyFigures, FoldFigures, Report, TagFigures
    from grounds.figures import Figures, Interval

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
    if report.folds:
        _show_folds(report.folds, to)
    _show_tags(report.tags, to)
    line(to)
    line(to, "In brackets: 95% intervals, from 1,000 draws of decisions.")


def write_report(report: Report, path: Path) -> None:
    """Write a report as JSON."""
    with replacing(path) as draft:
        draft.write_text(json.dumps(report.to_dict(), indent=1) + "\n", encoding="utf-8")


def write_page(report: Report, path: Path) -> None:
    """Write a report as a web page; see `grounds.pages.report`."""
    from grounds.pages import put_page
    from grounds.pages.report import page

    put_page(page(report), path)


FORMATS: dict[str, Callable[[Report, Path], None]] = {".json": write_report, ".html": write_page}
"""What writes a report, by the suffix of its file."""


def format_of(path: Path) -> Callable[[Report, Path], None]:
    """Return what writes a report to `path`, by its suffix.

    Raises
    ------
    GroundsError
        If no format has that suffix, what it needs is not installed, or the folder to write in
        is not there.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise GroundsError(f"{path}: unknown report format; known are {', '.join(FORMATS)}")
    if suffix == ".html":
        from grounds.pages import check_charts

        check_charts()
    check_file(path)
    return FORMATS[suffix]


def _with_interval(family: FamilyFigures, name: str) -> str:
    value = getattr(family.figures, name)
    return f"{value:8.3f}  {_bounds(family.intervals[name]):16}"


def _bounds(interval: Interval) -> str:
    low, high = interval
    return f"({low:.2f}–{high:.2f})"


def _show_folds(folds: tuple[FoldFigures, ...], to: Console) -> None:
    """Show each fold on a line, with the first of its folders."""
    families = (("grounds and bars", "bold"), " " * 9, ("remedies", "bold"))
    line(to)
    line(to, ("Folds", "bold underline"), " " * 26, *families)
    titles = "  micro  macro  all right"
    line(to, " " * 23, (f"tested{titles}{titles}", "bold"))
    for fold in folds:
        folders = ", ".join(fold.folders)
        if len(folders) > 18:
            folders = f"{folders[:17]}…"
        cells = f"{fold.decisions:6,}{_of_fold(fold.reasons)}{_of_fold(fold.remedies)}"
        line(to, "  ", (f"{fold.number:<3}{folders:18}", "bold cyan"), cells)


def _of_fold(figures: Figures) -> str:
    return f"{figures.micro_f1:7.3f}{figures.macro_f1:7.3f}{figures.exact:11.3f}"


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
