"""The exceptions that ``grounds`` raises for bad input, each with a message for a person."""

from __future__ import annotations

from pathlib import Path

_LONGEST = 400
"""Characters of a problem: it may quote what a stranger wrote."""


class GroundsError(ValueError):
    """Something a user gave cannot be used; the message says what, where and what to do.

    Parameters
    ----------
    message
        For a person. It is put on one line, with a mark for what cannot be printed: it may quote
        what a stranger wrote.

    Examples
    --------
    >>> GroundsError("labels.csv: no column 'tags' (found: two\\nlines)")
    GroundsError("labels.csv: no column 'tags' (found: two lines)")
    """

    def __init__(self, message: str) -> None:
        super().__init__(_printable(message))


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else " " if one.isspace() else "\ufffd" for one in text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


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
        self.source, self.problem, self.line = str(source), _cut(_printable(problem)), line
        place = self.source if line is None else f"{self.source}:{line}"
        super().__init__(f"{place}: {self.problem}")

    def __reduce__(self) -> tuple[type, tuple[str, str, int | None]]:
        return type(self), (self.source, self.problem, self.line)


class ModelError(InputError):
    """A model file is broken, of another version, or holds what a model file must not hold."""


class WorkerError(GroundsError):
    """A process that shared the work was killed."""
