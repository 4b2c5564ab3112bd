"""The benchmarks' pictures: drawn like the charts of the pages, each a file of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes

from grounds.pages.charts import INK, MUTED, REASON, STYLE, SURFACE, Words, sized_figure, to_svg

_WIDTH, _ROW = 640, 26


class Dot(NamedTuple):
    """A ratio: what it is of, its median and bounds, and whether it is ours."""

    name: str
    median: float
    least: float
    most: float
    ours: bool


class Line(NamedTuple):
    """Measurements over numbers of decisions, and the most that is wanted at the last of them."""

    label: str
    heights: Sequence[float]
    limit: float | None = None


def dots(words: Words, rows: Sequence[Dot], label: str) -> Markup:
    """Draw ratios, on an axis on which the same distance is the same ratio."""
    height = _ROW * len(rows) + 48
    with mpl.rc_context(STYLE):
        figure, axes = sized_figure(_WIDTH, height, (270, 24, 6, 42))
        axes.axvline(1, color=MUTED, lw=1, ls=(0, (2, 3)))
        for place, row in enumerate(rows):
            colour = REASON if row.ours else MUTED
            axes.hlines(place, row.least, row.most, color=colour, lw=1.6, alpha=0.6)
            axes.plot(row.median, place, "o", ms=7, mew=1.2, mfc=colour, mec=SURFACE, zorder=5)
            label_of = axes.text(row.most * 1.07, place, f"{row.median:.2f}", size=9, va="center")
            label_of.set_bbox({"fc": SURFACE, "lw": 0, "pad": 1})
        axes.set(xscale="log", xlabel=label, ylim=(len(rows) - 0.4, -0.6))
        axes.set_xlim(min(row.least for row in rows) / 1.3, max(row.most for row in rows) * 1.5)
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_yticks(range(len(rows)), [row.name for row in rows])
        axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=10)
        axes.minorticks_off()
        return to_svg(figure, words)


def growth(words: Words, decisions: Sequence[int], lines: Sequence[Line]) -> Markup:
    """Draw what grows, or does not, with the number of decisions: a panel a line."""
    width, height = _WIDTH, 250
    panel = 1 / len(lines)
    with mpl.rc_context(STYLE):
        figure, axes = sized_figure(width, height, (0, 0, 0, 0))
        axes.remove()
        for place, line in enumerate(lines):
            box = (panel * place + 52 / width, 42 / height, panel - 76 / width, 192 / height)
            _panel(figure.add_axes(box), decisions, line)
        return to_svg(figure, words)


def _panel(axes: Axes, decisions: Sequence[int], line: Line) -> None:
    axes.plot(decisions, line.heights, color=REASON, lw=2)
    axes.plot(decisions, line.heights, "o", ms=7, mew=1.2, mfc=REASON, mec=SURFACE, zorder=5)
    if line.limit is not None:
        axes.axhline(line.limit, color=MUTED, lw=1, ls=(0, (2, 3)))
        left, above = 0.02 * max(decisions), 1.01 * line.limit
        axes.text(left, above, "the most that is wanted", color=MUTED, size=8.5, va="bottom")
    top = max(*line.heights, line.limit or 0)
    axes.set(xlim=(0, 1.05 * max(decisions)), ylim=(0, 1.15 * top))
    axes.set(xlabel="Decisions", ylabel=line.label)
    axes.xaxis.set_major_locator(mpl.ticker.MaxNLocator(4))
    axes.xaxis.set_major_formatter("{x:,.0f}")


def save(chart: Markup, path: Path) -> None:
    """Save a chart with the colours that it takes from a page, on paper of its own."""
    style = files("grounds.pages").joinpath("templates", "style.css").read_text("utf-8")
    used = {"--surface", *re.findall(r"var\((--\w+)\)", chart)}
    light, dark = (
        "".join(declaration for declaration in root if declaration.split(":")[0].strip() in used)
        for root in (re.findall(r"--\w+: #\w+;", part) for part in _roots(style))
    )
    rules = (
        f":root{{{light}font-family:sans-serif}}"
        f"@media(prefers-color-scheme:dark){{:root{{{dark}}}}}"
    )
    opening, rest = re.split(r"(?<=>)", str(chart), maxsplit=1)
    paper = '<rect width="100%" height="100%" fill="var(--surface)"/>'
    svg = opening.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    path.write_text(f"{svg}<style>{rules}</style>{paper}{rest}\n", "utf-8")


def _roots(style: str) -> tuple[str, str]:
    """Return the variables of a page in the light and in the dark."""
    light, dark = re.findall(r":root \{(.*?)\}", style, re.DOTALL)[:2]
    return light, dark
