"""The codebook as data: what each tag means, read from ``codebook.toml``.

``python -m grounds.codebook`` prints it as the page ``docs/codebook.md``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from reprlib import repr as shortened
from textwrap import fill
from typing import Any, Literal

from grounds.errors import GroundsError

Family = Literal["ground", "bar", "remedy"]

_GENERATED = (
    "<!-- Generated from src/grounds/codebook.toml: correct that file, then run"
    " `python -m grounds.codebook > docs/codebook.md`. -->"
)


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag.

    Attributes
    ----------
    id
        The name in data, code and output, such as ``"no_fault"`` or ``"apology:sought"``.
    family
        ``"ground"``, ``"bar"`` or ``"remedy"``.
    definition
        What the Ombudsman says; of a remedy what it is, and when it has this status.
    provision
        The section of the Local Government Act 1974; ``""`` for remedies.
    examples
        Invented sentences that say it.
    """

    id: str
    family: Family
    definition: str
    provision: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a decision can stand to a reason: when that is so, and where such words are found."""

    when: str
    where: str


@dataclass(frozen=True, slots=True)
class Codebook:
    """All tags of one version of the codebook, in its order.

    Attributes
    ----------
    version
        The version of the meanings, such as ``"1.1"``.
    families
        What each family of tags is, by its name.
    tags
        Every tag by its id: grounds, bars, then remedies.
    kinds, statuses
        The two halves of a remedy's id, and what they mean.
    standings
        When a reason is relied on, cited or only mentioned.
    close_calls
        Rulings on doubtful cases; number 1 comes first.
    sections
        The sections of a decision, and how they are headed.
    prose
        Text that goes with the tables: introduction, standing, remedies, sections.
    """

    version: str
    families: Mapping[str, str]
    tags: Mapping[str, Tag]
    kinds: Mapping[str, str]
    statuses: Mapping[str, str]
    standings: Mapping[str, Standing]
    close_calls: tuple[str, ...]
    sections: Mapping[str, str]
    prose: Mapping[str, str]

    @property
    def reasons(self) -> tuple[str, ...]:
        """The ids of grounds and bars."""
        return tuple(tag.id for tag in self.tags.values() if tag.family != "remedy")

    @property
    def remedies(self) -> tuple[str, ...]:
        """The ids of remedies, ``kind:status``."""
        return tuple(tag.id for tag in self.tags.values() if tag.family == "remedy")

    def tag(self, id: str) -> Tag:
        """Return the tag of that id.

        Raises
        ------
        GroundsError
            Where there is none (the message suggests ids that look alike), or `id` is no text.

        Examples
        --------
        >>> codebook().tag("late").provision
        '26B, 34D'
        """
        if not isinstance(id, str):
            raise GroundsError(f"a tag is named by a text, not by {shortened(id)}")
        if id in self.tags:
            return self.tags[id]
        alike = " or ".join(repr(match) for match in get_close_matches(id, self.tags))
        advice = f"did you mean {alike}?" if alike else "'grounds codebook' lists them all"
        raise GroundsError(f"unknown tag {shortened(id)}: {advice}")

    def describe(self, id: str) -> str:
        """Return what a tag means, with examples and the close calls that name it, as plain text.

        Raises
        ------
        GroundsError
            Where there is no such tag; the message suggests ids that look alike.

        Examples
        --------
        >>> print(codebook().describe("whole_area"))
        whole_area (bar, Local Government Act 1974: 26(7))
        The Ombudsman says that the action affects all or most people in the area.
        <BLANKLINE>
        For example
          "The closure of all the borough's libraries affects most people who live there, so we may not
          investigate."
          "Every household pays the new garden waste charge, which places it outside our powers."
        """
        tag = self.tag(id)
        if tag.family == "remedy":
            heading, meaning = f"{id} (remedy)", tag.definition
        else:
            heading = f"{id} ({tag.family}, Local Government Act 1974: {tag.provision})"
            meaning = f"The Ombudsman says that {tag.definition}"
        lines = [heading, _wrap(f"{meaning[0].upper()}{meaning[1:]}."), "", "For example"]
        lines += [_wrap(f'"{example}"', indent=2) for example in tag.examples]
        if calls := self._close_calls_on(tag):
            lines += ["", "Close calls"]
            lines += [_wrap(f"{number}. {call}", indent=2) for number, call in calls]
        return "\n".join(lines)

    def _close_calls_on(self, tag: Tag) -> list[tuple[int, str]]:
        names = {tag.id, *tag.id.split(":")}
        return [
            (number, call)
            for number, call in enumerate(self.close_calls, 1)
            if names.intersection(re.findall(r"`([^`]+)`", call))
        ]


@cache
def codebook() -> Codebook:
    """Return the codebook that ships with the package.

    Examples
    --------
    >>> codebook().tags["no_fault"].definition
    'there is not enough evidence of fault, or it is unlikely to find fault'
    """
    data = tomllib.loads(files("grounds").joinpath("codebook.toml").read_text("utf-8"))
    data = _unfold(data)
    tags = [
        Tag(id, entry["family"], entry["definition"], entry["provision"], tuple(entry["examples"]))
        for id, entry in data["tags"].items()
    ]
    tags += [
        Tag(f"{kind}:{status}", "remedy", f"{entry['definition']}: {when}", "", (example,))
        for kind, entry in data["kinds"].items()
        for status, when in data["statuses"].items()
        for example in [entry["examples"][status]]
    ]
    return Codebook(
        version=data["version"],
        families=data["families"],
        tags={tag.id: tag for tag in tags},
        kinds={kind: entry["definition"] for kind, entry in data["kinds"].items()},
        statuses=data["statuses"],
        standings={name: Standing(**entry) for name, entry in data["standings"].items()},
        close_calls=tuple(data["close_calls"][str(n + 1)] for n in range(len(data["close_calls"]))),
        sections=data["sections"],
        prose=data["prose"],
    )


def to_markdown(codebook: Codebook) -> str:
    """Return the codebook as a Markdown page, ``docs/codebook.md``."""
    blocks = [
        _GENERATED,
        f"# Codebook: what each tag means (version {codebook.version})",
        codebook.prose["introduction"],
        "## Relied on, cited, mentioned",
        _table(
            ("status", "when", "where it is found"),
            ((name, s.when, s.where) for name, s in codebook.standings.items()),
        ),
        codebook.prose["standing"],
        *_reasons(codebook, "ground"),
        *_reasons(codebook, "bar"),
        *_remedies(codebook),
        "## Close calls",
        "\n".join(f"{number}. {call}" for number, call in enumerate(codebook.close_calls, 1)),
        "## Sections of a decision",
        _table(("section", "headed or made of"), _by_id(codebook.sections)),
        codebook.prose["sections"],
    ]
    return "\n\n".join(blocks) + "\n"


def _reasons(codebook: Codebook, family: Family) -> list[str]:
    rows = (
        (f"`{tag.id}`", tag.definition, tag.provision, "<br>".join(map(_quoted, tag.examples)))
        for tag in codebook.tags.values()
        if tag.family == family
    )
    columns = ("id", "the Ombudsman says that", "provision", "for example")
    return [f"## {codebook.families[family]}", _table(columns, rows)]


def _remedies(codebook: Codebook) -> list[str]:
    examples = ((f"`{id}`", _quoted(codebook.tags[id].examples[0])) for id in codebook.remedies)
    return [
        f"## {codebook.families['remedy']}",
        _table(("kind", "what"), _by_id(codebook.kinds)),
        _table(("status", "when"), _by_id(codebook.statuses)),
        codebook.prose["remedies"],
        _table(("id", "for example"), examples),
    ]


def _by_id(meanings: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    return ((f"`{id}`", meaning) for id, meaning in meanings.items())


def _quoted(example: str) -> str:
    return f'"{example}"'


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _wrap(text: str, indent: int = 0) -> str:
    margin = " " * indent
    return fill(text, width=100, initial_indent=margin, subsequent_indent=margin)


def _unfold(value: Any) -> Any:
    """Take the line breaks out of every text; an empty line still divides paragraphs."""
    if isinstance(value, dict):
        return {key: _unfold(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_unfold(entry) for entry in value]
    paragraphs = re.split(r"\n\s*\n", value.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


if __name__ == "__main__":
    print(to_markdown(codebook()), end="")
