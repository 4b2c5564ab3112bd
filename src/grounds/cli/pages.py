"""Pages and numbers for people: ``show``, ``stats``, ``serve``, ``explore``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grounds.cli.common import (
    INPUT_FAILED,
    Jobs,
    LimitsGiven,
    ModelFile,
    app,
    complain,
    examples,
    found_in,
    limit_option,
    named,
    progress,
    say,
)
from grounds.errors import GroundsError, InputError
from grounds.limits import SERVED, parse_limits

if TYPE_CHECKING:
    from grounds.record import Failure, Record
    from grounds.writing.progress import Bar

OpenOrNot = Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")]


@app.command(
    epilog=examples(
        "grounds show decision.txt",
        "grounds show decision.txt -o decision.html",
        "grounds show decisions/ -o pages --open",
        "grounds show decisions.db -o pages",
    )
)
def show(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Decisions, as for 'grounds tag', or one file of tagged ones: .jsonl or .db, "
            "written by grounds tag -o.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Write to this .html file or, of several decisions, to this folder. Without it "
            "one decision is opened in the browser.",
        ),
    ] = None,
    open_it: Annotated[
        bool, typer.Option("--open", help="Open what was written in the browser.")
    ] = False,
    model: ModelFile = None,
    jobs: Jobs = 1,
    limit: LimitsGiven = None,
) -> None:
    """Show decisions as pages with the evidence marked.

    One decision is one page, several are a page each and a list to search and to filter. The
    pages need no network.
    """
    from grounds import batch, writing
    from grounds.pages import site
    from grounds.reading.containers import file_of
    from grounds.replacing import check_not_read

    summary, limits = writing.Summary(), parse_limits(limit or [])
    if len(paths) == 1 and writing.holds_records(paths[0]):
        found = writing.read_records(paths[0], limits)
        first = list(islice(found, 2))
        place = site.place_for(output, len(first))
        page = site.write(summary.records(chain(first, found)), place)
    else:
        inputs = found_in(paths, limits)
        place = site.place_for(output, len(inputs))
        check_not_read(place, map(file_of, paths))
        site.check_outside(place, paths)
        with progress("Tagging", len(inputs)) as bar:
            results = _counted(named(batch.tag_files(inputs, model, jobs, limits)), bar)
            page = site.write(summary.records(results), place)
    if page is None:
        say("nothing written")
    else:
        say(f"{summary.written:,} written to {place}")
        if output is None or open_it:
            _open(page.resolve().as_uri())
    if summary.failures:
        raise typer.Exit(INPUT_FAILED)


def _counted(results: Iterable[Record | Failure], bar: Bar) -> Iterator[Record | Failure]:
    """Pass results on and move a bar with each."""
    for result in results:
        yield result
        bar.advance(1)


@app.command(
    epilog=examples(
        "grounds stats tags.jsonl",
        "grounds stats decisions.db -o statistics.html --open",
    )
)
def stats(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Tagged decisions: .jsonl or .db, written by grounds tag -o."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="OUT", help="Write a .html page instead, with charts."
        ),
    ] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    limit: LimitsGiven = None,
) -> None:
    """Count grounds, bars and remedies in many decisions.

    Says how often each tag is given, when, by subject and body, which occur together, and what
    becomes of the remedies that people ask for. In the page every number leads to the decisions
    behind it.
    """
    from grounds import statistics
    from grounds.writing import read_records

    records = read_records(file, parse_limits(limit or []))
    if output is None:
        if open_it:
            raise GroundsError("--open goes with -o, which says where the page goes")
        from grounds.writing.lines import console
        from grounds.writing.statistics import show_statistics

        sample = statistics.sample_of(records)
        if not len(sample):
            raise _nothing_in(file)
        show_statistics(sample, console())
        return
    from grounds import pages

    pages.check_charts()
    from grounds.pages import statistics as page

    page.check(output)
    number = page.write(records, output)
    if not number:
        raise _nothing_in(file)
    say(f"{output}: {number:,} decision{'s' if number != 1 else ''}")
    if open_it:
        _open(output.resolve().as_uri())


def _nothing_in(file: Path) -> InputError:
    return InputError(file, "holds no tagged decisions; fill it with 'grounds tag … -o'")


@app.command(epilog=examples("grounds serve", "grounds serve decisions.db --port 9000 --no-open"))
def serve(
    database: Annotated[
        Path | None,
        typer.Argument(
            metavar="DB",
            help="A database, written by grounds tag -o, to list and show as well.",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="N", help="The port; 0 for any free one.")
    ] = 8765,
    open_: OpenOrNot = True,
    model: ModelFile = None,
    limit: Annotated[list[str] | None, limit_option(SERVED)] = None,
) -> None:
    """Tag decisions in the browser.

    Paste or drop one and see it tagged. Answers this machine alone, and keeps nothing of what it is
    given. Ctrl-C stops it.
    """
    from grounds import serving
    from grounds.bundle import load_model

    limits = parse_limits(limit or [], SERVED)
    serving.serve(load_model(model), database, port, _announced("grounds", open_), limits)


@app.command(
    epilog=examples(
        "grounds explore decisions.db",
        "grounds explore decisions.db --port 8001 --no-open",
    )
)
def explore(
    file: Annotated[
        Path, typer.Argument(metavar="DB", help="A database, written by grounds tag … -o DB.")
    ],
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, metavar="N", help="Answer at this port; a free one without it."
        ),
    ] = 0,
    open_: OpenOrNot = True,
) -> None:
    """Look at a database in the browser.

    Shows charts, the usual questions, a search through all paragraphs, and every decision with its
    evidence marked. Runs until it is interrupted (Ctrl-C). Only this machine can reach it, it only
    reads, and it needs no network.
    """
    from grounds.exploring import explore

    explore(file, port, _announced(str(file), open_))


def _announced(name: str, in_browser: bool) -> Callable[[str], None]:
    """Return what says where something answers, and opens it where wanted."""

    def announce(address: str) -> None:
        say(f"{name} is at {address} until you press Ctrl-C")
        if in_browser:
            _open(address)

    return announce


def _open(address: str) -> None:
    """Open a page in the browser, or say that it cannot be."""
    import webbrowser

    if not webbrowser.open(address):
        complain(f"there is no browser to open {address} in")
