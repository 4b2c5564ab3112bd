"""Statistics of many tagged decisions: how often, when, about whom, what together, what remedies.

Everything is a count of decisions. What the classifier's own errors do to the counts follows from
its scores, which are calibrated: of many tags given at a score of 0.8, about 8 in 10 are right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np

from grounds.codebook import codebook
from grounds.decision import Decision
from grounds.features.borders import Ints
from grounds.figures import Flags, Interval, Numbers, wilson
from grounds.record import Record

UNKNOWN = "unknown"
"""What a decision counts under whose header does not say its year, subject or body."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Tagged decisions as arrays, a row a decision and a column a tag of the codebook.

    Attributes
    ----------
    given
        Which tags each decision has.
    score
        The score of each tag that is given or for review, 0 for the others.
    years, subjects, bodies
        When each was decided, the first part of its category, and whom it is about.
    left_out
        How many texts do not look like decisions; nothing is counted of them.
    """

    given: Flags
    score: Numbers
    years: tuple[str, ...]
    subjects: tuple[str, ...]
    bodies: tuple[str, ...]
    left_out: int = 0

    def __len__(self) -> int:
        return len(self.years)


@dataclass(frozen=True, slots=True)
class TagCount:
    """How often a tag is given.

    Attributes
    ----------
    tag
        Its id.
    given
        Decisions that have it.
    share
        Their part of all, and its 95% interval.
    right
        How many of them are expected to be right, by their scores.
    near, missed
        Decisions that it was nearly given to (for review), and how many of these are expected to
        have it all the same.
    """

    tag: str
    given: int
    share: float
    interval: Interval
    right: float
    near: int
    missed: float

    @property
    def expected(self) -> float:
        """How many decisions have the tag, by the scores of those that were given it or nearly."""
        return self.right + self.missed


@dataclass(frozen=True, slots=True)
class Groups:
    """Decisions by year, subject or body.

    Attributes
    ----------
    names
        The groups.
    totals
        Decisions of each, of shape (n_groups,).
    counts
        Of these, those with each tag, of shape (n_groups, n_tags).
    """

    names: tuple[str, ...]
    totals: Ints
    counts: Ints


@dataclass(frozen=True, slots=True)
class Pair:
    """Two tags, how many decisions have both, and how many would by chance."""

    tags: tuple[str, str]
    both: int
    by_chance: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a kind of remedy: decisions with each status, all, and where it was sought.

    Both are by status; of `where_sought` the entry ``"sought"`` is how many sought it.
    """

    kind: str
    all: dict[str, int]
    where_sought: dict[str, int]


@cache
def column_of() -> dict[str, int]:
    """Return the column of each tag: its place in the codebook."""
    return {tag: number for number, tag in enumerate(codebook().tags)}


def sample_of(records: Iterable[Record]) -> Sample:
    """Return records as a sample; one record at a time is held in memory.

    Parameters
    ----------
    records
        From `grounds.tag`, or read back.
    """
    column = column_of()
    places: list[tuple[int, int, float, bool]] = []
    decisions: list[tuple[str, str, str]] = []
    left_out = 0
    for record in records:
        if record.foreign:
            left_out += 1
            continue
        row = len(decisions)
        found = {one.tag: one.score for one in (*record.tags, *record.remedies)}
        near = {one.tag: one.score for one in record.review if one.tag not in found}
        places += [(row, column[tag], score, True) for tag, score in found.items()]
        places += [(row, column[tag], score, False) for tag, score in near.items()]
        decisions.append(_groups_of(record.decision))
    shape = len(decisions), len(column)
    given, score = np.zeros(shape, bool), np.zeros(shape, np.float32)
    if places:
        rows, columns, scores, is_given = (np.array(part) for part in zip(*places, strict=True))
        given[rows, columns], score[rows, columns] = is_given, scores
    years, subjects, bodies = zip(*decisions, strict=True) if decisions else ((), (), ())
    return Sample(given, score, years, subjects, bodies, left_out)


def subject_of(decision: Decision) -> str:
    """Return the first part of a decision's category, ``"Education"`` of ``"Education > Other"``."""
    return (decision.category or "").partition(">")[0].strip()


def year_of(decision: Decision) -> str:
    """Return the year of a decision, ``""`` where it has no date."""
    return (decision.date or "")[:4]


def count_tags(sample: Sample) -> list[TagCount]:
    """Count every tag of the codebook, in its order."""
    number = len(sample)
    given = sample.given.sum(axis=0)
    share = given / max(number, 1)
    low, high = wilson(share, np.full(len(given), number))
    right = np.where(sample.given, sample.score, 0).sum(axis=0, dtype=float)
    near = ~sample.given & (sample.score > 0)
    missed = np.where(near, sample.score, 0).sum(axis=0, dtype=float)
    return [
        TagCount(
            tag=tag,
            given=int(given[i]),
            share=float(share[i]),
            interval=(float(low[i]), float(high[i])),
            right=float(right[i]),
            near=int(near[:, i].sum()),
            missed=float(missed[i]),
        )
        for i, tag in enumerate(codebook().tags)
    ]


def by_year(sample: Sample) -> Groups:
    """Count the tags of each year, from the first to the last; what has no date comes at the end."""
    return _grouped(sample, sample.years, sorted(set(sample.years)))


def by_size(sample: Sample, values: Sequence[str]) -> Groups:
    """Count the tags of each group, the largest first.

    Parameters
    ----------
    sample
        The decisions.
    values
        The group of each: ``sample.subjects`` or ``sample.bodies``.
    """
    order = sorted(Counter(values).items(), key=lambda item: (-item[1], item[0]))
    return _grouped(sample, values, [name for name, _ in order])


def count_pairs(sample: Sample) -> list[Pair]:
    """Count the grounds and bars that occur together, the most frequent pair first."""
    names = codebook().reasons
    given = sample.given[:, : len(names)].astype(np.int64)
    both, alone = given.T @ given, given.sum(axis=0)
    pairs = [
        Pair((names[a], names[b]), int(both[a, b]), float(alone[a] * alone[b] / len(sample)))
        for a, b in combinations(range(len(names)), 2)
        if both[a, b]
    ]
    return sorted(pairs, key=lambda pair: -pair.both)


def count_fates(sample: Sample) -> list[Fate]:
    """Count what becomes of each kind of remedy, that which is sought most first."""
    column = column_of()
    fates = []
    for kind in codebook().kinds:
        have = {
            status: sample.given[:, column[f"{kind}:{status}"]] for status in codebook().statuses
        }
        sought = have["sought"]
        fates.append(
            Fate(
                kind,
                {status: int(flags.sum()) for status, flags in have.items()},
                {status: int((flags & sought).sum()) for status, flags in have.items()},
            )
        )
    return sorted(fates, key=lambda fate: -fate.all["sought"])


def _groups_of(decision: Decision) -> tuple[str, str, str]:
    groups = year_of(decision), subject_of(decision), decision.body
    year, subject, body = (name or UNKNOWN for name in groups)
    return year, subject, body


def _grouped(sample: Sample, values: Sequence[str], names: Sequence[str]) -> Groups:
    place = {name: number for number, name in enumerate(names)}
    rows = np.fromiter((place[value] for value in values), np.int64, len(values))
    counts = np.zeros((len(names), sample.given.shape[1]), np.int64)
    np.add.at(counts, rows, sample.given)
    return Groups(tuple(names), np.bincount(rows, minlength=len(names)), counts)
