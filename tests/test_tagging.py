"""Tagging: what the shipped model says of decisions, and of many files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from made import decision, decisions
from plain import plain_record
from records import CORPUS, labelled
from scipy.special import logit

import grounds
from grounds.batch import tag_files
from grounds.codebook import codebook
from grounds.corpus.copies import copy_of
from grounds.decision import Decision, LabelledDecision
from grounds.errors import ModelError
from grounds.model import Model
from grounds.record import Failure, Record, TagFound, schema
from grounds.tagging import BATCH, NEAR, tag, tag_all

FOLDERS = ("children", "housing", "retold-remedies", "short", "tax-corporate")


@pytest.fixture(scope="module")
def items() -> list[LabelledDecision]:
    """Return some decisions of the corpus, more than are judged together."""
    paths = [path for folder in FOLDERS for path in sorted((CORPUS / folder).glob("*.md"))[:17]]
    assert len(paths) > BATCH
    return [labelled(str(path.relative_to(CORPUS))) for path in paths]


@pytest.fixture(scope="module")
def corpus(items: list[LabelledDecision]) -> list[Decision]:
    """Return the decisions without their labels."""
    return [item.decision for item in items]


@pytest.fixture(scope="module")
def tagged(shipped: Model, corpus: list[Decision]) -> list[Record]:
    """Return their records."""
    return list(tag_all(corpus, shipped))


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(schema())


def close(one: object, other: object) -> bool:
    """Say whether two plain values are the same, scores to the last digit that is written."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < 1.5e-4
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(close(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(close, one, other))
    return one == other


def test_a_batch_says_what_each_decision_says_when_tagged_plainly(
    shipped: Model, corpus: list[Decision], tagged: list[Record]
) -> None:
    for one, record in list(zip(corpus, tagged, strict=True))[::3]:
        assert close(record.to_dict(), plain_record(one, shipped).to_dict())


def every(records: list[Record]) -> Iterator[tuple[Record, TagFound]]:
    """Yield every tag of every record."""
    for record in records:
        for found in (*record.tags, *record.remedies):
            yield record, found


def problems(record: Record, validator: Draft202012Validator) -> list[str]:
    """Return what is wrong with a record, whatever it is of."""
    found = [e.message for e in validator.iter_errors(json.loads(json.dumps(record.to_dict())))]
    paragraphs = {paragraph.number: paragraph for paragraph in record.decision.paragraphs}
    for tagged in (*record.tags, *record.remedies):
        silent = {"powers"} if tagged.family == "remedy" else {"powers", "complaint"}
        for evidence in tagged.evidence:
            paragraph = paragraphs[evidence.paragraph]
            if paragraph.text[evidence.start : evidence.end] != evidence.text:
                found.append(f"{tagged.tag}: evidence is not at its place")
            if paragraph.section in silent:
                found.append(f"{tagged.tag}: evidence in {paragraph.section}")
            if not evidence.text.strip():
                found.append(f"{tagged.tag}: evidence without words")
    return found


# A record


def test_a_clear_decision(shipped: Model) -> None:
    made = decision(
        ("summary", "We will not investigate this complaint because it is late."),
        ("complaint", "Mr X says the Council did not repair his roof. He wants an apology."),
        ("powers", "We cannot investigate late complaints unless there are good reasons."),
        ("assessment", "Mr X knew of the matter in 2015 but did not complain to us until 2024. "
         "There is no good reason to investigate this late complaint now."),
        ("final", "We will not investigate this complaint because it is late."),
        outcome="Closed after initial enquiries",
    )  # fmt: skip
    record = tag(made, shipped)
    assert [found.tag for found in record.tags] == ["late"]
    late = record.tags[0]
    assert (late.family, late.cited) == ("bar", True)
    assert late.score > 0.9
    assert {evidence.paragraph for evidence in late.evidence} <= {0, 3, 4}
    assert record.cited == ()  # a tag that is relied on is not only cited
    assert "apology:sought" in [found.tag for found in record.remedies]
    assert record.model == shipped.id


@pytest.mark.parametrize(
    "made",
    [
        decision(),
        decision(("summary", "")),
        decision(("final", " ")),
        decision(("final", "?")),
        decision(("complaint", "Mr X complains about a tree.")),
        decision(("assessment", "The tree stands by the road."), ("final", "It is an oak.")),
        decision(("powers", "We may not investigate late complaints.")),
    ],
)
def test_a_decision_that_says_nothing_has_no_tags(made: Decision, unruled: Model) -> None:
    record = tag(made, unruled)
    assert record.tags == record.remedies == ()
    assert record.decision is made


def test_what_only_the_powers_name_is_cited(unruled: Model) -> None:
    made = decision(
        ("powers", "We provide a free service."),
        ("powers", "We cannot investigate late complaints unless we decide there are good reasons. "
         "Late complaints are when someone takes more than 12 months to complain to us."),
        ("assessment", "The tree stands by the road."),
    )  # fmt: skip
    record = tag(made, unruled)
    assert record.tags == ()
    assert [(cited.tag, cited.paragraphs) for cited in record.cited] == [("late", (2,))]


def test_words_that_speak_for_nothing_give_no_tags(
    items: list[LabelledDecision], unruled: Model
) -> None:
    """Where all stands among the powers, nothing is relied on and no remedy is named."""
    moved = [
        replace(one, paragraphs=tuple(replace(p, section="powers") for p in one.paragraphs))
        for one in (item.decision for item in items)
    ]
    for record in tag_all(moved, unruled):
        assert record.tags == record.remedies == ()


# Records of the corpus


def test_records_keep_to_the_schema_and_point_to_words(
    tagged: list[Record], validator: Draft202012Validator
) -> None:
    for record in tagged:
        assert not problems(record, validator), record.decision.source


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=decisions, outcome=st.sampled_from([None, "Upheld", "Something else"]))
def test_any_decision_has_a_record(
    made: Decision, outcome: str | None, shipped: Model, validator: Draft202012Validator
) -> None:
    assert not problems(tag(replace(made, outcome=outcome), shipped), validator)


def test_every_tag_has_evidence(tagged: list[Record]) -> None:
    assert all(found.evidence for _, found in every(tagged))


def test_evidence_is_best_first_and_apart(tagged: list[Record]) -> None:
    several = 0
    for _, found in every(tagged):
        scores = [evidence.score for evidence in found.evidence]
        assert scores == sorted(scores, reverse=True)
        places = sorted((e.paragraph, e.start, e.end) for e in found.evidence)
        for (paragraph, _, end), (other, start, _) in pairwise(places):
            assert paragraph < other or end < start
        several += len(places) > 1
    assert several > 20


def test_evidence_is_sure_but_for_the_best(tagged: list[Record]) -> None:
    for _, found in every(tagged):
        assert all(evidence.score >= 0.5 for evidence in found.evidence[1:])


def test_tags_stand_in_the_order_of_the_codebook(tagged: list[Record]) -> None:
    order = list(codebook().tags)
    for record in tagged:
        for tags in (record.tags, record.remedies, record.cited):
            places = [order.index(found.tag) for found in tags]
            assert places == sorted(set(places))
        assert all(found.family == codebook().tags[found.tag].family
                   for found in (*record.tags, *record.remedies))  # fmt: skip


def test_tags_are_those_whose_probability_reaches_the_threshold(
    tagged: list[Record], corpus: list[Decision], shipped: Model
) -> None:
    probability = shipped.judge(corpus[:BATCH]).decision_probability
    names = list(codebook().tags)
    for record, row in zip(tagged[:BATCH], probability, strict=True):
        scores = {found.tag: found.score for _, found in every([record])}
        given_tags = {names[column] for column in np.flatnonzero(row >= shipped.thresholds)}
        assert set(scores) == given_tags
        assert all(0 < score <= 1 for score in scores.values())


def test_what_is_only_cited_is_not_relied_on(tagged: list[Record]) -> None:
    for record in tagged:
        relied = {found.tag for found in record.tags}
        sections = {p.number: p.section for p in record.decision.paragraphs}
        for cited in record.cited:
            assert cited.tag not in relied
            assert cited.paragraphs
            assert {sections[number] for number in cited.paragraphs} == {"powers"}
    assert any(found.cited for record in tagged for found in record.tags)
    assert any(record.cited for record in tagged)


def test_tags_near_the_line_are_for_review(
    tagged: list[Record], corpus: list[Decision], shipped: Model
) -> None:
    lines = dict(zip(codebook().tags, shipped.thresholds.tolist(), strict=True))
    assert any(record.review for record in tagged)
    for record in tagged:
        scores = [review.score for review in record.review]
        assert scores == sorted(scores, reverse=True)
        assert all(abs(logit(r.score) - logit(lines[r.tag])) < NEAR for r in record.review)
        near = {
            f.tag for _, f in every([record]) if abs(logit(f.score) - logit(lines[f.tag])) < NEAR
        }
        assert near <= {review.tag for review in record.review}


def test_the_words_count_and_not_the_batch(
    tagged: list[Record], corpus: list[Decision], shipped: Model
) -> None:
    for record, one in list(zip(tagged, corpus, strict=True))[::7]:
        alone = tag(one, shipped)
        assert [found.tag for _, found in every([alone])] == [f.tag for _, f in every([record])]
        for (_, a), (_, b) in zip(every([alone]), every([record]), strict=True):
            assert a.score == pytest.approx(b.score, abs=1e-5)
            assert [e.text for e in a.evidence] == [e.text for e in b.evidence]
            assert [e.score for e in a.evidence] == pytest.approx(
                [e.score for e in b.evidence], abs=1e-5
            )


def test_decisions_are_taken_as_they_are_needed(corpus: list[Decision], shipped: Model) -> None:
    taken = []

    def endless() -> Iterator[Decision]:
        while True:
            taken.append(1)
            yield corpus[0]

    assert len(list(islice(tag_all(endless(), shipped), 3))) == 3
    assert len(taken) == BATCH
    assert list(tag_all([], shipped)) == []


# Files


@pytest.fixture(scope="module")
def files(corpus: list[Decision], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return copies of the decisions, with some files among them that are none."""
    folder = tmp_path_factory.mktemp("files")
    found = []
    for number, one in enumerate(corpus):
        path = folder / f"{number}.txt"
        path.write_text(copy_of(one).text, "utf-8")
        found.append(path)
    (folder / "empty.txt").touch()
    (folder / "letter.txt").write_text("Dear Sir, thank you for your letter.")
    found[70:70] = [folder / "letter.txt"]
    found[2:2] = [folder / "empty.txt", folder / "missing.txt"]
    return found


@pytest.fixture(scope="module")
def results(files: list[Path], shipped: Model) -> list[Record | Failure]:
    return list(tag_files(files, shipped))


def test_files_are_tagged_in_order_and_failures_are_among_them(
    files: list[Path], results: list[Record | Failure]
) -> None:
    sources = [r.source if isinstance(r, Failure) else r.decision.source for r in results]
    assert sources == [str(file) for file in files]
    failed = {Path(r.source).name: r.problem for r in results if isinstance(r, Failure)}
    assert set(failed) == {"empty.txt", "missing.txt", "letter.txt"}
    assert all(problem and "\n" not in problem for problem in failed.values())


def test_a_file_is_tagged_like_its_decision(
    files: list[Path], results: list[Record | Failure], shipped: Model
) -> None:
    last = results[-1]
    assert isinstance(last, Record)
    assert last.tags
    alone = grounds.tag(grounds.read(files[-1]), shipped)
    assert alone.decision == last.decision
    assert [found.tag for found in alone.tags] == [found.tag for found in last.tags]


def test_copies_are_tagged_like_the_decisions_they_copy(
    tagged: list[Record], results: list[Record | Failure]
) -> None:
    copies = [result for result in results if isinstance(result, Record)]
    for copied, original in zip(copies, tagged, strict=True):
        one, other = ([(f.tag, f.evidence[0].text, f.evidence[0].paragraph) for _, f in every([r])]
                      for r in (copied, original))  # fmt: skip
        assert one == other


def test_processes_share_the_work_and_change_nothing(
    files: list[Path], results: list[Record | Failure], shipped: Model
) -> None:
    shared = list(tag_files(iter(files), shipped, jobs=2))
    for one, other in zip(shared, results, strict=True):
        if isinstance(one, Failure):
            assert one == other
        else:
            assert isinstance(other, Record)
            assert one.to_dict() == other.to_dict()


def test_a_hostile_file_costs_no_other(files: list[Path], tmp_path: Path, shipped: Model) -> None:
    hostile = {
        "open.html": b"<div>" * 1_000_000,
        "marks.html": b"<h2>My assessment</h2><p>A:</p><p>&bull;</p><p>&#8203; </p>",
        "binary.txt": b"\xff\x00\x01",
    }
    for name, data in hostile.items():
        (tmp_path / name).write_bytes(data)
    bad = [tmp_path / name for name in hostile]
    given_files = [files[0], bad[0], bad[1], files[1], bad[2], files[-1]]
    found = list(tag_files(given_files, shipped))
    sources = [r.source if isinstance(r, Failure) else r.decision.source for r in found]
    assert sources == [str(file) for file in given_files]
    assert [isinstance(r, Failure) for r in found] == [False, True, True, False, True, False]


def test_a_model_by_its_place(files: list[Path], shipped: Model) -> None:
    from grounds.bundle import shipped as place

    for model in (None, place(), str(place())):
        result = next(tag_files(files[-1:], model))
        assert isinstance(result, Record)
        assert result.model == shipped.id


def test_no_model_is_an_error_and_no_failure(files: list[Path], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model"):
        next(tag_files(files, tmp_path / "nowhere"))


def test_no_files() -> None:
    assert list(tag_files([])) == []


def test_the_shipped_model_knows_the_decisions_it_learnt_from(
    items: list[LabelledDecision], shipped: Model
) -> None:
    """It was trained on the corpus as it is, and by this version of the features."""
    report = grounds.evaluate(items, shipped)
    assert report.seen == report.decisions == len(items)
    assert report.reasons.figures.micro_f1 > 0.97
    assert report.remedies.figures.micro_f1 > 0.95
    assert report.evidence is not None
    assert report.evidence > 0.97
