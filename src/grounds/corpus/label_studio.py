"""Label Studio's tasks: a JSON file with a list of tasks, as it exports and imports them.

The forms are those of https://labelstud.io/guide/task_format (``data``, ``annotations`` with their
``result``, ``predictions``) and of the export "JSON-MIN" of https://labelstud.io/guide/export (a flat
object an annotation). Results of type ``labels`` are words that carry tags, those of type
``choices`` are labels of the whole text; other results are passed over.

Offsets count code points, as Python does, and a Windows line break as two; older versions counted
UTF-16 code units (https://github.com/HumanSignal/label-studio/pull/1559). Where that makes a
difference the words, which stand beside them, tell which it is.

Of several annotations of a task the ground truth counts. Where none is marked as such and they
differ, the task is refused: which of two people is right is not for a program to guess.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from reprlib import repr as shortened
from typing import Any
from xml.etree import ElementTree

from grounds.codebook import codebook
from grounds.corpus.example import (
    CITED,
    Example,
    Mark,
    code_point,
    example_of,
    labelled_of,
    suggestion,
    whole_labels,
)
from grounds.corpus.place import Place, Unlabelled, collecting, parse_json, read_utf8
from grounds.decision import Decision, LabelledDecision
from grounds.errors import InputError
from grounds.limits import LIMITS, Limits
from grounds.reading.files import open_file
from grounds.record import Record

LABELS, WHOLE, WHOLE_CITED, TEXT = "label", "decision", "cited", "text"
"""Names of the controls, and of the text, in `labelling_config`."""

_COLOURS = {"ground": "#c62828", "bar": "#1565c0", "remedy": "#2e7d32"}
_FOREIGN = frozenset({"hypertextlabels", "paragraphlabels"})  # their offsets are not in the text

_Annotation = tuple[tuple[Mark, ...], frozenset[str]]


def is_export(path: Path) -> bool:
    """Say whether a file holds a list of JSON, as exports do; other JSON in a folder is not meant.

    One that cannot be opened is taken for an export, so that it is named.
    """
    try:
        with open_file(path) as file:
            return file.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"[")
    except (OSError, InputError):
        return True


def read_label_studio(
    path: Path, errors: list[InputError] | None = None, limits: Limits = LIMITS
) -> Iterator[LabelledDecision | Unlabelled]:
    """Yield the labelled decisions of an export, and the tasks that nobody has labelled yet.

    Parameters
    ----------
    path
        The file.
    errors
        Takes the errors of tasks that cannot be used, instead of raising the first.
    limits
        How much is read.

    Raises
    ------
    InputError
        Where the file is no such export, or a task cannot be used, with its number.
    """
    tasks = parse_json(read_utf8(path, limits), Place(str(path)))
    if not isinstance(tasks, list):
        raise InputError(path, "not an export of Label Studio, which is a list of tasks")
    for number, task in enumerate(_whole_tasks(tasks), 1):
        name = task.get("id", number) if isinstance(task, dict) else number
        place = Place(str(path), item=f"task {name}", limits=limits)
        with collecting(errors):
            yield _labelled(task, place)


def write_tasks(tasks: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a file of tasks."""
    before = "["
    for task in tasks:
        yield f"{before}\n{json.dumps(task, ensure_ascii=False)}"
        before = ","
    yield "[]\n" if before == "[" else "\n]\n"


def to_task(labelled: LabelledDecision) -> dict[str, Any]:
    """Return a labelled decision as a task with one annotation."""
    example = example_of(labelled)
    return _task(example) | {"annotations": [{"result": _results(example)}]}


def to_new_task(task: Decision | Record) -> dict[str, Any]:
    """Return a decision that is to be labelled as a task, with what a record suggests.

    The suggestion's score is that of its least certain tag: by it Label Studio can sort.
    """
    example = suggestion(task)
    if isinstance(task, Decision):
        return _task(example)
    scores = [found.score for found in (*task.tags, *task.remedies)]
    prediction: dict[str, Any] = {"model_version": f"{task.model.name} {task.model.version}"}
    if scores:
        prediction["score"] = round(min(scores), 4)
    return _task(example) | {"predictions": [prediction | {"result": _results(example)}]}


def labelling_config() -> str:
    """Return the labelling interface: a label a tag, and choices for the decision as a whole.

    >>> labelling_config().count("<Label "), labelling_config().count("<Choice ")
    (49, 72)
    """
    view = ElementTree.Element("View")
    style = ElementTree.SubElement(view, "Style")
    style.text = ".htx-text { white-space: pre-wrap; }"  # without it spaces are lost
    labels = ElementTree.SubElement(
        view, "Labels", name=LABELS, toName=TEXT, choice="multiple", showInline="true"
    )
    for tag in codebook().tags.values():
        colour = _COLOURS[tag.family]
        ElementTree.SubElement(
            labels, "Label", value=tag.id, background=colour, hint=tag.definition
        )
    ElementTree.SubElement(view, "Text", name=TEXT, value=f"${TEXT}")
    _choices(view, WHOLE, "The decision as a whole, where you do not mark words", cited=False)
    _choices(view, WHOLE_CITED, "Only listed among the Ombudsman's powers", cited=True)
    ElementTree.indent(view)
    return f"{ElementTree.tostring(view, 'unicode')}\n"


def _choices(view: ElementTree.Element, name: str, title: str, *, cited: bool) -> None:
    ElementTree.SubElement(view, "Header", value=title, size="5")
    choices = ElementTree.SubElement(
        view, "Choices", name=name, toName=TEXT, choice="multiple", showInline="true"
    )
    for label in whole_labels():
        if label.startswith(CITED) == cited:
            ElementTree.SubElement(choices, "Choice", value=label)


# Writing


def _task(example: Example) -> dict[str, Any]:
    return {"data": {TEXT: example.text} | example.data}


def _results(example: Example) -> list[dict[str, Any]]:
    results = []
    for (start, end), marks in groupby(example.marks, key=lambda mark: mark[:2]):
        words = example.text[start:end].replace("\n", "\\n")  # as Label Studio writes them
        value = {"start": start, "end": end, TEXT: words, "labels": [tag for *_, tag in marks]}
        results.append((LABELS, "labels", value))
    for name, cited in ((WHOLE, False), (WHOLE_CITED, True)):
        chosen = sorted(label for label in example.whole if label.startswith(CITED) == cited)
        if chosen:
            results.append((name, "choices", {"choices": chosen}))
    return [
        {"id": f"r{number}", "from_name": name, "to_name": TEXT, "type": kind, "value": value}
        for number, (name, kind, value) in enumerate(results)
    ]


# Reading


def _labelled(task: Any, place: Place) -> LabelledDecision | Unlabelled:
    if not isinstance(task, dict) or not isinstance(task.get("data"), dict):
        raise place.error("not a task of Label Studio: no 'data'")
    data = task["data"]
    if not isinstance(data.get(TEXT), str):
        raise place.error(f"no text under '{TEXT}' in its 'data'")
    found = {(frozenset(one[0]), one[1]): one for one in _annotations(task, data[TEXT], place)}
    source = place.origin(data.get("source"))
    if not found:
        return Unlabelled(source)
    if len(found) > 1:
        raise place.error(
            f"{len(found)} annotations that differ; mark one as ground truth in Label Studio, or "
            "delete the others"
        )
    [(marks, whole)] = found.values()
    return labelled_of(Example(data[TEXT], source, marks, whole), place)


def _annotations(task: dict[str, Any], text: str, place: Place) -> Iterator[_Annotation]:
    """Yield what each annotation that counts says."""
    given = task.get("annotations", task.get("completions")) or []
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise place.error("its 'annotations' are not objects; export them in full, as JSON")
    done = [one for one in given if not (one.get("was_cancelled") or one.get("skipped"))]
    truth = [one for one in done if one.get("ground_truth")]
    for one in truth or done:
        results = one.get("result")
        if not isinstance(results, list) or not all(isinstance(r, dict) for r in results):
            raise place.error("an annotation without a list 'result'")
        values = [(result.get("type"), result.get("value")) for result in results]
        yield _annotation(values, text, place)


def _annotation(values: list[tuple[Any, Any]], text: str, place: Place) -> _Annotation:
    marks: list[Mark] = []
    whole: set[str] = set()
    for kind, value in values:
        if not isinstance(kind, str):
            raise place.error(f"a result of type {shortened(kind)}, which is no text")
        if kind in _FOREIGN:
            raise place.error(f"{kind} have no places in the text; label it with the tag <Text>")
        names = value.get(kind) if kind in ("labels", "choices") and isinstance(value, dict) else []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise place.error(f"a result of type {shortened(kind)} without a list of {kind}")
        if kind == "choices":
            whole.update(names)
        elif names:
            start, end = _offsets(value, text, place)
            marks += [(start, end, name) for name in names]
    return tuple(marks), frozenset(whole)


def _offsets(value: dict[str, Any], text: str, place: Place) -> tuple[int, int]:
    start, end, words = value.get("start"), value.get("end"), value.get(TEXT)
    if type(start) is not int or type(end) is not int:
        raise place.error(
            f"start {shortened(start)} and end {shortened(end)} are no places in the text"
        )
    if isinstance(words, str) and _plain(text[start:end]) != _plain(words):
        units = code_point(text, start), code_point(text, end)
        if _plain(text[slice(*units)]) == _plain(words):
            return units
    return start, end


def _plain(words: str) -> str:
    """Return words without what Label Studio does to the space in them."""
    return "".join(words.replace("\\n", "").split())


def _whole_tasks(tasks: list[Any]) -> Iterator[Any]:
    """Yield tasks, those of JSON-MIN in the full form: theirs are as many objects as annotations."""
    joined: dict[str, dict[str, Any]] = {}
    for number, task in enumerate(tasks):
        if not isinstance(task, dict) or "data" in task:
            yield task
            continue
        key = json.dumps([task.get("id", f"at {number}"), task.get(TEXT)])
        whole = joined.setdefault(key, {"data": task, "annotations": []})
        if "id" in task:
            whole["id"] = task["id"]
        if "annotation_id" in task:
            whole["annotations"].append({"result": list(_flat_results(task))})
    yield from joined.values()


def _flat_results(task: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, value in task.items():
        if isinstance(value, str) and name in (WHOLE, WHOLE_CITED):  # a choice alone is no list
            yield {"type": "choices", "value": {"choices": [value]}}
        for one in value if isinstance(value, list) else [value]:
            for kind in ("labels", "choices", *_FOREIGN):
                if isinstance(one, dict) and isinstance(one.get(kind), list):
                    yield {"type": kind, "value": one}
