"""Labels in and out: annotation tools, and the table that people fill in."""

from __future__ import annotations

import csv
import io
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from records import CORPUS, labelled, record_of

from grounds.cli import main
from grounds.cli.common import ToolName
from grounds.codebook import codebook
from grounds.corpus import (
    TOOLS,
    Unlabelled,
    decision_tags,
    read_labelled,
    write_labelled,
    write_tasks,
)
from grounds.corpus.copies import copy_of
from grounds.corpus.example import code_point, code_unit, evidence_spans
from grounds.corpus.labelling import write_labelling
from grounds.corpus.markup import parse_markup
from grounds.decision import Decision, LabelledDecision, Paragraph, Span, counts_in
from grounds.errors import GroundsError, InputError
from grounds.record import Record

Row = dict[str, str]

MARKUP = """\
body: Northmoor Borough Council
reference: 94 101 233
category: Planning > Enforcement
decision: Closed after initial enquiries
date: 12 Mar 2025

## Summary
We will not investigate this. [[no_fault|There is not enough evidence of fault.]]

## The complaint
1. Mr X wants [[apology:sought|an apology]] and [[payment:sought|£200]].

## The Ombudsman's role and powers
2. We do not start an investigation if:
- [[late|it is late]]; or
- there is another way.
(Local Government Act 1974, section 24A(6))

## My assessment
### The wall
3. -40 mm of the wall are gone. (So it seems.) [[no_fault|I see no fault in that.]]
"""


@pytest.fixture(scope="module")
def corpus() -> list[LabelledDecision]:
    return list(read_labelled([CORPUS]))


@pytest.fixture
def wall() -> LabelledDecision:
    return parse_markup(MARKUP, "walls/a.md")


@pytest.fixture
def example() -> str:
    """Return the text that tools are given of the decision about the wall."""
    return copy_of(parse_markup(MARKUP, "walls/a.md").decision).text


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., list[LabelledDecision]]:
    """Return what reads the text or the values of a file."""

    def read_content(name: str, content: Any) -> list[LabelledDecision]:
        path = tmp_path / name
        if not isinstance(content, str | bytes):
            lines = [json.dumps(one) for one in content]
            content = "\n".join(lines) if name.endswith(".jsonl") else f"[{','.join(lines)}]"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return list(read_labelled([path]))

    return read_content


Read = Callable[[str, Any], list[LabelledDecision]]


def said(one: LabelledDecision) -> tuple[object, ...]:
    """Return what a labelled decision says, wherever and in whatever layout it was read."""
    decision = replace(one.decision, sha256="", layout="markup", warnings=())
    return decision, one.tags, one.cited, one.spans


def path_for(tool: str, folder: Path) -> Path:
    return folder / f"tasks{TOOLS[tool].suffix}"


def problem(read: Read, name: str, content: Any) -> str:
    """Return what is said to be wrong, without the folder."""
    with pytest.raises(InputError) as caught:
        read(name, content)
    return str(caught.value).removeprefix(f"{Path(caught.value.source).parent}/")


# Every tool


def test_the_command_line_names_every_tool() -> None:
    assert [tool.value for tool in ToolName] == list(TOOLS)


@pytest.mark.parametrize("tool", TOOLS)
def test_the_corpus_comes_back(tool: str, corpus: list[LabelledDecision], tmp_path: Path) -> None:
    path = path_for(tool, tmp_path)
    write_labelled(corpus, path, tool)
    back = list(read_labelled([path]))
    assert len(back) == len(corpus)
    assert [
        x.decision.source for x, y in zip(corpus, back, strict=True) if said(x) != said(y)
    ] == []


@pytest.mark.parametrize("cited", [None, frozenset(), frozenset({"late", "premature"})])
@pytest.mark.parametrize("tags", [{"late"}, {"no_fault", "apology:sought"}])
@pytest.mark.parametrize("tool", TOOLS)
def test_decisions_labelled_as_a_whole_come_back(
    tool: str,
    tags: set[str],
    cited: frozenset[str] | None,
    wall: LabelledDecision,
    tmp_path: Path,
) -> None:
    given = LabelledDecision(wall.decision, frozenset(tags), cited)
    path = path_for(tool, tmp_path)
    write_labelled([given], path, tool)
    [back] = read_labelled([path])
    assert said(back) == said(given)


@pytest.mark.parametrize("tool", TOOLS)
def test_words_and_labels_of_the_whole_go_together(
    tool: str, wall: LabelledDecision, tmp_path: Path
) -> None:
    given = replace(
        wall, tags=wall.tags | {"premature"}, cited=(wall.cited or frozenset()) | {"court_remedy"}
    )
    path = path_for(tool, tmp_path)
    write_labelled([given], path, tool)
    [back] = read_labelled([path])
    assert said(back) == said(given)


@pytest.mark.parametrize("tool", TOOLS)
def test_that_a_decision_has_no_tag_comes_back(
    tool: str, wall: LabelledDecision, tmp_path: Path
) -> None:
    given = LabelledDecision(wall.decision, frozenset(), None, ())
    path = path_for(tool, tmp_path)
    write_labelled([given], path, tool)
    [back] = read_labelled([path])
    assert said(back) == said(given)


@pytest.mark.parametrize("tool", TOOLS)
def test_tasks_are_not_labelled_yet_even_with_suggestions(
    tool: str, wall: LabelledDecision, tmp_path: Path
) -> None:
    tasks: tuple[Decision | Record, ...] = (wall.decision, record_of(wall))
    for number, task in enumerate(tasks):
        (tmp_path / str(number)).mkdir()
        path = path_for(tool, tmp_path / str(number))
        write_tasks([task, task], path, tool)
        waiting: list[Unlabelled] = []
        assert list(read_labelled([path], errors=[], unlabelled=waiting)) == []
        assert len(waiting) == 2
        with pytest.raises(InputError, match="no labelled decisions; 2 are not labelled yet"):
            list(read_labelled([path]))


def accepted(tool: str, path: Path) -> None:
    """Do to a file of tasks what a person does who takes every suggestion."""
    if tool == "label-studio":
        tasks = json.loads(path.read_text("utf-8"))
        for task in tasks:
            task["annotations"] = [{"id": 7, "result": task["predictions"][0]["result"]}]
        path.write_text(json.dumps(tasks), "utf-8")
        return
    done = {"prodigy": {"answer": "accept"}, "doccano": {"id": 7}}[tool]
    lines = [json.loads(line) | done for line in path.read_text("utf-8").splitlines()]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")


@pytest.mark.parametrize("tool", TOOLS)
def test_suggestions_that_are_taken_are_labels(
    tool: str, corpus: list[LabelledDecision], tmp_path: Path
) -> None:
    path = path_for(tool, tmp_path)
    records = [record_of(one) for one in corpus[::50]]
    write_tasks(records, path, tool)
    accepted(tool, path)
    for record, back in zip(records, read_labelled([path]), strict=True):
        assert back.tags == {found.tag for found in (*record.tags, *record.remedies)}
        assert back.spans == evidence_spans(record)


WORDS = st.lists(
    st.sampled_from(
        ["the Council", "😀", "naïve", "a\u0301", "£5", "\U0001d4b3", "don’t", "<b>&", '"', "\\n"]
    ),
    min_size=1,
    max_size=6,
).map(" ".join)


@st.composite
def small_decisions(draw: st.DrawFn) -> LabelledDecision:
    texts = [f"It said {draw(WORDS)} so." for _ in range(3)]
    headings = (
        ("complaint", "The complaint"),
        ("assessment", "My assessment"),
        ("final", "Final decision"),
    )
    paragraphs = tuple(
        Paragraph(number, section, heading, text)  # type: ignore[arg-type]
        for number, ((section, heading), text) in enumerate(zip(headings, texts, strict=True), 1)
    )
    decision = Decision("x/y.txt", "", "plain", paragraphs, reference="94 101 233", body="North")
    spans = tuple(
        Span(index, start, len(text) - 1, draw(st.sampled_from(sorted(codebook().tags))))
        for index, text in enumerate(texts)
        for start in [draw(st.sampled_from([0, 8]))]
    )
    return LabelledDecision(decision, *decision_tags(decision, spans), spans)


@settings(max_examples=25)
@given(st.sampled_from(sorted(TOOLS)), small_decisions())
def test_words_beyond_the_first_plane_come_back(tool: str, one: LabelledDecision) -> None:
    with TemporaryDirectory() as folder:
        path = path_for(tool, Path(folder))
        write_labelled([one], path, tool)
        [back] = read_labelled([path])
    assert said(back) == said(one)


@given(st.text(max_size=20), st.data())
def test_code_units_and_code_points(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    units = code_unit(text, offset)
    assert units == sum(1 + (character > "\uffff") for character in text[:offset])
    assert code_point(text, units) == offset
    beyond = code_unit(text, len(text)) + 3
    assert code_point(text or "x", beyond) > len(text)


# Prodigy


def test_prodigy_as_it_comes_from_spans_manual(read: Read, example: str) -> None:
    start = example.index("I see no fault")
    task = {
        "text": example,
        "_input_hash": 1,
        "_task_hash": 2,
        "tokens": [{"text": "Northmoor", "start": 0, "end": 9, "id": 0, "ws": True}],
        "spans": [
            {
                "start": start,
                "end": start + 14,
                "token_start": 90,
                "token_end": 93,
                "label": "no_fault",
            }
        ],
        "_view_id": "spans_manual",
        "answer": "accept",
        "meta": {"source": "decisions/a.txt"},
    }
    [one] = read("x.jsonl", [task, task | {"answer": "reject"}, task | {"answer": "ignore"}])
    assert one.decision.source == "decisions/a.txt"
    assert one.spans == (Span(3, 44, 58, "no_fault"),)
    assert one.tags == {"no_fault"}
    assert one.cited is None


@pytest.mark.parametrize(
    ("options", "accept"),
    [
        ([{"id": "late", "text": "Late"}], ["late", "cited:late"]),
        ([{"id": 1, "text": "late"}, {"id": 2, "text": "cited:late"}], [1, 2]),
        ([], ["late", "cited:late"]),
    ],
)
def test_prodigy_as_it_comes_from_choice(
    options: list[Any], accept: list[Any], read: Read, example: str
) -> None:
    task = {"text": example, "options": options, "accept": accept, "answer": "accept"}
    [one] = read("x.jsonl", [task])
    assert one.tags == one.cited == frozenset({"late"})
    assert one.spans is None


def test_labels_that_were_changed_in_prodigy_count(
    wall: LabelledDecision, read: Read, tmp_path: Path
) -> None:
    write_labelled([wall], tmp_path / "own.jsonl")
    task = json.loads((tmp_path / "own.jsonl").read_text("utf-8"))
    assert sorted(task["tags"]) == sorted(wall.tags)
    [one] = read("x.jsonl", [task | {"spans": [], "answer": "accept"}])
    assert (one.tags, one.spans) == (frozenset(), ())


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"label": "late"}, "x.jsonl:1: neither 'spans' nor 'accept': one label a task"),
        ({"spans": [[1, 2]]}, "x.jsonl:1: a span is not an object with start, end and label"),
        ({"spans": [{"token_start": 1}]}, "x.jsonl:1: a span is not an object with start"),
        ({"accept": ["laet"]}, "x.jsonl:1: unknown tag 'laet': did you mean 'late'?"),
        ({"accept": [3]}, "x.jsonl:1: 'accept' is not a list of tags"),
        ({"accept": ["late"], "options": [1]}, "x.jsonl:1: 'options' is not a list of objects"),
        ({"accept": ["cited:laet"]}, "x.jsonl:1: unknown tag 'laet'"),
        ({"accept": [["late"]]}, "x.jsonl:1: an id in 'accept' or 'options' is neither"),
        ({"accept": [1], "options": [{"id": {}}]}, "x.jsonl:1: an id in 'accept' or 'options'"),
        ({"accept": ["late"], "meta": {"source": 7}}, "x.jsonl:1: 'source' is int, no text"),
    ],
)
def test_bad_tasks_of_prodigy(more: dict[str, Any], message: str, read: Read, example: str) -> None:
    found = problem(read, "x.jsonl", [{"text": example, "answer": "accept"} | more])
    assert found.startswith(message)


# doccano


@pytest.mark.parametrize("key", ["entities", "label", "labels", "annotations"])
@pytest.mark.parametrize("as_objects", [True, False])
def test_doccano_in_each_of_its_forms(key: str, as_objects: bool, read: Read, example: str) -> None:
    start = example.index("I see no fault")
    as_object = {"id": 3, "label": "no_fault", "start_offset": start, "end_offset": start + 14}
    mark = as_object if as_objects else [start, start + 14, "no_fault"]
    document = {
        "id": 12,
        "text": example,
        key: [mark],
        "relations": [{"id": 1, "from_id": 3, "to_id": 3, "type": "same"}],
        "Comments": ["?"],
        "source": "decisions/a.txt",
    }
    [one] = read("x.jsonl", [document])
    assert one.spans == (Span(3, 44, 58, "no_fault"),)
    assert one.decision.source == "decisions/a.txt"


def test_doccano_by_whole_texts_and_by_both(read: Read, example: str) -> None:
    start = example.index("I see no fault")
    first, second = read(
        "x.jsonl",
        [
            {"id": 1, "text": example, "label": ["late", "cited:none"]},
            {"text": example, "cats": ["late"], "entities": [[start, start + 14, "no_fault"]]},
        ],
    )
    assert (first.tags, first.cited, first.spans) == (frozenset({"late"}), frozenset(), None)
    assert second.tags == {"late", "no_fault"}
    assert second.spans == (Span(3, 44, 58, "no_fault"),)


def test_doccano_without_labels_is_not_labelled(example: str, tmp_path: Path) -> None:
    lines = [{"id": 1, "text": example, "label": []}, {"id": 2, "text": example, "label": ["none"]}]
    path = tmp_path / "x.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    waiting: list[Unlabelled] = []
    [one] = read_labelled([path], unlabelled=waiting)
    assert (one.tags, one.spans) == (frozenset(), ())
    assert waiting == [Unlabelled(f"{path}:1")]


def test_doccano_counts_as_javascript_does(read: Read, example: str) -> None:
    text = example.replace("The wall", "The 😀 wall").replace("-40 mm", "😀 mm")
    start = text.index("I see no fault")
    [one] = read("x.jsonl", [{"text": text, "label": [[start + 2, start + 16, "no_fault"]]}])
    [span] = one.spans or ()
    assert one.decision.paragraphs[3].text[span.start : span.end] == "I see no fault"


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"label": [[1, 2]]}, "x.jsonl:1: a label has not start, end and name"),
        ({"entities": [{"start": 1}]}, "x.jsonl:1: a label has not start, end and name"),
        ({"annotations": [[1, 5, 7]]}, "x.jsonl:1: label 7 is a number, not a name"),
        ({"label": [["1", 5, "late"]]}, "x.jsonl:1: span 1 to 5 does not lie in the"),
        ({"label": ["laet"]}, "x.jsonl:1: unknown tag 'laet'"),
        ({"label": [3]}, "x.jsonl:1: a label has not start, end and name"),
        ({"cats": "late"}, "x.jsonl:1: 'cats' is not a list of tags"),
        ({"label": [], "entities": 7}, "x.jsonl:1: 'entities' is not a list of labels"),
        ({"label": ["late"], "source": {}}, "x.jsonl:1: 'source' is dict, no text"),
    ],
)
def test_bad_documents_of_doccano(
    more: dict[str, Any], message: str, read: Read, example: str
) -> None:
    assert problem(read, "x.jsonl", [{"text": example} | more]).startswith(message)


def test_doccano_has_no_project_for_words_and_wholes(
    wall: LabelledDecision, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="two kinds of project; convert them apart"):
        write_labelled([wall, replace(wall, spans=None)], tmp_path / "x.jsonl", "doccano")
    assert list(tmp_path.iterdir()) == []


# Label Studio


def marked(text: str, words: str, *labels: str) -> dict[str, Any]:
    start = text.index(words)
    shown = re.sub("[\r\n]", r"\\n", words)  # as Label Studio shows line breaks
    value = {"start": start, "end": start + len(words), "text": shown, "labels": [*labels]}
    return {"from_name": "label", "to_name": "text", "type": "labels", "value": value}


def chosen(*choices: str) -> dict[str, Any]:
    return {"from_name": "decision", "to_name": "text", "type": "choices"} | {
        "value": {"choices": [*choices]}
    }


def test_label_studio_as_it_exports(read: Read, example: str) -> None:
    task = {
        "id": 41,
        "data": {"text": example, "source": "decisions/a.txt"},
        "annotations": [
            {
                "id": 9,
                "completed_by": 1,
                "was_cancelled": False,
                "ground_truth": False,
                "lead_time": 4.2,
                "result": [
                    marked(example, "I see no fault", "no_fault", "minor_injustice"),
                    marked(
                        example, "it is late;\n    • there".replace("\n    • there", ""), "late"
                    ),
                    {"type": "rating", "from_name": "sure", "value": {"rating": 3}},
                    {"type": "relation", "from_id": "a", "to_id": "b"},
                ],
            }
        ],
        "predictions": [{"model_version": "grounds 1", "result": [chosen("premature")]}],
        "meta": {},
        "project": 3,
    }
    skipped = {"id": 42, "data": {"text": example}, "annotations": [{"was_cancelled": True}]}
    untouched = {"id": 43, "data": {"text": example}, "annotations": []}
    [one] = read("x.json", [task, skipped, untouched])
    assert one.decision.source == "decisions/a.txt"
    assert one.tags == {"no_fault", "minor_injustice"}
    assert one.cited == frozenset({"late"})
    assert one.spans == (
        Span(2, 37, 48, "late"),
        Span(3, 44, 58, "no_fault"),
        Span(3, 44, 58, "minor_injustice"),
    )


def test_of_several_annotations_the_truth_counts(read: Read, example: str) -> None:
    late, no_fault = [chosen("late")], [chosen("no_fault")]

    def task(*annotations: dict[str, Any]) -> dict[str, Any]:
        return {"id": 5, "data": {"text": example}, "annotations": [*annotations]}

    agreed, true, one_left = read(
        "x.json",
        [
            task({"result": late}, {"result": late}),
            task({"result": late}, {"result": no_fault, "ground_truth": True}),
            task({"result": late, "was_cancelled": True}, {"result": no_fault}),
        ],
    )
    assert [*agreed.tags, *true.tags, *one_left.tags] == ["late", "no_fault", "no_fault"]
    differ = problem(read, "x.json", [task({"result": late}, {"result": no_fault})])
    assert differ.startswith("x.json: task 5: 2 annotations that differ; mark one as ground truth")


def json_min(path: Path) -> list[dict[str, Any]]:
    """Do what Label Studio's converter does for the export JSON-MIN."""
    flat = []
    for number, task in enumerate(json.loads(path.read_text("utf-8"))):
        for annotation in task["annotations"]:
            record = {**task["data"], "id": number, "annotator": 1, "annotation_id": 3}
            values: dict[str, list[Any]] = {}
            for result in annotation["result"]:
                values.setdefault(result["from_name"], []).append(result["value"])
            for name, found in values.items():
                short = [
                    value["choices"][0] if len(value.get("choices", ())) == 1 else value
                    for value in found
                ]
                record[name] = short[0] if "choices" in found[0] else short
            flat.append(record | {"created_at": "2025-01-01", "lead_time": 1.5})
    return flat


def test_label_studio_json_min(
    corpus: list[LabelledDecision], wall: LabelledDecision, read: Read, tmp_path: Path
) -> None:
    some = [*corpus[::60], replace(wall, spans=None), replace(wall, spans=None, cited=None)]
    write_labelled(some, tmp_path / "full.json")
    assert list(map(said, read("min.json", json_min(tmp_path / "full.json")))) == list(
        map(said, some)
    )
    twice = [*json_min(tmp_path / "full.json")[-1:], *json_min(tmp_path / "full.json")[-1:]]
    assert len(read("twice.json", twice)) == 1
    twice[1] = twice[1] | {"decision": "premature"}
    assert "2 annotations that differ" in problem(read, "twice.json", twice)


def test_a_list_of_texts_is_not_labelled(example: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps([{"text": example}, {"text": example}]))
    waiting: list[Unlabelled] = []
    assert list(read_labelled([path], errors=[], unlabelled=waiting)) == []
    assert len(waiting) == 2


@pytest.mark.parametrize("shift", [0, 2])
def test_label_studio_of_any_version_counts_right(shift: int, read: Read, example: str) -> None:
    text = example.replace("The wall", "The 😀 wall").replace("-40 mm", "😀 mm")
    mark = marked(text, "I see no fault", "no_fault")
    mark["value"]["start"] += shift  # as old versions counted the two emojis
    mark["value"]["end"] += shift
    [one] = read("x.json", [{"data": {"text": text}, "annotations": [{"result": [mark]}]}])
    [span] = one.spans or ()
    assert one.decision.paragraphs[3].text[span.start : span.end] == "I see no fault"


def test_label_studio_keeps_windows_line_breaks(read: Read, example: str) -> None:
    text = example.replace("\n", "\r\n")
    results = [
        marked(text, "I see no fault", "no_fault"),
        marked(text, "it is late; or\r\n    • there", "late"),
    ]
    [one] = read("x.json", [{"data": {"text": text}, "annotations": [{"result": results}]}])
    first, second = one.spans or ()
    assert one.decision.paragraphs[2].text[first.start : first.end] == "it is late; or\nthere"
    assert one.decision.paragraphs[3].text[second.start : second.end] == "I see no fault"


@pytest.mark.parametrize(
    ("results", "message"),
    [
        (None, "task 1: an annotation without a list 'result'"),
        ([{"type": "labels", "value": {"labels": "late"}}], "task 1: a result of type 'labels'"),
        ([{"type": "choices", "value": {}}], "task 1: a result of type 'choices' without a list"),
        (
            [{"type": "labels", "value": {"labels": ["late"], "start": "/p[1]", "end": 3}}],
            "task 1: start '/p[1]' and end 3 are no places in the text",
        ),
        ([{"type": "hypertextlabels", "value": {}}], "task 1: hypertextlabels have no places"),
        ([chosen("laet")], "task 1: unknown tag 'laet'"),
        ([{"type": ["labels"], "value": {}}], "task 1: a result of type ['labels'], which is no"),
        (
            [{"type": "labels", "value": {"labels": ["late"], "start": 1, "end": 99999}}],
            "task 1: span 1 to 99999 does not lie in the",
        ),
    ],
)
def test_bad_results_of_label_studio(results: Any, message: str, read: Read, example: str) -> None:
    task = {"data": {"text": example}, "annotations": [{"result": results}]}
    assert problem(read, "x.json", [task]).startswith(f"x.json: {message}")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "x.json: not an export of Label Studio, which is a list of tasks"),
        ("[1]", "x.json: task 1: not a task of Label Studio: no 'data'"),
        ('[{"data": 7}]', "x.json: task 1: not a task of Label Studio: no 'data'"),
        ('[{"data": {"html": "a"}}]', "x.json: task 1: no text under 'text' in its 'data'"),
        ('[{"data": {"text": "a"}, "annotations": [3]}]', "x.json: task 1: its 'annotations' are"),
        ('[{"id": 3, "text": ["a"], "label": []}]', "x.json: task 3: no text under 'text' in its"),
        ('[{"data": {"text": "a", "source": [1]}}]', "x.json: task 1: 'source' is list, no text"),
        ("[", "x.json:1: not JSON: Expecting value at character 2"),
    ],
)
def test_bad_exports_of_label_studio(content: str, message: str, read: Read) -> None:
    assert problem(read, "x.json", content).startswith(message)


def test_a_bad_task_does_not_hide_the_others(example: str, tmp_path: Path) -> None:
    good = {"id": 2, "data": {"text": example}, "annotations": [{"result": [chosen("late")]}]}
    bad = good | {"id": 1, "annotations": [{"result": [chosen("laet")]}]}
    (tmp_path / "x.json").write_text(json.dumps([bad, good, 3]))
    (tmp_path / "folds.json").write_text('{"folds": [["a"]]}')  # other JSON is passed over
    errors: list[InputError] = []
    assert len(list(read_labelled([tmp_path], errors=errors))) == 1
    assert [str(error).partition(": ")[2].partition(":")[0] for error in errors] == [
        "task 1",
        "task 3",
    ]


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("x.jsonl", {"tags": ["late"]}),
        ("x.jsonl", {"label": ["late"]}),
        ("x.jsonl", {"accept": ["late"], "answer": "accept"}),
        ("x.json", {"annotation_id": 1, "decision": "late"}),
    ],
)
@pytest.mark.parametrize("source", [None, ""])
def test_an_empty_source_is_none(
    name: str, labels: dict[str, Any], source: str | None, read: Read, example: str
) -> None:
    [one] = read(name, [{"text": example, "source": source} | labels])
    assert one.decision.source.endswith(f"/{name}:1")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 900) | st.sampled_from(["late", "x", "labels"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "text",
                    "data",
                    "annotations",
                    "result",
                    "value",
                    "labels",
                    "choices",
                    "start",
                    "end",
                    "type",
                    "id",
                    "spans",
                    "label",
                    "answer",
                    "accept",
                    "options",
                    "entities",
                    "cats",
                    "source",
                    "meta",
                    "annotation_id",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=14,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every list and object in a value, with each key of it."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places(value[key])


def each_replaced(task: Any, value: Any) -> Iterator[Any]:
    """Yield copies of a task, each with the value in another place."""
    for number in range(len(list(places(task)))):
        copy = deepcopy(task)
        holder, key = list(places(copy))[number]
        holder[key] = value
        yield copy


@pytest.mark.parametrize("value", [None, 7, -1, True, 1e400, "x", [], ["x"], [[]], {}, {"x": []}])
def test_whatever_stands_in_one_place_it_is_read_or_refused_in_a_line(
    value: Any, example: str, tmp_path: Path
) -> None:
    span = {"start": 1, "end": 5, "label": "late"}
    tasks = [
        {"text": example, "tags": ["late"], "cited": [], "spans": [span], "source": "a"},
        {"text": example, "answer": "accept", "accept": [1], "spans": [span], "meta": {"source": "a"},
         "options": [{"id": 1, "text": "late"}]},
        {"text": example, "label": [[1, 5, "late"]], "cats": ["late"], "source": "a"},
        {"text": example, "entities": [{"start_offset": 1, "end_offset": 5, "label": "late"}]},
        {"id": 1, "data": {"text": example, "source": "a"},
         "annotations": [{"result": [marked(example, "I see", "late"), chosen("late")]}]},
        {"id": 1, "text": example, "annotation_id": 1, "decision": {"choices": ["late"]},
         "label": [{"start": 1, "end": 5, "text": "x", "labels": ["late"]}]},
    ]  # fmt: skip
    lines = [json.dumps(one) for task in tasks for one in each_replaced(task, value)]
    (tmp_path / "x.jsonl").write_text("\n".join(lines))
    (tmp_path / "x.json").write_text(f"[{','.join(lines)}]")
    errors: list[InputError] = []
    list(read_labelled([tmp_path], errors=errors))
    assert {Path(error.source).name for error in errors} == {"x.jsonl", "x.json"}


@settings(max_examples=80)
@given(json_values, st.sampled_from(["text", "data", "both"]))
def test_whatever_json_says_it_is_read_or_refused_in_a_line(values: Any, where: str) -> None:
    text = copy_of(parse_markup(MARKUP, "x").decision).text
    if isinstance(values, dict):
        values |= {} if where == "data" else {"text": text}
        values |= {} if where == "text" else {"data": {"text": text}}
    with TemporaryDirectory() as folder:
        for name, content in (("x.jsonl", values), ("x.json", [values])):
            path = Path(folder, name)
            path.write_text(f"{json.dumps(content)}\n")
            errors: list[InputError] = []
            list(read_labelled([path], errors=errors))
            assert all(error.source == str(path) and error.problem for error in errors)


def test_labels_for_the_tools(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {}
    for tool in TOOLS:
        assert main(["codebook", "--for", tool]) == 0
        shown[tool] = capsys.readouterr().out
    tags = list(codebook().tags)
    assert shown["prodigy"].splitlines() == tags
    assert [label["text"] for label in json.loads(shown["doccano"])] == [*tags, "none"]
    view = ElementTree.fromstring(shown["label-studio"])
    assert [label.get("value") for label in view.iter("Label")] == tags
    choices = [choice.get("value") for choice in view.iter("Choice")]
    assert choices[:50] == [*tags, "none"]
    assert choices[50:] == [*(f"cited:{tag}" for tag in codebook().reasons), "cited:none"]
    [text] = view.iter("Text")
    controls = {
        control.get("name"): control.get("toName")
        for control in view.iter()
        if control.get("toName")
    }
    assert (text.get("name"), text.get("value")) == ("text", "$text")
    assert controls == {"label": "text", "decision": "text", "cited": "text"}
    assert main(["codebook", "late", "--for", "prodigy"]) == 2


def test_tasks_of_label_studio_fit_its_labelling_interface(
    corpus: list[LabelledDecision], tmp_path: Path
) -> None:
    view = ElementTree.fromstring(TOOLS["label-studio"].labels())
    offered = {
        control.get("name"): (control.tag.lower(), {value.get("value") for value in control})
        for control in view
        if control.get("toName")
    }
    wholes = [replace(one, spans=None) for one in corpus[1::90]]
    write_labelled([*corpus[::90], *wholes], tmp_path / "x.json")
    for task in json.loads((tmp_path / "x.json").read_text("utf-8")):
        for result in task["annotations"][0]["result"]:
            kind, values = offered[result["from_name"]]
            assert result["type"] == kind
            assert set(result["value"][kind]) <= values


# The table to fill in


def table_of(tasks: Iterable[Decision | Record]) -> list[Row]:
    """Return the rows of a labelling table."""
    file = io.StringIO()
    write_labelling(tasks, file)
    return list(csv.DictReader(io.StringIO(file.getvalue())))


def table_text(rows: list[Row], delimiter: str = ",") -> str:
    file = io.StringIO()
    table = csv.DictWriter(file, rows[0].keys(), delimiter=delimiter)
    table.writeheader()
    table.writerows(rows)
    return file.getvalue()


def filled(one: LabelledDecision) -> list[Row]:
    """Fill in the table of a decision with the tags of its words, beside their sentences."""
    given = one.decision
    rows = table_of([given])
    numbers = {paragraph.number: index for index, paragraph in enumerate(given.paragraphs)}
    position, last = 0, None
    for row in rows:
        index = numbers[0 if row["paragraph"] == "Summary" else int(row["paragraph"])]
        text = given.paragraphs[index].text
        words = re.sub(r"^(• |'(?=[=+@-]))", "", row["text"])
        position = text.index(words, position if index == last else 0)
        last, end = index, position + len(words)
        tags = {
            span.tag
            for span in one.spans or ()
            if span.index == index and span.start < end and span.end > position
        }
        row["tags"] = "; ".join(sorted(tags))
        position = end
    return rows


def counted(one: LabelledDecision) -> LabelledDecision:
    """Leave out the words that do not count, which the table refuses."""
    sections = [paragraph.section for paragraph in one.decision.paragraphs]
    spans = [
        span
        for span in one.spans or ()
        if counts_in(span.tag, sections[span.index])
        or (sections[span.index] == "powers" and ":" not in span.tag)
    ]
    return replace(one, spans=tuple(spans))


def test_the_corpus_comes_back_from_the_table(
    corpus: list[LabelledDecision], tmp_path: Path
) -> None:
    some = [counted(one) for one in corpus[::3]]
    rows = [row for one in some for row in filled(one)]
    path = tmp_path / "labels.csv"
    path.write_text(table_text(rows), "utf-8-sig")
    back = list(read_labelled([path]))
    assert len(back) == len(some)
    for one, other in zip(some, back, strict=True):
        decision = replace(one.decision, sha256="", layout="numbered")
        assert replace(other.decision, sha256="") == decision
        assert (other.tags, other.cited or frozenset()) == (one.tags, one.cited)


def test_a_table_by_hand(wall: LabelledDecision) -> None:
    rows = table_of([wall.decision])
    assert [(row["paragraph"], row["section"], row["text"], row["row"]) for row in rows] == [
        ("Summary", "summary", "We will not investigate this.", "1 of 9"),
        ("Summary", "summary", "There is not enough evidence of fault.", "2 of 9"),
        ("1", "complaint", "Mr X wants an apology and £200.", "3 of 9"),
        ("2", "powers", "We do not start an investigation if:", "4 of 9"),
        ("2", "powers", "• it is late; or", "5 of 9"),
        ("2", "powers", "• there is another way.", "6 of 9"),
        ("2", "powers", "(Local Government Act 1974, section 24A(6))", "7 of 9"),
        ("3", "assessment", "'-40 mm of the wall are gone. (So it seems.)", "8 of 9"),
        ("3", "assessment", "I see no fault in that.", "9 of 9"),
    ]
    assert {row["source"] for row in rows} == {"walls/a.md"}
    assert {row["heading"] for row in rows[-2:]} == {"The wall"}
    assert {(row["reference"], row["date"]) for row in rows} == {("94 101 233", "on 2025-03-12")}
    assert {(row["tags"], row["remarks"], row["done"]) for row in rows} == {("", "", "")}
    assert "suggested" not in rows[0]


def test_a_table_filled_in_by_hand(wall: LabelledDecision, read: Read) -> None:
    rows = table_of([wall.decision])
    for number, tags in ((1, "no_fault"), (2, "apology:sought; payment:sought"), (4, "late")):
        rows[number]["tags"] = tags
    [one] = read("labels.csv", table_text(rows))
    assert one.tags == {"no_fault", "apology:sought", "payment:sought"}
    assert one.cited == frozenset({"late"})
    assert one.spans == (
        Span(0, 30, 68, "no_fault"),
        Span(1, 0, 31, "apology:sought"),
        Span(1, 0, 31, "payment:sought"),
        Span(2, 37, 51, "late"),
    )
    assert one.decision.paragraphs == wall.decision.paragraphs
    assert one.decision.reference == "94 101 233"
    assert (one.decision.body, one.decision.date) == ("Northmoor Borough Council", "2025-03-12")


def test_suggestions_stand_apart(wall: LabelledDecision, read: Read) -> None:
    rows = table_of([record_of(wall)])
    assert [row["suggested"] for row in rows if row["suggested"]] == [
        "no_fault", "apology:sought; payment:sought", "no_fault",
    ]  # fmt: skip
    assert not any(row["tags"] for row in rows)
    columns = list(rows[0])
    assert columns.index("suggested") == columns.index("tags") + 1
    rows[-1]["tags"] = "minor_injustice"
    [one] = read("labels.csv", table_text(rows))
    assert one.tags == {"minor_injustice"}


# What spreadsheets and people do to tables


def reordered(rows: list[Row]) -> list[Row]:
    return [dict(reversed(row.items())) for row in rows]


def shuffled(rows: list[Row]) -> list[Row]:
    return random.Random(1).sample(rows, len(rows))


def with_more_columns(rows: list[Row]) -> list[Row]:
    return [{"checked by": "K"} | row | {"": "", " Hours ": "2"} for row in rows]


def with_blank_rows(rows: list[Row]) -> list[Row]:
    blank = dict.fromkeys(rows[0], "")
    return [blank, *rows[:4], blank, blank, *rows[4:], blank]


def with_a_copied_row(rows: list[Row]) -> list[Row]:
    copied = dict(rows[2], tags="payment:sought")
    rows[2]["tags"] = "apology:sought"
    return [*rows[:3], copied, *rows[3:]]


def with_other_spellings(rows: list[Row]) -> list[Row]:
    spelt = {
        "no_fault": " No fault ;",
        "apology:sought; payment:sought": "Apology: Sought, PAYMENT sought\n",
        "late": codebook().tags["late"].definition,
    }
    return [row | {"tags": spelt.get(row["tags"], "-")} for row in rows]


def with_columns_in_capitals(rows: list[Row]) -> list[Row]:
    return [{name.upper(): cell for name, cell in row.items()} for row in rows]


def mangled_numbers(rows: list[Row]) -> list[Row]:
    return [row | {"date": "12 March 2025", "reference": "94101233"} for row in rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "change",
    [
        reordered, shuffled, with_more_columns, with_blank_rows, with_a_copied_row,
        with_other_spellings, with_columns_in_capitals, mangled_numbers,
    ],
)  # fmt: skip
def test_a_table_survives_its_spreadsheet(
    change: Callable[[list[Row]], list[Row]],
    delimiter: str,
    encoding: str,
    wall: LabelledDecision,
    read: Read,
) -> None:
    rows = filled(wall)
    content = table_text(rows)
    [before] = read("before.csv", content)
    changed = change([dict(row) for row in rows])
    [one] = read("labels.csv", table_text(changed, delimiter).encode(encoding))
    assert one == before


def test_damaged_text_is_no_other_encoding(wall: LabelledDecision, read: Read) -> None:
    rows = changed(0, text="We won’t.")(filled(wall))
    found = problem(read, "labels.csv", table_text(rows).encode() + b"\xff")
    assert found == "labels.csv:11: not UTF-8 (byte 0xff); save the file as UTF-8"


def test_trailing_empty_cells_are_no_cells(wall: LabelledDecision, read: Read) -> None:
    content = table_text(filled(wall))
    [before] = read("before.csv", content)
    [one] = read("labels.csv", re.sub(r"(?m)\r\n", ",,,\r\n", content))
    assert one == before


@pytest.mark.parametrize(
    "date",
    ["2025-02-05", "on 2025-02-05", "On 5 February 2025", "05 Feb 2025", "25/02/2025", ""],
)
@pytest.mark.parametrize("reference", ["94101233", "94-101-233", ""])
def test_dates_and_references_that_are_understood(
    date: str, reference: str, wall: LabelledDecision, read: Read
) -> None:
    rows = changed(0, date=date, reference=reference)(filled(wall))
    [one] = read("labels.csv", table_text(rows))
    day = "2025-02-25" if date.startswith("25/") else "2025-02-05"
    assert one.decision.date == (day if date else None)
    assert one.decision.reference == ("94 101 233" if reference else None)


def changed(number: int, **cells: str) -> Callable[[list[Row]], list[Row]]:
    """Return what changes a row, which stands in the line after next."""

    def change(rows: list[Row]) -> list[Row]:
        rows[number] |= cells
        return rows

    return change


def without(column: str) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [{k: v for k, v in row.items() if k != column} for row in rows]


def with_gaps(rows: list[Row]) -> list[Row]:
    return [*rows[:3], *rows[4:6], *rows[7:]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (changed(1, tags="no falt"), "3: unknown tag 'no_falt': did you mean 'no_fault'?"),
        (changed(2, tags="late"), "4: 'late' does not count in the section 'complaint'"),
        (changed(4, tags="apology:agreed"), "6: 'apology:agreed' does not count in the section"),
        (changed(3, section="powwers"), "5: unknown section 'powwers' (one of summary"),
        (changed(3, row="4/9"), "5: column 'row' has '4/9', not such as '07 of 42'"),
        (changed(3, row=f"4 of {'9' * 5_000}"), "5: column 'row' has '4 of 9999"),
        (lambda rows: [row | {"row": "1 of 999999"} for row in rows[:1]] + rows, "3: row '1 of 9'"),
        (
            lambda rows: rows[:2],
            "2: of the 9 rows of walls/a.md these are missing: 3, 4, 5, 6, 7, …",
        ),
        (changed(3, paragraph="9" * 5_000), "5: paragraph '9999"),
        (changed(3, row="10 of 9"), "5: column 'row' has '10 of 9', not such as"),
        (changed(3, row="4 of 8"), "5: row '4 of 8', but above there are 9 rows"),
        (changed(3, row="3 of 9"), "5: row '3 of 9' is there twice, with other words"),
        (changed(3, text=" "), "5: no text"),
        (changed(3, paragraph="two"), "5: paragraph 'two' is neither a number nor 'Summary'"),
        (changed(3, paragraph="7"), "5: paragraph 7 is out of its order"),
        (changed(0, paragraph="5"), "2: paragraph 5 is out of its order"),
        (changed(5, done="maybe"), "7: column 'done' has 'maybe'; write x, no or nothing"),
        *(
            (changed(0, date=date), f"2: column 'date' has '{date}', which is not understood")
            for date in ("05.02.2025", "05-Feb-25", "45693", "2/25/2025", "2/5/25", "on 5")
        ),
        (changed(0, date="2/5/2025"), "2: column 'date' has '2/5/2025', of which either number"),
        (changed(0, date="02/05/2025"), "2: column 'date' has '02/05/2025', of which either"),
        (changed(0, reference="9.6E+07"), "2: column 'reference' has '9.6E+07', not such as"),
        (with_gaps, "2: of the 9 rows of walls/a.md these are missing: 4, 7; put them back"),
        (without("source"), "1: the labelling table lacks the column source"),
        (without("tags"), "1: the labelling table lacks the column tags"),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_line(
    change: Callable[[list[Row]], list[Row]], message: str, wall: LabelledDecision, read: Read
) -> None:
    found = problem(read, "labels.csv", table_text(change(filled(wall))))
    assert found.startswith(f"labels.csv:{message}")


def test_every_bad_row_is_named_and_other_decisions_are_read(
    wall: LabelledDecision, tmp_path: Path
) -> None:
    other = replace(wall, decision=replace(wall.decision, source="walls/b.md"))
    rows = changed(1, tags="x")(changed(4, tags="y")(filled(wall))) + filled(other)
    (tmp_path / "labels.csv").write_text(table_text(rows), "utf-8")
    errors: list[InputError] = []
    [one] = read_labelled([tmp_path], errors=errors)
    assert one.decision.source == "walls/b.md"
    assert [error.line for error in errors] == [3, 6]


@st.composite
def mangled_tables(draw: st.DrawFn) -> bytes:
    """A filled-in table to which something was done that spreadsheets and people do, or worse."""
    rows = filled(parse_markup(MARKUP, "walls/a.md"))
    cells = st.sampled_from(
        ["", "late", "x", "1 of 9", "9 of 9", "Summary", "0", "7", "\n", '"', ";"]
    )
    for _ in range(draw(st.integers(0, 4))):
        row = draw(st.sampled_from(rows))
        row[draw(st.sampled_from(sorted(row)))] = draw(cells | st.text(max_size=5))
    for _ in range(draw(st.integers(0, 2))):
        rows.pop(draw(st.integers(0, len(rows) - 1)))
    if draw(st.booleans()):
        name = draw(st.sampled_from(sorted(rows[0])))
        rows = [{key: cell for key, cell in row.items() if key != name} for row in rows]
    text = table_text(rows, draw(st.sampled_from(",;\t")))
    data = text.encode(draw(st.sampled_from(["utf-8", "utf-16", "utf-16-le"])), "replace")
    cut = draw(st.integers(0, len(data)))
    return data[:cut] + draw(st.binary(max_size=3)) + data[draw(st.sampled_from([cut, cut + 1])) :]


@settings(max_examples=100)
@given(mangled_tables())
def test_a_mangled_table_is_read_or_refused_with_its_lines(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "labels.csv")
        path.write_bytes(data)
        errors: list[InputError] = []
        list(read_labelled([path], errors=errors))
    for error in errors:
        assert error.source == str(path)
        assert error.line or "no labelled decisions" in error.problem or "UTF-16" in error.problem


# Done, and not done


@pytest.mark.parametrize(
    ("tags", "done", "labelled"),
    [
        ("", "", False),
        ("no_fault", "", True),
        ("none", "", True),
        ("-", "", True),
        ("", "x", True),
        ("", "Yes", True),
        ("no_fault", "no", False),
        ("no_fault", "X", True),
    ],
)
def test_what_is_not_labelled_yet_is_left_out(
    tags: str, done: str, labelled: bool, wall: LabelledDecision, tmp_path: Path
) -> None:
    rows = changed(8, tags=tags)(changed(2, done=done)(table_of([wall.decision])))
    path = tmp_path / "labels.csv"
    path.write_text(table_text(rows), "utf-8")
    waiting: list[Unlabelled] = []
    found = list(read_labelled([path], errors=[], unlabelled=waiting))
    assert len(found) == labelled
    assert waiting == ([] if labelled else [Unlabelled("walls/a.md")])
    if found:
        assert found[0].tags == ({"no_fault"} if tags == "no_fault" else frozenset())


def test_what_is_not_labelled_yet_need_not_be_whole(wall: LabelledDecision, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(table_text(table_of([wall.decision])[3:5]), "utf-8")
    waiting: list[Unlabelled] = []
    assert list(read_labelled([path], errors=[], unlabelled=waiting)) == []
    assert len(waiting) == 1


# The commands


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with sixteen decisions in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "decisions").mkdir()
    for number in range(1, 17):
        text = copy_of(labelled(f"short/{number:02}.md").decision).text
        Path("decisions", f"{number:02}.txt").write_text(text, "utf-8")
    return tmp_path


def test_from_the_template_to_a_model(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label-template", "decisions", "-o", "labels.csv"]) == 0
    assert capsys.readouterr().err == "labels.csv: 16 decisions to label, 0 failed\n"
    assert Path("labels.csv").read_bytes().startswith(b"\xef\xbb\xbfparagraph,section,text,tags,")
    assert main(["train", "labels.csv", "-o", "model"]) == 1
    assert capsys.readouterr().err == (
        "grounds: labels.csv: no labelled decisions; 16 are not labelled yet\n"
    )
    with Path("labels.csv").open(encoding="utf-8-sig", newline="") as file:
        empty = list(csv.DictReader(file))
    rows: list[Row] = []
    for number in range(1, 17):
        source = f"decisions/{number:02}.txt"
        truth = counted(labelled(f"short/{number:02}.md"))
        done = filled(replace(truth, decision=replace(truth.decision, source=source)))
        rows += done if number < 15 else [row for row in empty if row["source"] == source]
    Path("labels.csv").write_text(table_text(rows, ";"), "utf-8-sig")
    assert main(["corpus", "check", "labels.csv"]) == 0
    assert capsys.readouterr().out == ("14 decisions can be used, 0 problems, 2 not labelled yet\n")
    assert main(["train", "labels.csv", "-o", "model"]) == 0
    assert capsys.readouterr().err == (
        "grounds: 2 decisions are not labelled yet; they are left out\n"
        "model: trained on 14 decisions\n"
    )
    assert main(["evaluate", "labels.csv", "--model", "model", "-o", "report.json"]) == 0
    report = json.loads(Path("report.json").read_text("utf-8"))
    assert (report["decisions"], report["seen"]) == (14, 14)
    assert report["reasons"]["figures"]["micro_f1"] > 0.8
    assert main(["corpus", "convert", "labels.csv", "-o", "markup"]) == 0
    assert len(list(read_labelled(["markup"]))) == 14


@pytest.mark.parametrize("name", ["labels.csv", "tasks.json", "tasks.jsonl"])
def test_work_that_is_there_is_never_touched(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_text("hours of work")
    assert main(["label-template", "decisions", "-o", name, *for_tool(name)]) == 2
    assert "is there already, perhaps with labels; give another name" in capsys.readouterr().err
    assert Path(name).read_text() == "hours of work"


def for_tool(name: str) -> list[str]:
    return ["--for", "doccano"] if name.endswith("jsonl") else []


def test_suggestions_come_from_the_model(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["label-template", "decisions", "-o", "labels.csv", "--suggest"]) == 0
    with Path("labels.csv").open(encoding="utf-8-sig", newline="") as file:
        suggested = {tag for row in csv.DictReader(file) for tag in row["suggested"].split("; ")}
    truth = {tag for n in range(1, 17) for tag in labelled(f"short/{n:02}.md").tags}
    assert len(truth & suggested) / len(truth) > 0.9
    assert main(["label-template", "decisions", "-o", "tasks.json", "--suggest"]) == 0
    tasks = json.loads(Path("tasks.json").read_text("utf-8"))
    assert len(tasks) == 16
    [prediction] = tasks[0]["predictions"]
    assert prediction["model_version"] == "grounds 1"
    assert 0 < prediction["score"] <= 1
    text = tasks[0]["data"]["text"]
    for result in prediction["result"]:
        value = result["value"]
        assert text[value["start"] : value["end"]] == value["text"].replace("\\n", "\n")


def test_what_cannot_be_read_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("decisions", "broken.txt").touch()
    assert main(["label-template", "decisions", "-o", "labels.csv"]) == 1
    assert capsys.readouterr().err == (
        "grounds: decisions/broken.txt: is empty\nlabels.csv: 16 decisions to label, 1 failed\n"
    )
    assert main(["label-template", "decisions/broken.txt", "-o", "other.csv"]) == 1
    assert "other.csv: not written, since there is no decision to label" in capsys.readouterr().err
    assert not Path("other.csv").exists()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("label-template decisions -o tasks.jsonl", "people label in a table (.csv), or a file"),
        ("label-template decisions -o labels.xlsx", "people label in a table (.csv), or a file"),
        ("label-template decisions -o x.csv --for prodigy", "a file for prodigy ends in .jsonl"),
        ("label-template decisions -o x.csv --model m", "it goes with --suggest"),
        ("label-template decisions -o no/x.csv", "no/x.csv"),
        ("corpus convert data -o x.jsonl --for label-studio", "a file for label-studio ends in"),
    ],
)
def test_wrong_usage(
    command: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("data").mkdir()
    Path("data", "a.md").write_text(MARKUP, "utf-8")
    assert main(command.split()) == 2
    assert message in capsys.readouterr().err


def test_the_corpus_is_converted_for_a_tool(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = str(CORPUS / "short")
    assert main(["corpus", "convert", short, "-o", "x.jsonl", "--for", "doccano"]) == 0
    assert main(["corpus", "convert", short, "-o", "x.json"]) == 0
    assert main(["corpus", "check", "x.jsonl", "x.json"]) == 0
    assert capsys.readouterr().out == "120 decisions can be used, 0 problems\n"
    with pytest.raises(GroundsError):
        write_labelled([], "x.csv", "prodigy")
