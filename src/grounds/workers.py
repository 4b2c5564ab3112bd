"""Who does the work: processes of this machine, or the workers of a Dask cluster; sharing it."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError
from contextlib import contextmanager
from errno import ECONNRESET
from typing import Any, TypeVar

from grounds.errors import GroundsError, WorkerError

Result = TypeVar("Result")

ALL = -1
"""As many jobs as there are workers, as joblib says it."""

_PATIENCE = "10s"

_LOST = "the connection to Dask's scheduler was lost; see whether it runs and try again"

_KILLED = "a process was killed, perhaps for want of memory; try fewer (--jobs)"


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

    for name in ("distributed", "distributed.client"):  # what matters is said once, and not by it
        logging.getLogger(name).setLevel(logging.CRITICAL)
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
    work: Callable[..., Result],
    pieces: Iterable[tuple[Any, ...]],
    *,
    jobs: int,
    alone: bool = False,
) -> Iterator[Result]:
    """Do the work on every piece, where joblib is told to, and yield the results in order.

    Parameters
    ----------
    work, pieces
        What is done, and its arguments, piece by piece.
    jobs
        How many pieces are done at a time.
    alone
        Do one at a time instead, in a process of this machine, so that it is known which piece one
        dies of.

    Raises
    ------
    WorkerError
        If a process was killed.
    OSError
        If the scheduler of a cluster was lost.
    """
    from joblib import Parallel, delayed  # slow to import

    if alone:  # of two processes one waits: joblib takes a single one for none
        parallel = Parallel(2, "loky", "generator", pre_dispatch=1, batch_size=1)
    else:
        parallel = Parallel(jobs, return_as="generator")
    try:
        with _deaf_children():
            results = parallel(delayed(work)(*piece) for piece in pieces)
        yield from results
    except CancelledError:  # what Dask makes of work that it cannot ask about any more
        if _has_scheduler():  # the worker is gone that had what the others need
            raise WorkerError(_KILLED) from None
        raise ConnectionError(ECONNRESET, _LOST) from None
    except _deaths():
        raise WorkerError(_KILLED) from None


def _deaths() -> tuple[type[Exception], ...]:
    """Return what says that a process died, Dask's word for it as well where that is loaded."""
    dask = sys.modules.get("distributed")
    return (BrokenExecutor,) if dask is None else (BrokenExecutor, dask.KilledWorker)


def _has_scheduler() -> bool:
    """Say whether Dask's scheduler is still there, of which work was lost."""
    from distributed import default_client

    return bool(default_client().status == "running")


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Let processes that are started in the block not hear Ctrl-C: their parent hears it for them.

    Otherwise each would say so with a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing.resource_tracker import ensure_running

    ensure_running()  # started in the block, it would undo what comes now
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
