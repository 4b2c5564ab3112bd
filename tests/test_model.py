"""The model's arithmetic, worked by hand, and against the scikit-learn objects it was made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from made import decision

from grounds.codebook import codebook
from grounds.corpus.markup import parse_markup
from grounds.decision import SECTIONS, LabelledDecision, Section, Span
from grounds.features import Clauses, segment
from grounds.features.clauses import join
from grounds.figures import bootstrap, calibration_error, f1_each, figures
from grounds.model import Judge, Model, decoded, encoded
from grounds.model.blend import (
    LIMIT,
    Scores,
    best_other,
    probability,
    reason_evidence,
    remedy_evidence,
    tag_scores,
)
from grounds.model.heads import (
    ANY_REASON,
    ANY_REMEDY,
    clause_targets,
    head_targets,
    heads,
    reasons,
    remedies,
    tag_matrix,
    tags,
)
from grounds.model.weigh import (
    decision_rows,
    families,
    held_to_words,
    powers_best,
    section_best,
)
from grounds.training.thresholds import PRIOR, fit_thresholds

MADE = """\
body: Northmoor Council
reference: 94 101 233
category: Planning > Enforcement
decision: Closed after initial enquiries
date: 12 Mar 2025

## Summary
We will not investigate. [[late|It is late]], and [[no_fault|there is no sign of fault]].

## The complaint
1. Mr X wants:
- [[apology:sought|an apology]];
- [[payment:sought|£50]].

## Final decision
2. [[late,no_fault|We stop here because it is late and because nobody was at fault.]]
"""


def made() -> LabelledDecision:
    return parse_markup(MADE, "made.md")


def names(row: np.ndarray) -> set[str]:
    """Return the tags that a row of flags names."""
    return {tags()[column] for column in np.flatnonzero(row)}


def column(name: str) -> int:
    return heads().index(name)


# Heads


def test_heads_are_the_tags_and_what_they_share() -> None:
    book = codebook()
    assert tags() == tuple(book.tags)
    assert heads()[: len(tags())] == tags()
    assert heads()[len(tags()) :] == (*book.kinds, *book.statuses, ANY_REASON, ANY_REMEDY)
    assert tags()[reasons()] == book.reasons
    assert tags()[remedies()] == book.remedies


def test_the_clauses_of_a_decision_carry_the_tags_of_their_spans() -> None:
    item = made()
    clauses = segment([item.decision])
    found = [
        (item.decision.paragraphs[index].text[first:last], names(row))
        for index, first, last, row in zip(
            clauses.paragraph,
            clauses.first,
            clauses.last,
            clause_targets([item], clauses),
            strict=True,
        )
    ]
    assert found == [
        ("We will not investigate.", set()),
        ("It is late", {"late"}),
        ("and there is no sign of fault.", {"no_fault"}),
        ("Mr X wants", set()),
        ("an apology", {"apology:sought"}),
        ("£50.", {"payment:sought"}),
        ("We stop here", {"late", "no_fault"}),
        ("because it is late", {"late", "no_fault"}),
        ("and because nobody was at fault.", {"late", "no_fault"}),
    ]


@pytest.mark.parametrize(
    ("start", "end", "carries"),
    [
        (0, 23, [True, False]),  # the first clause, exactly
        (0, 29, [True, False]),  # and a few letters of the second
        (14, 32, [False, False]),  # half of it and half of the other
        (12, 14, [True, False]),  # a word within it
        (24, 47, [False, True]),
        (0, 47, [True, True]),
    ],
)
def test_how_much_of_a_clause_a_span_must_share(start: int, end: int, carries: list[bool]) -> None:
    text = "We will not investigate because there is no fault."
    given = decision(("complaint", "Nothing."), ("final", text))
    spans = (Span(1, start, end, "late"),)
    item = LabelledDecision(given, frozenset({"late"}), spans=spans)
    targets = clause_targets([item], segment([given]))
    assert targets[:, tags().index("late")].tolist() == [False, *carries]
    assert targets.sum() == sum(carries)


def test_each_decision_of_a_batch_has_its_own_targets() -> None:
    bare = LabelledDecision(decision(("final", "It is late.")), frozenset({"late"}))
    batch = [made(), bare, made()]
    together = clause_targets(batch, segment(item.decision for item in batch))
    alone = clause_targets([made()], segment([made().decision]))
    nothing = np.zeros((1, len(tags())), bool)
    np.testing.assert_array_equal(together, np.vstack([alone, nothing, alone]))


def test_what_the_tags_answer_to_the_other_heads() -> None:
    answers = head_targets(tag_matrix([frozenset({"late"}), frozenset({"apology:sought"})]))
    said = [{heads()[i] for i in np.flatnonzero(row)} for row in answers]
    assert said == [
        {"late", ANY_REASON},
        {"apology:sought", "apology", "sought", ANY_REMEDY},
    ]
    assert head_targets(tag_matrix([])).shape == (0, len(heads()))


def test_two_remedies_of_one_clause_share_no_pair_that_is_not_there() -> None:
    both = frozenset({"apology:provided", "payment:declined"})
    row = head_targets(tag_matrix([both]))[0]
    assert {heads()[i] for i in np.flatnonzero(row)} == both | {
        "apology", "payment", "provided", "declined", ANY_REMEDY,
    }  # fmt: skip


# The first stage


@given(
    arrays(
        np.float32,
        st.tuples(st.integers(0, 8), st.integers(1, 4)),
        elements=st.floats(-100, 100, width=32),
    )
)
def test_rounded_weights_stay_close(weights: np.ndarray) -> None:
    codes, steps = encoded(weights)
    assert codes.dtype == np.int8
    assert (steps > 0).all()
    error = np.abs(decoded(codes, steps) - weights)
    # A code is half a step of 1/127 off at most, on a scale of square roots.
    root = np.sqrt(np.abs(weights) / steps)
    bound = ((root + 0.5 / 127) ** 2 - root**2) * steps
    assert (error <= bound * 1.01 + 1e-6).all()
    assert (np.sign(decoded(codes, steps)) * np.sign(weights) >= 0).all()


def test_the_largest_weight_and_none_are_exact() -> None:
    weights = np.array([[3, 0], [-1, 0], [0, 0]], np.float32)
    codes, steps = encoded(weights)
    assert codes.tolist() == [[127, 0], [-73, 0], [0, 0]]  # 127 √⅓ is 73.3
    assert decoded(codes, steps)[[0, 2]].tolist() == [[3, 0], [0, 0]]
    np.testing.assert_array_equal(encoded(decoded(codes, steps))[0], codes)


def test_probability_is_the_logistic_function() -> None:
    found = probability(np.array([0, np.log(3), -np.log(3), 100, -80], np.float32))
    np.testing.assert_allclose(found, [0.5, 0.75, 0.25, 1, 0], atol=1e-6)


def test_probabilities_of_scores_beyond_all_bounds(recwarn: pytest.WarningsRecorder) -> None:
    assert probability(np.array([1e5, -1e5, np.inf, -np.inf], np.float32)).tolist() == (
        pytest.approx([1, 0, 1, 0], abs=1e-30)
    )
    assert not recwarn.list


def test_no_tag_is_likely_without_words_that_bear_it_out() -> None:
    """A clause of the powers bears nothing out; one of the complaint bears out remedies alone."""
    sections = [SECTIONS.index(name) for name in ("powers", "complaint", "final")]
    borne_out, not_enough = np.log(0.21 / 0.79), np.log(0.19 / 0.81)
    best = np.full((4, len(tags()), len(SECTIONS), 2), -8, np.float32)
    for row, section in enumerate(sections):
        best[row, :, section, 0] = borne_out
    best[3, :, sections[2], 0] = not_enough
    for family, held in (
        (reasons(), [0.05, 0.05, 0.7, 0.05]),
        (remedies(), [0.05, 0.7, 0.7, 0.05]),
    ):
        likely = np.full((4, len(tags()[family])), 0.7, np.float32)
        found = held_to_words(likely, best, family)
        assert (found == np.array(held, np.float32)[:, None]).all()
        unlikely = np.full_like(likely, 0.01)
        assert (held_to_words(unlikely, best, family) == unlikely).all()


def test_the_best_other_column() -> None:
    scores = np.array([[1, 3, 2], [5, 5, 0]], np.float32)
    assert best_other(scores).tolist() == [[3, 2, 3], [5, 5, 5]]


def test_a_remedy_is_blended_from_tag_kind_and_status() -> None:
    scores = np.full((1, len(heads())), -5, np.float32)
    scores[0, [column("apology:sought"), column("apology"), column("sought")]] = [1, 2, 3]
    evidence = np.stack(remedy_evidence(scores), axis=-1)[0]
    assert evidence.shape[0] == len(codebook().remedies)
    place = codebook().remedies.index("apology:sought")
    np.testing.assert_allclose(evidence[place, :4], [0.25, 0.5, 0.75, 0.5])
    other = codebook().remedies.index("payment:sought")
    np.testing.assert_allclose(evidence[other, :4], [-1.25, -1.25, 0.75, -1.25])
    alone = np.zeros(len(reason_evidence(scores)) + 1, np.float32)
    alone[0] = 4  # the tag's own log-odds
    coefficients = np.zeros(evidence.shape[1] + 1, np.float32)
    coefficients[[0, -1]] = [8, -1]  # twice the tag's own log-odds, less one
    blended = tag_scores(scores, alone, coefficients)[0]
    assert blended[reasons()].tolist() == scores[0, reasons()].tolist()
    assert blended[remedies()][place] == 1
    assert blended[remedies()][other] == -11


def test_a_reason_is_blended_with_whether_anything_is_concluded() -> None:
    scores = np.full((1, len(heads())), -5, np.float32)
    scores[0, [column("late"), column("no_fault"), column("any reason")]] = [2, 1, -3]
    evidence = np.stack(reason_evidence(scores), axis=-1)[0]
    assert evidence.shape[0] == len(codebook().reasons)
    late, premature = (codebook().reasons.index(tag) for tag in ("late", "premature"))
    np.testing.assert_allclose(evidence[late, :4], [0.5, -0.75, 0.25, -0.75])
    np.testing.assert_allclose(evidence[premature, :4], [-1.25, -0.75, 0.5, -1.25])


# The second stage


def batch_of(*places: tuple[int, Section]) -> Clauses:
    """Return clauses that stand in these decisions and sections."""
    where = [SECTIONS.index(section) for _, section in places]
    which = [place for place, _ in places]
    return replace(join([]), decision=np.array(which, int), section=np.array(where, int))


def test_the_two_best_clauses_of_each_section() -> None:
    clauses = batch_of(
        (0, "summary"), (0, "final"), (0, "summary"), (0, "summary"), (2, "final"), (2, "final"),
    )  # fmt: skip
    scores = np.array([[1, 4], [7, -3], [3, 4], [2, 9], [0, -99], [0, 99]], np.float32)
    best = section_best(scores, clauses, 3)
    none = [-LIMIT, -LIMIT]
    summary, final = SECTIONS.index("summary"), SECTIONS.index("final")
    assert best.shape == (3, 2, len(SECTIONS), 2)
    assert best[0, 0, summary].tolist() == [3, 2]
    assert best[0, 1, summary].tolist() == [LIMIT, 4]  # 9, which is beyond the limit
    assert best[0, 0, final].tolist() == [7, -LIMIT]  # a single clause
    assert best[0, 1, final].tolist() == [-3, -LIMIT]
    assert best[2, 0, final].tolist() == [0, 0]  # both of a tie
    assert best[2, 1, final].tolist() == [LIMIT, -LIMIT]
    others = [s for s in range(len(SECTIONS)) if s not in (summary, final)]
    assert (best[[0, 2]][:, :, others] == -LIMIT).all()
    assert best[1].reshape(-1, 2).tolist() == [none] * (2 * len(SECTIONS))  # without clauses


def test_a_batch_without_clauses() -> None:
    best = section_best(np.zeros((0, 3), np.float32), batch_of(), 2)
    assert best.shape == (2, 3, len(SECTIONS), 2)
    assert (best == -LIMIT).all()


@given(st.data())
def test_the_best_of_a_section_are_those_that_sorting_finds(data: st.DataObject) -> None:
    places = data.draw(
        st.lists(st.tuples(st.integers(0, 2), st.sampled_from(SECTIONS)), max_size=12)
    )
    places.sort(key=lambda place: place[0])
    drawn = st.integers(-10, 10)
    scores = np.array([[data.draw(drawn)] for _ in places], np.float32).reshape(-1, 1)
    best = section_best(scores, batch_of(*places), 3)
    for number in range(3):
        for index, section in enumerate(SECTIONS):
            here = [s for s, place in zip(scores[:, 0], places, strict=True)
                    if place == (number, section)]  # fmt: skip
            clipped = sorted(np.clip([*here, -LIMIT, -LIMIT], -LIMIT, LIMIT), reverse=True)
            assert best[number, 0, index].tolist() == clipped[:2]


def test_powers_best_is_the_best_of_the_powers() -> None:
    scores = np.zeros((3, len(tags())), np.float32)
    scores[:, 0] = [1, 2, 3]
    clauses = batch_of((0, "powers"), (0, "powers"), (0, "final"))
    found = powers_best(section_best(scores, clauses, 1))
    assert found.shape == (1, len(codebook().reasons))
    assert found[0, :2].tolist() == [2, 0]


def test_rows_of_one_decision_do_not_depend_on_the_others() -> None:
    drawn = np.random.default_rng(0).normal(size=(3, len(tags()), len(SECTIONS), 2)) * 4
    best = drawn.astype(np.float32)
    outcomes = ["Upheld", None, "Not upheld"]
    for columns in families().values():
        together = decision_rows(best, outcomes, columns)
        assert together.shape[:2] == (3, columns.stop - columns.start)
        for place, outcome in enumerate(outcomes):
            alone = decision_rows(best[place : place + 1], [outcome], columns)
            np.testing.assert_allclose(together[place], alone[0], atol=1e-6)


def test_a_remedy_is_seen_beside_the_statuses_of_its_kind() -> None:
    """An apology asked for changes the rows of all apologies and no other kind's own columns."""
    best = np.full((1, len(tags()), len(SECTIONS), 2), -LIMIT, np.float32)
    without_it = decision_rows(best, [None], remedies())[0]
    best[0, column("apology:sought"), SECTIONS.index("complaint"), 0] = 4
    with_it = decision_rows(best, [None], remedies())[0]
    rose = with_it - without_it
    names = list(codebook().remedies)
    declined, payment = rose[names.index("apology:declined")], rose[names.index("payment:declined")]
    assert np.isclose(declined, 3).sum() == 1  # (4 - -8) / 4: its kind is sought
    assert not np.isclose(payment, 3).any()


def test_the_outcome_is_part_of_a_row_and_an_unknown_one_is_none() -> None:
    best = np.zeros((4, len(tags()), len(SECTIONS), 2), np.float32)
    upheld, not_upheld, unknown, none = decision_rows(
        best, ["Upheld", "Not upheld", "Report issued", None], reasons()
    )
    assert (upheld != not_upheld).any()
    assert (upheld != none).any()
    np.testing.assert_array_equal(unknown, none)


def test_a_judge_worked_by_hand() -> None:
    judge = Judge(
        hidden=np.array([[1, -1], [2, 0]], np.float32),
        hidden_bias=np.array([0, 1], np.float32),
        output=np.array([1, 10], np.float32),
        output_bias=np.array([0.5], np.float32),
    )
    rows = np.array([[[1, 1], [-3, 1]]], np.float32)
    assert judge.scores(rows).tolist() == [[3.5, 40.5]]  # 3 and 0 active; 0 and 4


# The arrays and scikit-learn


def test_clause_scores_are_those_of_the_pipeline(tiny: Model, few: list[LabelledDecision]) -> None:
    """What `ClauseModel` scores is what the saved pipeline says, head by head."""
    assert tiny.estimators is not None
    clauses = segment(item.decision for item in few[:20])
    first = tiny.estimators["first"]
    rows = first["ngrams"].transform(clauses)
    said = np.column_stack([head.decision_function(rows) for head in first["heads"].estimators_])
    taught = tiny.clause_model.codes.any(axis=0)  # heads with examples
    assert said.shape[1] == taught.sum()
    scores = tiny.clause_model.head_scores(clauses)[:, taught]
    np.testing.assert_allclose(scores, said, atol=1e-4)
    np.testing.assert_array_equal(first.predict(clauses), said > 0)
    assert said.max() > 0


@pytest.mark.parametrize(
    ("family", "evidence_of"), [("reasons", reason_evidence), ("remedies", remedy_evidence)]
)
def test_blended_scores_are_those_of_the_regression(
    family: str,
    evidence_of: Callable[[Scores], list[Scores]],
    tiny: Model,
    few: list[LabelledDecision],
) -> None:
    assert tiny.estimators is not None
    clauses = segment(item.decision for item in few[:20])
    evidence = evidence_of(tiny.clause_model.head_scores(clauses))
    rows = np.stack([numbers.ravel() for numbers in evidence], axis=1)
    foretold = tiny.estimators["blends"][family].predict_proba(rows)
    scores = probability(tiny.clause_model.scores(clauses))[:, families()[family]]
    np.testing.assert_allclose(scores.ravel(), foretold[:, 1], atol=1e-5)


@pytest.mark.parametrize("family", ["reasons", "remedies"])
def test_judgements_are_those_of_the_networks(
    family: str, tiny: Model, few: list[LabelledDecision]
) -> None:
    """Log-odds of the networks, averaged and calibrated, are what a model says, if words do."""
    assert tiny.estimators is not None
    decisions = [item.decision for item in few[:20]]
    clauses, columns = segment(decisions), families()[family]
    best = section_best(tiny.clause_model.scores(clauses), clauses, len(decisions))
    rows = decision_rows(best, [d.outcome for d in decisions], columns)
    fitted: dict[str, Any] = tiny.estimators["judges"][family]
    flat = rows.reshape(-1, rows.shape[-1]).astype(np.float64)
    odds = np.mean([_log_odds(network.predict_proba(flat)) for network in fitted["networks"]], 0)
    foretold = fitted["calibration"].predict_proba(odds.reshape(-1, 1))[:, 1]
    judged = tiny.judge(decisions).decision_probability[:, columns]
    held = held_to_words(foretold.reshape(judged.shape).astype(np.float32), best, columns)
    np.testing.assert_allclose(judged, held, atol=1e-4)
    assert judged.max() > 0.5


def _log_odds(probabilities: np.ndarray) -> np.ndarray:
    no, yes = np.clip(probabilities, 1e-15, None).T
    found: np.ndarray = np.log(yes) - np.log(no)
    return found


# Thresholds


def test_thresholds_worked_by_hand() -> None:
    """Two tags, of which the first is best cut between 0.3 and 0.6, the second above 0.8."""
    probability = np.array([[0.6, 0.8], [0.6, 0.8], [0.3, 0.9]], np.float32)
    gold = np.array([[True, False], [True, False], [False, True]])
    # Alone, any cut from 0.31 to 0.60 is best for the first, from 0.81 to 0.90 for the second;
    # the middle ones are 0.46 and 0.86. For both at once, cuts above 0.30 and up to 0.60 find all
    # three and give two too many (F1 6/8); above 0.80, one of three (F1 2/4).
    first, second = fit_thresholds(probability, gold)
    assert first == pytest.approx(0.46, abs=0.011)
    assert second == pytest.approx((0.86 * 1 + 0.46 * PRIOR) / (1 + PRIOR), abs=0.011)


def test_a_tag_with_many_examples_keeps_its_own_threshold() -> None:
    gold = np.zeros((4000, 2), bool)
    gold[:2000] = [True, False]
    probability = np.where(gold, 0.8, 0.7).astype(np.float32)
    probability[:, 1] = 0.0
    threshold, unknown = fit_thresholds(probability, gold)
    assert 0.7 < threshold <= 0.8
    assert unknown == pytest.approx(threshold, abs=1e-6)  # without examples: that of all tags


# Figures


def test_figures_worked_by_hand() -> None:
    given_tags = np.array([[1, 0, 0], [1, 1, 0], [0, 0, 0], [1, 0, 0]], bool)
    gold = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]], bool)
    found = figures(given_tags, gold)
    assert (found.precision, found.recall) == (3 / 4, 3 / 4)
    assert found.micro_f1 == 3 / 4
    assert found.macro_f1 == pytest.approx((4 / 5 + 2 / 3) / 2)  # the third tag counts in no mean
    assert found.exact == 2 / 4
    assert f1_each(given_tags, gold).tolist() == pytest.approx([4 / 5, 2 / 3, 1])


@pytest.mark.parametrize("size", [0, 3])
def test_nothing_given_where_nothing_is_right(size: int) -> None:
    nothing = np.zeros((size, 2), bool)
    found = figures(nothing, nothing)
    assert (found.precision, found.recall, found.micro_f1, found.macro_f1, found.exact) == (1,) * 5


def test_all_wrong() -> None:
    yes, no = np.ones((2, 2), bool), np.zeros((2, 2), bool)
    assert figures(yes, no).micro_f1 == figures(no, yes).micro_f1 == 0
    assert figures(yes, no).exact == 0


def test_calibration_error_worked_by_hand() -> None:
    foretold = np.array([0.05, 0.05, 0.45, 0.95, 1.0, 1.0])
    came = np.array([False, True, False, True, True, False])
    # Bins 0, 4 and 9: |0.1 − 1|, |0.45 − 0| and |2.95 − 2|, over six scores.
    assert calibration_error(foretold, came) == pytest.approx((0.9 + 0.45 + 0.95) / 6)
    # In one bin, what comes too often makes up for what comes too seldom.
    assert calibration_error(foretold, came, bins=1) == pytest.approx(0.5 / 6)


def test_scores_that_come_true_are_calibrated() -> None:
    came = np.array([True, False])
    assert calibration_error(came.astype(float), came) == 0
    assert calibration_error(np.array([0.25] * 4), np.array([True, False, False, False])) == 0
    assert calibration_error(np.zeros((0, 2)), np.zeros((0, 2), bool)) == 0


def test_intervals_of_what_never_varies() -> None:
    right = np.array([[True, False], [True, False]])
    assert set(bootstrap(right, right).values()) == {(1.0, 1.0)}
    assert set(bootstrap(right, ~right).values()) == {(0.0, 0.0)}


def test_intervals_of_a_tag_that_never_occurs() -> None:
    nothing = np.zeros((5, 1), bool)
    assert set(bootstrap(nothing, nothing).values()) == {(1.0, 1.0)}


def test_intervals_hold_the_figure_and_narrow_with_more_decisions() -> None:
    chance = np.random.default_rng(1)
    widths = []
    for size in (40, 1000):
        gold = chance.random((size, 3)) < 0.5
        given_tags = gold ^ (chance.random((size, 3)) < 0.2)
        found, bounds = figures(given_tags, gold), bootstrap(given_tags, gold)
        for name in ("micro_f1", "macro_f1", "exact"):
            low, high = bounds[name]
            assert low < getattr(found, name) < high
        widths.append(bounds["micro_f1"][1] - bounds["micro_f1"][0])
        assert bootstrap(given_tags, gold) == bounds
    assert widths[1] < widths[0] / 2


def test_an_interval_worked_by_hand() -> None:
    """One decision right of two: a draw has none, one or both right (1/4, 1/2, 1/4)."""
    gold, given_tags = np.array([[True], [True]]), np.array([[True], [False]])
    assert bootstrap(given_tags, gold)["exact"] == (0.0, 1.0)
