"""Work on one thread: several would add up in another order on every machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar

from threadpoolctl import ThreadpoolController

Result = TypeVar("Result")


def on_one_thread(work: Callable[..., Result]) -> Callable[..., Result]:
    """Return the same work, done on one thread in whatever process it is called."""
    return partial(_limited, work)


def _limited(work: Callable[..., Result], *given: Any) -> Result:
    with _threads().limit(limits=1):
        return work(*given)


@cache
def _threads() -> ThreadpoolController:
    """Return what holds the threads of all libraries; looking for these takes milliseconds."""
    return ThreadpoolController()
