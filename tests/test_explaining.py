"""Explanations: sums, words and scores, each against what tagging says."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made import decision, decisions
from records import corpus_records
from rich.console import Console

import grounds
from grounds.cli import main
from grounds.decision import Decision
from grounds.errors import GroundsError
from grounds.explaining import CLAUSES, ClauseExplained, Explanation, explain_each
from grounds.features import segment
from grounds.features.clauses import words_of
from grounds.features.ngrams import Features, clause_keys, encode, places
from grounds.model import Model
from grounds.model.heads import tags
from grounds.writing.explained import show_explanations

EXAMPLES = Path(__file__).parent.parent / "data" / "examples"
SCHOOL = EXAMPLES / "school-place.txt"

CITING = decision(
    ("complaint", "Mr X complains that the Council lost his file."),
    ("powers", "We may decide not to investigate if there is not enough evidence of fault."),
    ("assessment", "The Council found the file."),
    outcome="Closed after initial enquiries",
)


@pytest.fixture(scope="module")
def school() -> Decision:
    return grounds.read(SCHOOL)


def corpus_decisions() -> list[Decision]:
    """Return decisions from all over the corpus."""
    return [record.decision for record in corpus_records()[::90]]


def score(given: Decision, tag: str, model: Model) -> float:
    """Return the score of a tag, given or not."""
    return float(model.judge([given]).decision_probability[0, tags().index(tag)])


def shown(explanation: Explanation, given: Decision, width: int = 80) -> str:
    stream = io.StringIO()
    show_explanations(given, [explanation], Console(file=stream, width=width), clauses=CLAUSES)
    return stream.getvalue()


# Sums


def assert_adds_up(clause: ClauseExplained) -> None:
    total = clause.constant + sum(feature.contribution for feature in clause.features)
    assert total == pytest.approx(clause.heads[0].score, abs=1e-3)


@given(made=decisions, tag=st.sampled_from(tags()))
@settings(max_examples=50)
def test_contributions_add_up_for_any_text(made: Decision, tag: str, shipped: Model) -> None:
    for clause in grounds.explain(made, tag, shipped).clauses:
        assert clause.heads[0].name == tag
        assert_adds_up(clause)


def test_contributions_add_up_over_the_corpus(shipped: Model) -> None:
    explained = [each for item in corpus_decisions() for each in explain_each(item, shipped)]
    assert len(explained) > 30
    for explanation in explained:
        for clause in explanation.clauses:
            assert_adds_up(clause)


@given(made=decisions)
def test_a_feature_stands_as_often_as_it_counts(made: Decision) -> None:
    clauses = segment([made])
    known = Features(np.unique(clause_keys(clauses)))
    rows = encode(clauses, known)
    matrix = rows.matrix()
    for row in range(len(clauses)):
        where = places(clauses, row, known)
        cells = matrix[row]
        counted = {column: sum(place.weight for place in where[column]) for column in sorted(where)}
        order = np.argsort(cells.indices)
        expected = np.array(list(counted.values())) * rows.scale[row]
        assert list(counted) == cells.indices[order].tolist()
        assert cells.data[order] == pytest.approx(expected, rel=1e-4)


# Words


def features_of(given: Decision, row: int, model: Model) -> Counter[tuple[str, str]]:
    """Return the words and origin of every feature of a clause, with a model that knows all."""
    clauses = segment([given])
    known = np.unique(clause_keys(clauses))
    heads = model.clause_model.codes.shape[1]
    first = replace(
        model.clause_model, keys=known, codes=np.full((len(known), heads), 127, np.int8)
    )
    explanation = grounds.explain(given, "no_fault", replace(model, clause_model=first))
    at = (int(clauses.first[row]), int(clauses.last[row]))
    (clause,) = [one for one in explanation.clauses if (one.start, one.end) == at]
    return Counter({(one.words, one.origin): one.times for one in clause.features})


def test_words_of_a_clause_worked_by_hand(shipped: Model) -> None:
    found = features_of(decision(("assessment", "Mr X’s bus met a bus.")), 0, shipped)
    words = ("Mr", "X", "’s", "met", "a", ".")
    pairs = ("Mr X", "X’s", "’s bus", "bus met", "met a", "a bus", "bus.")
    skips = ("Mr … ’s", "X … bus", "’s … met", "bus … a", "met … bus", "a … .")
    threes = ("Mr X’s", "X’s bus", "’s bus met", "bus met a", "met a bus", "a bus.")
    own = {(one, "clause"): 1 for one in (*words, *pairs, *skips, *threes)}
    around = {(one, "sentence"): 1 for one in (*words, *pairs)}
    twice = {("bus", "clause"): 2, ("bus", "sentence"): 2}
    assert found == own | around | twice | {("assessment", "section"): 1}


def test_words_of_a_list_worked_by_hand(shipped: Model) -> None:
    given = decision(("summary", "He wants:\nan apology"))
    assert features_of(given, 1, shipped) == dict.fromkeys(
        [
            ("an", "clause"), ("apology", "clause"), ("an apology", "clause"),
            ("an", "sentence"), ("apology", "sentence"), ("an apology", "sentence"),
            ("He", "lead-in"), ("wants", "lead-in"), (":", "lead-in"),
            ("He wants", "lead-in"), ("wants:", "lead-in"), ("summary", "section"),
        ],
        1,
    )  # fmt: skip


@given(made=decisions)
def test_printed_words_are_those_of_the_clauses(made: Decision) -> None:
    text, first, last = words_of(made)
    clauses = segment([made])
    assert len(first) == len(last) == len(clauses.words)
    opening = np.cumsum([0, *(len(paragraph.text) + 1 for paragraph in made.paragraphs)])
    for row in range(len(clauses)):
        paragraph = clauses.paragraph[row]
        own = made.paragraphs[paragraph].text[clauses.first[row] :]
        begin = first[clauses.start[row]]
        assert begin == opening[paragraph] + clauses.first[row]
        assert own.startswith(text[begin : last[clauses.start[row]]])


def test_features_begin_with_what_speaks_most_for_the_tag(school: Decision, shipped: Model) -> None:
    (clause, *_) = grounds.explain(school, "minor_injustice", shipped).clauses
    parts = [feature.contribution for feature in clause.features]
    assert parts == sorted(parts, reverse=True)
    assert clause.features[0].words in clause.text


# Verdicts


def test_verdicts_are_those_of_the_record(shipped: Model) -> None:
    for item in [*corpus_decisions()[:4], CITING]:
        record = grounds.tag(item, shipped)
        found = (*record.tags, *record.remedies)
        given = {one.tag: one for one in found}
        cited = {one.tag for one in record.cited}
        review = {one.tag for one in record.review}
        for tag in tags():
            explanation = grounds.explain(item, tag, shipped)
            known = "cited" if tag in cited else "not given"
            assert explanation.verdict == ("given" if tag in given else known)
            assert explanation.review == (tag in review)
            if tag in given:
                evidence, best = given[tag].evidence[0], explanation.clauses[0]
                assert explanation.score == given[tag].score >= explanation.threshold
                assert (best.paragraph, best.probability) == (evidence.paragraph, evidence.score)
                assert best.text in evidence.text


def test_each_explains_what_is_given_and_what_is_for_review(
    school: Decision, shipped: Model
) -> None:
    record = grounds.tag(school, shipped)
    expected = [one.tag for one in (*record.tags, *record.remedies)]
    expected += [one.tag for one in record.review]
    explained = list(explain_each(school, shipped))
    assert [one.tag for one in explained] == list(dict.fromkeys(expected))
    assert explained[0] == grounds.explain(school, explained[0].tag, shipped)


def test_what_is_only_cited_is_explained_by_the_powers(unruled: Model) -> None:
    explanation = grounds.explain(CITING, "no_fault", unruled)
    assert (explanation.verdict, explanation.provision) == ("cited", "24A(6)")
    assert {clause.section for clause in explanation.clauses} == {"powers"}
    assert {one.section: one.counts for one in explanation.sections} == {
        "complaint": False, "powers": False, "assessment": True,
    }  # fmt: skip
    assert "only cited: score" in shown(explanation, CITING)


def test_clauses_are_the_best_of_the_sections_that_count(school: Decision, shipped: Model) -> None:
    judgement = shipped.judge([school])
    for tag in ("no_fault", "appeal_right", "payment:sought"):
        explanation = grounds.explain(school, tag, shipped)
        best = max(one.probability for one in explanation.sections if one.counts)
        assert explanation.clauses[0].probability == best
        assert len(explanation.clauses) <= CLAUSES
        probability = judgement.clause_probability[:, tags().index(tag)]
        assert max(one.probability for one in explanation.sections) == probability.max()


def test_heads_beside_a_tag(school: Decision, shipped: Model) -> None:
    ground = grounds.explain(school, "late", shipped).clauses[0].heads
    assert [(one.name, one.role) for one in ground[:2]] == [
        ("late", "tag"),
        ("any reason", "shared"),
    ]
    assert ground[2].role == "rival"
    remedy = grounds.explain(school, "records:agreed", shipped).clauses[0].heads
    assert [one.name for one in remedy[:4]] == ["records:agreed", "records", "agreed", "any remedy"]
    assert [one.role for one in remedy[4:]] == ["rival", "rival"]


@pytest.mark.parametrize("made", [decision(), decision(("complaint", "Mr X lost his file."))])
def test_a_decision_without_evidence(made: Decision, shipped: Model) -> None:
    explanation = grounds.explain(made, "late", shipped)
    assert (explanation.verdict, explanation.clauses) == ("not given", ())
    assert explanation.without_outcome is None
    assert "no section that could give it" in shown(explanation, made)


def test_an_unknown_tag() -> None:
    with pytest.raises(GroundsError, match="did you mean 'late'"):
        grounds.explain(decision(), "lat")


# What is left out


def test_without_a_section_is_tagging_without_it(shipped: Model) -> None:
    for item in corpus_decisions()[:6]:
        for explanation in explain_each(item, shipped):
            for section in explanation.sections:
                kept = [one for one in item.paragraphs if one.section != section.section]
                part = replace(item, paragraphs=tuple(kept))
                record = grounds.tag(part, shipped)
                given = {one.tag: one.score for one in (*record.tags, *record.remedies)}
                expected = given.get(explanation.tag, score(part, explanation.tag, shipped))
                assert section.without == pytest.approx(expected, abs=1e-5)


def test_without_the_outcome_is_tagging_without_it(school: Decision, shipped: Model) -> None:
    explanation = grounds.explain(school, "appeal_right", shipped)
    expected = score(replace(school, outcome=None), "appeal_right", shipped)
    assert explanation.without_outcome == pytest.approx(expected, abs=1e-5)
    assert [one.section for one in explanation.sections] == list(
        dict.fromkeys(paragraph.section for paragraph in school.paragraphs)
    )


# The screen


def test_the_screen_has_the_numbers(school: Decision, shipped: Model) -> None:
    explanation = grounds.explain(school, "appeal_right", shipped)
    text = shown(explanation, school)
    best = explanation.clauses[0]
    assert f"relied on: score {explanation.score:.2f}" in text
    assert f"{best.features[0].contribution:+.2f}  “{best.features[0].words}”" in text
    assert f"appeal_right {best.heads[0].score:+.2f} = constant {best.constant:+.2f}" in text
    for section in explanation.sections:
        (row,) = [line for line in text.splitlines() if line.startswith(f"  {section.section} ")]
        assert f"{section.without:.2f}" in row


@pytest.mark.parametrize("width", [30, 80, 120])
def test_a_terminal_is_not_overrun(width: int, school: Decision, shipped: Model) -> None:
    stream = io.StringIO()
    to = Console(file=stream, width=width, force_terminal=True, color_system=None)
    explained = list(explain_each(school, shipped))
    show_explanations(school, explained, to, clauses=1)
    long = [line for line in stream.getvalue().splitlines() if len(line) > max(width, 70)]
    assert not long


def test_hostile_text_is_shown_as_text(shipped: Model) -> None:
    made = decision(("assessment", "It is \x1b[31mlate\x07 [bold]and\u202e late."))
    text = shown(grounds.explain(made, "late", shipped), made)
    assert "[bold]" in text
    assert not {"\x1b", "\x07", "\u202e"} & set(text)


# The command


def test_the_command_in_a_pipe_is_plain(shipped: Model) -> None:
    command = [sys.executable, "-m", "grounds", "explain", "-", "--tag", "appeal_right"]
    done = subprocess.run(
        command, input=SCHOOL.read_text("utf-8"), capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    decided = grounds.read(SCHOOL)
    assert done.stdout == shown(grounds.explain(decided, "appeal_right", shipped), decided)
    assert "\x1b" not in done.stdout


def test_the_command_without_a_tag(
    school: Decision, shipped: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", str(SCHOOL)]) == 0
    said, complained = capsys.readouterr()
    assert complained == ""
    titles = [line.split()[0] for line in said.splitlines() if ": score " in line]
    assert titles == [one.tag for one in explain_each(school, shipped)]
    assert said.count("together") == len(titles)


def test_the_command_says_where_there_is_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (
        "The complaint\n\n  1. Mr X lost a hat.\n\nFinal decision\n\n  1. We have looked at it.\n"
    )
    (tmp_path / "a.txt").write_text(page)
    assert main(["explain", str(tmp_path / "a.txt")]) == 0
    said = capsys.readouterr().out
    assert "No tag is given or near the line. --tag TAG asks for any." in said


def test_a_file_of_explanations(
    school: Decision, shipped: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "why.json"
    assert main(["explain", str(SCHOOL), "-o", str(out)]) == 0
    told = f"{out}: {len(list(explain_each(school, shipped)))} explained\n"
    assert capsys.readouterr() == ("", told)
    page = json.loads(out.read_text("utf-8"))
    explained = [one.to_dict() for one in explain_each(school, shipped)]
    assert page["explanations"] == json.loads(json.dumps(explained))
    assert (page["reference"], page["model"]["sha256"]) == (school.reference, shipped.sha256)


@pytest.mark.parametrize(
    ("words", "status", "problem"),
    [
        ((str(SCHOOL), "--tag", "appeal_rigth"), 2, "did you mean 'appeal_right'"),
        (("missing.txt", "--tag", "lat"), 2, "did you mean 'late'"),
        ((str(SCHOOL), "-o", "why.csv"), 2, "known is .json"),
        ((), 2, "Missing argument"),
        (("missing.txt",), 1, "missing.txt: there is no such file"),
        ((str(EXAMPLES),), 1, "is a folder, not a file"),
        ((str(SCHOOL), "--model", "nowhere"), 1, "nowhere"),
    ],
)
def test_wrong_usage(
    words: tuple[str, ...], status: int, problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", *words]) == status
    said, complained = capsys.readouterr()
    assert problem in complained
    assert not said
    assert "Traceback" not in complained
