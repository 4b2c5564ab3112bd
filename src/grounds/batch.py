"""Batches: many files read and tagged, in the order given, by several processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from grounds.bundle import load_model
from grounds.decision import Decision
from grounds.errors import InputError
from grounds.model import Model
from grounds.reading import read
from grounds.record import Failure, Record
from grounds.tagging import BATCH, tag_all


def tag_files(
    files: Iterable[str | Path], model: str | Path | Model | None = None, jobs: int = 1
) -> Iterator[Record | Failure]:
    """Read and tag files; a file that cannot be read is a `Failure`, and the rest is done.

    Parameters
    ----------
    files
        Paths of decisions, or ``"-"``.
    model
        A model, or where it is; the shipped one where left out.
    jobs
        Processes that share the work.

    Raises
    ------
    ModelError
        If the model cannot be loaded.
    """
    loaded = model if isinstance(model, Model) else load_model(model)
    batches = _batches(files)
    if jobs == 1:
        results: Iterable[list[Record | Failure]] = (_tag_batch(b, loaded) for b in batches)
    else:
        from joblib import Parallel, delayed  # slow to import, and one process needs none

        parallel = Parallel(n_jobs=jobs, return_as="generator")
        results = parallel(delayed(_tag_batch)(batch, loaded) for batch in batches)
    for batch in results:
        yield from batch


def _batches(files: Iterable[str | Path]) -> Iterator[list[str | Path]]:
    left = iter(files)
    while batch := list(islice(left, BATCH)):
        yield batch


def _tag_batch(files: Sequence[str | Path], model: Model) -> list[Record | Failure]:
    read_ones = [_read(file) for file in files]
    records = tag_all([item for item in read_ones if isinstance(item, Decision)], model)
    return [item if isinstance(item, Failure) else next(records) for item in read_ones]


def _read(file: str | Path) -> Decision | Failure:
    try:
        return read(file)
    except InputError as error:
        return Failure(error.source, error.problem)
    except Exception as error:  # noqa: BLE001 - a fault of ours must not cost the other files
        found = " ".join(f"{type(error).__name__}: {error}".split())
        return Failure(str(file), f"could not be read ({found}); please report it")
