"""How accurate this project is beside other ways to tag: ``python benchmarks/accuracy.py``.

Every system learns from the same decisions and sentences and is tested on the same folds. Prints a
table in Markdown and writes the figures to docs/benchmark-accuracy.json.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from options import add_folds, add_peers
from peers import Entry, Ours, Peer, left_out
from places import DATA, DOCS
from rich.console import Console
from rich.progress import track
from threadpoolctl import threadpool_limits

from grounds.corpus import (
    LabelledSentence,
    fold_of,
    folder_of,
    read_folds,
    read_labelled,
    read_sentences,
)
from grounds.decision import LabelledDecision
from grounds.figures import Flags, bootstrap, figures
from grounds.model.heads import tag_matrix
from grounds.model.weigh import families

NEVER = 0
OURS = {"ours": Entry("**grounds**", Ours)}


@dataclass(frozen=True, slots=True)
class Trial:
    """What there is to learn from and to test on.

    Attributes
    ----------
    labelled, sentences
        The labelled data.
    folds
        The number of each decision's fold, from 1; `NEVER` where it is not tested.
    groups
        The subject or the hand of each decision, for inner folds.
    """

    labelled: Sequence[LabelledDecision]
    sentences: Sequence[LabelledSentence]
    folds: Sequence[int]
    groups: Sequence[object]

    def learnt(self, number: int) -> list[int]:
        """Return the places of the decisions to learn from where a fold is tested."""
        return [place for place, fold in enumerate(self.folds) if fold != number]

    def tested(self, number: int) -> list[int]:
        """Return the places of the decisions of a fold."""
        return [place for place, fold in enumerate(self.folds) if fold == number]


@dataclass(frozen=True, slots=True)
class Answer:
    """The tags that a system gave the decisions of a fold, and how long that took."""

    given: Flags
    seconds: float


def answer(trial: Trial, number: int, make: Callable[[], Peer]) -> Answer:
    """Return what a system that learnt from the other folds says of one."""
    learnt = trial.learnt(number)
    peer = make().fit(
        [trial.labelled[place] for place in learnt],
        trial.sentences,
        [trial.groups[place] for place in learnt],
    )
    decisions = [trial.labelled[place].decision for place in trial.tested(number)]
    with threadpool_limits(1):
        start = time.perf_counter()
        given = peer.predict(decisions)
        seconds = time.perf_counter() - start
    return Answer(tag_matrix(given), seconds)


def compare(
    trial: Trial, entries: Mapping[str, Entry], numbers: Sequence[int], jobs: int = 1
) -> dict[str, Any]:
    """Return the figures of each system, as plain values.

    Parameters
    ----------
    trial
        What to learn from and to test on.
    entries
        The systems by name; the times are told as multiples of the first one's.
    numbers
        The folds to test on.
    jobs
        Processes that share the work.
    """
    work = [(name, number) for number in numbers for name in entries]
    answers: dict[str, list[Answer]] = {name: [] for name in entries}
    found = Parallel(n_jobs=jobs, return_as="generator")(
        delayed(answer)(trial, number, entries[name].make) for name, number in work
    )
    for (name, _), one in zip(work, _shown(found, len(work)), strict=True):
        answers[name].append(one)
    gold = tag_matrix(
        trial.labelled[place].tags for number in numbers for place in trial.tested(number)
    )
    first = _seconds(next(iter(answers.values())))
    return {
        "decisions": len(gold),
        "folds": list(numbers),
        "systems": {
            name: {
                "what": entries[name].what,
                **_figures(np.vstack([one.given for one in parts]), gold),
                "seconds_per_100": 100 * _seconds(parts) / len(gold),
                "times_as_long": _seconds(parts) / first,
            }
            for name, parts in answers.items()
        },
    }


def _shown(found: Any, total: int) -> Any:
    console = Console(stderr=True)
    return track(
        found,
        "Systems and folds",
        total=total,
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _seconds(parts: Sequence[Answer]) -> float:
    return sum(part.seconds for part in parts)


def _figures(given: Flags, gold: Flags) -> dict[str, Any]:
    return {
        family: {
            "figures": asdict(figures(given[:, columns], gold[:, columns])),
            "intervals": bootstrap(given[:, columns], gold[:, columns]),
        }
        for family, columns in families().items()
    }


def table(compared: Mapping[str, Any]) -> str:
    """Return the figures as a table in Markdown, and below it what was left out."""
    lines = [
        "| | grounds and bars: micro F1 | macro F1 | exact | remedies: micro F1 | macro F1 | time, ours = 1 |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(_row(system) for system in compared["systems"].values()),
    ]
    left_out = [f"Left out: {name}, {why}" for name, why in compared.get("left_out", {}).items()]
    return "\n".join([*lines, *(["", *left_out] if left_out else [])])


def _row(system: Mapping[str, Any]) -> str:
    reasons, remedies = system["reasons"], system["remedies"]
    cells = (
        system["what"],
        _micro(reasons),
        f"{reasons['figures']['macro_f1']:.3f}",
        f"{reasons['figures']['exact']:.3f}",
        _micro(remedies),
        f"{remedies['figures']['macro_f1']:.3f}",
        f"{system['times_as_long']:.1f}",
    )
    return f"| {' | '.join(cells)} |"


def _micro(family: Mapping[str, Any]) -> str:
    low, high = family["intervals"]["micro_f1"]
    return f"{family['figures']['micro_f1']:.3f} ({low:.2f}–{high:.2f})"


def main() -> None:
    """Compare the systems on the corpus, or on voices that they have not seen."""
    given = _options()
    names = ("voices", "corpus") if given.voices else ("corpus", "voices")
    tested, also = (list(read_labelled([DATA / name])) for name in names)
    folds = _numbers(tested, DATA / names[0] / "folds.json")
    absent = left_out(given.peers)
    for name, why in absent.items():
        print(f"{name} is left out, {why}", file=sys.stderr)
    entries = OURS | {name: entry for name, entry in given.peers.items() if name not in absent}
    trial = Trial(
        labelled=[*tested, *also],
        sentences=read_sentences([DATA]),
        folds=[*folds, *[NEVER] * len(also)],
        groups=[*folds, *map(folder_of, also)],
    )
    numbers = sorted(set(given.folds or folds))
    if not set(numbers) <= set(folds):
        sys.exit(f"--folds: the folds are 1 to {max(folds)}")
    compared = compare(trial, entries, numbers, given.jobs) | {"left_out": absent}
    given.o.write_text(json.dumps(compared, indent=1) + "\n", "utf-8")
    print(table(compared))


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add_folds(options)
    options.add_argument(
        "--voices",
        action="store_true",
        help="test on voices that nothing was learnt of, and learn from the corpus and the others",
    )
    add_peers(options)
    options.add_argument("--jobs", type=int, default=1, metavar="N", help="how many processes")
    options.add_argument("-o", type=Path, metavar="OUT", help="where to write the figures")
    given = options.parse_args()
    name = "benchmark-voices.json" if given.voices else "benchmark-accuracy.json"
    given.o = given.o or DOCS / name
    return given


def _numbers(labelled: Sequence[LabelledDecision], folds: Path) -> list[int]:
    """Return the number of each decision's fold, from 1."""
    names = read_folds(folds)
    return [fold_of(item.decision.source, names) + 1 for item in labelled]


if __name__ == "__main__":
    main()
