"""The codebook as data: tags, families, provisions and definitions, read from ``codebook.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Family = Literal["ground", "bar", "remedy"]


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag: its id, family, what the Ombudsman says, and the provision (``""`` for remedies)."""

    id: str
    family: Family
    definition: str
    provision: str = ""


@dataclass(frozen=True, slots=True)
class Codebook:
    """All tags of one version of the codebook, in its order."""

    version: str
    tags: dict[str, Tag]
    kinds: dict[str, str]
    statuses: dict[str, str]
    close_calls: tuple[str, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The ids of grounds and bars."""
        return tuple(tag.id for tag in self.tags.values() if tag.family != "remedy")

    @property
    def remedies(self) -> tuple[str, ...]:
        """The ids of remedies, ``kind:status``."""
        return tuple(tag.id for tag in self.tags.values() if tag.family == "remedy")


@cache
def codebook() -> Codebook:
    """Return the codebook that ships with the package."""
    data = tomllib.loads(files("grounds").joinpath("codebook.toml").read_text("utf-8"))
    kinds = {kind: entry["definition"] for kind, entry in data["kinds"].items()}
    statuses = {status: entry["definition"] for status, entry in data["statuses"].items()}
    tags = {
        id: Tag(id, entry["family"], entry["definition"], entry["provision"])
        for id, entry in data["tags"].items()
    }
    for kind, what in kinds.items():
        for status, when in statuses.items():
            tags[f"{kind}:{status}"] = Tag(f"{kind}:{status}", "remedy", f"{what}: {when}")
    return Codebook(data["version"], tags, kinds, statuses, tuple(data["close_calls"]))
