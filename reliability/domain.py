"""What is made of texts that are no decisions: ``python reliability/domain.py``.

Tags the texts of data/others, which nothing was trained on or chosen by, with the shipped model, with
and without the rule that notices them; and asks the rule about the labelled decisions, each fold by
a rule fitted to the other folds. Prints a table and writes the figures to docs/reliability-domain.json. Some
five minutes on two cores.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import grounds
from grounds.corpus import fold_of, read_folds, read_labelled
from grounds.decision import Decision
from grounds.errors import GroundsError
from grounds.features.clauses import Clauses, segment, segment_each
from grounds.model import Model
from grounds.reading import read_bytes
from grounds.reading.files import SUFFIXES
from grounds.tagging import tag_all
from grounds.training import INNER_FOLDS
from grounds.training.domain import fit_domain
from grounds.workers import shared

ROOT = Path(__file__).parents[1]
DATA, FIGURES = ROOT / "data", ROOT / "docs" / "reliability-domain.json"
sys.path.append(str(ROOT / "tests"))

from rendering import Source, Style, dashes, numbered, page, parse, plain  # noqa: E402

LAYOUTS: dict[str, Callable[[Source, Style], str]] = {
    "numbered": numbered,
    "dashes": dashes,
    "plain": plain,
    "html": page,
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What became of the texts of one kind.

    Attributes
    ----------
    texts
        How many there are.
    unread
        Those that are refused when they are read: they have no headings of a decision.
    foreign
        Those that are read, and said not to look like a decision.
    tagged, tags
        Texts that are given a tag, and all the tags they are given.
    tagged_without, tags_without
        The same without the rule.
    """

    texts: int
    unread: int
    foreign: int
    tagged: int
    tags: int
    tagged_without: int
    tags_without: int


def read_all(files: Sequence[Path]) -> list[Decision]:
    """Read files; those that the reader refuses are left out."""
    found = []
    for file in files:
        try:
            found.append(grounds.read(file))
        except GroundsError:
            continue
    return found


def kind_of(files: Sequence[Path], model: Model) -> Kind:
    """Say what becomes of texts of one kind."""
    decisions = read_all(files)
    ruled = list(tag_all(decisions, model))
    without = list(tag_all(decisions, replace(model, domain=None)))
    numbers = [[len(r.tags) + len(r.remedies) for r in many] for many in (ruled, without)]
    return Kind(
        texts=len(files),
        unread=len(files) - len(decisions),
        foreign=sum(record.foreign for record in ruled),
        tagged=sum(map(bool, numbers[0])),
        tags=sum(numbers[0]),
        tagged_without=sum(map(bool, numbers[1])),
        tags_without=sum(numbers[1]),
    )


def kinds(folder: Path, model: Model) -> dict[str, Kind]:
    """Say what becomes of each kind of texts, which is a folder."""
    files = sorted(file for file in folder.glob("*/*") if file.suffix in SUFFIXES)
    names = [file.relative_to(folder).parts[0] for file in files]
    return {
        name: kind_of([file for file, of in zip(files, names, strict=True) if of == name], model)
        for name in dict.fromkeys(names)
    }


def held_out() -> dict[str, dict[str, int]]:
    """Count the labelled decisions that are taken for something else, each by a rule new to it."""
    labelled: list[Decision] = []
    folds: list[int] = []
    of: list[str] = []
    for name in ("corpus", "voices"):
        known = read_folds(DATA / name / "folds.json")
        for item in read_labelled([DATA / name]):
            labelled.append(item.decision)
            folds.append(fold_of(item.decision.source, known) + 100 * (name == "voices"))
            of.append(name)
    fold, others = np.array(folds), read_all(sorted((DATA / "elsewhere").glob("*/*.txt")))
    pieces = [(labelled, fold, number, others) for number in np.unique(fold).tolist()]
    wrong = {
        name: dict.fromkeys(("decisions", "markup", *LAYOUTS), 0) for name in ("corpus", "voices")
    }
    for found in shared(_refused, pieces, jobs=2):
        for place, layout in found:
            wrong[of[place]][layout] += 1
    for name in of:
        wrong[name]["decisions"] += 1
    return wrong


def _refused(
    labelled: Sequence[Decision], fold: Any, number: int, others: Sequence[Decision]
) -> list[tuple[int, str]]:
    """Return the decisions of a fold, and their copies, that a rule of the other folds refuses."""
    learnt = np.flatnonzero(fold != number).tolist()
    parts = segment_each(labelled[place] for place in learnt)
    apart = np.unique(fold[learnt], return_inverse=True)[1] % INNER_FOLDS
    inner = [
        (np.flatnonzero(apart != part), np.flatnonzero(apart == part))
        for part in range(INNER_FOLDS)
    ]
    rule = fit_domain(parts, segment_each(others), inner)
    return [
        (place, layout)
        for place in np.flatnonzero(fold == number).tolist()
        for layout, clauses in _copies(labelled[place])
        if rule.scores(clauses, 1)[0] < 0
    ]


def _copies(decision: Decision) -> Iterator[tuple[str, Clauses]]:
    """Yield a decision as it is labelled, and as it is read from a copy in each layout."""
    yield "markup", segment([decision])
    source = parse(Path(decision.source).read_text("utf-8"), decision.source)
    for layout, rendered in LAYOUTS.items():
        copy = rendered(source, Style.some(decision.source))
        yield layout, segment([read_bytes(copy.encode(), decision.source)])


def main() -> None:
    """Measure, print and write."""
    model = grounds.load_model()
    others = kinds(DATA / "others", model)
    figures = {
        "others": {name: asdict(kind) for name, kind in others.items()},
        "elsewhere": {n: asdict(k) for n, k in kinds(DATA / "elsewhere", model).items()},
        "held_out": held_out(),
    }
    print(f"{'kind':28}{'texts':>7}{'noticed':>9}{'tagged':>8}{'without':>9}")
    for name, kind in others.items():
        noticed = kind.unread + kind.foreign
        print(f"{name:28}{kind.texts:7}{noticed:9}{kind.tagged:8}{kind.tagged_without:9}")
    print(json.dumps(figures["held_out"]))
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
