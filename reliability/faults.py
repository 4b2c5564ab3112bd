"""Injects faults into runs of the command and counts what was lost: ``python reliability/faults.py``.

Every run is the real command in a process of its own, over decisions that are made up here, with an
older result in the place of the new one. ``python reliability/faults.py kill --runs 200 --seed 1``
injects one kind alone. Prints a table and writes the figures to docs/reliability-faults.json. Linux only; the
kinds that need a disk of their own mount a small one, which only root may.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from sqlite3 import connect
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "benchmarks"))

from composer import compose, text_of  # noqa: E402 - decisions are made up there

FIGURES = ROOT / "docs" / "reliability-faults.json"
SHORT = ROOT / "data" / "corpus" / "short"

Snapshot = dict[str, Any]
"""What stands at a name: the pieces of it that are whole or not there, and what each holds."""

LATENCY = 0.002
"""Seconds between two looks at what a run has written."""


@dataclass(frozen=True, slots=True)
class Job:
    """A command that writes something, and the command that made what stood there before."""

    name: str
    words: str
    out: str
    older: str | None = None


def _over(name: str, words: str, out: str) -> Job:
    """Return a job whose older result is of other inputs."""
    older = words
    for now, then in (("in/000", "in/001"), ("in ", "few "), ("tags.", "few."), ("data", "less")):
        older = older.replace(f" {now}", f" {then}", 1)
    return Job(name, f"{words} -o {out}", out, f"{older.replace(' --jobs 2', '')} -o {out}")


JOBS = (
    _over("tag, .jsonl", "tag in ", "out/tags.jsonl"),
    _over("tag, .jsonl, two processes", "tag in --jobs 2", "out/tags.jsonl"),
    _over("tag, .csv", "tag in ", "out/tags.csv"),
    _over("tag, .xlsx", "tag in ", "out/tags.xlsx"),
    _over("tag, .parquet", "tag in ", "out/tags.parquet"),
    _over("tag, .db", "tag in ", "out/tags.db"),
    _over("tag, .db, two processes", "tag in --jobs 2", "out/tags.db"),
    _over("show, a page", "show in/000.txt", "out/page.html"),
    _over("show, a folder of pages", "show in ", "out/pages"),
    _over("show, two processes", "show in --jobs 2", "out/pages"),
    _over("stats, a page", "stats tags.jsonl", "out/stats.html"),
    _over("train", "train data", "out/model"),
    _over("train, two processes", "train data --jobs 2", "out/model"),
    _over("evaluate, .json", "evaluate data", "out/report.json"),
    _over("evaluate, .html", "evaluate data", "out/report.html"),
    _over("corpus convert, a file", "corpus convert data", "out/labelled.jsonl"),
    _over("corpus convert, a folder", "corpus convert data.jsonl", "out/corpus"),
    Job("label-template", "label-template in -o out/labels.csv", "out/labels.csv"),
)


@dataclass(slots=True)
class Case:
    """What was injected, how often, and what went wrong."""

    kind: str
    name: str
    runs: int = 0
    problems: list[str] = field(default_factory=list)

    def expect(self, holds: bool, problem: str) -> None:
        """Note a problem where something does not hold."""
        if not holds:
            self.problems.append(problem)


# The ground


def prepare(folder: Path, decisions: int = 60) -> None:
    """Make the inputs of all jobs."""
    (folder / "in").mkdir()
    (folder / "few").mkdir()
    (folder / "less").mkdir()
    for number, made in enumerate(compose(decisions, seed=9)):
        (folder / "in" / f"{number:03}.txt").write_text(text_of(made.decision), "utf-8")
    (folder / "in" / "9-letter.txt").write_text("Dear Sir, thank you for your letter.")
    for path in sorted((folder / "in").iterdir())[:7]:
        shutil.copy(path, folder / "few")
    shutil.copytree(SHORT, folder / "data")
    for path in sorted(SHORT.iterdir())[:20]:
        shutil.copy(path, folder / "less")
    for words in (
        "tag in -o tags.jsonl", "tag few -o few.jsonl",
        "corpus convert data -o data.jsonl", "corpus convert less -o less.jsonl",
    ):  # fmt: skip
        run(folder, words)


def command(words: str) -> list[str]:
    """Return a command of grounds as the system runs it."""
    return [sys.executable, "-m", "grounds", *words.split()]


def started(folder: Path, words: str, **settings: Any) -> subprocess.Popen[str]:
    """Start a command as the leader of a group of processes.

    What these share in memory stays there where all of them are killed at once, so it has a place
    that is removed in the end.
    """
    own = {"TMPDIR": str(folder / "tmp"), "JOBLIB_TEMP_FOLDER": str(folder / "shared")}
    environment = {**os.environ, **own, **settings.pop("env", {})}
    (folder / "tmp").mkdir(exist_ok=True)
    return subprocess.Popen(
        command(words),
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **settings,
    )


def run(folder: Path, words: str, **settings: Any) -> tuple[int, str]:
    """Run a command to its end; return its status and what it said."""
    with started(folder, words, **settings) as process:
        _, said = process.communicate(timeout=600)
    return process.returncode, said


def cleared(folder: Path) -> None:
    """Begin anew with an empty folder to write to."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    (folder / "out").mkdir()


def begun(folder: Path, job: Job) -> None:
    """Begin anew with an older result, if there may be one; it is made but once."""
    cleared(folder)
    if job.older is None:
        return
    kept = folder / "older" / job.older.replace("/", "-")
    if not kept.exists():
        run(folder, job.older)
        shutil.copytree(folder / "out", kept)
    shutil.copytree(kept, folder / "out", dirs_exist_ok=True)


# What stands at a name


def snapshot(path: Path) -> Snapshot:
    """Return what stands at a name, piece by piece."""
    if path.suffix == ".db":
        return _rows(path) if path.exists() else {}
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.is_file())
        return {
            str(one.relative_to(path)): _bytes(one) for one in files if not one.name.startswith(".")
        }
    return {path.name: _bytes(path)} if path.exists() else {}


def _bytes(path: Path) -> bytes:
    """Return what a file holds; of fitted estimators that they are whole, since they are dated."""
    if path.suffix != ".skops":
        return path.read_bytes()
    from grounds.bundle import load_estimators

    return " ".join(sorted(load_estimators(path))).encode()


def _rows(path: Path) -> Snapshot:
    """Return all that a database has of each decision, and its other tables."""
    with tempfile.TemporaryDirectory() as folder:  # to look at it must not mend it
        copy = Path(folder, path.name)
        for one in path.parent.glob(f"{path.name}*"):
            if one.is_file():
                shutil.copy(one, folder)
        with closing(connect(copy)) as database:
            [(state,)] = database.execute("PRAGMA integrity_check")
            if state != "ok":
                return {"integrity": state}
            found: dict[str, list[Any]] = {}
            tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%fts%'"
            for (table,) in database.execute(tables).fetchall():
                columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
                key = "id" if table == "decisions" else "decision_id"
                for row in database.execute(f"SELECT * FROM {table}"):
                    of = row[columns.index(key)] if key in columns else f"{table} {row[0]}"
                    found.setdefault(str(of), []).append((table, *row))
            return {of: sorted(rows, key=repr) for of, rows in found.items()}


def half_done(before: Snapshot, after: Snapshot, found: Snapshot) -> list[str]:
    """Name the pieces that are neither as they were nor as they are to be."""
    missing = object()
    wrong = [
        f"{name}: neither the older nor the new one"
        for name, piece in found.items()
        if piece not in (before.get(name, missing), after.get(name, missing))
    ]
    gone = (before.keys() & after.keys()) - found.keys()
    # A model's estimators go before its arrays change, lest they stand beside others'.
    return wrong + [
        f"{name}: gone" for name in gone if name not in ("estimators.skops", "README.md")
    ]


def names_in(folder: Path) -> list[str]:
    """Return all that is in the folder to write to, and among temporary files."""
    places = (folder / "out", folder / "tmp")
    return sorted(str(one.relative_to(folder)) for place in places for one in place.rglob("*"))


# Killed


@dataclass(frozen=True, slots=True)
class Measured:
    """A run of a job that nobody disturbed, over an older result."""

    before: Snapshot
    after: Snapshot
    names: list[str]
    seconds: float
    writing: float
    """Seconds from the first file that it made."""


def measured(folder: Path, job: Job) -> Measured:
    """Run a job undisturbed."""
    begun(folder, job)
    before = snapshot(folder / job.out)
    first = names_in(folder)
    begin = time.monotonic()
    with started(folder, job.words) as process:
        _await(process, lambda: names_in(folder) != first)
        writing = time.monotonic()
        _, said = process.communicate(timeout=600)
    end = time.monotonic()
    if process.returncode not in (0, 1) or not snapshot(folder / job.out):
        raise RuntimeError(f"{job.words}: {said}")
    return Measured(
        before, snapshot(folder / job.out), names_in(folder), end - begin, end - writing
    )


def _await(process: subprocess.Popen[str], condition: Callable[[], bool]) -> None:
    """Wait until something is so, or the process is over."""
    while process.poll() is None and not condition():
        time.sleep(LATENCY)


def killed_at_random(folder: Path, job: Job, kills: int, dice: random.Random) -> Case:
    """Kill a job so many times, go on up to three times after each, and then let it end."""
    case = Case("killed", job.name)
    whole = measured(folder, job)
    while case.runs < kills:
        begun(folder, job)
        for _ in range(min(dice.randint(1, 4), kills - case.runs)):
            if _killed(folder, job, whole, dice):
                case.runs += 1
            found = snapshot(folder / job.out)
            for wrong in half_done(whole.before, whole.after, found):
                case.problems.append(f"after a kill, {wrong}")
            if job.older is None and found:  # done, and the command refuses to do it again
                break
        else:
            status, said = run(folder, job.words)
            case.expect(status in (0, 1) and "Traceback" not in said, f"status {status}: {said}")
        case.expect(snapshot(folder / job.out) == whole.after, "the result is another one")
        left = [one for one in names_in(folder) if one not in whole.names]
        case.expect(not left, f"left behind: {left}")
    return case


def _killed(folder: Path, job: Job, whole: Measured, dice: random.Random) -> bool:
    """Kill a run, all its processes, and say whether it had not ended before.

    Half of the kills fall anywhere in its life, half after it began to write.
    """
    first = names_in(folder)
    with started(folder, job.words) as process:
        if dice.random() < 0.5:
            moment = dice.uniform(0, whole.seconds)
        else:
            moment = dice.uniform(0, whole.writing)
            _await(process, lambda: names_in(folder) != first)
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        alive = process.poll() is None
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    return alive


def kill(folder: Path, runs: int, seed: int) -> Iterator[Case]:
    """SIGKILL at random moments, the whole group of processes at once."""

    def one(place: int) -> Case:
        own = Path(shutil.copytree(folder, folder.with_name(f"{folder.name}-{place}")))
        share = runs // len(JOBS) + (place < runs % len(JOBS))
        return killed_at_random(own, JOBS[place], share, random.Random(seed + place))

    with ThreadPoolExecutor(4) as pool:  # which mostly wait
        yield from pool.map(one, range(len(JOBS)))


# Asked to stop


def stop(folder: Path, runs: int, seed: int) -> Iterator[Case]:
    """SIGINT, SIGTERM, SIGHUP to the whole group, as a terminal sends it, and SIGSTOP for a while."""
    dice = random.Random(seed)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGSTOP"):
        for job in (JOBS[0], JOBS[1], JOBS[5], JOBS[9]):
            case = Case(f"stopped by {name}", job.name)
            whole = measured(folder, job)
            for _ in range(3):
                begun(folder, job)
                case.runs += 1
                status, said = _stopped(folder, job, name, dice.uniform(0.7, 1) * whole.seconds)
                for wrong in half_done(whole.before, whole.after, snapshot(folder / job.out)):
                    case.problems.append(wrong)
                expected = (0, 1, 130, -getattr(signal, name))  # the last while Python starts
                quiet = "Traceback" not in said and "Warning" not in said
                case.expect(status in expected and quiet, f"status {status}: {said}")
                _ends_well(case, folder, job, whole)
            yield case


def _stopped(folder: Path, job: Job, name: str, moment: float) -> tuple[int, str]:
    with started(folder, job.words) as process:
        with suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, getattr(signal, name))
            if name == "SIGSTOP":
                time.sleep(0.2)
                os.killpg(process.pid, signal.SIGCONT)
        _, said = process.communicate(timeout=600)
    return process.returncode, said


def _ends_well(case: Case, folder: Path, job: Job, whole: Measured) -> None:
    """Run the same command undisturbed and expect what it makes by itself, and nothing more."""
    status, said = run(folder, job.words)
    case.expect(status in (0, 1) and "Traceback" not in said, f"status {status}: {said}")
    case.expect(snapshot(folder / job.out) == whole.after, "the result is another one")
    left = [one for one in names_in(folder) if one not in whole.names]
    case.expect(not left, f"left behind: {left}")


# Disks


@contextmanager
def _disk(place: Path) -> Iterator[None]:
    """Have a disk of its own where a run writes."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def _one_process() -> list[Job]:
    return [job for job in JOBS if "--jobs" not in job.words]


def disk(folder: Path, runs: int, seed: int) -> Iterator[Case]:
    """Fill the disk: at once, after a few bytes, and just before the end."""
    dice = random.Random(seed)
    for job in _one_process():
        case = Case("disk full", job.name)
        whole = measured(folder, job)
        size = sum(one.stat().st_size for one in (folder / "out").rglob("*") if one.is_file())
        for most in (0, 0.5, 1):
            case.runs += 1
            cleared(folder)
            with _disk(folder / "out"):
                if job.older is not None:
                    kept = folder / "older" / job.older.replace("/", "-")
                    shutil.copytree(kept, folder / "out", dirs_exist_ok=True)
                ballast = folder / "out" / ".ballast"
                free = shutil.disk_usage(folder / "out").free
                ballast.write_bytes(bytes(max(0, free - int(size * most * dice.random()))))
                status, said = run(folder, job.words)
                clear = job.out in said and "make room" in said and "Traceback" not in said
                case.expect(status == 0 or (status == 1 and clear), f"status {status}: {said}")
                for wrong in half_done(whole.before, whole.after, snapshot(folder / job.out)):
                    case.problems.append(wrong)
                ballast.unlink()
                if job.older is not None or not snapshot(folder / job.out):
                    _ends_well(case, folder, job, whole)
        yield case


def read_only(folder: Path, runs: int, seed: int) -> Iterator[Case]:
    """Give a disk that cannot be written to."""
    for job in _one_process():
        case = Case("disk read-only", job.name, runs=1)
        cleared(folder)
        with _disk(folder / "out"):
            subprocess.run(["mount", "-o", "remount,ro", folder / "out"], check=True)
            status, said = run(folder, job.words)
            clear = job.out.partition("/")[0] in said and "Traceback" not in said
            case.expect(status in (1, 2) and clear, f"status {status}: {said}")
        yield case


# Under way


def under_way(folder: Path, runs: int, seed: int) -> Iterator[Case]:
    """Do to files what others may do while a run is at work."""
    folder.parent.chmod(0o755)
    shutil.copytree(folder / "in", folder / "many")
    for number, made in enumerate(compose(600, seed=5)):
        (folder / "many" / f"m{number}.txt").write_text(text_of(made.decision), "utf-8")
    out = folder / "out"
    changes: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "folder made read-only": (lambda: out.chmod(0o555), lambda: out.chmod(0o777)),
        "folder renamed": (
            lambda: out.rename(folder / "away"),
            lambda: (folder / "away").rename(out),
        ),
        "folder deleted": (lambda: shutil.rmtree(out), lambda: out.mkdir(mode=0o777)),
        "inputs vanish": (
            lambda: (folder / "many").rename(folder / "gone"),
            lambda: (folder / "gone").rename(folder / "many"),
        ),
    }
    for name, (change, undo) in changes.items():
        for suffix in ("jsonl", "csv", "db"):
            job = Job(f"tag, .{suffix}", f"tag many -o out/tags.{suffix}", f"out/tags.{suffix}")
            case = Case(name, job.name, runs=1)
            cleared(folder)
            whole = measured(folder, job)
            cleared(folder)
            for place in (out, folder / "tmp"):
                place.chmod(0o777)
            with started(folder, job.words, user=65534, group=65534) as process:
                _await(process, lambda: any(out.iterdir()))
                with suppress(subprocess.TimeoutExpired):
                    process.wait(whole.writing / 3)
                change()
                _, said = process.communicate(timeout=600)
            undo()
            out.chmod(0o777)
            clear = "Traceback" not in said and ("many/" in said or job.out in said)
            case.expect(process.returncode in (0, 1, 2) and clear, f"{process.returncode}: {said}")
            _ends_well(case, folder, job, whole)
            yield case


def twice(folder: Path, runs: int, seed: int) -> Iterator[Case]:
    """Two runs that write the same at once."""
    for job in JOBS:
        case = Case("two runs at once", job.name, runs=1)
        whole = measured(folder, job)
        begun(folder, job)
        with started(folder, job.words) as one, started(folder, job.words) as other:
            _, first = one.communicate(timeout=600)
            _, second = other.communicate(timeout=600)
        for process, said in ((one, first), (other, second)):
            refused = process.returncode == 2 and "; " in said
            clear = "Traceback" not in said
            case.expect((refused or process.returncode in (0, 1)) and clear, said)
        case.expect(snapshot(folder / job.out) == whole.after, "the result is another one")
        left = [name for name in names_in(folder) if name not in whole.names]
        case.expect(not left, f"left behind: {left}")
        yield case


# Processes that share the work


def worker(folder: Path, runs: int, seed: int) -> Iterator[Case]:
    """SIGKILL of one of the processes that share the work, as for want of memory."""
    dice = random.Random(seed)
    for job in (job for job in JOBS if "--jobs" in job.words):
        case = Case("a process killed", job.name)
        whole = measured(folder, job)
        while case.runs < 4:
            begun(folder, job)
            with started(folder, job.words) as process:
                _await(process, lambda: bool(workers_of(process.pid)))
                with suppress(subprocess.TimeoutExpired):
                    process.wait(dice.uniform(0, whole.seconds / 2))
                for one in workers_of(process.pid)[:1]:
                    os.kill(one, signal.SIGKILL)
                    case.runs += 1
                _, said = process.communicate(timeout=600)
            ended = process.returncode in (0, 1)
            case.expect(ended and "Traceback" not in said, f"{process.returncode}: {said}")
            _ends_well(case, folder, job, whole)
        yield case


def workers_of(process: int) -> list[int]:
    """Return the processes that share a process's work."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has just ended
            is_child = stat.read_text().rpartition(")")[2].split()[1] == str(process)
            if is_child and b"LokyProcess" in stat.with_name("cmdline").read_bytes():
                found.append(int(stat.parent.name))
    return found


KINDS: Mapping[str, Callable[[Path, int, int], Iterator[Case]]] = {
    "kill": kill,
    "stop": stop,
    "disk": disk,
    "read-only": read_only,
    "under-way": under_way,
    "twice": twice,
    "worker": worker,
}


def main() -> None:
    """Inject the kinds that are asked for, print what became of it, and write the figures."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(KINDS)}")
    options.add_argument("--runs", type=int, default=220, help="how often to kill")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    if unknown := set(given.kinds) - KINDS.keys():
        options.error(f"unknown: {', '.join(sorted(unknown))}")
    figures = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    lost = 0
    print("| fault | in | runs | lost |\n| --- | --- | ---: | ---: |")
    for name in given.kinds or KINDS:
        figures[name] = []
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            ground = Path(folder, "ground")
            ground.mkdir()
            prepare(ground)
            for case in KINDS[name](ground, given.runs, given.seed):
                print(
                    f"| {case.kind} | {case.name} | {case.runs} | {len(case.problems)} |",
                    flush=True,
                )
                for problem in case.problems:
                    print(f"    {problem[:600]}", file=sys.stderr, flush=True)
                lost += len(case.problems)
                figures[name].append(asdict(case))
                FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    sys.exit(lost > 0)


if __name__ == "__main__":
    main()
