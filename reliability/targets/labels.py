"""Labelled data, in each of its forms, and what goes with it: single sentences, folds."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from io import StringIO
from pathlib import Path

from inputs import json_changed
from invariants import Broken, sampled
from records import CORPUS, record_of
from scratch import folder, found, held

from grounds.codebook import codebook
from grounds.corpus import read_folds, read_labelled, read_sentences, write_labelled, write_tasks
from grounds.corpus.jsonl import to_json
from grounds.corpus.markup import parse_markup
from grounds.corpus.place import Unlabelled
from grounds.decision import SECTIONS, LabelledDecision
from grounds.errors import InputError
from targets import Target

_REPEATED = 8  # one in so many is read again, written and read


@cache
def _labelled() -> tuple[LabelledDecision, ...]:
    """Return short decisions of the corpus, one of them labelled as a whole."""
    paths = sorted((CORPUS / "short").glob("*.md"))[::20]
    return tuple(parse_markup(path.read_text("utf-8"), f"short/{path.name}") for path in paths)


def _markup() -> Iterator[bytes]:
    for path in sorted((CORPUS / "short").glob("*.md"))[::8]:
        yield path.read_bytes()
    yield from found("labels-markup")


def _lines() -> Iterator[bytes]:
    yield "\n".join(map(to_json, _labelled())).encode()
    line = json.loads(to_json(_labelled()[0]))
    yield json.dumps({"text": line["text"], "tags": line["tags"]}).encode()
    yield from found("labels-jsonl")


def _tool(name: str, suffix: str) -> Iterator[bytes]:
    """Yield files of an annotation tool: words that carry tags, whole decisions, suggestions."""
    path = folder() / f"seed{suffix}"
    whole = [LabelledDecision(one.decision, one.tags, one.cited) for one in _labelled()]
    for labelled in (_labelled(), whole):
        write_labelled(labelled[:2], path, name)
        yield path.read_bytes()
    path.unlink()
    write_tasks([record_of(one) for one in _labelled()[:2]], path, name)
    yield path.read_bytes()
    path.unlink()
    yield from found(f"labels-{name}")


def _exports() -> Iterator[bytes]:
    """Yield exports of Label Studio, flat ones too."""
    yield from _tool("label-studio", ".json")
    text = json.loads(to_json(_labelled()[0]))["text"]
    label = [{"start": 0, "end": 9, "text": text[:9], "labels": ["late"]}]
    flat = {"id": 1, "text": text, "annotation_id": 1, "label": label, "decision": "none"}
    yield json.dumps(
        [flat, flat | {"id": 2, "decision": {"choices": ["late", "no_fault"]}}]
    ).encode()


def _tables() -> Iterator[bytes]:
    path = folder() / "seed.csv"
    write_labelled(_labelled()[:2], path)
    yield path.read_bytes()
    yield path.read_text("utf-8").encode("utf-16")
    path.unlink()
    yield b"path;tags;cited\nnowhere.txt;late;\n-;late;\n"
    yield from found("labels-csv")


def _labelling() -> Iterator[bytes]:
    """Yield labelling tables that somebody has filled in."""
    path = folder() / "seed.csv"
    write_tasks([record_of(_labelled()[0])], path)
    rows = list(csv.DictReader(StringIO(path.read_text("utf-8-sig"))))
    path.unlink()
    for row in rows:
        row["tags"], row["done"] = row["suggested"], "x"
    made = StringIO()
    table = csv.DictWriter(made, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    yield made.getvalue().encode()
    yield from found("labels-table")


def _sentences() -> Iterator[bytes]:
    yield b"late\tsummary\tThe complaint is late.\n-\tcomplaint\tMr X is unhappy.\n"
    yield "no_fault,apology:provided\tfinal\tIt’s sorry.\r\n\r\n".encode()
    yield from found("sentences")


def _folds() -> Iterator[bytes]:
    yield (CORPUS / "folds.json").read_bytes()
    yield b'{"folds": [["a", "b"], ["c"], []]}'
    yield from found("folds")


# What must hold


def _reading(suffix: str) -> Callable[[bytes], None]:
    """Return the check of a form of labelled data, by the end of its files' names."""

    def check(data: bytes) -> None:
        with held(data, suffix) as path:
            _check_labelled(path, data)

    return check


def _check_labelled(path: Path, data: bytes) -> None:
    """Look whether labels and errors are as they should be, and whether labels come back."""
    errors: list[InputError] = []
    waiting: list[Unlabelled] = []
    read = list(read_labelled([path], errors=errors, unlabelled=waiting))
    for labelled in read:
        _check_one(labelled)
    lines = len(data.splitlines()) + data.count(b"\r") + 1
    for error in errors:
        _check_error(error, path, lines)
    if sampled(data, _REPEATED):
        if read != list(read_labelled([path], errors=[], unlabelled=[])):
            raise Broken("reading twice does not give the same")
        if errors:
            _check_first(path, errors[0])
        if read:
            _check_written(read)
    if not read and errors:
        raise errors[0]
    if not read and not waiting:
        raise Broken("nothing read, and nothing said")


def _check_one(labelled: LabelledDecision) -> None:
    known, paragraphs = codebook().tags, labelled.decision.paragraphs
    numbers = [one.number for one in paragraphs]
    if not paragraphs or numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise Broken(f"numbers are {numbers}")
    for one in paragraphs:
        if one.section not in SECTIONS or not one.text.strip():
            raise Broken(f"{one} is no paragraph")
    cited = labelled.cited or frozenset()
    if not labelled.tags <= set(known) or not cited <= set(codebook().reasons):
        raise Broken(f"{set(labelled.tags)} or {labelled.cited} are no tags")
    for span in labelled.spans or ():
        text = paragraphs[span.index].text
        if not 0 <= span.start < span.end <= len(text) or span.tag not in known:
            raise Broken(f"{span} is not in its paragraph")


def _check_error(error: InputError, path: Path, lines: int) -> None:
    """Look whether an error names the file, and a line that it has, in one line."""
    if error.source != str(path) and not error.source.startswith(str(folder())):
        raise Broken(f"{error} does not name its file")
    if error.line is not None and not 1 <= error.line <= lines:
        raise Broken(f"{error} names line {error.line} of {lines}")
    if len(str(error).splitlines()) != 1:
        raise Broken(f"{str(error)!r} is not one line")


def _check_first(path: Path, first: InputError) -> None:
    """Look whether reading without a list for errors raises the first."""
    try:
        list(read_labelled([path], unlabelled=[]))
    except InputError as error:
        if str(error) != str(first):
            raise Broken(f"{error} is raised, and not {first}") from None
    else:
        raise Broken(f"{first} is not raised")


def _check_written(read: Sequence[LabelledDecision]) -> None:
    """Look whether labels come back from each form, or are refused by it."""
    for suffix, tool in _FORMS:
        path = folder() / f"written{suffix}"
        try:
            write_labelled(read, path, tool)
        except InputError:
            continue  # what the form cannot hold
        back = list(read_labelled([path]))
        for one, other in zip(read, back, strict=True):
            spans = suffix != ".csv"
            if _labels(one, spans=spans) != _labels(other, spans=spans):
                raise Broken(f"{tool or suffix} does not give {one} back but {other}")


def _labels(labelled: LabelledDecision, *, spans: bool) -> object:
    texts = [(one.section, one.text) for one in labelled.decision.paragraphs]
    cited = labelled.cited or frozenset()
    if not spans:
        return texts, labelled.tags, cited
    marked = sorted(map(str, labelled.spans or ()))
    return texts, labelled.tags, cited, marked


def _check_sentences(data: bytes) -> None:
    with held(data, ".tsv") as path:
        for _ in range(2):
            try:
                sentences = read_sentences([path])
            except InputError as error:
                _check_error(error, path, data.count(b"\n") + data.count(b"\r") + 1)
                raise
    for one in sentences:
        if one.section not in SECTIONS or not one.tags <= set(codebook().tags) or not one.text:
            raise Broken(f"{one} is no sentence")


def _check_folds(data: bytes) -> None:
    with held(data, ".json") as path:
        try:
            folds = read_folds(path)
        except InputError as error:
            _check_error(error, path, data.count(b"\n") + data.count(b"\r") + 1)
            raise
    names = [name for fold in folds for name in fold]
    if len(set(names)) < len(names) or not all(isinstance(name, str) for name in names):
        raise Broken(f"{folds} are no folds")


_FORMS: tuple[tuple[str, str | None], ...] = (
    (".jsonl", None), (".jsonl", "prodigy"), (".jsonl", "doccano"), (".json", "label-studio"), (".csv", None),
)  # fmt: skip

TARGETS = (
    Target("labels-markup", "markup (`.md`)", _markup, _reading(".md")),
    Target("labels-jsonl", "JSON Lines of labels", _lines, _reading(".jsonl"), json_changed),
    Target("labels-prodigy", "Prodigy", lambda: _tool("prodigy", ".jsonl"), _reading(".jsonl"), json_changed),
    Target("labels-doccano", "doccano", lambda: _tool("doccano", ".jsonl"), _reading(".jsonl"), json_changed),
    Target("labels-label-studio", "Label Studio", _exports, _reading(".json"), json_changed),
    Target("labels-csv", "tables of labels (`.csv`)", _tables, _reading(".csv")),
    Target("labels-table", "the labelling table", _labelling, _reading(".csv")),
    Target("sentences", "single sentences (`.tsv`)", _sentences, _check_sentences),
    Target("folds", "folds (`.json`)", _folds, _check_folds, json_changed),
)  # fmt: skip
