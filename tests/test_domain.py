"""Texts that are no decisions: noticed, not tagged, and shown as such."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made import decision
from records import CORPUS, labelled
from rendering import Style, dashes, numbered, page, parse, plain
from rich.console import Console

import grounds
from grounds import explaining, statistics
from grounds.decision import Decision
from grounds.features.clauses import segment, segment_each
from grounds.model import Model
from grounds.pages import decision as decision_page
from grounds.reading import read_bytes, read_text
from grounds.record import FOREIGN, Record
from grounds.tagging import tag, tag_all
from grounds.training.domain import fit_domain, take_over
from grounds.writing.screen import show_record, show_records
from grounds.writing.statistics import show_statistics

ELSEWHERE = CORPUS.parent / "elsewhere"
FILES = sorted(ELSEWHERE.glob("*/*.txt"))


@pytest.fixture(scope="module")
def others() -> list[Decision]:
    """Return texts that have a decision's headings and are none."""
    return [grounds.read(file) for file in FILES]


@pytest.fixture(scope="module")
def records(others: list[Decision], shipped: Model) -> list[Record]:
    """Return what the shipped model makes of them."""
    return list(tag_all(others, shipped))


def some_decisions() -> Iterator[Decision]:
    """Yield decisions of all folders, and copies of them in every layout."""
    for file in sorted([*CORPUS.glob("*/*.md"), *(CORPUS.parent / "voices").glob("*/*.md")])[::45]:
        source = parse(file.read_text("utf-8"), str(file))
        yield source.decision
        for rendered in (numbered, dashes, plain, page):
            yield read_bytes(rendered(source, Style.some(file.name)).encode(), str(file))


def test_texts_of_other_kinds_are_noticed_and_not_tagged(records: list[Record]) -> None:
    missed = [record.decision.source for record in records if not record.foreign]
    assert len(missed) <= len(records) * 0.02, missed
    for record in records:
        if record.foreign:
            assert (record.tags, record.cited, record.remedies) == ((), (), ())


def test_without_the_rule_they_are_given_tags(others: list[Decision], shipped: Model) -> None:
    without = list(tag_all(others, replace(shipped, domain=None)))
    assert not any(record.foreign for record in without)
    assert sum(bool(record.tags or record.remedies) for record in without) > len(others) / 2


def test_what_they_would_be_given_is_for_review(
    others: list[Decision], records: list[Record], shipped: Model
) -> None:
    for record, without in zip(
        records, tag_all(others, replace(shipped, domain=None)), strict=True
    ):
        given = {one.tag for one in (*without.tags, *without.remedies)}
        near = {one.tag for one in without.review}
        assert {one.tag for one in record.review} == (given | near if record.foreign else near)


def test_decisions_are_not_taken_for_something_else(shipped: Model) -> None:
    records = list(tag_all(some_decisions(), shipped))
    assert len(records) > 150
    assert [record.decision.source for record in records if record.foreign] == []


@pytest.mark.parametrize(
    "content",
    ["Not applicable.", "XXXXX (to be filled in).", "Please tick one box: yes / no."],
)
def test_forms_without_content_are_noticed(content: str, shipped: Model) -> None:
    headings = ("The complaint", "How I considered this complaint", "Final decision")
    text = "".join(f"{heading}\n{content}\n{content}\n" for heading in headings)
    assert tag(read_text(text), shipped).foreign


def test_a_text_without_words_is_noticed(shipped: Model) -> None:
    assert tag(decision(("complaint", " "), ("final", "\n")), shipped).foreign


def test_the_warning_comes_first_and_comes_back(records: list[Record]) -> None:
    record = next(record for record in records if record.foreign and record.decision.warnings[1:])
    values = record.to_dict()
    assert values["warnings"][0] == FOREIGN
    assert values["tags"] == values["cited"] == values["remedies"] == []
    assert Record.from_dict(values).foreign


def test_a_text_is_judged_the_same_beside_others(
    others: list[Decision], records: list[Record], shipped: Model
) -> None:
    own = [labelled("short/01.md").decision, *others[:6], labelled("short/04.md").decision]
    together = [record.foreign for record in tag_all(own, shipped)]
    assert together == [False, *(record.foreign for record in records[:6]), False]


def test_statistics_leave_them_out_and_say_so(records: list[Record], shipped: Model) -> None:
    own = tag(labelled("short/01.md").decision, shipped)
    foreign = [record for record in records if record.foreign][:3]
    sample = statistics.sample_of([foreign[0], own, *foreign[1:]])
    assert (len(sample), sample.left_out) == (1, 3)
    assert statistics.count_tags(sample) == statistics.count_tags(statistics.sample_of([own]))
    shown = io.StringIO()
    show_statistics(sample, Console(file=shown, width=100))
    assert "3 texts do not look like a decision of the Ombudsman: left out" in shown.getvalue()


def test_the_screen_and_the_page_say_it(records: list[Record]) -> None:
    record = next(record for record in records if record.foreign and record.review)
    shown = io.StringIO()
    show_record(record, Console(file=shown, width=200))
    said = " ".join(shown.getvalue().split())
    assert said.count(FOREIGN) == 1
    assert "Relies on no" not in said
    assert f"For review {record.review[0].tag}" in said
    listed = io.StringIO()
    show_records([record], Console(file=listed, width=200))
    assert "not a decision?" in listed.getvalue()
    assert "1 does not look like one" in listed.getvalue()
    made = decision_page.page(record)
    assert "does not look like a decision" in made
    assert "No ground, bar or remedy was found" not in made


def test_explain_says_that_no_tag_is_given(
    others: list[Decision], records: list[Record], shipped: Model
) -> None:
    place = next(i for i, record in enumerate(records) if record.foreign and record.review)
    for explanation in explaining.explain_each(others[place], shipped):
        assert explanation.foreign
        assert explanation.verdict == "not given"
        assert explanation.review


def test_a_rule_is_fitted_to_decisions_and_others(others: list[Decision]) -> None:
    folders = [CORPUS / name for name in ("short", "children", "retold-planning", "housing")]
    decisions = [item.decision for item in grounds.read_labelled(folders)]
    learnt, unseen = decisions[::2], decisions[1::2]
    first, second = np.array_split(np.arange(len(learnt)), 2)
    folds = [(first, second), (second, first)]
    rule = fit_domain(segment_each(learnt), segment_each(others[::2]), folds)
    assert (rule.scores(segment(unseen), len(unseen)) >= 0).mean() > 0.98
    assert (rule.scores(segment(others[1::2]), len(others[1::2])) < 0).mean() > 0.9


def test_ones_own_decisions_lower_the_line(others: list[Decision], shipped: Model) -> None:
    parts = segment_each(others[:20])  # for someone they may be decisions
    own = take_over(shipped.domain, parts)
    assert own is not None
    assert (own.scores(segment(others[:20]), 20) >= 0).all()
    usual = take_over(shipped.domain, segment_each([labelled("short/01.md").decision]))
    assert usual is not None
    assert shipped.domain is not None
    assert usual.bias == shipped.domain.bias


def test_a_model_without_the_rule_tags_everything(
    others: list[Decision], shipped: Model, tmp_path: Path
) -> None:
    replace(shipped, domain=None).save(tmp_path / "model")
    back = grounds.load_model(tmp_path / "model")
    assert back.domain is None
    assert not tag(others[0], back).foreign
