"""Prodigy's tasks: ``text``, ``spans``, ``options`` and ``accept``, ``answer``, ``meta``.

The form is that of https://prodi.gy/docs/api-interfaces: ``spans`` (interfaces ``spans_manual`` and
``ner_manual``) are in characters as Python counts them, ``accept`` (interface ``choice``) lists the
ids of the options chosen, and ``answer`` says what became of the task. Keys that Prodigy adds
(``tokens``, ``token_start``, ``_task_hash`` …) are not needed.
"""

from __future__ import annotations

import json
from typing import Any

from grounds.codebook import codebook
from grounds.corpus.example import Example, example_of, one_of, suggestion, whole_labels
from grounds.corpus.place import Place
from grounds.decision import Decision, LabelledDecision
from grounds.record import Record

_KEYS = frozenset({"answer", "accept", "options", "_input_hash", "_task_hash"})


def is_task(example: dict[str, Any]) -> bool:
    """Say whether an object looks like a task of Prodigy."""
    return not _KEYS.isdisjoint(example)


def parse_task(task: dict[str, Any], place: Place) -> Example | None:
    """Return a task as an example; ``None`` where nobody has accepted it.

    Raises
    ------
    InputError
        Where its labels are not of this form.
    """
    if task.get("answer") != "accept":
        return None
    if task.get("spans") is None and task.get("accept") is None:
        raise place.error(
            "neither 'spans' nor 'accept': one label a task does not say which others the decision "
            "has; use the interface spans_manual or choice"
        )
    spans = task.get("spans") or []
    try:
        marks = tuple((span["start"], span["end"], span["label"]) for span in spans)
    except (TypeError, KeyError):
        raise place.error("a span is not an object with start, end and label") from None
    return Example(task["text"], _source(task, place), marks, _chosen(task, place))


def to_task(labelled: LabelledDecision) -> str:
    """Write a labelled decision as a task that was accepted.

    One that is labelled as a whole becomes a task for the interface ``choice``.
    """
    example = example_of(labelled)
    task = _task(example) | {"answer": "accept"}
    if labelled.spans is None:
        task["options"] = [{"id": label, "text": label} for label in whole_labels()]
    if example.whole:
        task["accept"] = sorted(example.whole)
    return json.dumps(task, ensure_ascii=False)


def to_new_task(task: Decision | Record) -> str:
    """Write a decision that is to be labelled, with what a record suggests.

    Until somebody accepts it, its answer is "ignore", so that no suggestion passes for a label.
    """
    return json.dumps(_task(suggestion(task)) | {"answer": "ignore"}, ensure_ascii=False)


def label_list() -> str:
    """Return the labels for Prodigy's option ``--label``, one a line."""
    return "".join(f"{tag}\n" for tag in codebook().tags)


def _task(example: Example) -> dict[str, Any]:
    spans = [{"start": start, "end": end, "label": tag} for start, end, tag in example.marks]
    return {"text": example.text, "spans": spans, "meta": example.data}


def _source(task: dict[str, Any], place: Place) -> str:
    meta = task.get("meta")
    kept = meta.get("source") if isinstance(meta, dict) else None
    return place.origin(task.get("source"), kept)


def _chosen(task: dict[str, Any], place: Place) -> frozenset[str]:
    """Return the options chosen; where their ids are numbers, their texts are the tags."""
    chosen, options = task.get("accept") or [], task.get("options") or []
    if not isinstance(options, list) or not all(isinstance(option, dict) for option in options):
        raise place.error("'options' is not a list of objects")
    names = chosen if isinstance(chosen, list) else [chosen]
    if not all(isinstance(id, str | int) for id in (*names, *(o.get("id") for o in options))):
        raise place.error("an id in 'accept' or 'options' is neither a text nor a number")
    texts = {option["id"]: option.get("text") for option in options}
    return one_of([n if isinstance(n, str) else texts.get(n) for n in names], "accept", place)
