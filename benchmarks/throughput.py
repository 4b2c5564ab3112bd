"""How quick this project is beside other ways to tag: ``python benchmarks/throughput.py``.

Measures, on the same composed decisions and on one thread, how much longer than bare tokenizing by
spaCy it takes to read and to tag them, here and with the peers; and how much longer than importing
spaCy it takes to tag one decision from nothing. Prints a table in Markdown and writes the figures
to docs/benchmark-throughput.json and a picture of them. With ``--quick`` no peers, no files, and
few decisions: some seconds.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import spacy
from composer import compose, text_of
from options import add_peers
from peers import PEERS, Entry, Learner, Peer, TextCategorizer, left_out, tfidf
from pieces import COPIES
from places import DATA, DOCS, picture_of
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from grounds.bundle import load_model
from grounds.corpus import folder_of, read_labelled
from grounds.decision import Decision
from grounds.model import Model
from grounds.reading import read_bytes
from grounds.tagging import tag_all

SLOW = ("minilm",)
"""Peers that are timed on fewer decisions."""

LEARN = 4
"""The peers learn from one labelled decision in so many: time does not hang on it."""

BARE = {
    "copies": 'tokenizing the copies by `spacy.blank("en")`',
    "paragraphs": "tokenizing their paragraphs, one at a time",
}
"""The least that can be done. A line break keeps spaCy from remembering the words below it."""

OURS = {
    "reading": "**grounds**, reading",
    "tagging": "**grounds**, tagging",
    "both": "**grounds**, reading and tagging",
}
"""What is timed of this project."""

FROM_COPIES = {
    "copies-svm": Entry(
        "TF-IDF of the copies as they are, linear SVM", lambda: Learner(COPIES, tfidf(LinearSVC()))
    ),
    "copies-textcat": Entry(
        "spaCy `textcat_multilabel` on the copies as they are",
        lambda: Learner(COPIES, TextCategorizer()),
    ),
}
"""Peers that read as most would: what this project's reader finds out is not theirs to use."""

BASES = (*BARE, "both", "tagging")
"""What times are told as multiples of."""

Times = dict[str, float]
"""Seconds a byte, by what was timed."""


@dataclass(frozen=True)
class Size:
    """How much is timed: decisions in a round, those of a slow peer, and rounds."""

    decisions: int = 300
    few: int = 12
    rounds: int = 7


QUICK = Size(decisions=100, rounds=5)


def compare(model: Model, entries: Mapping[str, Entry], size: Size) -> dict[str, Any]:
    """Return the figures of this project and of its peers, as plain values."""
    measured = measure(model, trained(entries), size)
    whats = BARE | OURS | {name: entry.what for name, entry in entries.items()}
    return {
        **asdict(size),
        "systems": {
            name: {
                "what": what,
                "ours": name in OURS,
                "over": {
                    base: ratio([(times[name], times[base]) for times in measured])
                    for base in BASES
                },
            }
            for name, what in whats.items()
        },
    }


def trained(entries: Mapping[str, Entry]) -> dict[str, Peer]:
    """Return peers that have learnt."""
    labelled = list(read_labelled([DATA / "corpus"]))[::LEARN]
    groups = [folder_of(item) for item in labelled]
    return {name: entry.make().fit(labelled, [], groups) for name, entry in entries.items()}


def measure(model: Model, peers: Mapping[str, Peer], size: Size) -> list[Times]:
    """Time each in turn, round after round, and leave out a first round.

    Words seen before are quicker, so every round has new decisions, and every peer its own: those
    that read sentences share the spaCy pipeline that finds them with this project.
    """
    own = Own(model)
    decisions = (item.decision for item in compose(sys.maxsize))
    rounds = []
    for _ in range(size.rounds + 1):
        times = own.times(list(islice(decisions, size.decisions)))
        for name, peer in peers.items():
            some = list(islice(decisions, size.few if name in SLOW else size.decisions))
            times[name] = _timed(peer.predict, some) / _bytes(some)
        rounds.append(times)
    return rounds[1:]


class Own:
    """Bare tokenizing, and what this project does, on the same decisions."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.copies = spacy.blank("en").make_doc
        self.paragraphs = spacy.blank("en").make_doc

    def times(self, decisions: Sequence[Decision]) -> Times:
        """Time each of them once."""
        copies = [text_of(decision) for decision in decisions]
        paragraphs = [p.text for decision in decisions for p in decision.paragraphs]
        bare = _timed(_each, self.copies, copies)
        parts = _timed(_each, self.paragraphs, paragraphs)
        reading = _timed(_each, _read, [copy.encode() for copy in copies])
        tagging = _timed(list, tag_all(decisions, self.model))
        times = (bare, parts, reading, tagging, reading + tagging)
        names = (*BARE, *OURS)
        return {n: seconds / _bytes(decisions) for n, seconds in zip(names, times, strict=True)}


def _each(work: Callable[[Any], object], things: Sequence[Any]) -> None:
    for thing in things:
        work(thing)


def _read(data: bytes) -> Decision:
    return read_bytes(data, "-")


def _timed(work: Callable[..., object], *given: object) -> float:
    with threadpool_limits(1):
        start = time.perf_counter()
        work(*given)
        return time.perf_counter() - start


def _bytes(decisions: Sequence[Decision]) -> int:
    return sum(len(text_of(decision).encode()) for decision in decisions)


def ratio(pairs: Sequence[tuple[float, float]]) -> Times:
    """Return how many times as long the first of each pair takes: median, least and most."""
    ratios = [own / other for own, other in pairs]
    return {"median": median(ratios), "least": min(ratios), "most": max(ratios)}


# From nothing


def starts(rounds: int = 7) -> dict[str, Any]:
    """Return how long commands take from nothing, as multiples of importing spaCy."""
    grounds_command = [sys.executable, "-m", "grounds"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "decision.txt")
        file.write_text(text_of(next(compose(1)).decision), "utf-8")
        commands = {
            "spacy": [sys.executable, "-c", "import spacy"],
            "tag": [*grounds_command, "tag", str(file)],
            "help": [*grounds_command, "--help"],
        }
        measured = [
            {name: _timed(_run, command) for name, command in commands.items()}
            for _ in range(rounds + 1)
        ]
    whats = {"tag": "`grounds tag FILE`", "help": "`grounds --help`"}
    return {
        name: {
            "what": what,
            "over_import": ratio([(one[name], one["spacy"]) for one in measured[1:]]),
        }
        for name, what in whats.items()
    }


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


# What is told


def table(compared: Mapping[str, Any]) -> str:
    """Return the figures as tables in Markdown, and below them what was left out."""
    lines = [
        "| | time, the first = 1 | the second = 1 | our reading and tagging = 1 | our tagging = 1 |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for system in compared["systems"].values():
        cells = (system["what"], *map(_times, system["over"].values()))
        lines.append(f"| {' | '.join(cells)} |")
    if starts := compared.get("starts"):
        lines += ["", "| from nothing | time, `import spacy` = 1 |", "| --- | ---: |"]
        lines += [
            f"| {start['what']} | {_times(start['over_import'])} |" for start in starts.values()
        ]
    left_out = [f"Left out: {name}, {why}" for name, why in compared.get("left_out", {}).items()]
    return "\n".join([*lines, *(["", *left_out] if left_out else [])])


def _times(ratio: Mapping[str, float]) -> str:
    return f"{ratio['median']:.2f} ({ratio['least']:.2f}–{ratio['most']:.2f})"


def draw(compared: Mapping[str, Any], path: Path) -> None:
    """Draw the times over bare tokenizing."""
    from pictures import Dot, dots, save  # slow to import, and --quick draws nothing

    from grounds.pages.charts import Words

    rows = [
        Dot(re.sub(r"[*`]", "", one["what"]), **one["over"]["copies"], ours=one["ours"])
        for one in compared["systems"].values()
    ]
    told = "; ".join(f"{row.name}: {row.median:.2f}" for row in rows)
    words = Words("throughput", "Time over bare tokenizing", f"{told}.")
    save(dots(words, rows, "Time, tokenizing the copies = 1"), path)


def main() -> None:
    """Compare this project with bare tokenizing and with the peers."""
    given = _options()
    if given.quick:
        print(table(compare(load_model(), {}, QUICK)))
        return
    absent = left_out(given.peers)
    for name, why in absent.items():
        print(f"{name} is left out, {why}", file=sys.stderr)
    chosen = {name: entry for name, entry in given.peers.items() if name not in absent}
    entries = FROM_COPIES | chosen if given.peers == PEERS else chosen
    compared = compare(load_model(), entries, Size(given.decisions))
    compared |= {"starts": starts(), "left_out": absent}
    given.o.write_text(json.dumps(compared, indent=1) + "\n", "utf-8")
    draw(compared, picture_of(given.o))
    print(table(compared))


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    add_peers(options)
    options.add_argument("--quick", action="store_true", help="no peers and no files, in seconds")
    options.add_argument(
        "--decisions", type=int, default=300, metavar="N", help="how many are timed in each round"
    )
    options.add_argument(
        "-o",
        type=Path,
        default=DOCS / "benchmark-throughput.json",
        metavar="OUT",
        help="where to write the figures, with the picture beside them",
    )
    return options.parse_args()


if __name__ == "__main__":
    main()
