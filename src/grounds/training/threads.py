"""Work on one thread: several would add up in another order on every machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from threadpoolctl import threadpool_limits

Result = TypeVar("Result")


def on_one_thread(work: Callable[..., Result]) -> Callable[..., Result]:
    """Return the same work, done on one thread in whatever process it is called."""
    return partial(_limited, work)


def _limited(work: Callable[..., Result], *given: Any) -> Result:
    with threadpool_limits(1):
        return work(*given)
