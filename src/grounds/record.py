"""The record of a tagged decision (schema 1): what ``grounds tag`` says of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import pairwise
from reprlib import repr as shortened
from typing import Any, TypeVar, get_args

from grounds.codebook import codebook
from grounds.decision import SECTIONS, Decision, Layout, Paragraph
from grounds.errors import GroundsError

SCHEMA = 1

FOREIGN = (
    "does not look like a decision of the Local Government and Social Care Ombudsman; "
    "nothing is tagged"
)
"""The warning of a record whose text seems to be something else."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Words that carry a tag: characters `start` to `end` of a paragraph's text."""

    paragraph: int
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class TagFound:
    """A ground, bar or remedy that the decision relies on; `evidence` is best first.

    `family` is ``"ground"``, ``"bar"`` or ``"remedy"``; `cited` says whether the tag also stands
    among the powers (always false for a remedy).
    """

    tag: str
    family: str
    score: float
    evidence: tuple[Evidence, ...]
    cited: bool = False


@dataclass(frozen=True, slots=True)
class Cited:
    """A ground or bar listed among the powers, and the paragraphs that list it."""

    tag: str
    paragraphs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A tag near the line, or one not given to a foreign text, for a person to look at."""

    tag: str
    score: float


@dataclass(frozen=True, slots=True)
class ModelId:
    """Which model made a record."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """What a model found in a decision."""

    decision: Decision
    tags: tuple[TagFound, ...]
    cited: tuple[Cited, ...]
    remedies: tuple[TagFound, ...]
    review: tuple[Review, ...]
    model: ModelId

    @property
    def foreign(self) -> bool:
        """Whether the text does not look like a decision of the Ombudsman: nothing is tagged."""
        return FOREIGN in self.decision.warnings

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain values, in the order and form of schema 1."""
        decision, model = self.decision, self.model
        return {
            "schema": SCHEMA,
            "source": decision.source,
            "sha256": decision.sha256,
            "reference": decision.reference,
            "body": decision.body,
            "category": decision.category,
            "decision": decision.outcome,
            "date": decision.date,
            "layout": decision.layout,
            "paragraphs": [_paragraph(paragraph) for paragraph in decision.paragraphs],
            "tags": [_tag(found) for found in self.tags],
            "cited": [{"tag": c.tag, "paragraphs": list(c.paragraphs)} for c in self.cited],
            "remedies": [_remedy(found) for found in self.remedies],
            "review": [{"tag": r.tag, "score": _rounded(r.score)} for r in self.review],
            "warnings": list(decision.warnings),
            "model": {"name": model.name, "version": model.version, "sha256": model.sha256},
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Record:
        """Return the record that `to_dict` made these values of, with the scores as rounded.

        Raises
        ------
        GroundsError
            If they are no record of schema 1, or their parts contradict each other: evidence
            that is not in its paragraph, a tag that the codebook does not have. The message says
            what and where, in one line.
        """
        if values.get("schema") != SCHEMA:
            raise GroundsError(f"no record of schema {SCHEMA}")
        return _read(f"no record of schema {SCHEMA}", dict(values), _record)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be tagged: where it is, and what is wrong with it in one line."""

    source: str
    problem: str


@cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every record as plain values keeps to."""
    text = files("grounds").joinpath("record.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


# Records come from files that others have had in hand, and what is wrong with one must be said
# here, not end a page or a count later. The checks are by hand: tens of thousands of records are
# read back at a time, and a JSON Schema could not compare evidence with its paragraph.

_CHECKSUM = re.compile("[0-9a-f]{64}")
_REFERENCE = re.compile("[0-9]{2} [0-9]{3} [0-9]{3}[a-z]?")
_LAYOUTS: tuple[Layout, ...] = get_args(Layout)
_REASONS, _REMEDIES = ("ground", "bar"), ("remedy",)
_Fields = dict[str, Any]
_Texts = dict[int, str]  # of paragraphs, by their numbers
_Part = TypeVar("_Part")


def _read(name: str, values: object, read: Callable[[_Fields], _Part]) -> _Part:
    """Return what `read` makes of an object; what is wrong in it is said of this name."""
    if not isinstance(values, dict):
        raise GroundsError(f"{name}: {shortened(values)} is no object")
    try:
        return read(values)
    except KeyError as error:
        raise GroundsError(f"{name}: {error} is missing") from None
    except ValueError as error:
        raise GroundsError(f"{name}: {error}") from None


def _each(values: _Fields, name: str, read: Callable[[_Fields], _Part]) -> tuple[_Part, ...]:
    """Return what `read` makes of every object of a list."""
    many = _list(values, name)
    try:
        return tuple([read(one) for one in many])
    except (KeyError, TypeError, ValueError):  # now which, and what of it
        return tuple(
            [_read(f"entry {number} of {name}", one, read) for number, one in enumerate(many, 1)]
        )


def _record(values: _Fields) -> Record:
    decision = Decision(
        source=_text(values, "source"),
        sha256=_checksum(values),
        layout=_one_of(_LAYOUTS, values, "layout"),
        paragraphs=_each(values, "paragraphs", _paragraph_of),
        reference=_reference(values),
        body=_text_or_none(values, "body"),
        category=_text_or_none(values, "category"),
        outcome=_text_or_none(values, "decision"),
        date=_date(values),
        warnings=_list_of(str, values, "warnings"),
    )
    numbers = [paragraph.number for paragraph in decision.paragraphs]
    for before, after in pairwise(numbers):
        if before >= after:
            raise ValueError(f"paragraph {after} stands behind paragraph {before}")
    texts = {paragraph.number: paragraph.text for paragraph in decision.paragraphs}
    return Record(
        decision=decision,
        tags=_each(values, "tags", lambda one: _found(one, _REASONS, texts)),
        cited=_each(values, "cited", lambda one: _cited(one, texts)),
        remedies=_each(values, "remedies", lambda one: _found(one, _REMEDIES, texts)),
        review=_each(values, "review", _review),
        model=_read("model", values["model"], _model),
    )


def _paragraph_of(values: _Fields) -> Paragraph:
    section = _one_of(SECTIONS, values, "section")
    heading, text = _text(values, "heading"), _text(values, "text")
    return Paragraph(_number(values, "number"), section, heading, text)


def _found(values: _Fields, families: tuple[str, ...], texts: _Texts) -> TagFound:
    tag = _tag_of(families, values)
    family = codebook().tags[tag].family
    if "remedy" not in families and values["family"] != family:
        raise ValueError(f"family {shortened(values['family'])} is not that of {tag}")
    cited = values.get("cited", False)
    if not isinstance(cited, bool):
        raise ValueError(f"cited {shortened(cited)} is neither true nor false")
    evidence = _each(values, "evidence", lambda one: _evidence_of(one, texts))
    return TagFound(tag, family, _score(values), evidence, cited)


def _evidence_of(values: _Fields, texts: _Texts) -> Evidence:
    paragraph, text = _number(values, "paragraph"), _text(values, "text")
    start, end = _number(values, "start"), _number(values, "end")
    if paragraph not in texts:
        raise ValueError(f"there is no paragraph {paragraph}")
    if end - start != len(text) or texts[paragraph][start:end] != text:
        raise ValueError(f"characters {start} to {end} of paragraph {paragraph} are not its text")
    if not text.strip():
        raise ValueError("its text has no words")
    return Evidence(paragraph, start, end, text, _score(values))


def _cited(values: _Fields, texts: _Texts) -> Cited:
    numbers = _list_of(int, values, "paragraphs")
    for number in numbers:
        if number not in texts:
            raise ValueError(f"there is no paragraph {number}")
    return Cited(_tag_of(_REASONS, values), numbers)


def _review(values: _Fields) -> Review:
    return Review(_tag_of((*_REASONS, *_REMEDIES), values), _score(values))


def _model(values: _Fields) -> ModelId:
    return ModelId(_text(values, "name"), _text(values, "version"), _checksum(values))


def _tag_of(families: tuple[str, ...], values: _Fields) -> str:
    name = _text(values, "tag")
    tag = codebook().tags.get(name)
    if tag is None or tag.family not in families:
        kinds = " or ".join(families)
        raise ValueError(f"tag {shortened(name)} is no {kinds} of codebook {codebook().version}")
    return name


def _text(values: _Fields, name: str) -> str:
    value = values[name]
    if not isinstance(value, str):
        raise ValueError(f"{name} {shortened(value)} is no text")
    return value


def _text_or_none(values: _Fields, name: str) -> str | None:
    return None if values[name] is None else _text(values, name)


def _checksum(values: _Fields) -> str:
    value = _text(values, "sha256")
    if not _CHECKSUM.fullmatch(value):
        raise ValueError(f"sha256 {shortened(value)} is no checksum")
    return value


def _reference(values: _Fields) -> str | None:
    value = _text_or_none(values, "reference")
    if value is not None and not _REFERENCE.fullmatch(value):
        raise ValueError(f"reference {shortened(value)} is not written as 25 005 150")
    return value


def _date(values: _Fields) -> str | None:
    day = _text_or_none(values, "date")
    if day is not None and date.fromisoformat(day).isoformat() != day:
        raise ValueError(f"date {shortened(day)} is not written as 2025-10-08")
    return day


def _one_of(known: tuple[_Part, ...], values: _Fields, name: str) -> _Part:
    value: _Part = values[name]
    if value not in known:
        raise ValueError(f"{name} {shortened(value)} is none of {', '.join(map(str, known))}")
    return value


def _number(values: _Fields, name: str) -> int:
    value = values[name]
    if type(value) is not int or value < 0:  # True is an int
        raise ValueError(f"{name} {shortened(value)} is no whole number from 0")
    return value


def _score(values: _Fields) -> float:
    score = values["score"]
    if type(score) not in (float, int) or not 0 <= score <= 1:  # NaN is not
        raise ValueError(f"score {shortened(score)} is no number from 0 to 1")
    return float(score)


def _list(values: _Fields, name: str) -> Sequence[Any]:
    value = values[name]
    if not isinstance(value, list | tuple):  # spaCy keeps lists as tuples
        raise ValueError(f"{name} {shortened(value)} is no list")
    return value


def _list_of(kind: type[_Part], values: _Fields, name: str) -> tuple[_Part, ...]:
    many = _list(values, name)
    for one in many:
        if type(one) is not kind:
            raise ValueError(f"{name} holds {shortened(one)}")
    return tuple(many)


def _paragraph(paragraph: Paragraph) -> dict[str, Any]:
    return {
        "number": paragraph.number,
        "section": paragraph.section,
        "heading": paragraph.heading,
        "text": paragraph.text,
    }


def _tag(found: TagFound) -> dict[str, Any]:
    return {
        "tag": found.tag,
        "family": found.family,
        "score": _rounded(found.score),
        "cited": found.cited,
        "evidence": [_evidence(evidence) for evidence in found.evidence],
    }


def _remedy(found: TagFound) -> dict[str, Any]:
    kind, _, status = found.tag.partition(":")
    return {
        "tag": found.tag,
        "kind": kind,
        "status": status,
        "score": _rounded(found.score),
        "evidence": [_evidence(evidence) for evidence in found.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "paragraph": evidence.paragraph,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
        "score": _rounded(evidence.score),
    }


def _rounded(score: float) -> float:
    return round(float(score), 4)  # float: numpy's scalars are no JSON
