"""How much labelled data there is, tag by tag."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grounds.codebook import codebook
from grounds.corpus.sentences import LabelledSentence
from grounds.decision import LabelledDecision


@dataclass(slots=True)
class Counts:
    """What there is of labelled data.

    Attributes
    ----------
    decisions, words, spans
        Decisions, words in their paragraphs, and tags on words.
    without_reason
        Decisions that rely on no ground and no bar.
    relied, cited
        How many decisions rely on, and cite, each tag (`relied` holds the remedies too).
    folders
        How many decisions each folder has.
    sentences
        How many single sentences there are.
    untagged
        How many of these carry no tag.
    in_sentences
        How many of these carry each tag.
    """

    decisions: int = 0
    words: int = 0
    spans: int = 0
    without_reason: int = 0
    relied: Counter[str] = field(default_factory=Counter)
    cited: Counter[str] = field(default_factory=Counter)
    folders: Counter[str] = field(default_factory=Counter)
    sentences: int = 0
    untagged: int = 0
    in_sentences: Counter[str] = field(default_factory=Counter)


def count(
    labelled: Iterable[LabelledDecision], sentences: Iterable[LabelledSentence] = ()
) -> Counts:
    """Count labelled decisions, and single sentences where there are any."""
    counts = Counts()
    reasons = frozenset(codebook().reasons)
    for one in labelled:
        counts.decisions += 1
        counts.words += sum(len(p.text.split()) for p in one.decision.paragraphs)
        counts.spans += len(one.spans or ())
        counts.without_reason += reasons.isdisjoint(one.tags)
        counts.relied.update(one.tags)
        counts.cited.update(one.cited or ())
        counts.folders[Path(one.decision.source).parent.name] += 1
    for sentence in sentences:
        counts.sentences += 1
        counts.untagged += not sentence.tags
        counts.in_sentences.update(sentence.tags)
    return counts


def to_markdown(counts: Counts, splits: Mapping[str, Iterable[Iterable[str]]]) -> str:
    """Return the counts as the tables of ``data/README.md``.

    Parameters
    ----------
    counts
        The counts.
    splits
        The folders of each fold, by the file that names them.
    """
    totals = (
        f"{counts.decisions:,} decisions, {counts.words:,} words in their paragraphs, "
        f"{counts.spans:,} tags on words; "
        f"{counts.without_reason:,} decisions have no ground and no bar. "
        f"{counts.sentences:,} single sentences, {counts.untagged:,} of them without a tag."
    )
    folds = (_fold_table(counts, name, folds) for name, folds in splits.items())
    return "\n\n".join((totals, *folds, _reason_table(counts), _remedies(counts)))


def _reason_table(counts: Counts) -> str:
    rows = [
        (f"`{tag}`", counts.relied[tag], counts.cited[tag], counts.in_sentences[tag])
        for tag in codebook().reasons
    ]
    return _table(("ground or bar", "decisions", "cited in", "sentences"), rows)


def _remedies(counts: Counts) -> str:
    statuses = codebook().statuses
    rows = [
        (f"`{kind}`", *(_both(counts, f"{kind}:{status}") for status in statuses))
        for kind in codebook().kinds
    ]
    return _table(("remedy: decisions / sentences", *(f"`{s}`" for s in statuses)), rows)


def _both(counts: Counts, tag: str) -> str:
    return f"{counts.relied[tag]} / {counts.in_sentences[tag]}"


def _fold_table(counts: Counts, name: str, folds: Iterable[Iterable[str]]) -> str:
    rows = [
        (
            number,
            ", ".join(f"`{folder}` {counts.folders[folder]}" for folder in fold),
            sum(counts.folders[folder] for folder in fold),
        )
        for number, fold in enumerate(map(tuple, folds), 1)
    ]
    return _table((f"fold of `{name}`", "folders", "decisions"), rows)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    rows = list(rows)
    ruler = ["---:" if isinstance(cell, int) else "---" for cell in rows[0]] if rows else []
    lines = (columns, ruler, *rows)
    return "\n".join(f"| {' | '.join(map(str, cells))} |" for cells in lines)
