"""What is fuzzed: each reader, with what to begin with and what must hold of every input."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


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
    """

    name: str
    about: str
    seeds: Callable[[], Iterable[bytes]]
    check: Callable[[bytes], None]
