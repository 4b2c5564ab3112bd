"""Reading and tagging decisions: ``tag``, ``read``, ``explain``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grounds.cli.common import (
    INPUT_FAILED,
    Backend,
    BackendName,
    Jobs,
    LimitsGiven,
    ModelFile,
    Paths,
    Scheduler,
    app,
    complain,
    examples,
    found_in,
    named,
    progress,
    say,
)
from grounds.errors import InputError, WorkerError
from grounds.limits import Limits, parse_limits

if TYPE_CHECKING:
    from grounds.journal import Input, Resumed
    from grounds.record import Failure, Record

_STDOUT = Path("-")


@app.command(
    epilog=examples(
        "grounds tag decision.txt",
        "grounds tag decisions/ -o tags.csv",
        "grounds tag decisions/ more/*.html -o tags.jsonl --jobs 4",
        "grounds tag decisions/ -o decisions.db",
        "grounds tag - < decision.html",
        "grounds tag decisions/ -o - | head -n 1",
    )
)
def tag(
    paths: Paths,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Write to this file, .jsonl, .csv, .xlsx or .parquet, instead of the screen, or add "
            "to this database, .db, .sqlite or .sqlite3; - writes JSON Lines to standard output.",
        ),
    ] = None,
    model: ModelFile = None,
    jobs: Jobs = 1,
    backend: BackendName = Backend.local,
    scheduler: Scheduler = None,
    limit: LimitsGiven = None,
) -> None:
    """Tag decisions with grounds, bars and remedies.

    Says which of them each decision relies on, in which paragraphs and in which words. One
    decision is shown in full, several as a table.
    """
    from grounds import batch, writing
    from grounds.workers import workers

    file = None if output == _STDOUT else output
    if file is not None:
        writing.check(file)  # better said before the work than after
    limits = parse_limits(limit or [])
    inputs = found_in(paths, limits)
    with workers(backend, scheduler, jobs) as processes:
        if file is not None:
            failed = _tag_into(inputs, file, model, processes, limits)
        else:
            results = named(batch.tag_files(inputs, model, processes, limits))
            summary = writing.Summary()
            _print(summary.records(results), as_lines=output == _STDOUT, in_full=len(inputs) == 1)
            failed = bool(summary.failures)
    if failed:
        raise typer.Exit(INPUT_FAILED)


def _tag_into(
    inputs: Sequence[Input], output: Path, model: Path | None, jobs: int, limits: Limits
) -> bool:
    """Tag into a file, show how far the work is, and return whether an input failed."""
    from grounds.batch import tag_into
    from grounds.journal import failed_path
    from grounds.writing import is_database

    done = 0

    def begin(resumed: Resumed) -> None:
        nonlocal done
        done = resumed.kept
        if resumed.dropped:
            complain(f"a run was stopped, but {resumed.dropped}")
        if resumed.kept or resumed.dropped:
            complain(f"going on after {resumed.kept:,} of {len(inputs):,}")
        bar.begin_at(done)

    def step(failure: Failure | None) -> None:
        nonlocal done
        done += 1
        bar.advance(1)
        if failure is not None:
            complain(f"{failure.source}: {failure.problem}")

    def wrote(count: int, total: int) -> None:
        if count == 1:
            bar.begin("Writing", total)
        bar.advance(1)

    with progress("Tagging", len(inputs)) as bar:
        try:
            summary = tag_into(
                inputs,
                output,
                model,
                jobs=jobs,
                limits=limits,
                on_resume=begin,
                on_result=step,
                on_written=wrote,
            )
        except (KeyboardInterrupt, OSError, WorkerError):
            complain(f"{done:,} of {len(inputs):,} are done; the same command goes on from there")
            raise
    written = f"{summary.written:,} written to {output}" if summary.written else "nothing written"
    kept = f", {summary.kept:,} kept" if summary.kept else ""
    place = f"{output}, table failures" if is_database(output) else failed_path(output)
    listed = f", listed in {place}" if summary.failures else ""
    say(f"{written}{kept}, {len(summary.failures):,} failed{listed}")
    return bool(summary.failures)


def _print(records: Iterable[Record], *, as_lines: bool, in_full: bool) -> None:
    from grounds.writing import jsonl

    if as_lines:
        jsonl.dump(records, sys.stdout.buffer)
    else:
        _show(records, in_full=in_full)


def _show(records: Iterable[Record], *, in_full: bool) -> None:
    from grounds.writing import screen
    from grounds.writing.lines import console

    if in_full:
        for record in records:
            screen.show_record(record, console())
    else:
        screen.show_records(records, console())


@app.command(epilog=examples("grounds read decision.txt", "grounds read - < decision.html"))
def read(paths: Paths, limit: LimitsGiven = None) -> None:
    """Show decisions as numbered paragraphs.

    Each paragraph has its number on the published page and stands under its section.
    """
    from grounds import reading
    from grounds.writing.lines import console
    from grounds.writing.screen import show_decision

    failed, shown, limits = 0, 0, parse_limits(limit or [])
    for found in found_in(paths, limits):
        try:
            if isinstance(found, InputError):
                raise found
            decision = reading.read(found, limits)
        except InputError as error:
            failed += 1
            complain(str(error))
            continue
        if shown:
            typer.echo()
        show_decision(decision, console())
        shown += 1
    if failed:
        raise typer.Exit(INPUT_FAILED)


@app.command(
    epilog=examples(
        "grounds explain decision.txt",
        "grounds explain decision.txt --tag late",
        "grounds explain decision.html --tag apology:provided -o why.json",
        "grounds explain - --tag no_fault < decision.txt",
    )
)
def explain(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A decision: a .txt, .html, .pdf or .docx file, or - for standard input.",
        ),
    ],
    tag: Annotated[
        str | None,
        typer.Option(
            metavar="TAG",
            help="A tag to explain, given or not. Without it: each tag that is given or for "
            "review, with its best clause.",
        ),
    ] = None,
    model: ModelFile = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="OUT", help="Write to this .json file instead of the screen."
        ),
    ] = None,
    limit: LimitsGiven = None,
) -> None:
    """Say why a decision has a tag, or has not.

    Shows the clauses that carry the tag and the words in them that speak for it and against it,
    what each section says, and what the score would be without that section.
    """
    from grounds import explaining, reading
    from grounds.bundle import load_model
    from grounds.codebook import codebook
    from grounds.writing.explained import check_format, show_explanations, write_explanations
    from grounds.writing.lines import console

    if tag is not None:
        codebook().tag(tag)  # an unknown tag is better said before the work than after
    if output is not None:
        check_format(output)
    decision, loaded = reading.read(file, parse_limits(limit or [])), load_model(model)
    if tag is None:
        explanations = list(explaining.explain_each(decision, loaded))
    else:
        explanations = [explaining.explain(decision, tag, loaded)]
    if output is None:
        clauses = 1 if tag is None else explaining.CLAUSES
        show_explanations(decision, explanations, console(), clauses=clauses)
    else:
        write_explanations(decision, explanations, loaded.id, output)
        say(f"{output}: {len(explanations)} explained")
