"""A bar on standard error that shows how far a long work is, how quick, and how long it takes."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Bar:
    """A bar; silent where the console is no terminal.

    Parameters
    ----------
    title
        What is done.
    total
        How many steps there are.
    to
        Where it is shown.
    """

    def __init__(self, title: str, total: int, to: Console) -> None:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, transient=True, console=to, disable=not to.is_terminal)
        self._task = self._progress.add_task(title, total=total)

    def __enter__(self) -> Self:
        if not self._progress.disable:
            self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._progress.disable:  # older versions of rich print a line all the same
            self._progress.stop()

    def begin(self, title: str, total: int) -> None:
        """Show another work from its beginning."""
        self._progress.reset(self._task, description=title, total=total)

    def begin_at(self, steps: int) -> None:
        """Show that so many steps were done before, which say nothing of how quick this work is."""
        self._progress.reset(self._task, completed=steps)

    def advance(self, steps: int = 1) -> None:
        """Show that so many more steps are done."""
        self._progress.advance(self._task, steps)


class _Rate(ProgressColumn):
    """Steps a second, or seconds a step where one takes longer."""

    def render(self, task: Task) -> Text:
        """Return the rate, or nothing while it is not known."""
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        said = f"{speed:,.0f}/s" if speed >= 1 else f"{1 / speed:,.0f} s each"
        return Text(said, style="progress.data.speed")
