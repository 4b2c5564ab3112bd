"""Fuzzes every reader: ``python reliability/fuzz.py [TARGET …] --inputs 100000 --seed 1``.

A tenth of the inputs are guided: atheris keeps those that reach new branches, and changes them on. The
rest is made from those and from valid ones by the changes of `inputs`, which know the formats, and read at full
speed. A target runs in a process of its own, so that a crash of native code is a finding and not the end. A finding is what is neither read, with all that `invariants`
asks for, nor refused clearly; also what takes too long or too much memory. Findings are saved with
their tracebacks in ``.fuzz/TARGET/found``, and what reached new branches in ``.fuzz/TARGET/corpus``, from
which the next run goes on. Counts add up in docs/reliability-fuzz.json until ``--anew``.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import re
import resource
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from random import Random
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from targets import Target

ROOT = Path(__file__).parent.parent
FIGURES = ROOT / "docs" / "reliability-fuzz.json"
FOLDER = ROOT / ".fuzz"

LONGEST = 1 << 15
"""Bytes of an input; what larger ones do, `extremes` shows."""

ALLOWED, ALLOWED_A_MB = 0.5, 2.0
"""Seconds of the processor that an input may take: so many, and so many a megabyte."""

MEMORY = 2048
"""MB that a process may take, with the model."""

HANGS = 60
"""Seconds after which an input counts as one that never ends."""

_EVERY = 200  # inputs, after which counts are saved: a crash loses no more
_RESTARTS = 20
_GUIDED = 0.1  # of the inputs
_BY_BYTES = 0.5  # of those that are guided: changed by atheris, which knows no format
_FROM_SEEDS = 0.6  # of the rest: most of what atheris keeps is damaged, and would stay so
_COVERED = re.compile(r"cov: (\d+)")
_COUNTS = ("inputs", "guided", "generated", "read", "refused")

Figures = dict[str, Any]


def main(words: Sequence[str] | None = None) -> int:
    """Fuzz the targets asked for; return how many findings there are."""
    sys.path.append(str(ROOT / "tests"))  # copies of decisions are set there
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="all of them where left out")
    parser.add_argument("--inputs", type=int, default=100_000, help="how many for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="targets at a time")
    parser.add_argument("--anew", action="store_true", help="begin the counts at 0")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for findings (.fuzz)")
    parser.add_argument("--figures", type=Path, default=FIGURES)
    parser.add_argument("--work", choices=WAYS, help=argparse.SUPPRESS)
    asked = parser.parse_args(words)
    if asked.work:
        WAYS[asked.work](asked.targets[0], asked.inputs, asked.seed, asked.folder)
        return 0

    from targets import all_targets

    known = all_targets()
    names = asked.targets or list(known)
    if unknown := set(names) - set(known):
        parser.error(f"no targets {', '.join(sorted(unknown))}; known are {', '.join(known)}")
    lock = Lock()
    print("| target | inputs | a second | read | refused | branches | slowest | findings |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")

    def one(name: str) -> int:
        folder = asked.folder / name
        seconds = time.perf_counter()
        before = {} if asked.anew else _figures(asked.figures).get("targets", {}).get(name, {})
        new = _fuzz(name, asked.inputs, asked.seed + before.get("inputs", 0), folder, known)
        speed = new["inputs"] / (time.perf_counter() - seconds)
        figures = {"about": known[name].about, **_added(before, new)}
        with lock:
            whole = _figures(asked.figures)
            whole.setdefault("targets", {})[name] = figures
            whole["seed"] = asked.seed
            asked.figures.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
            print(_row(name, figures, speed), flush=True)
        return int(new["findings"])

    with ThreadPoolExecutor(asked.jobs) as pool:
        return min(sum(pool.map(one, names)), 100)


def _figures(path: Path) -> Figures:
    found: Figures = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def _added(before: Mapping[str, Any], new: Mapping[str, Any]) -> Figures:
    """Add the counts of a run to those of the runs before it."""
    added: Figures = {name: before.get(name, 0) + new[name] for name in (*_COUNTS, "findings")}
    added["branches"] = max(before.get("branches", 0), new["branches"])
    added["slowest"] = max((before.get("slowest", [0, 0]), new["slowest"]), key=lambda one: one[0])
    return added


def _row(name: str, figures: Mapping[str, Any], speed: float) -> str:
    seconds, size = figures["slowest"]
    return (
        f"| {name} | {figures['inputs']:,} | {speed:,.0f} | {figures['read']:,} | {figures['refused']:,} "
        f"| {figures['branches']:,} | {1000 * seconds:.0f} ms ({size:,} bytes) | {figures['findings']} |"
    )


def _fuzz(name: str, inputs: int, seed: int, folder: Path, known: Mapping[str, Any]) -> Figures:
    """Run a target in processes of its own until it has had its inputs."""
    corpus, found = folder / "corpus", folder / "found"
    corpus.mkdir(parents=True, exist_ok=True)
    found.mkdir(exist_ok=True)
    for seed_input in known[name].seeds():
        (corpus / sha256(seed_input).hexdigest()[:16]).write_bytes(seed_input)
    guided = min(inputs, max(int(inputs * _GUIDED), 1))
    total = _run(name, "guided", guided, seed, folder)
    return _added(total, _run(name, "generated", inputs - guided, seed, folder))


def _run(name: str, way: str, inputs: int, seed: int, folder: Path) -> Figures:
    """Give a target so many inputs made in one way, in another process where one dies of them."""
    total: Figures = {**dict.fromkeys((*_COUNTS, "findings", "branches"), 0), "slowest": [0, 0]}
    found, counts, last = (folder / name for name in ("found", "counts.json", "last"))
    for attempt in range(_RESTARTS):
        if total["inputs"] >= inputs:
            break
        counts.unlink(missing_ok=True)
        before = set(found.iterdir())
        asked = {"work": way, "inputs": inputs - total["inputs"], "seed": seed + attempt}
        words = [name, *(f"--{key}={value}" for key, value in asked.items()), f"--folder={folder}"]
        log = folder / f"log-{way}-{attempt}.txt"
        with log.open("wb") as out:
            subprocess.run([sys.executable, __file__, *words], stdout=out, stderr=out, check=False)
        if last.exists():  # the process died of it
            last.replace(found / sha256(last.read_bytes()).hexdigest()[:16])
        said = log.read_text("utf-8", "replace")
        covered = max(map(int, _COVERED.findall(said)), default=0)
        new = {one.stem for one in set(found.iterdir()) - before}
        run = _figures(counts) or {**dict.fromkeys(_COUNTS, 0), "slowest": [0, 0]}
        total = _added(total, {**run, "branches": covered, "findings": len(new)})
        for one in sorted(new):
            print(f"finding: {found / one}", file=sys.stderr)
        if not run["inputs"] and not new:
            raise SystemExit(f"{name} does not start:\n{said[-2000:]}")
    return total


# In the process of a target


def _guided(name: str, inputs: int, seed: int, folder: Path) -> None:
    """Give a target inputs that atheris keeps and changes; does not return."""
    try:
        import atheris
    except ImportError:
        raise SystemExit("fuzzing needs atheris: pip install 'lgsco-grounds[fuzz]'") from None
    with atheris.instrument_imports(include=["grounds"]):
        from targets import all_targets

        target = all_targets()[name]
    seeds = list(target.seeds())

    def changed(data: bytes, most: int, seed: int) -> bytes:
        draw = Random(seed)
        if draw.random() < _BY_BYTES:
            return bytes(atheris.Mutate(data, most))
        return _changed(data, seeds, target, draw)[:most]

    options = {
        "runs": inputs, "seed": seed, "max_len": LONGEST, "len_control": 0, "timeout": HANGS,
        "report_slow_units": HANGS,
        "rss_limit_mb": MEMORY, "artifact_prefix": f"{folder / 'found'}/", "verbosity": 1,
    }  # fmt: skip
    words = [sys.argv[0], *(f"-{key}={value}" for key, value in options.items())]
    tried = Tried(target.check, "guided", inputs, folder)
    atheris.Setup([*words, str(folder / "corpus")], tried, custom_mutator=changed)
    sys.exit(atheris.Fuzz())


def _generated(name: str, inputs: int, seed: int, folder: Path) -> None:
    """Give a target inputs made from valid ones and from those that atheris kept."""
    from targets import all_targets

    target, draw = all_targets()[name], Random(seed)
    seeds = list(target.seeds())
    kept = [path.read_bytes() for path in sorted((folder / "corpus").iterdir())]
    tried = Tried(target.check, "generated", inputs, folder)
    most = MEMORY << 21  # of addresses, which are more than what is used
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))
    for _ in range(inputs):
        data = _changed(draw.choice(kept), seeds, target, draw)[:LONGEST]
        (folder / "last").write_bytes(data)
        faulthandler.dump_traceback_later(HANGS, exit=True)
        tried(data)
    (folder / "last").unlink(missing_ok=True)


WAYS = {"guided": _guided, "generated": _generated}
"""How inputs are made."""


def _changed(data: bytes, seeds: Sequence[bytes], target: Target, draw: Random) -> bytes:
    from inputs import several

    begun = draw.choice(seeds) if draw.random() < _FROM_SEEDS else data
    return several(begun, target.change, draw)


class Tried:
    """Tries inputs, counts what becomes of them and saves the findings.

    Parameters
    ----------
    check
        The check of a target.
    way
        How the inputs are made.
    inputs
        How many there will be.
    folder
        Where the counts and the findings go.
    """

    def __init__(self, check: Callable[[bytes], None], way: str, inputs: int, folder: Path) -> None:
        self._check, self._way, self._inputs, self._folder = check, way, inputs, folder
        self._counts: Counter[str] = Counter(dict.fromkeys(_COUNTS, 0))
        self._slowest = [0.0, 0]
        self._known: set[str] = set()

    def __call__(self, data: bytes) -> None:
        """Try an input."""
        begun = time.process_time()
        try:
            self._counts[self._became(data)] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
            self._save(data, _place(error), "".join(traceback.format_exception(error)))
        seconds = time.process_time() - begun
        if seconds > self._slowest[0] and self._counts["inputs"]:  # the first loads what is needed
            self._slowest = [round(seconds, 4), len(data)]
        if seconds > ALLOWED + ALLOWED_A_MB * len(data) / 1e6 and self._counts["inputs"]:
            self._save(data, "slow", f"took {seconds:.2f} s for {len(data)} bytes\n")
        self._counts["inputs"] += 1
        self._counts[self._way] += 1
        if self._counts["inputs"] % _EVERY == 0 or self._counts["inputs"] >= self._inputs:
            self.note()

    def _became(self, data: bytes) -> str:
        from invariants import check_refusal

        from grounds.errors import GroundsError

        try:
            self._check(data)
            return "read"
        except GroundsError as problem:
            check_refusal(problem)
            return "refused"

    def note(self) -> None:
        """Save the counts."""
        figures = {**self._counts, "slowest": self._slowest}
        (self._folder / "counts.json").write_text(json.dumps(figures), "utf-8")

    def _save(self, data: bytes, place: str, what: str) -> None:
        """Save a finding, the first of its place."""
        if place in self._known:
            return
        self._known.add(place)
        name = self._folder / "found" / sha256(data).hexdigest()[:16]
        name.write_bytes(data)
        name.with_suffix(".txt").write_text(what, "utf-8", "backslashreplace")


def _place(error: Exception) -> str:
    """Return where an error was raised, and of what kind it is."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {last.filename}:{last.lineno}"


if __name__ == "__main__":
    sys.exit(main())
