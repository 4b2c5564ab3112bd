"""The record of a tagged decision (schema 1): what ``grounds tag`` says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grounds.decision import Decision

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
        raise NotImplementedError
