"""What is fuzzed: each reader, with what to begin with and what must hold of every input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from inputs import Change, text_changed


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads what strangers wrote.

    Parameters
    ----------
    name
        As the command line and the tables have it.
    about
        What is read, in a few words.
    seeds
        Gives inputs to begin with: valid ones, and those that once went wrong.
    check
        Reads an input. A clear refusal (`grounds.errors.GroundsError`) is an answer; whatever
        else is raised, an invariant that does not hold above all, is a finding.
    change
        Changes an input so that it stays much what it is (see `inputs`).
    """

    name: str
    about: str
    seeds: Callable[[], Iterable[bytes]]
    check: Callable[[bytes], None]
    change: Change = text_changed


def all_targets() -> dict[str, Target]:
    """Return the targets of every module in this folder, by their names."""
    names = sorted(module.name for module in iter_modules(__path__))
    modules = (import_module(f"targets.{name}") for name in names)
    return {target.name: target for module in modules for target in module.TARGETS}
