"""The exceptions that ``grounds`` raises for bad input, each with a message for a person."""

from __future__ import annotations

from pathlib import Path


class GroundsError(ValueError):
    """Something a user gave cannot be used; the message says what, where and what to do."""


class InputError(GroundsError):
    """A file cannot be read as what it should be.

    Parameters
    ----------
    source
        The file (or ``"-"`` for standard input) that the message names.
    problem
        What is wrong and what to do, one line.
    line
        The line number in the file, from 1, where there is one.
    """

    def __init__(self, source: str | Path, problem: str, line: int | None = None) -> None:
        self.source, self.problem, self.line = str(source), problem, line
        place = self.source if line is None else f"{self.source}:{line}"
        super().__init__(f"{place}: {problem}")

    def __reduce__(self) -> tuple[type, tuple[str, str, int | None]]:
        return type(self), (self.source, self.problem, self.line)


class ModelError(InputError):
    """A model file is broken, of another version, or holds what a model file must not hold."""


class WorkerError(GroundsError):
    """A process that shared the work was killed."""
