"""Labels and models: ``codebook``, ``label-template``, ``train``, ``evaluate``, ``corpus``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grounds.cli.common import (
    INPUT_FAILED,
    Backend,
    BackendName,
    For,
    Jobs,
    LimitsGiven,
    ModelFile,
    Paths,
    Scheduler,
    ToolName,
    app,
    complain,
    corpus_app,
    examples,
    found_in,
    progress,
    say,
)
from grounds.errors import GroundsError, InputError
from grounds.limits import Limits, parse_limits

if TYPE_CHECKING:
    from grounds.decision import Decision, LabelledDecision
    from grounds.journal import Input
    from grounds.record import Failure, Record
    from grounds.writing.progress import Bar

Data = Annotated[
    list[Path],
    typer.Argument(
        metavar="DATA",
        help="Labelled decisions: the corpus's own markup (.md), .jsonl, .csv, .json, or folders of "
        "them.",
    ),
]


Sentences = Annotated[
    list[Path] | None,
    typer.Option(
        "--sentences",
        metavar="PATH",
        help="Single labelled sentences as well: .tsv files or folders of them; may be repeated.",
    ),
]


@app.command(
    epilog=examples(
        "grounds codebook",
        "grounds codebook minor_injustice",
        "grounds codebook apology:provided",
        "grounds codebook --for label-studio",
    )
)
def codebook(
    tag: Annotated[
        str | None, typer.Argument(metavar="TAG", help="A tag to say all about.")
    ] = None,
    tool: Annotated[
        ToolName | None,
        typer.Option(
            "--for",
            help="Write the tags as an annotation tool reads them: the labels of prodigy or doccano, "
            "the labelling interface of label-studio.",
        ),
    ] = None,
) -> None:
    """Say what the tags mean: all of them, or one in full."""
    from grounds.codebook import codebook
    from grounds.writing.lines import console, line
    from grounds.writing.screen import show_codebook

    if tool is not None:
        from grounds.corpus import TOOLS

        if tag is not None:
            raise GroundsError("--for writes all tags: leave out TAG")
        typer.echo(TOOLS[tool].labels(), nl=False)
        return
    to = console()
    if tag is None:
        show_codebook(codebook(), to)
    else:
        for text in codebook().describe(tag).splitlines():
            line(to, text)


@app.command(
    epilog=examples(
        "grounds label-template decisions/ -o labels.csv",
        "grounds label-template decisions/ -o labels.csv --suggest",
        "grounds label-template decisions/ -o tasks.jsonl --for prodigy",
        "grounds label-template decisions/ -o tasks.json --suggest --model my-model",
    )
)
def label_template(
    paths: Paths,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Where to write: a table (.csv), or tasks for Label Studio (.json) or another tool "
            "(.jsonl, with --for). A file that is there already is never touched.",
        ),
    ],
    tool: For = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Show what a model would tag, as suggestions.")
    ] = False,
    model: ModelFile = None,
    limit: LimitsGiven = None,
) -> None:
    """Prepare decisions for people to label.

    The table has a row a sentence, to write tags beside in any spreadsheet; filled in, it is
    labelled data. The files for annotation tools have a task a decision.
    """
    if model is not None and not suggest:
        raise GroundsError("--model is for suggestions: it goes with --suggest")
    from grounds import corpus

    corpus.check_tasks(output, tool)  # better said before the work than after
    limits = parse_limits(limit or [])
    inputs = found_in(paths, limits)
    failures: list[Failure] = []
    with progress("Reading", len(inputs)) as bar:
        tasks = _tasks(inputs, failures, bar, limits, suggest=suggest, model=model)
        corpus.write_tasks(tasks, output, tool)
    written = len(inputs) - len(failures)
    say(f"{output}: {written:,} decisions to label, {len(failures):,} failed")
    if failures:
        raise typer.Exit(INPUT_FAILED)


def _tasks(
    inputs: Sequence[Input],
    failures: list[Failure],
    bar: Bar,
    limits: Limits,
    *,
    suggest: bool,
    model: Path | None,
) -> Iterator[Decision | Record]:
    """Read decisions, or tag them for suggestions; name and keep the failures."""
    from grounds import batch
    from grounds.record import Failure

    results: Iterator[Record | Decision | Failure]
    if suggest:
        results = batch.tag_files(inputs, model, limits=limits)
    else:
        results = batch.read_files(inputs, limits)
    for result in results:
        bar.advance(1)
        if isinstance(result, Failure):
            complain(f"{result.source}: {result.problem}")
            failures.append(result)
        else:
            yield result


@app.command(
    epilog=examples(
        "grounds train data/corpus -o model --sentences data",
        "grounds train labelled.jsonl more.csv -o model --jobs 2",
        "grounds train tags.csv -o model --start my-model",
    )
)
def train(
    data: Data,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="MODEL", help="Where to save the model.")
    ],
    sentences: Sentences = None,
    start: Annotated[
        Path | None,
        typer.Option(
            metavar="MODEL",
            help="Where decisions are labelled without words, the model that finds these, instead "
            "of the shipped one.",
        ),
    ] = None,
    jobs: Jobs = 1,
    backend: BackendName = Backend.local,
    scheduler: Scheduler = None,
    limit: LimitsGiven = None,
) -> None:
    """Train a model on labelled decisions."""
    from grounds import bundle, corpus, training
    from grounds.workers import workers

    bundle.check_place(output)  # better said before the work than after
    first = None if start is None else bundle.load_model(start)
    limits = parse_limits(limit or [])
    labelled = _labelled(data, limits)
    single = corpus.read_sentences(sentences or [], limits)
    with (
        workers(backend, scheduler, jobs) as processes,
        progress("Training", training.STEPS) as bar,
    ):
        model = training.train(labelled, single, start=first, jobs=processes, on_step=bar.advance)
    model.save(output)
    learnt = model.card["trained_on"]["decisions"]
    some = "" if learnt == len(labelled) else f", drawn from {len(labelled):,}"
    say(f"{output}: trained on {learnt:,} decisions{some}")


@app.command(
    epilog=examples(
        "grounds evaluate labelled.jsonl",
        "grounds evaluate labelled.jsonl -o report.html",
        "grounds evaluate data/corpus --folds data/corpus/folds.json --sentences data",
    )
)
def evaluate(
    data: Data,
    model: ModelFile = None,
    folds: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Cross-validate by these folds: train anew on all folds but one and test on that "
            "one.",
        ),
    ] = None,
    sentences: Sentences = None,
    also: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DATA", help="Labelled decisions that every fold trains on and none tests."
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Write to this file as well: the figures as .json, or all about them as a .html "
            "page.",
        ),
    ] = None,
    jobs: Jobs = 1,
    backend: BackendName = Backend.local,
    scheduler: Scheduler = None,
    limit: LimitsGiven = None,
) -> None:
    """Measure how well a model tags labelled decisions."""
    if folds is not None and model is not None:
        raise GroundsError("--folds trains its own models: leave out --model")
    if folds is None and sentences:
        raise GroundsError("--sentences are for training: they go with --folds")
    if folds is None and also:
        raise GroundsError("--also is for training: it goes with --folds")
    from grounds import corpus, evaluation
    from grounds.bundle import load_model
    from grounds.replacing import check_not_read
    from grounds.workers import workers
    from grounds.writing.lines import console
    from grounds.writing.report import format_of, show_report

    write = None if output is None else format_of(output)  # better refused before the work
    limits = parse_limits(limit or [])
    labelled = _labelled(data, limits)
    if output is not None:
        read = [*corpus.labelled_files([*data, *(also or [])]), *filter(None, [folds])]
        check_not_read(output, read)
    if folds is None:
        report = evaluation.evaluate(labelled, load_model(model))
    else:
        extra = corpus.read_sentences(sentences or [], limits)
        number = len(corpus.read_folds(folds))
        with workers(backend, scheduler, jobs) as processes, progress("Folds", number) as bar:
            report = evaluation.cross_validate(
                labelled,
                folds,
                extra,
                also=_labelled(also, limits) if also else (),
                jobs=processes,
                on_fold=bar.advance,
            )
    if write is not None and output is not None:
        write(report, output)  # first, since a pipe may close while the report is shown
    show_report(report, console())


@corpus_app.command(epilog=examples("grounds corpus check data/corpus"))
def check(data: Data, limit: LimitsGiven = None) -> None:
    """Name every file and line that breaks the format."""
    from grounds import corpus

    errors: list[InputError] = []
    waiting: list[corpus.Unlabelled] = []
    limits = parse_limits(limit or [])
    labelled = list(corpus.read_labelled(data, errors=errors, unlabelled=waiting, limits=limits))
    for error in errors:
        complain(str(error))
    more = f", {len(waiting)} not labelled yet" if waiting else ""
    typer.echo(f"{len(labelled)} decisions can be used, {len(errors)} problems{more}")
    if errors:
        raise typer.Exit(INPUT_FAILED)


@corpus_app.command(epilog=examples("grounds corpus count data/corpus --sentences data"))
def count(data: Data, sentences: Sentences = None, limit: LimitsGiven = None) -> None:
    """Count decisions, words and tags."""
    from grounds import corpus
    from grounds.writing.lines import console
    from grounds.writing.screen import show_counts

    limits = parse_limits(limit or [])
    single = corpus.read_sentences(sentences or [], limits)
    counts = corpus.count(_labelled(data, limits), single)
    show_counts(counts, console())


@corpus_app.command(
    epilog=examples(
        "grounds corpus convert data/corpus -o corpus.jsonl",
        "grounds corpus convert labels.csv -o tasks.json --for label-studio",
    )
)
def convert(
    data: Data,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Where to write: .jsonl, .csv, .json (Label Studio), .md for a single decision, or "
            "a folder of markup.",
        ),
    ],
    tool: For = None,
    limit: LimitsGiven = None,
) -> None:
    """Write labelled decisions in another form."""
    from grounds import corpus
    from grounds.replacing import check_not_read

    labelled = _labelled(data, parse_limits(limit or []))
    check_not_read(output, corpus.labelled_files(data))
    corpus.write_labelled(labelled, output, tool)
    say(f"{output}: {len(labelled)} decisions")


def _labelled(data: Sequence[Path], limits: Limits) -> list[LabelledDecision]:
    """Read labelled decisions; one that is broken stops the work, since figures depend on it."""
    from grounds.corpus import Unlabelled, read_labelled

    waiting: list[Unlabelled] = []
    labelled = list(read_labelled(data, unlabelled=waiting, limits=limits))
    if waiting:
        complain(f"{len(waiting):,} decisions are not labelled yet; they are left out")
    return labelled
