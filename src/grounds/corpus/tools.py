"""Annotation tools: what writes their files, by the name of the tool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grounds.corpus import doccano, label_studio, prodigy
from grounds.decision import Decision, LabelledDecision
from grounds.errors import GroundsError
from grounds.record import Record


@dataclass(frozen=True, slots=True)
class Tool:
    """How an annotation tool is written for.

    Attributes
    ----------
    suffix
        How the name of its files ends.
    labelled
        Returns the text of a file of labelled decisions, piece by piece.
    tasks
        Returns that of a file of decisions to label; records among them bring suggestions.
    labels
        Returns the file that makes the tags known to the tool.
    """

    suffix: str
    labelled: Callable[[Iterable[LabelledDecision]], Iterator[str]]
    tasks: Callable[[Iterable[Decision | Record]], Iterator[str]]
    labels: Callable[[], str]


TOOLS: dict[str, Tool] = {
    "prodigy": Tool(
        ".jsonl",
        lambda labelled: (f"{prodigy.to_task(one)}\n" for one in labelled),
        lambda tasks: (f"{prodigy.to_new_task(one)}\n" for one in tasks),
        prodigy.label_list,
    ),
    "doccano": Tool(
        ".jsonl",
        lambda labelled: (f"{line}\n" for line in doccano.to_documents(labelled)),
        lambda tasks: (f"{doccano.to_new_document(one)}\n" for one in tasks),
        doccano.label_config,
    ),
    "label-studio": Tool(
        ".json",
        lambda labelled: label_studio.write_tasks(map(label_studio.to_task, labelled)),
        lambda tasks: label_studio.write_tasks(map(label_studio.to_new_task, tasks)),
        label_studio.labelling_config,
    ),
}


def tool_for(path: Path, name: str | None = None) -> Tool | None:
    """Return the tool of that name, or the one that alone has files that end as `path` does.

    Raises
    ------
    GroundsError
        If its files end otherwise.

    Examples
    --------
    >>> tool_for(Path("tasks.json")) is TOOLS["label-studio"], tool_for(Path("tasks.jsonl"))
    (True, None)
    """
    suffix = path.suffix.lower()
    if name is None:
        fitting = [tool for tool in TOOLS.values() if tool.suffix == suffix]
        return fitting[0] if len(fitting) == 1 else None
    if TOOLS[name].suffix != suffix:
        raise GroundsError(f"{path}: a file for {name} ends in {TOOLS[name].suffix}")
    return TOOLS[name]
