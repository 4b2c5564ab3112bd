"""Statistics of tagged decisions: numbers of a small case worked out by hand."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from made import decision
from records import MODEL, corpus_records
from rich.console import Console

from grounds import statistics
from grounds.codebook import codebook
from grounds.record import Record, Review, TagFound
from grounds.statistics import Sample, sample_of
from grounds.writing.statistics import show_statistics


def made(
    year: str | None,
    body: str | None,
    *tags: tuple[str, float],
    near: tuple[str, float] | None = None,
) -> Record:
    """Return the record of a decision with these tags and scores."""
    found = [TagFound(tag, codebook().tags[tag].family, score, ()) for tag, score in tags]
    return Record(
        decision=replace(
            decision(("assessment", "No.")),
            date=year and f"{year}-05-06",
            body=body,
            category=f"Subject of {body} > Other" if body else None,
        ),
        tags=tuple(one for one in found if one.family != "remedy"),
        cited=(),
        remedies=tuple(one for one in found if one.family == "remedy"),
        review=(Review(*near),) if near else (),
        model=MODEL,
    )


RECORDS = (
    made("2023", "A", ("late", 0.9), ("no_fault", 0.8), ("payment:sought", 1.0)),
    made("2024", "A", ("late", 0.7), ("payment:sought", 1.0), ("payment:declined", 0.9)),
    made("2024", "B", ("no_fault", 0.6), near=("late", 0.4)),
    made(None, None, ("payment:agreed", 0.5), near=("late", 0.2)),
)


@pytest.fixture(scope="module")
def sample() -> Sample:
    return sample_of(RECORDS)


def test_tags_are_counted(sample: Sample) -> None:
    late = next(count for count in statistics.count_tags(sample) if count.tag == "late")
    assert (late.given, late.share, late.near) == (2, 0.5, 2)
    assert (late.right, late.missed) == pytest.approx((1.6, 0.6))
    assert late.expected == pytest.approx(2.2)
    assert late.interval == pytest.approx((0.15, 0.85), abs=0.001)  # Wilson, 2 of 4
    never = next(count for count in statistics.count_tags(sample) if count.tag == "premature")
    assert (never.given, never.share, never.expected) == (0, 0.0, 0.0)


def test_a_tag_that_is_given_and_for_review_counts_once() -> None:
    both = made("2024", "A", ("late", 0.6), near=("late", 0.6))
    late = statistics.count_tags(sample_of([both]))[list(codebook().tags).index("late")]
    assert (late.given, late.near) == (1, 0)
    assert late.expected == pytest.approx(0.6)


def test_years_subjects_and_bodies_are_counted(sample: Sample) -> None:
    late = list(codebook().tags).index("late")
    years = statistics.by_year(sample)
    assert years.names == ("2023", "2024", "unknown")
    assert (years.totals.tolist(), years.counts[:, late].tolist()) == ([1, 2, 1], [1, 1, 0])
    bodies = statistics.by_size(sample, sample.bodies)
    assert (bodies.names, bodies.totals.tolist()) == (("A", "B", "unknown"), [2, 1, 1])
    assert bodies.counts[:, late].tolist() == [2, 0, 0]
    subjects = statistics.by_size(sample, sample.subjects)
    assert subjects.names == ("Subject of A", "Subject of B", "unknown")


def test_pairs_are_counted(sample: Sample) -> None:
    (pair,) = statistics.count_pairs(sample)
    assert (set(pair.tags), pair.both, pair.by_chance) == ({"late", "no_fault"}, 1, 1.0)


def test_what_becomes_of_remedies_is_counted(sample: Sample) -> None:
    payment = statistics.count_fates(sample)[0]
    assert payment.kind == "payment"
    assert payment.all == {"sought": 2, "provided": 0, "agreed": 1, "declined": 1}
    assert payment.where_sought == {"sought": 2, "provided": 0, "agreed": 0, "declined": 1}


def test_counts_add_up_on_the_corpus() -> None:
    records = corpus_records()
    sample = sample_of(records)
    given = np.array([count.given for count in statistics.count_tags(sample)])
    assert given.sum() == sum(len(one.tags) + len(one.remedies) for one in records)
    for groups in (
        statistics.by_year(sample),
        statistics.by_size(sample, sample.subjects),
        statistics.by_size(sample, sample.bodies),
    ):
        assert groups.totals.sum() == len(records)
        assert groups.counts.sum(axis=0).tolist() == given.tolist()


def shown(sample: Sample) -> list[str]:
    to = Console(file=io.StringIO(), width=100, color_system=None)
    show_statistics(sample, to)
    assert isinstance(to.file, io.StringIO)
    return to.file.getvalue().splitlines()


def test_the_screen_says_what_was_counted(sample: Sample) -> None:
    lines = shown(sample)
    assert lines[0] == "4 decisions, 2023 to 2024, 2 bodies"
    late = next(line for line in lines if line.startswith("  late "))
    assert late.split() == ["late", "2", "50.0%", "15.0–85.0", "2"]
    payment = next(line for line in lines if line.startswith("  payment "))
    assert payment.split() == ["payment", "2", "0", "0%", "0", "0%", "1", "50%"]
    assert any(line.split() == ["2024", "2", "no_fault", "1,", "late", "1"] for line in lines)


def test_nothing_found_is_said() -> None:
    lines = shown(sample_of([made(None, None)]))
    assert lines[0] == "1 decision, 0 bodies"
    assert "Grounds and bars: none" in lines
    assert "Remedies: none" in lines
