"""Single labelled sentences: tab-separated tags (``-`` for none), section and sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from reprlib import repr as shortened
from typing import get_args

from grounds.corpus.files import find_files
from grounds.corpus.place import Place, decode, read_lines
from grounds.decision import Section
from grounds.limits import LIMITS, Limits


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence as it could stand in a section of a decision, and the tags it carries."""

    text: str
    section: Section
    tags: frozenset[str]


def read_sentences(paths: Iterable[str | Path], limits: Limits = LIMITS) -> list[LabelledSentence]:
    """Return the labelled sentences of ``.tsv`` files, or of the folders that hold them.

    Raises
    ------
    InputError
        Where a path is not there or a line cannot be used, with its number and what is wrong.
    """
    files = [file for path in paths for file in find_files(Path(path), (".tsv",))]
    lines = (line for file in files for line in read_lines(file, limits))
    return [parse_sentence(decode(line, place), place) for line, place in lines]


def parse_sentence(line: str, place: Place) -> LabelledSentence:
    """Parse one line.

    Raises
    ------
    InputError
        Where the line cannot be used, at `place`.

    Examples
    --------
    >>> parse_sentence("-\\tcomplaint\\tMr X is unhappy.", Place("x.tsv", 1))
    LabelledSentence(text='Mr X is unhappy.', section='complaint', tags=frozenset())
    """
    fields = [field.strip() for field in line.split("\t")]
    if len(fields) != 3 or not all(fields):
        raise place.error("not three fields (tags, section, sentence) separated by tabs")
    names, heading, text = fields
    section = next((section for section in get_args(Section) if section == heading), None)
    if section is None:
        raise place.error(
            f"unknown section {shortened(heading)} (one of {', '.join(get_args(Section))})"
        )
    tags = [] if names == "-" else place.tags(names.split(","))
    return LabelledSentence(text, section, frozenset(tags))
