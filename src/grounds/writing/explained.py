"""Explanations: on the screen, and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path

from rich.console import Console

from grounds.decision import Decision
from grounds.errors import GroundsError
from grounds.explaining import ClauseExplained, Explanation, Feature, Head
from grounds.record import FOREIGN, ModelId
from grounds.replacing import check_file, replacing
from grounds.writing.lines import GAP, READABLE, hanging, line, row
from grounds.writing.plain import places
from grounds.writing.screen import elided, show_header

SHOWN = 5
"""So many features are shown for a tag, and as many against it; the rest as one sum."""

_INDENT = 4
_HANG = 15
"""Characters before the words of a clause, and before what is said of it, which is indented."""


def show_explanations(
    decision: Decision, explanations: Sequence[Explanation], to: Console, *, clauses: int
) -> None:
    """Show why a decision has tags, or has not, with at most so many clauses a tag."""
    show_header(decision, to)
    if any(explanation.foreign for explanation in explanations):
        line(to)
        hanging(to, "Warning", FOREIGN, hang=10, label_style="bold")
    for explanation in explanations:
        line(to)
        _show_explanation(explanation, to, clauses)
    if not explanations:
        line(to)
        line(to, ("No tag is given or near the line.", "bold"), " --tag TAG asks for any.")


def check_format(path: Path) -> None:
    """Refuse a file that explanations cannot be written to.

    Raises
    ------
    GroundsError
        If its name does not end in .json, or the folder to write in is not there.
    """
    if path.suffix.lower() != ".json":
        raise GroundsError(f"{path}: unknown output format; known is .json")
    check_file(path)


def write_explanations(
    decision: Decision, explanations: Iterable[Explanation], model: ModelId, path: Path
) -> None:
    """Write explanations as JSON."""
    page = {
        "source": decision.source,
        "sha256": decision.sha256,
        "reference": decision.reference,
        "model": {"name": model.name, "version": model.version, "sha256": model.sha256},
        "explanations": [explanation.to_dict() for explanation in explanations],
    }
    with replacing(path) as draft:
        draft.write_text(json.dumps(page, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _show_explanation(explanation: Explanation, to: Console, clauses: int) -> None:
    numbers = f"score {explanation.score:.2f}, given from {explanation.threshold:.2f}"
    line(to, (explanation.tag, "bold cyan"), f"  {_verdict(explanation)}: {numbers}")
    provision = f" [{explanation.provision}]" if explanation.provision else ""
    hanging(to, "", f"{explanation.definition}{provision}", indent=2, style="dim")
    for clause in explanation.clauses[:clauses]:
        line(to)
        _show_clause(clause, to)
    if not explanation.clauses:
        line(to)
        line(to, "  The decision has no section that could give it.")
    if explanation.sections:
        _show_sections(explanation, to)


def _verdict(explanation: Explanation) -> str:
    given = "given" if explanation.family == "remedy" else "relied on"
    names = {"given": given, "cited": "only cited", "not given": f"not {given}"}
    return names[explanation.verdict] + ", for review" * explanation.review


def _show_clause(clause: ClauseExplained, to: Console) -> None:
    label = f"{places([clause.paragraph]):9}{clause.probability:.2f}"
    words = f"“{elided(clause.text)}”"
    hanging(to, label, words, indent=2, hang=_HANG, label_style="bold")
    speak_for = [feature for feature in clause.features if feature.contribution > 0]
    against = [feature for feature in reversed(clause.features) if feature.contribution < 0]
    width = (min(to.width, READABLE) - _INDENT - GAP) // 2
    sides = (_side("for", speak_for), _side("against", against))
    for number, (left, right) in enumerate(zip_longest(*sides, fillvalue="")):
        cells, widths = [[""], [left], [right]], [_INDENT - GAP, width, width]
        row(to, cells, widths, "" if number else "dim")
    own, *others = clause.heads
    parts = f"constant {clause.constant:+.2f}, for {_sum(speak_for)}, against {_sum(against)}"
    _show_note("head", f"{own.name} {own.score:+.2f} = {parts}", to)
    _show_note("beside it", ", ".join(map(_head, others)), to)
    _show_note("together", f"probability {clause.probability:.2f}", to)


def _show_note(label: str, words: str, to: Console) -> None:
    hanging(to, label, words, indent=_INDENT, hang=_HANG - 2, label_style="dim")


def _side(title: str, features: Sequence[Feature]) -> list[str]:
    """Return the strongest features on one side, one a line, and the rest as a sum."""
    lines = [f"{title:>6}", *(_feature(feature) for feature in features[:SHOWN])]
    rest = features[SHOWN:]
    return [*lines, f"{_sum(rest):>6}  {len(rest)} more"] if rest else lines


def _feature(feature: Feature) -> str:
    origin = "" if feature.origin == "clause" else f" ({feature.origin})"
    times = f" {feature.times}x" if feature.times > 1 else ""
    return f"{feature.contribution:+6.2f}  “{feature.words}”{times}{origin}"


def _sum(features: Iterable[Feature]) -> str:
    return f"{sum(feature.contribution for feature in features):+.2f}"


def _head(head: Head) -> str:
    rival = "strongest other " if head.role == "rival" else ""
    return f"{rival}{head.name} {head.score:+.2f}"


def _show_sections(explanation: Explanation, to: Console) -> None:
    line(to)
    line(to, "  ", (f"{'section':12}{'best clause':19}score without it", "dim"))
    for section in explanation.sections:
        where = "" if section.paragraph == 0 else places([section.paragraph])
        best = f"{section.probability:.2f}  {where}"
        note = "" if section.counts else "   not evidence"
        line(to, f"  {section.section:12}{best:19}{section.without:.2f}{note}")
    if explanation.without_outcome is not None:
        line(to, f"  {'outcome in the header':31}{explanation.without_outcome:.2f}")
