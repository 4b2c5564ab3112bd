"""The command line: every command is a thin layer over one public function.

Commands import what they need when they run, so that ``grounds --help`` is instant.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grounds.errors import GroundsError, InputError

if TYPE_CHECKING:
    from grounds.decision import LabelledDecision
    from grounds.record import Failure, Record

INPUT_FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130

_STDOUT = Path("-")


def _app(**settings: str) -> typer.Typer:
    return typer.Typer(
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
        **settings,  # type: ignore[arg-type]
    )


def _examples(*commands: str) -> str:
    return "\n".join(["\b", "Examples:", *(f"  {command}" for command in commands)])


app = _app(
    help="Find why the Ombudsman did not investigate: section 24A(6) grounds, jurisdiction bars "
    "and remedies in decisions of the Local Government and Social Care Ombudsman.",
    epilog=_examples(
        "grounds tag decision.txt",
        "grounds tag decisions/ -o tags.jsonl",
        "grounds codebook late",
    ),
)
corpus_app = _app(
    help="Check, count and convert labelled decisions.",
    epilog=_examples(
        "grounds corpus check data/corpus", "grounds corpus convert labelled.csv -o labelled.jsonl"
    ),
)
app.add_typer(corpus_app, name="corpus")

Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH",
        help="Decisions: .txt or .html files, folders of them, or - for standard input.",
    ),
]
Data = Annotated[
    list[Path],
    typer.Argument(
        metavar="DATA",
        help="Labelled decisions: the corpus's own markup (.md), .jsonl, .csv, or folders of them.",
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
ModelFile = Annotated[
    Path | None,
    typer.Option(
        "--model", "-m", metavar="MODEL", help="A model to use instead of the shipped one."
    ),
]
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=1, metavar="N", help="How many processes share the work.")
]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    arguments
        The words after ``grounds``; those of the command line where ``None``.
    """
    _survive_encodings()
    try:
        app(arguments, prog_name="grounds")
    except SystemExit as stop:  # how Typer ends, well or not
        status = stop.code if isinstance(stop.code, int) else 0
        if status == INTERRUPTED:
            _complain("stopped")
        return status
    except KeyboardInterrupt:
        _complain("stopped")
        return INTERRUPTED
    except InputError as error:
        _complain(str(error))
        return INPUT_FAILED
    except GroundsError as error:
        _complain(str(error))
        return WRONG_USAGE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        _complain(f"{place}{error.strerror or error}")
        return INPUT_FAILED
    return 0


def _survive_encodings() -> None:
    """Print what the terminal's encoding lacks as a question mark rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _complain(problem: str) -> None:
    from grounds.writing.plain import one_line

    print(f"grounds: {one_line(problem)}", file=sys.stderr)  # through the progress bar, if any


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"grounds {version('lgsco-grounds')}")
        raise typer.Exit


@app.callback()
def _grounds(
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_show_version, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    pass


@app.command(
    epilog=_examples(
        "grounds tag decision.txt",
        "grounds tag decisions/ -o tags.csv",
        "grounds tag decisions/ more/*.html -o tags.jsonl --jobs 4",
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
            help="Write to this file, .jsonl or .csv, instead of the screen; - writes JSON Lines "
            "to standard output.",
        ),
    ] = None,
    model: ModelFile = None,
    jobs: Jobs = 1,
) -> None:
    """Tag decisions with grounds, bars and remedies.

    Says which of them each decision relies on, in which paragraphs and in which words. One
    decision is shown in full, several as a table.
    """
    from grounds import batch, writing
    from grounds.writing import jsonl

    if output is not None and output != _STDOUT:
        writing.format_of(output)  # an unknown format is better said before the work than after
    files, failures = _find(paths)
    total = len(files) + len(failures)
    results = _named(chain(failures, batch.tag_files(files, model, jobs)))
    summary = writing.Summary()
    if output is None:
        _show(summary.records(results), in_full=total == 1)
    elif output == _STDOUT:
        jsonl.dump(summary.records(results), sys.stdout.buffer)
    else:
        summary = writing.write(_with_bar(results, total), output)
        done = f"{summary.written} written to {output}" if summary.written else "nothing written"
        typer.echo(f"{done}, {len(summary.failures)} failed", err=True)
    if summary.failures:
        raise typer.Exit(INPUT_FAILED)


def _find(paths: Iterable[Path]) -> tuple[list[Path], list[Failure]]:
    """Return the files to read, and what was given but cannot be."""
    from grounds.reading import find
    from grounds.record import Failure

    files: list[Path] = []
    failures: list[Failure] = []
    for found in find(paths):
        if isinstance(found, InputError):
            failures.append(Failure(found.source, found.problem))
        else:
            files.append(found)
    if not files and not failures:
        raise GroundsError("no decisions found; give .txt or .html files")
    return files, failures


def _named(results: Iterable[Record | Failure]) -> Iterator[Record | Failure]:
    """Pass results on and name every failure."""
    from grounds.record import Failure

    for result in results:
        if isinstance(result, Failure):
            _complain(f"{result.source}: {result.problem}")
        yield result


def _with_bar(results: Iterable[Record | Failure], total: int) -> Iterable[Record | Failure]:
    """Pass results on and show how far the work is, where standard error is a terminal."""
    if not sys.stderr.isatty():
        return results
    from rich.progress import track

    from grounds.writing.lines import console

    return track(results, "Tagging", total, transient=True, console=console(stderr=True))


def _show(records: Iterable[Record], *, in_full: bool) -> None:
    from grounds.writing import screen
    from grounds.writing.lines import console

    if in_full:
        for record in records:
            screen.show_record(record, console())
    else:
        screen.show_records(records, console())


@app.command(
    epilog=_examples(
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
            metavar="FILE", help="A decision: a .txt or .html file, or - for standard input."
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
    decision, loaded = reading.read(file), load_model(model)
    if tag is None:
        explanations = list(explaining.explain_each(decision, loaded))
    else:
        explanations = [explaining.explain(decision, tag, loaded)]
    if output is None:
        clauses = 1 if tag is None else explaining.CLAUSES
        show_explanations(decision, explanations, console(), clauses=clauses)
    else:
        write_explanations(decision, explanations, loaded.id, output)
        typer.echo(f"{output}: {len(explanations)} explained", err=True)


@app.command(epilog=_examples("grounds read decision.txt", "grounds read - < decision.html"))
def read(paths: Paths) -> None:
    """Show decisions as numbered paragraphs.

    Each paragraph has its number on the published page and stands under its section.
    """
    from grounds import reading
    from grounds.record import Failure
    from grounds.writing.lines import console
    from grounds.writing.screen import show_decision

    files, failures = _find(paths)
    failed = list(_named(failures))
    for number, path in enumerate(files):
        if number:
            typer.echo()
        try:
            show_decision(reading.read(path), console())
        except InputError as error:
            failed += _named([Failure(error.source, error.problem)])
    if failed:
        raise typer.Exit(INPUT_FAILED)


@app.command(
    epilog=_examples(
        "grounds codebook", "grounds codebook minor_injustice", "grounds codebook apology:provided"
    )
)
def codebook(
    tag: Annotated[
        str | None, typer.Argument(metavar="TAG", help="A tag to say all about.")
    ] = None,
) -> None:
    """Say what the tags mean: all of them, or one in full."""
    from grounds.codebook import codebook
    from grounds.writing.lines import console, line
    from grounds.writing.screen import show_codebook

    to = console()
    if tag is None:
        show_codebook(codebook(), to)
    else:
        for text in codebook().describe(tag).splitlines():
            line(to, text)


@app.command(
    epilog=_examples(
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
) -> None:
    """Train a model on labelled decisions."""
    from grounds import bundle, corpus, training

    bundle.check_place(output)  # better said before the work than after
    first = None if start is None else bundle.load_model(start)
    labelled = _labelled(data)
    single = corpus.read_sentences(sentences or [])
    with _bar("Training", training.STEPS) as on_step:
        model = training.train(labelled, single, start=first, jobs=jobs, on_step=on_step)
    model.save(output)
    typer.echo(f"{output}: trained on {len(labelled)} decisions", err=True)


@app.command(
    epilog=_examples(
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
    from grounds.writing.lines import console
    from grounds.writing.report import format_of, show_report

    write = None if output is None else format_of(output)  # better refused before the work
    labelled = _labelled(data)
    if folds is None:
        report = evaluation.evaluate(labelled, load_model(model))
    else:
        extra = corpus.read_sentences(sentences or [])
        with _bar("Folds", len(corpus.read_folds(folds))) as on_fold:
            report = evaluation.cross_validate(
                labelled,
                folds,
                extra,
                also=_labelled(also) if also else (),
                jobs=jobs,
                on_fold=on_fold,
            )
    if write is not None and output is not None:
        write(report, output)  # first, since a pipe may close while the report is shown
    show_report(report, console())


@contextmanager
def _bar(title: str, total: int) -> Iterator[Callable[[], None]]:
    """Give what to call when a step is done; shown where standard error is a terminal."""
    from rich.progress import Progress

    from grounds.writing.lines import console

    hidden = not sys.stderr.isatty()
    with Progress(transient=True, console=console(stderr=True), disable=hidden) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)


def _labelled(data: Sequence[Path]) -> list[LabelledDecision]:
    """Read labelled decisions; one that is broken stops the work, since figures depend on it."""
    from grounds.corpus import read_labelled

    return list(read_labelled(data))


@corpus_app.command(epilog=_examples("grounds corpus check data/corpus"))
def check(data: Data) -> None:
    """Name every file and line that breaks the format."""
    from grounds import corpus

    errors: list[InputError] = []
    labelled = list(corpus.read_labelled(data, errors=errors))
    for error in errors:
        _complain(str(error))
    typer.echo(f"{len(labelled)} decisions can be used, {len(errors)} problems")
    if errors:
        raise typer.Exit(INPUT_FAILED)


@corpus_app.command(epilog=_examples("grounds corpus count data/corpus --sentences data"))
def count(data: Data, sentences: Sentences = None) -> None:
    """Count decisions, words and tags."""
    from grounds import corpus
    from grounds.writing.lines import console
    from grounds.writing.screen import show_counts

    counts = corpus.count(_labelled(data), corpus.read_sentences(sentences or []))
    show_counts(counts, console())


@corpus_app.command(epilog=_examples("grounds corpus convert data/corpus -o corpus.jsonl"))
def convert(
    data: Data,
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            metavar="OUT",
            help="Where to write: .jsonl, .csv, .md for a single decision, or a folder of markup.",
        ),
    ],
) -> None:
    """Write labelled decisions in another form."""
    from grounds import corpus

    labelled = _labelled(data)
    corpus.write_labelled(labelled, output)
    typer.echo(f"{output}: {len(labelled)} decisions", err=True)
