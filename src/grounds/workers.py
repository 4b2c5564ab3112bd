"""Who does the work: processes of this machine, or the workers of a Dask cluster; sharing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from grounds.errors import GroundsError, WorkerError

Result = TypeVar("Result")

ALL = -1
"""As many jobs as there are workers, as joblib says it."""

_PATIENCE = "10s"


@contextmanager
def workers(backend: str, scheduler: str | None, jobs: int) -> Iterator[int]:
    """Choose who does what is done in the block; give the number of jobs to ask joblib for.

    Parameters
    ----------
    backend
        ``"local"`` for processes of this machine, ``"dask"`` for the workers of a cluster.
    scheduler
        The address of Dask's scheduler, such as ``"tcp://10.0.0.5:8786"``.
    jobs
        How many processes of this machine.

    Raises
    ------
    GroundsError
        If the address is missing or not asked for, Dask is not installed, no scheduler answers,
        or it has no workers.
    """
    if backend != "dask":
        if scheduler is not None:
            raise GroundsError("--scheduler goes with --backend dask")
        yield jobs
        return
    if scheduler is None:
        raise GroundsError("--backend dask needs --scheduler, the address of Dask's scheduler")
    try:
        from distributed import Client
    except ImportError:
        raise GroundsError("--backend dask needs Dask: pip install 'lgsco-grounds[dask]'") from None
    from joblib import parallel_config

    try:
        client = Client(scheduler, timeout=_PATIENCE)
    except (OSError, ValueError) as error:
        raise GroundsError(f"{scheduler}: no Dask scheduler answers ({error})") from None
    with client:
        if not client.ncores():
            raise GroundsError(f"{scheduler}: the scheduler has no workers; start some")
        with parallel_config(backend="dask"):
            yield ALL


def shared(
    work: Callable[..., Result], pieces: Iterable[tuple[Any, ...]], *, jobs: int
) -> Iterator[Result]:
    """Do the work on every piece, where joblib is told to, and yield the results in order.

    Raises
    ------
    WorkerError
        If a process was killed.
    """
    from joblib import Parallel, delayed  # slow to import

    parallel = Parallel(n_jobs=jobs, return_as="generator")
    try:
        yield from parallel(delayed(work)(*piece) for piece in pieces)
    except BrokenExecutor:
        raise WorkerError("a process was killed, perhaps for want of memory; try fewer") from None
