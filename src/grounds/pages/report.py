"""The report of an evaluation as a page: figures, charts, mistakes and every decision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path

import numpy as np
from markupsafe import Markup

from grounds.codebook import Tag, codebook
from grounds.evaluation import Case, FamilyFigures, Report, TagFigures
from grounds.features.borders import Ints
from grounds.figures import Flags, Numbers, reliability
from grounds.figures import precision_recall as curve_of
from grounds.mistakes import Mistake, why
from grounds.model.heads import tag_matrix, tags
from grounds.model.weigh import families
from grounds.pages import charts, render
from grounds.pages.charts import Curve, Words

WORST = 8
"""Mistakes of each sort that are shown as the worst."""

_PAIRS = 12
"""Pairs of tags that are named beside a grid."""

_AROUND = 140
"""Characters of a paragraph that are shown before the words in question, and after."""

_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class _Family:
    """What the page calls a family, how it is drawn, and the micro F1 that two readers reach."""

    key: str
    title: str
    colour: str
    readers: float


_FAMILIES = (
    _Family("reasons", "Grounds and bars", charts.REASON, 0.97),
    _Family("remedies", "Remedies", charts.REMEDY, 0.96),
)


@dataclass(frozen=True, slots=True)
class Quote:
    """Words in question, with what stands before and after them."""

    before: str
    words: str
    after: str
    place: str


@dataclass(frozen=True, slots=True)
class MistakeView:
    """A mistake as the page shows it; `anchor` and `name` are those of its decision."""

    mistake: Mistake
    anchor: str
    name: str
    quote: Quote | None
    why: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """A decision as the page shows it; `marks` are its tags, each right, missed or wrong."""

    anchor: str
    name: str
    case: Case
    marks: tuple[tuple[str, str], ...]
    mistakes: tuple[MistakeView, ...]


@dataclass(frozen=True, slots=True)
class TagView:
    """A tag as the page shows it, and the decisions in which it was missed or wrongly given."""

    meaning: Tag
    sentence: str
    figures: TagFigures
    curve: Markup | None
    missed: tuple[CaseView, ...]
    wrong: tuple[CaseView, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A tag missed and one wrongly given instead, and the decisions in which that is so."""

    missed: str
    wrong: str
    cases: tuple[CaseView, ...]


@dataclass(frozen=True, slots=True)
class Together:
    """Two tags, and how many decisions the reader and the model gave both."""

    tags: tuple[str, str]
    labelled: int
    given: int


@dataclass(frozen=True, slots=True)
class FamilyView:
    """A family of tags as the page shows it."""

    key: str
    title: str
    readers: float
    family: FamilyFigures
    tags: tuple[TagView, ...]
    reliability: Markup
    bins: tuple[tuple[float, float, int], ...]
    confusions: Markup
    pairs: tuple[Pair, ...]
    together: Markup
    most_together: tuple[Together, ...]
    missed: tuple[MistakeView, ...]
    wrong: tuple[MistakeView, ...]


def page(report: Report) -> str:
    """Return the report as an HTML page, which needs no other file and no network.

    Parameters
    ----------
    report
        From `grounds.evaluate` or `grounds.evaluation.cross_validate`.
    """
    gold = tag_matrix(case.item.tags for case in report.cases)
    given = np.stack([case.given for case in report.cases])
    probability = np.stack([case.probability for case in report.cases])
    cases = [_case(number, case, given[number]) for number, case in enumerate(report.cases)]
    scored = _Scored(gold, given, probability)
    return render(
        "report",
        report=report,
        curves=_micro_curves(report, scored),
        families=[_family(family, report, scored, cases) for family in _FAMILIES],
        cases=cases,
        codebook=codebook(),
    )


@dataclass(frozen=True, slots=True)
class _Scored:
    """What readers and models said of all decisions and tags, of shape (n_decisions, n_tags)."""

    gold: Flags
    given: Flags
    probability: Numbers

    def only(self, columns: slice) -> _Scored:
        """Return the part about some tags."""
        return _Scored(self.gold[:, columns], self.given[:, columns], self.probability[:, columns])

    def curve(self, label: str, colour: str, readers: float = 1.0) -> Curve:
        """Return precision and recall over all of these tags."""
        hits = (self.gold & self.given).sum()
        point = float(hits / max(self.gold.sum(), 1)), float(hits / max(self.given.sum(), 1))
        return Curve(label, colour, *curve_of(self.probability, self.gold), point, readers)


# Decisions and mistakes


def _case(number: int, case: Case, given: Flags) -> CaseView:
    decision = case.item.decision
    anchor = f"decision-{number + 1}"
    name = decision.reference or Path(decision.source).stem
    marks = tuple(
        (tag, _mark(tag in case.item.tags, bool(is_given)))
        for tag, is_given in zip(tags(), given, strict=True)
        if is_given or tag in case.item.tags
    )
    views = tuple(
        MistakeView(found, anchor, name, _quote(found, case), why(found, case.item, case.mistakes))
        for found in case.mistakes
    )
    return CaseView(anchor, name, case, marks, views)


def _mark(labelled: bool, given: bool) -> str:
    if labelled and given:
        return "right"
    return "missed" if labelled else "wrong"


def _quote(mistake: Mistake, case: Case) -> Quote | None:
    if (shown := mistake.shown) is None:
        return None
    paragraph = case.item.decision.paragraphs[shown.index]
    text, start, end = paragraph.text, shown.start, shown.end
    number = f"¶ {paragraph.number} · " if paragraph.number else ""
    return Quote(
        before=_cut(text[:start][::-1])[::-1],
        words=text[start:end],
        after=_cut(text[end:]),
        place=f"{number}{paragraph.heading}",
    )


def _cut(text: str) -> str:
    """Return the beginning of a text, cut between words where it is long."""
    if len(text) <= _AROUND:
        return text
    return f"{text[:_AROUND].rpartition(' ')[0]} …"


def _worst(cases: Iterable[CaseView], names: frozenset[str], missed: bool) -> list[MistakeView]:
    """Return the mistakes of one sort about which the model was surest."""
    found = [
        view
        for case in cases
        for view in case.mistakes
        if view.mistake.missed == missed and view.mistake.tag in names
    ]
    return sorted(found, key=lambda v: v.mistake.score * (1 if missed else -1))[:WORST]


# Families and tags


def _family(
    family: _Family, report: Report, scored: _Scored, cases: Sequence[CaseView]
) -> FamilyView:
    columns = families()[family.key]
    names = tags()[columns]
    part = scored.only(columns)
    pairs = _confused(cases, frozenset(names))
    foretold, came, count = reliability(part.probability, part.gold)
    labelled, given = (flags.astype(int).T @ flags for flags in (part.gold, part.given))
    return FamilyView(
        key=family.key,
        title=family.title,
        readers=family.readers,
        family=getattr(report, family.key),
        tags=tuple(_tags(family, report, part, cases, columns)),
        reliability=_reliability(family, foretold, came, count),
        bins=tuple(zip(foretold.tolist(), came.tolist(), count.astype(int).tolist(), strict=True)),
        confusions=_confusions(family, pairs, names),
        pairs=tuple(pair for pair in pairs if _NOTHING not in (pair.missed, pair.wrong))[:_PAIRS],
        together=_together(family, labelled, given, names),
        most_together=tuple(_most_together(labelled, given, names)),
        missed=tuple(_worst(cases, frozenset(names), missed=True)),
        wrong=tuple(_worst(cases, frozenset(names), missed=False)),
    )


def _tags(
    family: _Family, report: Report, part: _Scored, cases: Sequence[CaseView], columns: slice
) -> Iterator[TagView]:
    """Yield the tags of a family, the weakest first and those that do not occur last."""
    where: dict[tuple[str, str], list[CaseView]] = defaultdict(list)
    for case in cases:
        for mark in case.marks:
            where[mark].append(case)
    figures = report.tags[columns]
    known = [one.gold + one.given > 0 for one in figures]
    order = sorted(range(len(figures)), key=lambda i: (not known[i], figures[i].f1))
    for column in order:
        of_tag = figures[column]
        scored = part.only(slice(column, column + 1))
        yield TagView(
            meaning=codebook().tags[of_tag.tag],
            sentence=_sentence(codebook().tags[of_tag.tag]),
            figures=of_tag,
            curve=_tag_curve(family, of_tag, scored) if of_tag.gold else None,
            missed=tuple(where[of_tag.tag, "missed"]),
            wrong=tuple(where[of_tag.tag, "wrong"]),
        )


def _sentence(tag: Tag) -> str:
    said = "" if tag.family == "remedy" else "the Ombudsman says that "
    words = said + tag.definition
    return words[0].upper() + words[1:]


# Charts


def _micro_curves(report: Report, scored: _Scored) -> Markup:
    curves = []
    parts = []
    for family in _FAMILIES:
        part = scored.only(families()[family.key])
        figures = getattr(report, family.key).figures
        curves.append(part.curve(family.title.lower(), family.colour, family.readers))
        parts.append(
            f"{family.title}: precision {figures.precision:.3f} at recall {figures.recall:.3f}"
        )
    words = Words("curves", "Precision and recall", f"{'; '.join(parts)} at the thresholds in use.")
    return charts.precision_recall(words, curves)


def _tag_curve(family: _Family, figures: TagFigures, scored: _Scored) -> Markup:
    words = Words(
        f"curve-{figures.tag.replace(':', '-')}",
        f"Precision against recall of {figures.tag}",
        f"Precision {figures.precision:.2f} at recall {figures.recall:.2f} at the thresholds in "
        "use.",
    )
    return charts.tag_curve(words, scored.curve(figures.tag, family.colour))


def _reliability(family: _Family, foretold: Numbers, came: Numbers, count: Numbers) -> Markup:
    words = Words(
        f"reliability-{family.key}",
        f"{family.title}: scores, and the part of them that was right",
        "The table below has the numbers.",
    )
    return charts.reliability(words, family.colour, foretold, came, count)


def _confused(cases: Iterable[CaseView], names: frozenset[str]) -> list[Pair]:
    """Return what was missed while what was wrongly given, the most frequent first."""
    where: dict[tuple[str, str], list[CaseView]] = defaultdict(list)
    for case in cases:
        marked = {
            state: [tag for tag, mark in case.marks if mark == state and tag in names]
            for state in ("missed", "wrong")
        }
        if marked["missed"] or marked["wrong"]:
            for missed, wrong in product(*(found or [_NOTHING] for found in marked.values())):
                where[missed, wrong].append(case)
    pairs = [Pair(*pair, tuple(found)) for pair, found in where.items()]
    return sorted(pairs, key=lambda pair: (-len(pair.cases), pair.missed, pair.wrong))


def _confusions(family: _Family, pairs: Sequence[Pair], names: Sequence[str]) -> Markup:
    """Draw missed tags against wrongly given ones; only tags that take part have a line."""
    rows = [name for name in names if any(pair.missed == name for pair in pairs)]
    columns = [name for name in names if any(pair.wrong == name for pair in pairs)]
    rows, columns = [*rows, _NOTHING], [*columns, _NOTHING]
    counts = np.zeros((len(rows), len(columns)))
    for pair in pairs:
        counts[rows.index(pair.missed), columns.index(pair.wrong)] = len(pair.cases)
    words = Words(
        f"confusions-{family.key}",
        f"{family.title}: tags missed (rows) and wrongly given (columns) in the same decision",
        "The table below names the pairs that occur most.",
    )
    return charts.grid(words, family.colour, counts, rows, columns)


def _together(family: _Family, labelled: Ints, given: Ints, names: Sequence[str]) -> Markup:
    counts = np.tril(labelled, -1) + np.triu(given, 1)
    words = Words(
        f"together-{family.key}",
        f"{family.title}: decisions with both of two tags, as labelled (below the diagonal) and "
        "as given (above it)",
        "The table below names the pairs that occur most.",
    )
    return charts.grid(words, family.colour, counts.astype(float), names, names)


def _most_together(labelled: Ints, given: Ints, names: Sequence[str]) -> list[Together]:
    """Return the pairs of tags that readers gave most often to one decision."""
    pairs = [
        Together((names[one], names[other]), int(labelled[one, other]), int(given[one, other]))
        for one, other in combinations(range(len(names)), 2)
        if labelled[one, other]
    ]
    return sorted(pairs, key=lambda pair: -pair.labelled)[:_PAIRS]
