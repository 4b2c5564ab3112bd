"""The record as plain values, and the schema that it keeps to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from records import corpus_records, labelled, record_of

from grounds.codebook import codebook
from grounds.decision import SECTIONS, Layout
from grounds.record import schema


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
