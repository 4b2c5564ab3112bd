"""Sharing: pieces of work that give the same result wherever they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

Result = TypeVar("Result")


def shared(
    work: Callable[..., Result], pieces: Iterable[tuple[Any, ...]], *, jobs: int
) -> Iterator[Result]:
    """Do the work on every piece, in processes that joblib chooses, and yield the results in order.

    Each piece is done on one thread: several would add up in another order on every machine.
    """
    parallel = Parallel(n_jobs=jobs, return_as="generator")
    yield from parallel(delayed(_on_one_thread)(work, piece) for piece in pieces)


def _on_one_thread(work: Callable[..., Result], piece: tuple[Any, ...]) -> Result:
    with threadpool_limits(1):
        return work(*piece)
