"""The record as plain values, and the schema that it keeps to."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from records import corpus_records, labelled, record_of

import grounds
from grounds.codebook import codebook
from grounds.decision import SECTIONS, Layout
from grounds.errors import GroundsError, InputError
from grounds.model import Model
from grounds.pages.decision import page
from grounds.record import Record, schema
from grounds.statistics import sample_of


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(schema())
    return Draft202012Validator(schema())


@pytest.fixture
def plain() -> dict[str, Any]:
    return record_of(labelled("children/11.md")).to_dict()


def test_every_record_of_the_corpus_keeps_to_the_schema(validator: Draft202012Validator) -> None:
    for record in corpus_records():
        plain = json.loads(json.dumps(record.to_dict()))
        errors = [error.message for error in validator.iter_errors(plain)]
        assert not errors, record.decision.source


def test_offsets_slice_the_paragraph() -> None:
    for record in corpus_records():
        plain = record.to_dict()
        texts = {paragraph["number"]: paragraph["text"] for paragraph in plain["paragraphs"]}
        for found in (*plain["tags"], *plain["remedies"]):
            for evidence in found["evidence"]:
                words = texts[evidence["paragraph"]][evidence["start"] : evidence["end"]]
                assert words == evidence["text"]


def test_keys_stand_in_the_order_of_the_schema(plain: dict[str, Any]) -> None:
    properties = schema()["properties"]
    assert list(plain) == list(properties)
    for name in ("paragraphs", "tags", "cited", "remedies", "review"):
        assert list(plain[name][0]) == list(properties[name]["items"]["properties"])
    evidence = schema()["$defs"]["evidence"]["items"]["properties"]
    assert list(plain["tags"][0]["evidence"][0]) == list(evidence)
    assert list(plain["model"]) == list(properties["model"]["properties"])


def test_what_a_record_says(plain: dict[str, Any]) -> None:
    assert plain["decision"] == "Closed after initial enquiries"
    assert [found["tag"] for found in plain["tags"]] == [
        "minor_injustice", "appeal_right", "whole_area",
    ]  # fmt: skip
    assert plain["cited"] == [{"tag": "no_fault", "paragraphs": [5]}]
    assert plain["review"] == [{"tag": "no_fault", "score": 0.4444}]
    remedy = plain["remedies"][0]
    assert (remedy["kind"], remedy["status"]) == ("decision_change", "sought")


def test_a_missing_header_field_is_null(validator: Draft202012Validator) -> None:
    record = record_of(labelled("short/01.md"))
    bare = replace(
        record.decision, reference=None, body=None, category=None, outcome=None, date=None
    )
    plain = replace(record, decision=bare).to_dict()
    assert [plain[name] for name in ("reference", "body", "category", "decision", "date")] == [
        None
    ] * 5
    validator.validate(plain)


def test_the_schema_names_what_the_code_names() -> None:
    properties, definitions = schema()["properties"], schema()["$defs"]
    assert definitions["reason"]["enum"] == list(codebook().reasons)
    assert definitions["remedy"]["enum"] == list(codebook().remedies)
    assert properties["layout"]["enum"] == list(get_args(Layout))
    assert properties["paragraphs"]["items"]["properties"]["section"]["enum"] == list(SECTIONS)
    remedy = properties["remedies"]["items"]["properties"]
    assert remedy["kind"]["enum"] == list(codebook().kinds)
    assert remedy["status"]["enum"] == list(codebook().statuses)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sha256", "abc"),
        ("date", "8 October 2025"),
        ("reference", "25-005-150"),
        ("layout", "scroll"),
        ("extra", 1),
        ("schema", 2),
    ],
)
def test_the_schema_refuses(
    validator: Draft202012Validator, plain: dict[str, Any], field: str, value: object
) -> None:
    assert not validator.is_valid({**plain, field: value})


# Records read back

EXAMPLES = Path(__file__).parent.parent / "data" / "examples"
PLAIN = [record.to_dict() for record in corpus_records()[::40]]


def put(values: Any, path: tuple[str | int, ...], junk: object) -> None:
    """Put something else at a place of plain values."""
    for step in path[:-1]:
        values = values[step]
    values[path[-1]] = junk


def places_in(values: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return every place in plain values."""
    if not isinstance(values, dict | list):
        return [path]
    steps = values.items() if isinstance(values, dict) else enumerate(values)
    inner = [place for step, one in steps for place in places_in(one, (*path, step))]
    return [path, *inner] if path else inner


def test_records_are_read_back_as_they_were(shipped: Model) -> None:
    tagged = [grounds.tag(grounds.read(path), model=shipped) for path in sorted(EXAMPLES.iterdir())]
    assert len(tagged) == 4
    for record in (*corpus_records(), *tagged):
        plain = record.to_dict()
        back = Record.from_dict(json.loads(json.dumps(plain)))
        assert back.to_dict() == plain
        assert back.decision == record.decision
        assert Record.from_dict(back.to_dict()) == back


def test_lone_surrogates_are_read_back(plain: dict[str, Any]) -> None:
    plain["source"] = plain["paragraphs"][0]["heading"] = "caf\udce9.txt"
    assert Record.from_dict(plain).to_dict() == plain


@pytest.mark.parametrize(
    ("path", "junk", "problem"),
    [
        (("tags", 0, "tag"), "new", r"entry 1 of tags: tag 'new' is no ground or bar of codebook"),
        (("tags", 0, "tag"), ["late"], r"entry 1 of tags: tag \['late'\] is no text"),
        (("tags", 1, "family"), "ground", "entry 2 of tags: family 'ground' is not that of appeal"),
        (("tags", 0, "cited"), 1, "entry 1 of tags: cited 1 is neither true nor false"),
        (("tags", 0, "score"), "high", "entry 1 of tags: score 'high' is no number from 0 to 1"),
        (("tags", 0, "score"), float("nan"), "score nan is no number"),
        (("review", 0, "score"), 1.01, "entry 1 of review: score 1.01 is no number"),
        (("tags", 0, "evidence", 0, "paragraph"), 99, "entry 1 of evidence: there is no paragraph"),
        (("tags", 0, "evidence", 0, "start"), -1, "start -1 is no whole number"),
        (("tags", 0, "evidence", 0, "end"), 10**6, "to 1000000 of paragraph . are not its text"),
        (("tags", 0, "evidence", 0, "text"), "no", "are not its text"),
        (("tags", 0, "evidence", 0), 7, "entry 1 of tags: entry 1 of evidence: 7 is no object"),
        (("paragraphs", 1, "number"), 0, "paragraph 0 stands behind paragraph 0"),
        (("paragraphs", 1, "number"), True, "number True is no whole number"),
        (("paragraphs", 1, "heading"), None, "entry 2 of paragraphs: heading None is no text"),
        (("paragraphs", 1, "text"), None, "entry 2 of paragraphs: text None is no text"),
        (("paragraphs", 1, "section"), "end", "section 'end' is none of summary, complaint"),
        (("paragraphs",), "text", "paragraphs 'text' is no list"),
        (("layout",), "scroll", "layout 'scroll' is none of numbered"),
        (("sha256",), None, "sha256 None is no text"),
        (("body",), 7, "body 7 is no text"),
        (("reference",), [1], r"reference \[1\] is no text"),
        (("category",), {}, "category {} is no text"),
        (("date",), "20251008", "date '20251008' is not written as"),
        (("cited", 0, "paragraphs"), ["5"], "entry 1 of cited: paragraphs holds '5'"),
        (("cited", 0, "paragraphs"), [99], "entry 1 of cited: there is no paragraph 99"),
        (("cited", 0, "tag"), "apology:sought", "tag 'apology:sought' is no ground or bar"),
        (("remedies", 0, "tag"), "late", "entry 1 of remedies: tag 'late' is no remedy"),
        (("warnings",), [1], "warnings holds 1"),
        (("model",), {}, "model: 'name' is missing"),
    ],
)
def test_what_is_wrong_is_said(
    plain: dict[str, Any], path: tuple[str | int, ...], junk: object, problem: str
) -> None:
    put(plain, path, junk)
    with pytest.raises(GroundsError, match=problem) as raised:
        Record.from_dict(plain)
    assert str(raised.value).startswith("no record of schema 1: ")


def test_a_tag_says_its_family(plain: dict[str, Any]) -> None:
    del plain["tags"][0]["family"]
    with pytest.raises(GroundsError, match="entry 1 of tags: 'family' is missing"):
        Record.from_dict(plain)


def test_a_line_of_brackets_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "tags.jsonl"
    path.write_text("[" * 100_000)
    with pytest.raises(InputError, match=r"tags\.jsonl:1: "):
        list(grounds.read_records(path))


junk_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 40),
    st.sampled_from([10**30, 0.5, -0.0, 1e9, float("nan"), float("inf")]),
    st.sampled_from(["late", "apology:sought", "final", "html", "2025-W01-1", "high", "a\nb"]),
    st.text(max_size=5),
    st.lists(st.integers(0, 9), max_size=3),
    st.dictionaries(st.text(max_size=3), st.none(), max_size=2),
)


@settings(max_examples=300)
@given(data=st.data(), junk=junk_values)
def test_what_is_read_back_can_be_shown_and_counted(data: st.DataObject, junk: object) -> None:
    plain = copy.deepcopy(data.draw(st.sampled_from(PLAIN)))
    put(plain, data.draw(st.sampled_from(places_in(plain))), junk)
    try:
        record = Record.from_dict(plain)
    except GroundsError as error:
        assert len(str(error).splitlines()) == 1
    else:
        assert page(record)
        assert len(sample_of([record])) == 1
