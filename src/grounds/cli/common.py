"""What the commands share: the application, arguments and options, messages, bars."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from grounds.errors import GroundsError, InputError
from grounds.limits import LIMITS, Limits, defaults

if TYPE_CHECKING:
    from grounds.journal import Input
    from grounds.record import Failure, Record
    from grounds.writing.progress import Bar

INPUT_FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130


def _app(**settings: str) -> typer.Typer:
    return typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **settings,  # type: ignore[arg-type]
    )


def examples(*commands: str) -> str:
    """Return the end of a command's help."""
    return "\n".join(["\b", "Examples:", *(f"  {command}" for command in commands)])


app = _app(
    help="Find why the Ombudsman did not investigate: section 24A(6) grounds, jurisdiction bars "
    "and remedies in decisions of the Local Government and Social Care Ombudsman.",
    epilog=examples(
        "grounds tag decision.txt",
        "grounds tag decisions/ -o tags.jsonl",
        "grounds codebook late",
    ),
)


corpus_app = _app(
    help="Check, count and convert labelled decisions.",
    epilog=examples(
        "grounds corpus check data/corpus", "grounds corpus convert labelled.csv -o labelled.jsonl"
    ),
)


app.add_typer(corpus_app, name="corpus")


Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH",
        help="Decisions: .txt, .html, .pdf or .docx files, a .zip of them, a .jsonl with one a line, "
        "folders, or - for standard input.",
    ),
]


ModelFile = Annotated[
    Path | None,
    typer.Option(
        "--model", "-m", metavar="MODEL", help="A model to use instead of the shipped one."
    ),
]


Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=1, metavar="N", help="How many processes share the work.")
]


def limit_option(limits: Limits = LIMITS) -> Any:
    """Return the option that raises or lowers limits."""
    return typer.Option(
        "--limit",
        metavar="NAME=VALUE",
        help="How much is read at most, such as pages=2000 or file=200MB; may be repeated. Without "
        f"it: {', '.join(defaults(limits))}.",
    )


LimitsGiven = Annotated[list[str] | None, limit_option()]


class Backend(StrEnum):
    """Who does the work."""

    local = "local"
    dask = "dask"


BackendName = Annotated[
    Backend,
    typer.Option(help="Who shares the work: processes of this machine, or the workers of Dask."),
]


Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Where Dask's scheduler is, such as tcp://10.0.0.5:8786."),
]


class ToolName(StrEnum):
    """A tool in which people annotate."""

    prodigy = "prodigy"
    doccano = "doccano"
    label_studio = "label-studio"


For = Annotated[
    ToolName | None,
    typer.Option(
        "--for", help="The annotation tool to write for: prodigy, doccano or label-studio."
    ),
]


def complain(problem: str) -> None:
    """Say on standard error what is wrong, on one line."""
    from grounds.writing.plain import one_line

    with suppress(OSError):  # the terminal may be closed
        print(f"grounds: {one_line(problem)}", file=sys.stderr)  # through the progress bar, if any


def say(done: str) -> None:
    """Say on standard error what was done, on one line: names may hold anything."""
    from grounds.writing.plain import one_line

    typer.echo(one_line(done), err=True)


@contextmanager
def progress(title: str, total: int) -> Iterator[Bar]:
    """Show how far the work is, where standard error is a terminal."""
    from grounds.writing.lines import console
    from grounds.writing.progress import Bar

    with Bar(title, total, console(stderr=True)) as bar:
        yield bar


def found_in(paths: Iterable[Path], limits: Limits) -> list[Input]:
    """Return the files to read, with an error in the place of what was given but cannot be."""
    from grounds.reading import find

    # Names take a quarter of the memory of paths, and there may be millions.
    found: list[Input] = [
        one if isinstance(one, InputError) else str(one) for one in find(paths, limits)
    ]
    if not found:
        raise GroundsError("no decisions found; give .txt, .html, .pdf or .docx files")
    return found


def named(results: Iterable[Record | Failure]) -> Iterator[Record | Failure]:
    """Pass results on and name every failure."""
    from grounds.record import Failure

    for result in results:
        if isinstance(result, Failure):
            complain(f"{result.source}: {result.problem}")
        yield result
