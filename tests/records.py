"""Records made from labelled decisions, as a model without error would make them."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path

from grounds.codebook import codebook
from grounds.corpus.markup import parse_markup
from grounds.decision import LabelledDecision, Span
from grounds.record import Cited, Evidence, ModelId, Record, Review, TagFound

CORPUS = Path(__file__).parent.parent / "data" / "corpus"
MODEL = ModelId("grounds", "test", "0" * 64)


def labelled(name: str) -> LabelledDecision:
    """Read one decision of the corpus, by its path in it."""
    return parse_markup((CORPUS / name).read_text("utf-8"), name)


@cache
def corpus_records() -> tuple[Record, ...]:
    """Return a record of every decision in the corpus."""
    paths = sorted(CORPUS.glob("*/*.md"))
    return tuple(record_of(labelled(str(path.relative_to(CORPUS)))) for path in paths)


def record_of(given: LabelledDecision) -> Record:
    """Return the record that says what the labels say."""
    paragraphs = given.decision.paragraphs
    carried: dict[str, list[Evidence]] = defaultdict(list)
    listed: dict[str, list[int]] = defaultdict(list)
    for span in given.spans or ():
        if paragraphs[span.index].section == "powers":
            listed[span.tag].append(paragraphs[span.index].number)
        else:
            carried[span.tag].append(_evidence(given, span, 0.98 - 0.03 * len(carried[span.tag])))
    order = list(codebook().tags)
    found = [
        TagFound(tag, codebook().tags[tag].family, 0.98, tuple(carried[tag]), tag in listed)
        for tag in sorted(given.tags, key=order.index)
    ]
    cited = sorted((given.cited or frozenset()) - given.tags, key=order.index)
    return Record(
        decision=given.decision,
        tags=tuple(tag for tag in found if tag.family != "remedy"),
        cited=tuple(Cited(tag, tuple(listed[tag])) for tag in cited),
        remedies=tuple(tag for tag in found if tag.family == "remedy"),
        review=tuple(Review(tag, 0.44444) for tag in cited[:1]),
        model=MODEL,
    )


def _evidence(given: LabelledDecision, span: Span, score: float) -> Evidence:
    paragraph = given.decision.paragraphs[span.index]
    text = paragraph.text[span.start : span.end]
    return Evidence(paragraph.number, span.start, span.end, text, score)
