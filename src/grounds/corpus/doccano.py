"""doccano's documents: ``label``, ``entities`` or ``cats``, a line of JSON each.

The forms are those that doccano shows on its page of import
(https://github.com/doccano/doccano, backend/data_import/pipeline/examples): sequence labelling (``"label": [[start, end, label]]``; with relations, which are not read,
``"entities": [{"start_offset", "end_offset", "label"}]``; in old versions ``labels`` and
``annotations``), text classification (``"label": [label]``), and both together (``entities`` and
``cats``). Every other key comes back as it was given.

Offsets count what JavaScript counts, UTF-16 code units: an emoji is two
(https://github.com/doccano/doccano/issues/2290). With the project's option "Count grapheme clusters
as one character" they would count something else, which a file does not tell.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from reprlib import repr as shortened
from typing import Any

from grounds.codebook import codebook
from grounds.corpus.example import (
    Example,
    Mark,
    code_point,
    code_unit,
    example_of,
    one_of,
    suggestion,
)
from grounds.corpus.place import Place
from grounds.decision import Decision, LabelledDecision
from grounds.errors import InputError
from grounds.record import Record

_KEYS = ("entities", "label", "labels", "annotations")
_SUGGESTED = "suggested_by"
_COLOURS = {"ground": "#c62828", "bar": "#1565c0", "remedy": "#2e7d32"}


def is_document(example: dict[str, Any]) -> bool:
    """Say whether an object looks like a document of doccano."""
    return "cats" in example or any(isinstance(example.get(key), list) for key in _KEYS)


def parse_document(document: dict[str, Any], place: Place) -> Example | None:
    """Return a document as an example; ``None`` where it has no label, or none but suggestions.

    Raises
    ------
    InputError
        Where its labels are not of one of the forms.
    """
    marks: list[Mark] = []
    whole = one_of(document.get("cats") or [], "cats", place)
    for key in _KEYS:
        labels = document.get(key) or []
        if not isinstance(labels, list):
            raise place.error(f"{shortened(key)} is not a list of labels")
        if labels and all(isinstance(label, str) for label in labels):
            whole |= frozenset(labels)
        else:
            marks += [_mark(label, document["text"], place) for label in labels]
    untouched = _SUGGESTED in document and "id" not in document  # doccano gives every one an id
    if untouched or not (marks or whole):
        return None
    return Example(document["text"], place.origin(document.get("source")), tuple(marks), whole)


def to_documents(decisions: Iterable[LabelledDecision]) -> Iterator[str]:
    """Write labelled decisions for a project of sequence labelling, one a line.

    Those that are labelled as a whole are written for a project of text classification.

    Raises
    ------
    InputError
        Where both kinds are among them.
    """
    kinds = set()
    for labelled in decisions:
        kinds.add(labelled.spans is None)
        if len(kinds) > 1:
            raise InputError(
                labelled.decision.source,
                "some decisions are labelled by words and some as a whole, which for doccano are "
                "two kinds of project; convert them apart",
            )
        yield _line(labelled)


def _line(labelled: LabelledDecision) -> str:
    example = example_of(labelled)
    if labelled.spans is None:
        return _document(example, sorted(example.whole))
    cats = {"cats": sorted(example.whole)} if example.whole else {}
    return _document(example, _triples(example), **cats)


def to_new_document(task: Decision | Record) -> str:
    """Write a decision that is to be labelled, with what a record suggests."""
    example = suggestion(task)
    said = {_SUGGESTED: task.model.name} if isinstance(task, Record) else {}
    return _document(example, _triples(example), **said)


def label_config() -> str:
    """Return the labels as the JSON that doccano's page "Labels" imports."""
    labels = [
        {"text": name, "background_color": colour, "text_color": "#ffffff"}
        for name, colour in _coloured()
    ]
    return f"{json.dumps(labels, indent=1)}\n"


def _coloured() -> list[tuple[str, str]]:
    tags = codebook().tags.values()
    return [*((tag.id, _COLOURS[tag.family]) for tag in tags), ("none", "#616161")]


def _document(example: Example, label: list[Any], **more: Any) -> str:
    document = {"text": example.text, "label": label} | more | example.data
    return json.dumps(document, ensure_ascii=False)


def _triples(example: Example) -> list[list[Any]]:
    text = example.text
    return [
        [code_unit(text, start), code_unit(text, end), tag] for start, end, tag in example.marks
    ]


def _mark(label: Any, text: str, place: Place) -> Mark:
    try:
        if isinstance(label, dict):
            start, end, name = label["start_offset"], label["end_offset"], label["label"]
        else:
            start, end, name = label
    except (TypeError, ValueError, KeyError):
        raise place.error("a label has not start, end and name") from None
    if isinstance(name, int):
        raise place.error(f"label {name} is a number, not a name; export JSONL with text labels")
    if type(start) is int and type(end) is int:
        start, end = code_point(text, start), code_point(text, end)
    return start, end, name
