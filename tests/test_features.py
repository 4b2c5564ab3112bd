"""Features: normal forms, sentences and clauses, and the sparse rows made of them."""

from __future__ import annotations

import string
import subprocess
import sys
from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from made import decision, decisions, texts
from records import CORPUS, labelled
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline

from grounds.decision import SECTIONS, Decision
from grounds.features import Clauses, lookup, pipeline, segment
from grounds.features.borders import Tokens
from grounds.features.clauses import join, segment_each, segment_texts
from grounds.features.lookup import tokens_of
from grounds.features.ngrams import Features, clause_keys, encode
from grounds.features.pipeline import encodable
from grounds.features.vectorizer import ClauseVectorizer
from grounds.features.words import normal_form

CUT_OFF = ",;:–—"
"""What a clause ends with and its offsets leave out."""


def clauses_of(text: str) -> list[str]:
    """Return the clauses of a text as the pipeline marks them."""
    return [clause.text for clause in pipeline()(text)._.clauses]


def slices(given: Decision) -> list[str]:
    """Return the words of each clause, sliced out of its paragraph."""
    clauses = segment([given])
    places = zip(clauses.paragraph, clauses.first, clauses.last, strict=True)
    return [given.paragraphs[index].text[first:last] for index, first, last in places]


def told(clauses: Clauses, place: int) -> list[tuple[object, ...]]:
    """Return all that a batch says of the clauses of one of its decisions."""
    sentences = list(zip(clauses.sentence_start, clauses.sentence_end, strict=True))
    found = []
    for row in np.flatnonzero(clauses.decision == place):
        lead = clauses.lead[row]
        spans = [(clauses.start[row], clauses.end[row]), sentences[clauses.sentence[row]]]
        spans += [sentences[lead]] if lead >= 0 else []
        facts = (clauses.paragraph, clauses.section, clauses.first, clauses.last)
        found.append(
            (*(clauses.words[a:b].tolist() for a, b in spans), *(fact[row] for fact in facts))
        )
    return found


# Normal forms


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("investigate", "Investigating"), ("Mr", "Mrs."), ("Ms", "Miss"), ("B", "X"),
        ("£150", "1,250.50"), ("5", "12th"), ("1999", "2024"), ("’s", "'s"),
        ("COUNCIL", "council"),
    ],
)  # fmt: skip
def test_words_that_mean_the_same_are_one(one: str, other: str) -> None:
    assert normal_form(one) == normal_form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A", "X"), ("I", "X"), ("a", "X"), ("2024", "150"), ("1850", "1950"), ("no", "not"),
        ("could", "can"),
    ],
)  # fmt: skip
def test_words_that_differ_stay_apart(one: str, other: str) -> None:
    assert normal_form(one) != normal_form(other)


@given(st.text(string.ascii_letters, min_size=2, max_size=12))
def test_case_does_not_matter(word: str) -> None:
    assert normal_form(word.upper()) == normal_form(word.lower())


@given(st.text(max_size=12))
def test_every_word_has_a_normal_form(word: str) -> None:
    assert isinstance(normal_form(word), str)
    assert bool(normal_form(word)) == bool(word)


def test_words_that_the_tokenizer_knows_have_normal_forms_as_well() -> None:
    words = ["Mr.", "X", "paid", "£", "5", "at", "10", "does", "Ltd."]
    assert [token.norm_ for token in pipeline()(" ".join(words))] == [*map(normal_form, words)]


def test_contractions_are_two_words() -> None:
    assert [token.norm_ for token in pipeline()("They don't.")] == ["they", "do", "not", "."]


def test_other_pipelines_keep_their_norms() -> None:
    pipeline()
    assert [token.norm_ for token in spacy.blank("en")("Mrs investigating")] == [
        "mrs", "investigating",
    ]  # fmt: skip


# The pipeline


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        (
            "The Council has apologised; we see no reason to ask it to pay her.",
            ["The Council has apologised;", "we see no reason to ask it to pay her."],
        ),
        ("We stop here – there is nothing to add.", ["We stop here –", "there is nothing to add."]),
        (
            "We cannot look at court action, which is a matter for the judge.",
            ["We cannot look at court action,", "which is a matter for the judge."],
        ),
        (
            "We will not investigate because there is not enough evidence of fault and the Council "
            "has apologised, but she is unhappy.",
            [
                "We will not investigate", "because there is not enough evidence of fault",
                "and the Council has apologised,", "but she is unhappy.",
            ],
        ),
        (
            "He wants the Council to:\n apologise;\n pay him £50.",
            ["He wants the Council to:", "apologise;", "pay him £50."],
        ),
        # Sentences
        (
            "He asked “Why was I not told?” The Council did not reply.",
            ["He asked “Why was I not told?”", "The Council did not reply."],
        ),
        (
            "He had read it (on his screen.) Nobody knew.",
            ["He had read it (on his screen.)", "Nobody knew."],
        ),
        ("What now? We cannot say! It ended.", ["What now?", "We cannot say!", "It ended."]),
        ("It ended... The Council left.", ["It ended...", "The Council left."]),
        ("one\ntwo\n\nthree", ["one", "two", "three"]),
    ],
)  # fmt: skip
def test_where_clauses_begin(text: str, clauses: list[str]) -> None:
    assert clauses_of(text) == clauses


@pytest.mark.parametrize(
    "text",
    [
        "It paid £1,250.50 on 5.6.2024 and 10.5% interest at 3.30pm.",
        "Mr. X wrote to Dr. Y of Acme Ltd. about it.",
        "Well-known rules apply here.",
        "The Council has said (more than once) that it cannot pay her.",
        "Yes, but she is unhappy about all of it.",  # the first part is too short to stand alone
        "He is 12. she is nine.",  # no capital letter after the full stop
        "apples and pears",
        "No",
        "?",
    ],
)
def test_what_is_one_clause(text: str) -> None:
    assert clauses_of(text) == [text]


@pytest.mark.parametrize("text", ["", " ", "\n", " \n\t \xa0", "\u2028"])
def test_a_text_without_words_has_no_clauses(text: str) -> None:
    assert clauses_of(text) == []


@pytest.mark.parametrize(
    "text", ["  Late.", "Late.  ", "\nLate.", "naïve 😀 cafe\u0301", "e\u0301", "\x85Late", "\x00"]
)
def test_white_space_and_unicode(text: str) -> None:
    assert clauses_of(text) == [text.strip()]


@given(texts)
def test_every_word_is_in_one_clause_and_in_order(text: str) -> None:
    doc = pipeline()(text)
    inside = [token.i for clause in doc._.clauses for token in clause if not token.is_space]
    assert inside == [token.i for token in doc if not token.is_space]
    assert all(len(clause) for clause in doc._.clauses)
    assert all(a.end <= b.start for a, b in pairwise(doc._.clauses))


@given(texts)
def test_a_sentence_begins_with_a_clause_and_no_clause_holds_two(text: str) -> None:
    doc = pipeline()(text)
    begins = {token.i for token in doc if token.is_sent_start and not token.is_space}
    starts = {clause.start for clause in doc._.clauses}
    assert begins - {0} <= starts
    assert not any(token.i in begins for clause in doc._.clauses for token in clause[1:])


def test_the_component_can_be_added_to_any_pipeline() -> None:
    nlp = spacy.blank("en")
    warmed = nlp("Mr. X was investigating 5 matters.")  # words that the vocabulary now knows
    nlp.add_pipe("grounds_clauses")
    doc = nlp(warmed.text + " We see no fault.")
    assert [clause.text for clause in doc._.clauses] == [
        "Mr. X was investigating 5 matters.", "We see no fault.",
    ]  # fmt: skip
    assert [token.norm_ for token in doc] == [t.norm_ for t in pipeline()(doc.text)]
    assert [sentence.text for sentence in doc.sents] == [clause.text for clause in doc._.clauses]


def test_a_document_from_elsewhere_has_no_clauses() -> None:
    assert spacy.blank("en")("We see no fault.")._.clauses == []


# Words looked up


def assert_words_are_spacys(text: str) -> None:
    found, spacys = tokens_of(text), Tokens.of(pipeline().make_doc(encodable(text)))
    for column in fields(Tokens):
        np.testing.assert_array_equal(getattr(found, column.name), getattr(spacys, column.name))


@pytest.mark.parametrize("unit", ["https://", "Summary:", "a.b-", "("])
def test_what_is_far_too_long_for_a_word_is_none(unit: str) -> None:
    long = unit * 20_000
    assert tokens_of(f"late {long} now").first.tolist() == [0, len(long) + 6]


@given(texts)
def test_words_looked_up_are_those_that_spacy_finds(text: str) -> None:
    assert_words_are_spacys(text)


@given(st.text("a.'’ )(:8\n\x85\u2028-/@", max_size=30))
def test_words_and_signs_side_by_side(text: str) -> None:
    assert_words_are_spacys(text)


def test_words_of_the_corpus_are_those_that_spacy_finds() -> None:
    for path in sorted(CORPUS.glob("*/01.md")):
        for paragraph in labelled(f"{path.parent.name}/01.md").decision.paragraphs:
            assert_words_are_spacys(paragraph.text)


def test_words_are_found_again_when_others_were_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookup, "MOST", 5)
    for text in ("We see no fault here.", "He can’t say.", "We see no fault here, he can’t say."):
        assert_words_are_spacys(text)


def test_a_long_run_of_signs_has_no_words() -> None:
    assert len(tokens_of("." * 100_000)) == 0


# Segments


def test_clauses_of_a_decision() -> None:
    made = decision(
        ("summary", "We will not investigate because the matter is late."),
        ("complaint", "He wants the Council to:\napologise;\npay him £50."),
        ("final", "We stop here, since nothing more can be done."),
    )
    clauses = segment([made])
    assert slices(made) == [
        "We will not investigate", "because the matter is late.",
        "He wants the Council to", "apologise", "pay him £50.",
        "We stop here", "since nothing more can be done.",
    ]  # fmt: skip
    assert [SECTIONS[section] for section in clauses.section] == (
        ["summary"] * 2 + ["complaint"] * 3 + ["final"] * 2
    )
    assert clauses.paragraph.tolist() == [0, 0, 1, 1, 1, 2, 2]
    assert clauses.sentence.tolist() == [0, 0, 1, 2, 3, 4, 4]
    assert clauses.lead.tolist() == [-1, -1, -1, 1, 1, -1, -1]


def test_a_lead_in_reaches_to_the_end_of_its_paragraph() -> None:
    first = "He wants:\nan apology;\nmoney."
    made = decision(("complaint", first), ("complaint", "He is unhappy."))
    assert segment([made]).lead.tolist() == [-1, 0, 0, -1]


def test_a_second_lead_in_takes_over() -> None:
    made = decision(("complaint", "He wants:\nan apology.\nShe wants:\nmoney."))
    assert segment([made]).lead.tolist() == [-1, 0, 0, 2]


def test_a_colon_within_a_line_leads_in_to_nothing() -> None:
    made = decision(("complaint", "The matter is late: she knew of it in 2019.\nShe is unhappy."))
    assert segment([made]).lead.tolist() == [-1, -1, -1]


@pytest.mark.parametrize(
    "made", [decision(), decision(("summary", "")), decision(("final", " \n ")), None]
)
def test_nothing_to_segment(made: Decision | None) -> None:
    clauses = segment([] if made is None else [made])
    assert len(clauses) == len(clauses.words) == len(clause_keys(clauses)) == 0
    assert encode(clauses, Features(np.array([3], np.uint64))).matrix().shape == (0, 1)


def test_a_decision_without_words_between_others() -> None:
    late = decision(("final", "This is late."))
    assert segment([late, decision(), late]).decision.tolist() == [0, 2]


def test_half_a_surrogate_pair_moves_no_offset() -> None:
    made = decision(("final", "It is \ud800 late; we stop."))
    assert slices(made) == ["It is \ud800 late", "we stop."]


def test_a_very_long_decision() -> None:
    made = decision(("assessment", "We will not investigate. " * 50_000))
    assert len(segment([made])) == 50_000


@given(decisions)
def test_offsets_slice_to_the_words(made: Decision) -> None:
    clauses, cut = segment([made]), slices(made)
    assert all(words == words.strip() != "" for words in cut)
    left = [paragraph.text for paragraph in made.paragraphs]
    for index, first, last in reversed(
        list(zip(clauses.paragraph, clauses.first, clauses.last, strict=True))
    ):
        left[index] = left[index][:first] + left[index][last:]
    assert all(character.isspace() or character in CUT_OFF for character in "".join(left))


@given(decisions)
def test_clauses_stand_in_reading_order_without_gaps(made: Decision) -> None:
    clauses = segment([made])
    assert [0, *clauses.end.tolist()] == [*clauses.start.tolist(), len(clauses.words)]
    places = list(zip(clauses.paragraph.tolist(), clauses.first.tolist(), strict=True))
    assert places == sorted(set(places))
    inside = clauses.sentence_start[clauses.sentence] <= clauses.start
    assert (inside & (clauses.end <= clauses.sentence_end[clauses.sentence])).all()
    assert (clauses.lead < clauses.sentence).all()


@given(st.lists(decisions, max_size=4))
def test_a_batch_says_what_each_alone_says(batch: list[Decision]) -> None:
    together = segment(batch)
    for place, one in enumerate(batch):
        assert told(together, place) == told(segment([one]), 0)
    assert len(together) == sum(len(segment([one])) for one in batch)


def test_any_choice_of_decisions_can_be_joined() -> None:
    made = [decision(("final", f"He wants:\nan apology;\n{number} pounds.")) for number in range(4)]
    parts = segment_each(made)
    chosen = join([parts[3], parts[1]])
    assert sorted(set(chosen.decision.tolist())) == [1, 3]
    assert told(chosen, 3) == told(parts[3], 3) == told(segment([made[3]]), 0)


def test_texts_are_one_clause_each() -> None:
    clauses = segment_texts(["We stop; it is late. He wants:", "", "An apology."], None)
    assert clauses.end.tolist()[-1] == len(clauses.words)
    assert len(clauses) == 3
    assert [SECTIONS[section] for section in clauses.section] == ["assessment"] * 3
    assert clauses.lead.tolist() == [-1] * 3


# Rows


@pytest.fixture(scope="module")
def some() -> list[Decision]:
    return [labelled(f"short/0{number}.md").decision for number in range(1, 7)]


@pytest.fixture(scope="module")
def vectorizer(some: list[Decision]) -> ClauseVectorizer:
    return ClauseVectorizer().fit(segment(some))


@pytest.fixture(scope="module")
def weights(vectorizer: ClauseVectorizer) -> np.ndarray:
    drawn = np.random.default_rng(0).normal(size=(len(vectorizer.keys_), 5))
    return drawn.astype(np.float32)


def test_rows_have_a_length_of_one_at_most(
    some: list[Decision], vectorizer: ClauseVectorizer
) -> None:
    matrix = vectorizer.transform(segment(some))
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1))).ravel()
    assert lengths.max() <= 1 + 1e-5
    assert np.median(lengths) > 1 - 1e-5


@settings(max_examples=50)
@given(made=st.lists(decisions, max_size=3))
def test_scores_are_those_of_the_matrix(
    made: list[Decision],
    vectorizer: ClauseVectorizer,
    weights: np.ndarray,
    some: list[Decision],
) -> None:
    rows = encode(segment([*made, some[0]]), Features(vectorizer.keys_))
    np.testing.assert_allclose(rows.scores(weights), rows.matrix() @ weights, atol=1e-4)


def test_neighbours_in_a_batch_change_no_row(
    some: list[Decision], vectorizer: ClauseVectorizer, weights: np.ndarray
) -> None:
    alone = [encode(segment([one]), Features(vectorizer.keys_)).scores(weights) for one in some]
    together = encode(segment(some), Features(vectorizer.keys_)).scores(weights)
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-5)


def test_a_clause_is_read_in_its_section_its_sentence_and_with_its_lead_in() -> None:
    others = [
        decision(("complaint", "He wants:\nan apology.\nShe left; an apology.")),
        decision(("final", "It gave:\nan apology.")),
    ]
    known = Features(np.unique(clause_keys(segment(others))))
    variants = [
        decision(("complaint", "an apology.")),
        decision(("final", "an apology.")),
        decision(("complaint", "He wants:\nan apology.")),
        decision(("complaint", "It gave:\nan apology.")),
        decision(("complaint", "She has left now; so an apology.")),
    ]
    last = [encode(segment([made]), known).matrix()[-1].toarray() for made in variants]
    assert all((a != b).any() for i, a in enumerate(last) for b in last[:i])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("no evidence of fault", "fault of no evidence"),  # the order counts
        ("fault", "fault fault"),
        ("we will not investigate", "we will investigate"),
    ],
)
def test_texts_that_differ_have_rows_that_differ(one: str, other: str) -> None:
    rows = ClauseVectorizer(min_count=1).fit_transform([one, other]).toarray()
    assert (rows[0] != rows[1]).any()


# As a transformer of scikit-learn


FAULT = [
    "There is not enough evidence of fault.",
    "We have seen no evidence of fault by the Council.",
    "It is unlikely that we would find fault.",
    "There is no sign of fault in how it decided.",
    "We would not find the Council at fault.",
    "Nothing suggests fault.",
]
LATE = [
    "The complaint is late.",
    "Mr X knew of this more than twelve months ago.",
    "There is no good reason why she did not complain sooner.",
    "He could have complained to us years ago.",
    "The events took place too long ago.",
    "She waited for more than a year, so this is late.",
]


def test_parameters_are_kept_as_given() -> None:
    vectorizer = ClauseVectorizer(min_count=3)
    vectorizer.fit(FAULT)
    assert vectorizer.get_params() == {"min_count": 3}
    copied = clone(vectorizer)
    assert copied.get_params() == {"min_count": 3}
    assert not hasattr(copied, "keys_")


def test_an_unfitted_vectorizer_says_so() -> None:
    with pytest.raises(NotFittedError):
        ClauseVectorizer().transform(FAULT)


def test_keys_are_sorted_and_occur_often_enough() -> None:
    vectorizer = ClauseVectorizer(min_count=1).fit(FAULT)
    keys, counts = np.unique(clause_keys(segment_texts(FAULT)), return_counts=True)
    np.testing.assert_array_equal(vectorizer.keys_, keys)
    for least in (2, 3, 100):
        kept = vectorizer.set_params(min_count=least).fit(FAULT).keys_
        np.testing.assert_array_equal(kept, keys[counts >= least])


def test_fitting_again_forgets() -> None:
    vectorizer = ClauseVectorizer(min_count=1)
    vectorizer.fit(LATE).fit(FAULT)
    np.testing.assert_array_equal(vectorizer.keys_, ClauseVectorizer(min_count=1).fit(FAULT).keys_)


def test_strings_in_any_container_and_clauses_give_the_same_rows() -> None:
    vectorizer = ClauseVectorizer(min_count=1).fit(FAULT)
    rows = vectorizer.transform(FAULT).toarray()
    assert rows.shape == (len(FAULT), len(vectorizer.keys_))
    for same in (iter(FAULT), np.array(FAULT), np.array(FAULT, object)):
        np.testing.assert_array_equal(vectorizer.transform(same).toarray(), rows)
    clauses = segment([decision(("assessment", "\n".join(FAULT)))])
    np.testing.assert_allclose(vectorizer.transform(clauses).toarray(), rows, atol=1e-6)


def test_words_that_training_did_not_have_count_for_nothing() -> None:
    vectorizer = ClauseVectorizer(min_count=1).fit(["late"])
    late, unknown, empty = vectorizer.transform(["late", "zebra", ""]).toarray()
    np.testing.assert_array_equal(unknown, empty)
    assert (late != unknown).any()


def test_a_grid_search_over_a_pipeline() -> None:
    steps = [("ngrams", ClauseVectorizer()), ("tag", LogisticRegression())]
    grid = {"ngrams__min_count": [1, 2], "tag__C": [1, 100]}
    search = GridSearchCV(Pipeline(steps), grid, cv=3, error_score="raise")
    search.fit(FAULT + LATE, ["no_fault"] * len(FAULT) + ["late"] * len(LATE))
    assert set(search.best_params_) == set(grid)
    unseen = ["We do not find the Council at fault.", "This complaint is late."]
    assert search.predict(unseen).tolist() == ["no_fault", "late"]


def test_features_alone_load_no_scikit_learn() -> None:
    code = "import sys, grounds.features, grounds.tagging; assert 'sklearn' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
