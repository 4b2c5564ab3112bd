"""Batches: many files read and tagged, in the order given, by several processes."""

from __future__ import annotations

import faulthandler
import os
import pickle
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import numpy as np

from grounds import database
from grounds.bundle import load_model
from grounds.database import Store
from grounds.decision import Decision
from grounds.errors import InputError, WorkerError
from grounds.journal import Input, Journal, Resumed, journal
from grounds.limits import LIMITS, MOST, Limits
from grounds.model import Model
from grounds.reading import read
from grounds.reading.containers import file_of
from grounds.record import Failure, Record
from grounds.replacing import check_not_read
from grounds.tagging import BATCH, CHARACTERS, tag_all
from grounds.workers import Result, shared
from grounds.writing import FORMATS, Summary, check, is_database, jsonl


def read_files(files: Iterable[Input], limits: Limits = LIMITS) -> Iterator[Decision | Failure]:
    """Read files; one that cannot be read is a `Failure`, and the rest is done."""
    return (_read(file, limits) for file in files)


def tag_files(
    files: Iterable[Input],
    model: str | Path | Model | None = None,
    jobs: int = 1,
    limits: Limits = LIMITS,
) -> Iterator[Record | Failure]:
    """Read and tag files; a file that cannot be read is a `Failure`, and the rest is done.

    Parameters
    ----------
    files
        Paths of decisions, or ``"-"``; an error among them, as `grounds.reading.find` gives it,
        is a failure in its place.
    model
        A model, or where it is; the shipped one where left out.
    jobs
        Processes that share the work. They are joblib's: ``joblib.parallel_config`` chooses
        others, such as the workers of a Dask cluster.
    limits
        How much of a file is read, such as ``Limits(pages=2000)``.

    Raises
    ------
    ModelError
        If the model cannot be loaded.
    """
    return _in_batches(partial(_tag_batch, limits=limits), files, _loaded(model), jobs)


def tag_into(
    files: Iterable[Input],
    path: str | Path,
    model: str | Path | Model | None = None,
    *,
    jobs: int = 1,
    limits: Limits = LIMITS,
    on_resume: Callable[[Resumed], object] = lambda resumed: None,
    on_result: Callable[[Failure | None], object] = lambda failure: None,
    on_written: Callable[[int, int], object] = lambda written, total: None,
) -> Summary:
    """Read and tag files and write the records to a file, in the format of its suffix.

    A run that was stopped at any point goes on where it was when it is called again (see
    `grounds.journal`). The file appears when it is complete; an older one of its name stays until
    then, and for good where every input failed. What failed is listed beside it
    (``tags.csv.failed.jsonl`` beside ``tags.csv``).

    A database (``tags.db``) is added to as the work goes on (see `grounds.database`): inputs that
    it has from this model, with the same bytes, are kept, and what failed is listed in it.

    Parameters
    ----------
    files, model, jobs, limits
        As for `tag_files`.
    path
        The file; see `grounds.writing.FORMATS` and `grounds.database.SUFFIXES` for the suffixes.
    on_resume
        Called before the work with what is taken over from a run that was stopped, or kept.
    on_result
        Called for every input that is done, with the failure where it failed.
    on_written
        Called for every record when they are put into another format than JSON Lines, which comes
        last: with how many are, and how many there are.

    Raises
    ------
    GroundsError
        If the suffix is unknown, what it needs is not installed, the file cannot be written there
        or is an input, or another run is writing it.
    OSError
        If the disk is full or the file locked; the next call goes on from there.
    WorkerError
        If processes are killed whatever they do; the next call goes on from there.
    """
    path, inputs = Path(path), list(files)
    check(path)
    check_not_read(path, (file_of(Path(one)) for one in inputs if not isinstance(one, InputError)))
    run = _Run(inputs, _loaded(model), jobs, limits, on_resume, on_result, on_written)
    return _into_database(run, path) if is_database(path) else _into_file(run, path)


@dataclass(frozen=True, slots=True)
class _Run:
    """What `tag_into` is asked to do."""

    inputs: list[Input]
    model: Model
    jobs: int
    limits: Limits
    on_resume: Callable[[Resumed], object]
    on_result: Callable[[Failure | None], object]
    on_written: Callable[[int, int], object]

    def tag(self, inputs: Sequence[Input], to: Journal | Store, summary: Summary) -> None:
        """Tag those of the inputs that are left.

        A run that was killed may have been so by one of them: then processes of their own read.
        """
        work = partial(_tag_lines, limits=self.limits)
        jobs = 2 if to.killed and self.jobs == 1 else self.jobs
        for result in _in_batches(work, inputs, self.model, jobs):
            to.add(result)
            summary.add(result)
            self.on_result(result if isinstance(result, Failure) else None)


def _into_database(run: _Run, path: Path) -> Summary:
    with database.opened(path, run.limits) as store:
        left = store.left(run.inputs, run.model.id)
        summary = Summary(kept=len(run.inputs) - len(left))
        run.on_resume(Resumed(summary.kept))
        run.tag(left, store, summary)
    return summary


def _into_file(run: _Run, path: Path) -> Summary:
    stamp = {"grounds": version("lgsco-grounds"), "model": run.model.sha256}
    with journal(path, stamp, run.limits) as notes:
        resumed = notes.resume(run.inputs)
        run.on_resume(resumed)
        summary = Summary(failures=notes.failures())
        summary.written = resumed.kept - len(summary.failures)
        run.tag(run.inputs[resumed.kept :], notes, summary)
        if summary.written or not summary.failures:
            notes.finish(_result(notes, path.suffix.lower(), summary.written, run.on_written))
        else:
            notes.finish(None)
    return summary


def _result(
    run: Journal, suffix: str, total: int, on_written: Callable[[int, int], object]
) -> Path:
    """Return the records of a run as a file in the format of a suffix."""
    run.flush()
    if FORMATS[suffix] is jsonl.write:
        return run.records

    def counted() -> Iterator[Record]:
        for count, record in enumerate(jsonl.read_records(run.records, Limits(file=MOST)), 1):
            yield record
            on_written(count, total)

    made = run.records.with_suffix(suffix)
    FORMATS[suffix](counted(), made)
    return made


def _loaded(model: str | Path | Model | None) -> Model:
    return model if isinstance(model, Model) else load_model(model)


def _in_batches(
    work: Callable[[Sequence[Input], Model], list[Result]],
    files: Iterable[Input],
    model: Model,
    jobs: int,
) -> Iterator[Result | Failure]:
    """Do the work on batches of files, in several processes where wanted.

    Where a process dies, what it and its neighbours were at is done again, file by file; one that
    ends its process when it is alone in it is a failure, and the rest is done.
    """
    batches = _batches(files)
    if jobs == 1:
        for batch in batches:
            yield from work(batch, model)
        return
    # As an array, joblib sends the model to every process once and not with every batch.
    sent = (np.frombuffer(pickle.dumps(model), np.uint8), uuid4().hex, os.getpid())
    at_work: deque[list[Input]] = deque()

    def pieces() -> Iterator[tuple[Any, ...]]:
        for batch in batches:
            at_work.append(batch)
            yield work, batch, *sent

    while True:
        try:
            for results in shared(_remote, pieces(), jobs=jobs):
                at_work.popleft()
                yield from results
            return
        except WorkerError:
            suspects = [file for batch in at_work for file in batch]
            at_work.clear()
            yield from _one_by_one(work, suspects, sent)


def _one_by_one(
    work: Callable[[Sequence[Input], Model], list[Result]],
    suspects: Sequence[Input],
    sent: tuple[Any, ...],
) -> Iterator[Result | Failure]:
    """Do the work on one file at a time, in a process of its own.

    Raises
    ------
    WorkerError
        If processes die whatever they do.
    """
    done = 0
    while done < len(suspects):
        pieces = ((work, [file], *sent) for file in suspects[done:])
        try:
            for results in shared(_remote, pieces, jobs=1, alone=True):
                done += 1
                yield from results
        except WorkerError:
            if not done:  # it may be no fault of the file's: does a process live without?
                list(shared(_remote, [(work, [], *sent)], jobs=1, alone=True))
            yield Failure(str(suspects[done]), _DEADLY)
            done += 1


_DEADLY = (
    "ends the process that reads it; perhaps it is damaged, or needs more memory than there is"
)

_received: dict[str, Model] = {}
"""The model that this process works with, by the token of the call that sent it."""


def _remote(
    work: Callable[[Sequence[Input], Model], list[Result]],
    files: Sequence[Input],
    parcel: np.ndarray[Any, Any],
    token: str,
    sender: int,
) -> list[Result]:
    if token not in _received:
        if not _received and os.getppid() == sender:
            faulthandler.disable()  # the parent says what a process died of
            Thread(target=_end_with, args=(sender,), daemon=True).start()
        _received.clear()
        _received[token] = pickle.loads(parcel.tobytes())
    return work(files, _received[token])


def _end_with(parent: int) -> None:
    """End this process soon after its parent, which may be killed without a chance to say so."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _batches(files: Iterable[Input]) -> Iterator[list[Input]]:
    """Yield files in batches that are neither too many nor, together, too long."""
    batch: list[Input] = []
    size = 0
    for file in files:
        batch.append(file)
        with suppress(OSError, ValueError):  # standard input; what cannot be read fails later
            size += os.path.getsize(file) if not isinstance(file, InputError) else 0
        if len(batch) == BATCH or size >= CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _tag_batch(files: Sequence[Input], model: Model, limits: Limits) -> list[Record | Failure]:
    read_ones = [_read(file, limits) for file in files]
    records = tag_all([item for item in read_ones if isinstance(item, Decision)], model)
    return [item if isinstance(item, Failure) else next(records) for item in read_ones]


def _tag_lines(files: Sequence[Input], model: Model, limits: Limits) -> list[bytes | Failure]:
    results = _tag_batch(files, model, limits)
    return [item if isinstance(item, Failure) else jsonl.line_of(item) for item in results]


def _read(file: Input, limits: Limits) -> Decision | Failure:
    try:
        if isinstance(file, InputError):
            raise file
        return read(file, limits)
    except InputError as error:
        return Failure(error.source, error.problem)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the other files
        found = " ".join(f"{type(error).__name__}: {error}".split())
        return Failure(str(file), f"could not be read ({found}); please report it")
