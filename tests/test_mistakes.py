"""Mistakes: which they are, and what is said of their cause."""

from __future__ import annotations

import pytest
from made import decision

from grounds.decision import LabelledDecision
from grounds.mistakes import Mistake, Passage, mistakes, why
from grounds.model import Model
from grounds.model.heads import tags


def labelled(
    *tags: str, cited: frozenset[str] | None = None, whole: bool = False
) -> LabelledDecision:
    made = decision(
        ("complaint", "Mr X says the Council was slow."),
        ("powers", "We may not look at late complaints."),
        ("assessment", "Mr X says it is too late. He should have come before."),
    )
    return LabelledDecision(made, frozenset(tags), cited, None if whole else ())


def mistake(
    tag: str = "late",
    missed: bool = True,
    score: float = 0.1,
    best: Passage | None = None,
    labelled: Passage | None = None,
    aside: Passage | None = None,
    instead: tuple[str, ...] = (),
) -> Mistake:
    return Mistake(tag, missed, score, 0.4, best, labelled, aside, instead)


WORDS = Passage(2, 0, 25, 0.12)
"""“Mr X says it is too late.”"""


def test_mistakes_are_where_labels_and_scores_part(
    tiny: Model, few: list[LabelledDecision]
) -> None:
    some = [LabelledDecision(item.decision, frozenset({"late"}), spans=()) for item in few[:5]]
    judgement = tiny.judge([item.decision for item in some])
    for place, found in enumerate(mistakes(some, judgement, tiny)):
        scores = dict(zip(tags(), judgement.decision_probability[place], strict=True))
        lines = dict(zip(tags(), tiny.thresholds, strict=True))
        wrong = {tag for tag in tags() if (scores[tag] >= lines[tag]) != (tag == "late")}
        assert {one.tag for one in found} == wrong
        for one in found:
            assert one.missed == (one.tag == "late")
            assert one.score == pytest.approx(scores[one.tag])
            assert one.shown is not None


def test_the_words_of_a_mistake_are_those_that_count(
    tiny: Model, few: list[LabelledDecision]
) -> None:
    item = next(item for item in few if item.spans)
    span = (item.spans or ())[0]
    none = LabelledDecision(item.decision, frozenset(), spans=item.spans)
    judgement = tiny.judge([item.decision])
    (found,) = mistakes([none], judgement, tiny)
    (one,) = (one for one in found if one.tag == span.tag)
    assert not one.missed
    assert one.best is not None
    assert one.best.index in {other.index for other in none.spans or () if other.tag == span.tag}


def test_what_is_said_of_a_missed_tag() -> None:
    said = why(mistake(labelled=WORDS, instead=("premature",)), labelled("late"), [])
    assert said == (
        "These words scored 0.12; the model takes them for `premature`. "
        "The decision scored 0.10, below the threshold of 0.40."
    )
    sure = Passage(2, 0, 25, 0.9)
    assert "recognised (0.90)" in why(mistake(labelled=sure), labelled("late"), [])
    whole = why(mistake(best=WORDS), labelled("late", whole=True), [])
    assert "labelled as a whole" in whole
    assert "paragraph 3 (“Assessment”), scored 0.12" in whole


def test_what_stands_out_only_among_the_powers() -> None:
    powers = Passage(1, 0, 35, 0.97)
    said = why(mistake(best=WORDS, aside=powers), labelled("late"), [])
    assert "only in paragraph 2, among the powers (0.97), where it does not count" in said
    sure = Passage(2, 0, 25, 0.9)
    assert "powers" not in why(mistake(best=sure, aside=powers), labelled("late"), [])


def test_what_is_said_of_a_tag_wrongly_given() -> None:
    said = why(mistake(missed=False, score=0.7, best=WORDS), labelled(), [])
    assert said.startswith("The reader gave these words no tag. The words report what someone says")
    assert said.endswith("The decision scored 0.70, at or above the threshold of 0.40.")
    other = mistake(missed=False, score=0.7, best=WORDS, instead=("premature", "late"))
    assert "The reader labelled these words `premature` and `late`." in why(other, labelled(), [])
    assert "no tag" not in why(mistake(missed=False, best=WORDS), labelled(whole=True), [])


def test_another_status_of_the_same_remedy() -> None:
    missed, wrong = mistake("apology:agreed"), mistake("apology:provided", missed=False)
    both = [missed, wrong, mistake("payment:agreed", missed=False)]
    assert "Wrongly given beside it: `apology:provided`" in why(missed, labelled(), both)
    assert "Missed beside it: `apology:agreed`" in why(wrong, labelled(), both)


def test_a_near_miss_says_so() -> None:
    assert "near the line" in why(mistake(score=0.399), labelled("late"), [])
    assert "scored 0.3999, below the threshold of 0.4000" in why(
        mistake(score=0.3999), labelled("late"), []
    )
