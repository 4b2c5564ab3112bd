"""The record of a tagged decision (schema 1): what ``grounds tag`` says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from grounds.decision import Decision, Paragraph
from grounds.errors import GroundsError

SCHEMA = 1


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
    """A tag near the line, for a person to look at."""

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
            If they are no record of schema 1.
        """
        if values.get("schema") != SCHEMA:
            raise GroundsError(f"no record of schema {SCHEMA}")
        try:
            header = {name: values[name] for name in _HEADER}
            if header["date"] is not None:
                date.fromisoformat(header["date"])
            decision = Decision(
                **header,
                outcome=values["decision"],
                paragraphs=tuple(Paragraph(**paragraph) for paragraph in values["paragraphs"]),
                warnings=tuple(values["warnings"]),
            )
            return cls(
                decision=decision,
                tags=tuple(_found(one, one["family"]) for one in values["tags"]),
                cited=tuple(Cited(c["tag"], tuple(c["paragraphs"])) for c in values["cited"]),
                remedies=tuple(_found(one, "remedy") for one in values["remedies"]),
                review=tuple(Review(**one) for one in values["review"]),
                model=ModelId(**values["model"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise GroundsError(f"no record of schema {SCHEMA}: {error}") from None


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


_HEADER = ("source", "sha256", "layout", "reference", "body", "category", "date")


def _found(values: Mapping[str, Any], family: str) -> TagFound:
    evidence = tuple(Evidence(**one) for one in values["evidence"])
    return TagFound(
        values["tag"], family, values["score"], evidence, cited=values.get("cited", False)
    )


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
