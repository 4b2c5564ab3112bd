"""Labelled decisions as JSON Lines: one object a line, with character offsets into the text.

``{"text": "…", "tags": ["late"], "spans": [{"start": 210, "end": 248, "label": "late"}]}``

``spans`` may be missing (the decision was labelled as a whole), and so may ``tags`` (they follow
from the spans). ``cited`` lists what is only cited, ``source`` names the file that the decision came
from: its folder is what folds go by. Lines of Prodigy and of doccano are known by their keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grounds.corpus import doccano, prodigy
from grounds.corpus.copies import exact_copy_of
from grounds.corpus.example import Mark, labelled_of, one_of, read_marked
from grounds.corpus.place import (
    Place,
    Unlabelled,
    collecting,
    decode,
    parse_json,
    read_lines,
)
from grounds.corpus.relied import decision_tags
from grounds.decision import LabelledDecision
from grounds.errors import InputError
from grounds.limits import LIMITS, Limits


def read_jsonl(
    path: Path, errors: list[InputError] | None = None, limits: Limits = LIMITS
) -> Iterator[LabelledDecision | Unlabelled]:
    """Yield the labelled decisions of a JSON Lines file, and what nobody has labelled yet.

    Not labelled is what an annotator of Prodigy rejected or skipped, and what has no label in
    doccano.

    Parameters
    ----------
    path
        The file.
    errors
        Takes the errors of lines that cannot be used, instead of raising the first.
    limits
        How much is read.

    Raises
    ------
    InputError
        Where a line cannot be used, with its number and what is wrong.
    """
    for line, place in read_lines(path, limits):
        with collecting(errors):
            yield _labelled(_parsed(decode(line, place), place), place)


def to_json(labelled: LabelledDecision) -> str:
    """Write a labelled decision as one line of JSON, which `read_jsonl` reads back.

    Its text is a numbered copy of the decision (`grounds.corpus.copies`).

    Raises
    ------
    InputError
        If such a copy would be read otherwise.
    """
    copy = exact_copy_of(labelled.decision)
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


def _parsed(line: str, place: Place) -> dict[str, Any]:
    parsed = parse_json(line.rstrip("\r\n"), place)  # where it breaks off is not the next line
    if not isinstance(parsed, dict):
        raise place.error("not a JSON object")
    if not isinstance(parsed.get("text"), str):
        raise place.error("no 'text'")
    return parsed


def _labelled(parsed: dict[str, Any], place: Place) -> LabelledDecision | Unlabelled:
    if prodigy.is_task(parsed):
        example = prodigy.parse_task(parsed, place)
    elif doccano.is_document(parsed):
        example = doccano.parse_document(parsed, place)
    else:
        return _own(parsed, place)
    return labelled_of(example, place) if example else Unlabelled(f"{place.source}:{place.line}")


def _own(parsed: dict[str, Any], place: Place) -> LabelledDecision:
    """Return what a line of the project's own form holds: its tags are said to be all."""
    source = place.origin(parsed.get("source"))
    tags, cited = _names(parsed, "tags", place), _names(parsed, "cited", place)
    cited = cited and place.cited(cited)
    marks = _marks(parsed, place)
    if marks is None and tags is None:
        raise place.error("neither 'tags' nor 'spans'")
    decision, spans = read_marked(parsed["text"], source, marks or (), place)
    found, among_powers = decision_tags(decision, spans)
    for name, given, marked in (("tags", tags, found), ("cited", cited, among_powers)):
        if given is not None and (more := sorted(marked - given)):
            raise place.error(f"its spans carry {more[0]!r}, which its {name!r} lack")
    return LabelledDecision(
        decision,
        tags=found if tags is None else tags,
        cited=(among_powers or None) if cited is None else cited,
        spans=None if marks is None else spans,
    )


def _names(parsed: dict[str, Any], key: str, place: Place) -> frozenset[str] | None:
    if parsed.get(key) is None:
        return None
    return frozenset(place.tags(one_of(parsed[key], key, place)))


def _marks(parsed: dict[str, Any], place: Place) -> list[Mark] | None:
    spans = parsed.get("spans")
    try:
        return spans and [(span["start"], span["end"], span["label"]) for span in spans]
    except (TypeError, KeyError):
        raise place.error("a span is not an object with start, end and label") from None
