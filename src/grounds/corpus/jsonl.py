"""Labelled decisions as JSON Lines: one object a line, with character offsets into the text.

``{"text": "…", "tags": ["late"], "spans": [{"start": 210, "end": 248, "label": "late"}]}``

This is the form of Prodigy; doccano's ``"label": [[210, 248, "late"]]`` and ``"label": ["late"]``
are read too. ``spans`` may be missing (the decision was labelled as a whole), and so may ``tags``
(they follow from the spans). ``cited`` lists what is only cited, ``source`` names the file that
the decision came from: its folder is what folds go by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grounds.corpus.copies import copy_of
from grounds.corpus.place import Place, collecting, decode, parse_json, read_lines
from grounds.corpus.relied import decision_tags
from grounds.decision import LabelledDecision, Span
from grounds.errors import InputError
from grounds.reading import read_with_origins
from grounds.reading.origins import Origins


def read_jsonl(path: Path, errors: list[InputError] | None = None) -> Iterator[LabelledDecision]:
    """Yield the labelled decisions of a JSON Lines file.

    An example that an annotator rejected or skipped (Prodigy's ``answer``) is left out.

    Parameters
    ----------
    path
        The file.
    errors
        Takes the errors of lines that cannot be used, instead of raising the first.

    Raises
    ------
    InputError
        Where a line cannot be used, with its number and what is wrong.
    """
    for line, place in read_lines(path):
        with collecting(errors):
            example = _example(decode(line, place), place)
            if example.get("answer", "accept") == "accept":
                yield _labelled(example, place)


def to_json(labelled: LabelledDecision) -> str:
    """Write a labelled decision as one line of JSON, which `read_jsonl` reads back.

    Its text is a numbered copy of the decision (`grounds.corpus.copies`).
    """
    copy = copy_of(labelled.decision)
    example: dict[str, Any] = {"text": copy.text, "tags": sorted(labelled.tags)}
    if labelled.cited is not None:
        example["cited"] = sorted(labelled.cited)
    if labelled.spans is not None:
        example["spans"] = [
            {
                "start": copy.offset(span.index, span.start),
                "end": copy.offset(span.index, span.end),
                "label": span.tag,
            }
            for span in labelled.spans
        ]
    return json.dumps(example | {"source": labelled.decision.source}, ensure_ascii=False)


def _example(line: str, place: Place) -> dict[str, Any]:
    example = parse_json(line.rstrip("\r\n"), place)  # where it breaks off is not the next line
    if not isinstance(example, dict):
        raise place.error("not a JSON object")
    if not isinstance(example.get("text"), str):
        raise place.error("no 'text'")
    return example


def _labelled(example: dict[str, Any], place: Place) -> LabelledDecision:
    source = example.get("source", f"{place.source}:{place.line}")
    try:
        decision, origins = read_with_origins(example["text"], str(source))
    except InputError as error:
        raise place.error(error.problem) from error
    tags, cited = _names(example, "tags", place), _names(example, "cited", place)
    marks = _marks(example, place)
    if marks is None:
        if tags is None:
            raise place.error("neither 'tags' nor 'spans'")
        return LabelledDecision(decision, tags, cited)
    spans = tuple(_span(mark, example["text"], origins, place) for mark in marks)
    found, among_powers = decision_tags(decision, spans)
    return LabelledDecision(
        decision,
        tags=found if tags is None else tags,
        cited=(among_powers or None) if cited is None else cited,
        spans=tuple(sorted(spans, key=lambda span: (span.index, span.start))),
    )


def _names(example: dict[str, Any], key: str, place: Place) -> frozenset[str] | None:
    """Return the tags listed under `key`; doccano lists those of the whole text as labels."""
    names = example.get(key)
    if names is None and key == "tags" and not _has_triples(example):
        names = example.get("label")
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise place.error(f"{key!r} is not a list of tags")
    return frozenset(place.tags(names))


def _has_triples(example: dict[str, Any]) -> bool:
    labels = example.get("label")
    return isinstance(labels, list) and any(isinstance(label, list) for label in labels)


def _marks(example: dict[str, Any], place: Place) -> list[tuple[int, int, str]] | None:
    """Return start, end and label of the spans, ``None`` where there are none to read."""
    spans = example.get("spans")
    try:
        if spans is None and _has_triples(example):
            names = ("start", "end", "label")
            spans = [dict(zip(names, label, strict=False)) for label in example["label"]]
        if spans is None:
            return None
        return [(span["start"], span["end"], span["label"]) for span in spans]
    except (TypeError, KeyError):
        raise place.error("a span is not an object with start, end and label") from None


def _span(mark: tuple[int, int, str], text: str, origins: Origins, place: Place) -> Span:
    start, end, label = mark
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise place.error(f"span {start} to {end} does not lie in the {len(text)} characters")
    if (found := origins.locate(start, end)) is None:
        raise place.error(
            f"span {start} to {end} does not lie in one paragraph: {text[start:end][:50]!r}"
        )
    return Span(*found, *place.tags([str(label)]))
