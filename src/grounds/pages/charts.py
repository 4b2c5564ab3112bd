"""Charts: drawn by matplotlib, as SVG for a page, which lends them its colours and its letters.

A chart is drawn in the colours below, which stand for variables of ``style.css``: so it follows
the page into the dark. One unit of it is one pixel where the page does not scale it.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from grounds.figures import Numbers, wilson

INK, MUTED, RULE, SURFACE = "#010101", "#010102", "#010103", "#010104"
REASON, REMEDY, BAR = "#010105", "#010106", "#010107"

_VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    RULE: "var(--rule)",
    SURFACE: "var(--surface)",
    REASON: "var(--reason)",
    REMEDY: "var(--remedy)",
    BAR: "var(--bar)",
}

STYLE: dict[Any, Any] = {
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 10,
    "axes.linewidth": 0.6,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "font.size": 10,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "grounds",
    "text.parse_math": False,
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelsize": 9,
    "xtick.major.width": 0.6,
    "ytick.color": MUTED,
    "ytick.labelsize": 9,
    "ytick.major.width": 0.6,
}

_POINTS = 200
"""Points of a drawn curve: more cannot be seen."""

_DENSEST = 0.55
"""How opaque the darkest cell of a grid is: numbers in ink stay readable on it."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a chart is called, and what it says to those who cannot see it.

    `name` begins the ids in it, so it is a chart's own on a page.
    """

    name: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Precision and recall at every threshold, and `point`, the (recall, precision) in use.

    `readers` is the F1 that two readers reach.
    """

    label: str
    colour: str
    precision: Numbers
    recall: Numbers
    point: tuple[float, float]
    readers: float


@dataclass(frozen=True, slots=True)
class Line:
    """A share at each of several times, with the bounds of its interval."""

    label: str
    colour: str
    share: Numbers
    low: Numbers
    high: Numbers


def precision_recall(words: Words, curves: Sequence[Curve]) -> Markup:
    """Draw curves over lines of equal F1."""
    with mpl.rc_context(STYLE):
        figure, axes = sized_figure(420, 340, (46, 44, 12, 40))
        low = 0.5 if all(min(curve.point) > 0.55 for curve in curves) else 0.0
        for f1 in (0.6, 0.7, 0.8, 0.9):
            _equal_f1(axes, f1, low, RULE, "-", f"F1 {f1}")
        for curve in curves:
            _equal_f1(axes, curve.readers, low, curve.colour, (0, (2, 3)))
            axes.plot(*_thinned(curve), color=curve.colour, lw=2, label=curve.label)
            axes.plot(*curve.point, "o", ms=8, mew=1.5, mfc=curve.colour, mec=SURFACE, zorder=5)
        axes.plot([], color=MUTED, lw=1, ls=(0, (2, 3)), label="F1 of two readers")
        axes.plot([], "o", ms=7, mfc=MUTED, mec=SURFACE, label="thresholds in use")
        axes.set(xlim=(low, 1.005), ylim=(low, 1.005), xlabel="Recall", ylabel="Precision")
        axes.legend(loc="lower left", borderaxespad=1.2)
        return to_svg(figure, words)


def tag_curve(words: Words, curve: Curve) -> Markup:
    """Draw the curve of one tag, small."""
    with mpl.rc_context(STYLE):
        figure, axes = sized_figure(130, 100, (14, 6, 6, 14))
        recall, precision = _thinned(curve)
        axes.fill_between(recall, precision, color=curve.colour, alpha=0.12, lw=0)
        axes.plot(recall, precision, color=curve.colour, lw=1.6)
        axes.plot(*curve.point, "o", ms=6.5, mew=1.2, mfc=curve.colour, mec=SURFACE, clip_on=False)
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xticks=(0, 1), yticks=(0, 1))
        axes.set(xticklabels=("0", "1"), yticklabels=("0", "1"))
        axes.tick_params(length=2, pad=2)
        return to_svg(figure, words)


def reliability(
    words: Words, colour: str, foretold: Numbers, came: Numbers, count: Numbers
) -> Markup:
    """Draw how often came what was foretold, over how many scores of each size there are."""
    with mpl.rc_context(STYLE):
        figure, axes = sized_figure(420, 340, (46, 12, 12, 134))
        some = count > 0
        mean, rate = foretold[some] / count[some], came[some] / count[some]
        axes.plot([0, 1], [0, 1], color=MUTED, lw=0.8, ls=(0, (2, 3)))
        axes.vlines(mean, *wilson(rate, count[some]), color=colour, lw=1.6, alpha=0.6)
        axes.plot(mean, rate, "o", ms=7, mew=1.2, mfc=colour, mec=SURFACE, clip_on=False, zorder=5)
        axes.set(xlim=(0, 1), ylim=(0, 1), ylabel="Part that was right", xticklabels=())
        _counts(figure.add_axes((46 / 420, 40 / 340, 362 / 420, 74 / 340)), colour, count)
        return to_svg(figure, words)


def small_lines(words: Words, times: Sequence[int], lines: Sequence[Line]) -> Markup:
    """Draw shares over time, each line in axes of its own and all on one scale."""
    across, width, height = 4, 172, 118
    down = -(-len(lines) // across)
    most = max(float(line.share.max()) for line in lines) * 1.15 or 1.0
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(across * width / 72, down * height / 72))
        for number, line in enumerate(lines):
            column, row = number % across, number // across
            box = column * width + 34, (down - 1 - row) * height + 22, width - 46, height - 46
            size = (across * width, down * height) * 2
            left, bottom, wide, high = (np.array(box) / size).tolist()
            axes = figure.add_axes((left, bottom, wide, high))
            axes.fill_between(times, line.low, line.high, color=line.colour, alpha=0.16, lw=0)
            axes.plot(times, line.share, color=line.colour, lw=1.8, marker="o", ms=2.6)
            axes.set(xlim=(times[0] - 0.3, times[-1] + 0.3), ylim=(0, most))
            axes.set_xticks([times[0], times[-1]], [str(times[0]), str(times[-1])])
            axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
            axes.yaxis.set_major_locator(MaxNLocator(3))
            axes.set_title(line.label, size=9.5, color=INK, loc="left", pad=5)
            axes.tick_params(length=2, pad=2, labelsize=8)
        return to_svg(figure, words)


def parts_of(
    words: Words,
    colour: str,
    names: Sequence[str],
    wholes: Sequence[int],
    parts: Mapping[str, Sequence[int]],
) -> Markup:
    """Draw how much of each whole each part is, as bars side by side over the whole's."""
    row, bar = 46, 10
    height = row * len(names) + 30
    with mpl.rc_context(STYLE):
        figure, axes = sized_figure(460, height, (104, 34, 26, 4))
        for place, whole in enumerate(wholes):
            axes.barh(place, whole, height=34 / row, color=RULE, alpha=0.6, lw=0)
            axes.text(whole, place, f" {whole:,}", size=9, va="center", color=MUTED)
        for number, (part, values) in enumerate(parts.items()):
            offset = (number - (len(parts) - 1) / 2) * (bar + 1) / row
            opacity = (0.95, 0.6, 0.3)[number % 3]
            places = [place + offset for place in range(len(names))]
            axes.barh(
                places, values, height=bar / row, color=colour, alpha=opacity, lw=0, label=part
            )
        axes.set(ylim=(len(names) - 0.4, -0.6), xlim=(0, max([*wholes, 1]) * 1.02), xticks=())
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(length=0, labelcolor=INK, labelsize=10)
        axes.spines["bottom"].set_visible(False)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, borderaxespad=0, fontsize=9)
        return to_svg(figure, words)


def grid(
    words: Words,
    colour: str | Sequence[str],
    counts: Numbers,
    rows: Sequence[str],
    columns: Sequence[str],
) -> Markup:
    """Draw counts as cells, the more the darker; `colour` is one for all, or one a column."""
    cell = 20
    colours = [colour] * len(columns) if isinstance(colour, str) else colour
    rows = [_UNDRAWABLE.sub("", row) for row in rows]
    left, top = 7 + 5.4 * max(map(len, rows)), 7 + 5.4 * max(map(len, columns))
    width, height = left + cell * len(columns) + 4, top + cell * len(rows) + 4
    with mpl.rc_context(STYLE):
        figure, axes = sized_figure(width, height, (left, 4, top, 4))
        axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0))
        axes.hlines(range(len(rows) + 1), 0, len(columns), color=RULE, lw=0.5)
        axes.vlines(range(len(columns) + 1), 0, len(rows), color=RULE, lw=0.5)
        for row, column in np.argwhere(counts > 0).tolist():
            alpha = _DENSEST * (0.15 + 0.85 * float(np.sqrt(counts[row, column] / counts.max())))
            axes.add_patch(Rectangle((column, row), 1, 1, fc=colours[column], alpha=alpha, lw=0))
            axes.text(column + 0.5, row + 0.7, f"{counts[row, column]:.0f}", size=9, ha="center")
        axes.spines[:].set_visible(False)
        axes.xaxis.tick_top()
        axes.tick_params(length=0, pad=3, labelcolor=INK, labelsize=10)
        axes.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=90)
        axes.set_yticks(np.arange(len(rows)) + 0.5, rows)
        return to_svg(figure, words)


def sized_figure(
    width: float, height: float, margins: tuple[float, float, float, float]
) -> tuple[Figure, Axes]:
    """Return a figure of this size with one pair of axes inside left, right, top, bottom."""
    left, right, top, bottom = margins
    figure = Figure(figsize=(width / 72, height / 72))  # SVG has 72 units to the inch
    inner = (left, bottom, width - left - right, height - top - bottom)
    box = np.array(inner) / (width, height, width, height)
    return figure, figure.add_axes(tuple(box.tolist()))


def _thinned(curve: Curve) -> tuple[Numbers, Numbers]:
    """Return recall and precision at steps of recall, from a recall of 0."""
    if not len(curve.recall):
        return np.zeros(0), np.zeros(0)
    steps = np.searchsorted(curve.recall, np.linspace(0, curve.recall[-1], _POINTS))
    kept = np.unique(steps)
    recall, precision = curve.recall[kept], curve.precision[kept]
    return np.append(0, recall), np.append(precision[0], precision)


def _equal_f1(
    axes: Axes, f1: float, low: float, colour: str, dashes: object, label: str = ""
) -> None:
    recall = np.linspace(f1 / (2 - f1), 1, 60)
    axes.plot(recall, f1 * recall / (2 * recall - f1), color=colour, lw=0.9, ls=dashes)
    if label and f1 / (2 - f1) > low:
        axes.text(1.012, f1 / (2 - f1), label, color=MUTED, size=8.5, va="center")


def _counts(axes: Axes, colour: str, count: Numbers) -> None:
    middles = (np.arange(len(count)) + 0.5) / len(count)
    axes.bar(middles, count, width=0.085, color=colour, alpha=0.35, lw=0)
    for place, number in zip(middles.tolist(), count.tolist(), strict=True):
        axes.text(place, max(number, 1) * 1.35, f"{number:,.0f}", size=7.5, ha="center")
    axes.set(xlim=(0, 1), xlabel="Score", ylabel="Scores", yscale="log")
    axes.set(ylim=(1, max(float(count.max()), 1) * 6), yticks=())
    axes.minorticks_off()


# From matplotlib's SVG to a part of a page


_UNDRAWABLE = re.compile("[^\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # in XML
_NUMBER = re.compile(r"-?\d+\.\d+")
_MEASURES = {"d", "x", "y", "width", "height", "transform", "viewBox"}
_FONT = re.compile(r"(?:(?P<weight>bold|\d{3}) )?(?P<size>[\d.]+px)")


def to_svg(figure: Figure, words: Words) -> Markup:
    """Return a figure, drawn in `STYLE` and the colours above, as a part of a page."""
    drawn = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with warnings.catch_warnings():
        # The page's letters are drawn by the browser, which has those that matplotlib's font lacks.
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        figure.savefig(drawn, format="svg", metadata=nothing, transparent=True)
    root = ElementTree.fromstring(drawn.getvalue())
    ids = _own_ids(drawn.getvalue(), words.name)
    for element in list(root.iter()):
        _clean(element, ids)
    _flatten(root)
    root.attrib = {"viewBox": root.attrib["viewBox"], "class": "chart", "role": "img"}
    root.set("width", root.attrib["viewBox"].split()[2])
    _label(root, words)
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _own_ids(source: str, name: str) -> dict[str, str]:
    """Return short ids, this chart's own, for those that something in it refers to."""
    used = dict.fromkeys(re.findall(r'(?:url\(|href=")#([^)"]+)', source))
    return {old: f"{name}-{number}" for number, old in enumerate(used)}


def _clean(element: ElementTree.Element, ids: dict[str, str]) -> None:
    """Take out namespaces and idle attributes, and say styles as the page's policy lets them."""
    attributes: dict[str, str] = {}
    for key, value in element.attrib.items():
        key = key.rpartition("}")[2]
        if key == "style":
            attributes.update(_attributes(value))
        elif key == "id":
            attributes.update({"id": ids[value]} if value in ids else {})
        elif key == "href":
            attributes[key] = f"#{ids[value[1:]]}"
        elif key == "clip-path":
            attributes[key] = f"url(#{ids[value[5:-1]]})"
        elif key in _MEASURES and not value.startswith("rotate(-0 "):
            attributes[key] = " ".join(_NUMBER.sub(_short, value).split())
    element.tag = element.tag.rpartition("}")[2]
    element.attrib = attributes
    element.tail = None
    element.text = element.text if (element.text or "").strip() else None


def _short(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")


def _attributes(style: str) -> Iterator[tuple[str, str]]:
    for declaration in style.split("; "):
        key, _, value = declaration.partition(": ")
        if key == "font" and (match := _FONT.search(value)):  # matplotlib before 3.11
            yield "font-size", match["size"]
        elif not key.startswith("font-family"):
            yield key, _VARIABLES.get(value, value)


def _flatten(parent: ElementTree.Element) -> None:
    """Put in the place of groups that say nothing what they hold; drop what cannot be seen."""
    kept: list[ElementTree.Element] = []
    for child in parent:
        _flatten(child)
        if child.tag == "g" and not child.attrib:
            kept += child
        elif child.tag not in ("style", "metadata") and not _unseen(child):
            kept.append(child)
    parent[:] = kept


def _unseen(element: ElementTree.Element) -> bool:
    empty = element.tag in ("defs", "g") and not len(element)
    return empty or (element.get("fill") == "none" and "stroke" not in element.attrib)


def _label(root: ElementTree.Element, words: Words) -> None:
    """Give the chart its title and its description."""
    for tag, text in (("desc", words.description), ("title", words.title)):
        element = ElementTree.Element(tag, id=f"{words.name}-{tag}")
        element.text = text
        root.insert(0, element)
    root.set("aria-labelledby", f"{words.name}-title {words.name}-desc")
