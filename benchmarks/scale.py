"""Time and memory on as many decisions as are published: ``python benchmarks/scale.py``.

Composes decisions on disk, tags them with ``grounds tag``, and measures how long that takes and how
much memory all its processes have together, for three numbers of decisions: time should grow with
the number, memory should not. Prints a table in Markdown and writes the figures to
docs/benchmark-scale.json and a picture of them. ``--train 57500`` measures training instead. Reads
/proc, so it runs on Linux alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from composer import compose, write
from options import numbers
from pictures import Line, growth, save
from places import DOCS, picture_of

from grounds.corpus import write_labelled
from grounds.pages.charts import Words

PUBLISHED = 57_500
"""Decisions that the Ombudsman has published, about."""

PAUSE = 0.1
"""Seconds between two looks at the memory."""

MINUTES, GIBIBYTES = 3, 1
"""What tagging all that are published is to take on two cores."""

_COMMAND = (sys.executable, "-m", "grounds")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a command took.

    Attributes
    ----------
    seconds
        From its start to its end.
    pss, rss
        The most bytes of memory that it and the processes it started had together. In `pss`, what
        several of them share is counted once; in `rss`, once for each.
    """

    seconds: float
    pss: int
    rss: int


def watch(command: Sequence[str]) -> Taken:
    """Run a command and look at its memory until it ends.

    Raises
    ------
    RuntimeError
        Where it fails, with what it complained of.
    """
    with tempfile.TemporaryFile("w+") as complaints:
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=complaints)
        pss = rss = 0
        while not _has_ended(process):
            shared, whole = memory(process.pid)
            pss, rss = max(pss, shared), max(rss, whole)
        seconds = time.perf_counter() - start
        if process.returncode:
            complaints.seek(0)
            raise RuntimeError(f"{' '.join(command)}: {complaints.read()}")
    return Taken(seconds, pss, rss)


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Wait for a moment, and say whether a process has ended in it."""
    try:
        process.wait(PAUSE)
    except subprocess.TimeoutExpired:
        return False
    return True


def memory(process: int) -> tuple[int, int]:
    """Return the bytes of memory of a process and all below it: PSS and RSS."""
    found = [_memory_of(one) for one in _family(process)]
    return sum(pss for pss, _ in found), sum(rss for _, rss in found)


def _family(process: int) -> set[int]:
    """Return a process and all that it started, and that these did."""
    stats = [(int(stat.parent.name), _read(stat)) for stat in Path("/proc").glob("[0-9]*/stat")]
    parents = {one: int(text.rpartition(")")[2].split()[1]) for one, text in stats if text}
    family: set[int] = set()
    below = {process}
    while below:
        family |= below
        below = {one for one, parent in parents.items() if parent in family} - family
    return family


def _memory_of(process: int) -> tuple[int, int]:
    lines = (line.split() for line in _read(Path(f"/proc/{process}/smaps_rollup")).splitlines())
    sizes = {words[0]: 1024 * int(words[1]) for words in lines if words[-1] == "kB"}
    return sizes.get("Pss:", 0), sizes.get("Rss:", 0)


def _read(path: Path) -> str:
    """Return what the kernel says, nothing where the process has just ended."""
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def tag(n: int, jobs: int, folder: Path) -> Taken:
    """Compose decisions in a folder and tag them.

    Raises
    ------
    RuntimeError
        Where there is not a record for every decision.
    """
    write(n, folder / "decisions")
    out = folder / "out.jsonl"
    command = ("tag", str(folder / "decisions"), "-o", str(out), "--jobs", str(jobs))
    taken = watch([*_COMMAND, *command])
    with out.open("rb") as lines:
        written = sum(1 for _ in lines)
    if written != n:
        raise RuntimeError(f"{written} records of {n} decisions")
    return taken


def train(n: int, jobs: int, folder: Path) -> Taken:
    """Compose labelled decisions in a folder and train on them."""
    data = folder / "labelled.jsonl"
    write_labelled(compose(n), data)
    return watch([*_COMMAND, "train", str(data), "-o", str(folder / "model"), "--jobs", str(jobs)])


def measure(
    work: Callable[[int, int, Path], Taken], decisions: Sequence[int], jobs: int
) -> dict[str, Any]:
    """Return what the work takes for each number of decisions, as plain values."""
    runs = []
    for n in decisions:
        with tempfile.TemporaryDirectory() as folder:
            runs.append({"decisions": n, **asdict(work(n, jobs, Path(folder)))})
    return {"work": work.__name__, "jobs": jobs, "runs": runs}


def table(measured: Mapping[str, Any]) -> str:
    """Return the figures as a table in Markdown."""
    lines = [
        "| decisions | time | a decision | memory (PSS) | memory (RSS) |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for run in measured["runs"]:
        cells = (
            f"{run['decisions']:,}",
            f"{run['seconds']:.1f} s",
            f"{1000 * run['seconds'] / run['decisions']:.2f} ms",
            *(f"{run[kind] / 2**20:,.0f} MiB" for kind in ("pss", "rss")),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def draw(measured: Mapping[str, Any], path: Path) -> None:
    """Draw time and memory over the number of decisions."""
    runs = measured["runs"]
    decisions = [run["decisions"] for run in runs]
    wanted = measured["work"] == "tag" and max(decisions) == PUBLISHED
    lines = [
        Line("Minutes", [run["seconds"] / 60 for run in runs], MINUTES if wanted else None),
        Line("Memory, GiB", [run["pss"] / 2**30 for run in runs], GIBIBYTES if wanted else None),
    ]
    told = "; ".join(
        f"{run['decisions']:,}: {run['seconds']:.0f} s, {run['pss'] / 2**20:.0f} MiB"
        for run in runs
    )
    title = f"Time and memory to {measured['work']} decisions"
    save(growth(Words("scale", title, f"{told}."), decisions, lines), path)


def main() -> None:
    """Measure tagging, or training."""
    given = _options()
    if sys.platform != "linux":
        sys.exit("this reads /proc, which Linux alone has")
    work, decisions = (train, given.train) if given.train else (tag, given.decisions)
    measured = measure(work, decisions, given.jobs)
    name = "benchmark-training.json" if given.train else "benchmark-scale.json"
    out = given.o or DOCS / name
    out.write_text(json.dumps(measured, indent=1) + "\n", "utf-8")
    if len(decisions) > 1:  # one number makes no line
        draw(measured, picture_of(out))
    print(table(measured))


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument(
        "--decisions",
        type=numbers,
        default=[5_000, 20_000, PUBLISHED],
        metavar="N,N",
        help="how many decisions, each number on its own",
    )
    options.add_argument(
        "--train", type=numbers, metavar="N,N", help="train on so many instead of tagging"
    )
    options.add_argument("--jobs", type=int, default=2, metavar="N", help="how many processes")
    options.add_argument(
        "-o", type=Path, metavar="OUT", help="where to write the figures, with the picture beside"
    )
    return options.parse_args()


if __name__ == "__main__":
    main()
