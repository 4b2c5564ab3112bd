"""Statistics of tagged decisions on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from grounds import statistics
from grounds.codebook import codebook
from grounds.statistics import Groups, Sample, TagCount
from grounds.writing.lines import hanging, line
from grounds.writing.plain import one_line

_LARGEST = 10
"""Years, subjects, bodies and pairs that are shown: the latest, or those of most decisions."""

_TAGS = 3
"""Tags that are named for each of them."""

_NAME = 34
"""Characters of the name of a body."""


def show_statistics(sample: Sample, to: Console) -> None:
    """Show how often each tag is given, when, about whom, what together, and what of remedies."""
    counts = statistics.count_tags(sample)
    _show_size(sample, to)
    _show_counts("Grounds and bars", [c for c in counts if c.tag in codebook().reasons], to)
    _show_counts("Remedies", [c for c in counts if c.tag in codebook().remedies], to)
    _show_fates(sample, to)
    years = statistics.by_year(sample)
    _show_groups("Years, and what they rely on most", years, to, latest=True)
    subjects = statistics.by_size(sample, sample.subjects)
    _show_groups("Subjects", subjects, to)
    _show_groups("Bodies", statistics.by_size(sample, sample.bodies), to)
    _show_pairs(sample, to)
    line(to)
    hanging(
        to,
        "Expected",
        "how many decisions have the tag, as far as calibrated scores can tell: those given it "
        "that are probably right, and those nearly given it that probably have it.",
        hang=10,
        label_style="bold",
    )
    hanging(
        to,
        "Share",
        "with the 95% interval that follows from the number of decisions alone.",
        hang=10,
        label_style="bold",
    )


def _show_size(sample: Sample, to: Console) -> None:
    known = sorted(set(sample.years) - {statistics.UNKNOWN})
    period = f", {known[0]} to {known[-1]}" if len(known) > 1 else "".join(f", {y}" for y in known)
    bodies = len(set(sample.bodies) - {statistics.UNKNOWN})
    said = f"{period}, {bodies:,} {'body' if bodies == 1 else 'bodies'}"
    line(to, (f"{len(sample):,} decision{'s' if len(sample) != 1 else ''}", "bold"), said)
    if sample.left_out:
        texts = "1 text does" if sample.left_out == 1 else f"{sample.left_out:,} texts do"
        line(to, f"{texts} not look like a decision of the Ombudsman: left out")


def _show_counts(title: str, counts: Sequence[TagCount], to: Console) -> None:
    found = sorted((c for c in counts if c.given), key=lambda count: -count.given)
    line(to)
    if not found:
        line(to, (title, "bold underline"), ": none")
        return
    width = max(len(title), *(len(count.tag) for count in found)) + 2
    heads = f"{'decisions':>9}  {'share':>6}  {'interval':>11}  {'expected':>9}"
    line(to, (title, "bold underline"), " " * (width + 2 - len(title)), (heads, "dim"))
    for count in found:
        low, high = (f"{100 * bound:.1f}" for bound in count.interval)
        cells = f"{count.given:9,}  {count.share:6.1%}  {f'{low}–{high}':>11}"
        line(
            to,
            "  ",
            (count.tag.ljust(width), "cyan"),
            cells,
            (f"  {count.expected:9,.0f}", "dim"),
        )


def _show_fates(sample: Sample, to: Console) -> None:
    fates = [fate for fate in statistics.count_fates(sample) if fate.all["sought"]]
    if not fates:
        return
    line(to)
    title = "Of what is sought"
    statuses = [status for status in codebook().statuses if status != "sought"]
    heads = f"{'sought':>9}" + "".join(f"  {status:>14}" for status in statuses)
    line(to, (title, "bold underline"), " " * 3, (heads, "dim"))
    for fate in fates:
        sought = fate.where_sought["sought"]
        cells = "".join(
            f"  {fate.where_sought[status]:7,} {fate.where_sought[status] / sought:6.0%}"
            for status in statuses
        )
        line(to, "  ", (fate.kind.ljust(18), "cyan"), f"{sought:9,}{cells}")


def _show_groups(title: str, groups: Groups, to: Console, *, latest: bool = False) -> None:
    rows = list(range(len(groups.names)))
    shown = rows[-_LARGEST:] if latest else rows[:_LARGEST]
    if not shown:
        return
    line(to)
    more = f" ({len(shown)} of {len(rows):,})" if len(shown) < len(rows) else ""
    line(to, (title, "bold underline"), more)
    reasons = codebook().reasons
    width = max(min(len(one_line(groups.names[row])), _NAME) for row in shown)
    for row in shown:
        order = (-groups.counts[row, : len(reasons)]).argsort(kind="stable")[:_TAGS].tolist()
        most = [
            f"{reasons[tag]} {groups.counts[row, tag]:,}"
            for tag in order
            if groups.counts[row, tag]
        ]
        name = one_line(groups.names[row])
        name = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
        line(to, f"  {name:{width}}  {groups.totals[row]:7,}  ", (", ".join(most), "cyan"))


def _show_pairs(sample: Sample, to: Console) -> None:
    pairs = statistics.count_pairs(sample)[:_LARGEST]
    if not pairs:
        return
    line(to)
    names = [" + ".join(pair.tags) for pair in pairs]
    width = max(map(len, names))
    line(
        to,
        ("Together", "bold underline"),
        " " * (width - 4),
        ("decisions  by chance", "dim"),
    )
    for name, pair in zip(names, pairs, strict=True):
        line(
            to,
            "  ",
            (name.ljust(width), "cyan"),
            f"  {pair.both:9,}",
            (f"  {pair.by_chance:9,.1f}", "dim"),
        )
