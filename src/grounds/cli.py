"""The command line: every command is a thin layer over one public function.

Commands import what they need when they run, so that ``grounds --help`` is instant.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grounds.errors import GroundsError, InputError, WorkerError

if TYPE_CHECKING:
    from grounds.decision import Decision, LabelledDecision
    from grounds.journal import Input, Resumed
    from grounds.record import Failure, Record
    from grounds.writing.progress import Bar

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
        help="Decisions: .txt, .html, .pdf or .docx files, a .zip of them, a .jsonl with one a line, "
        "folders, or - for standard input.",
    ),
]
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
ModelFile = Annotated[
    Path | None,
    typer.Option(
        "--model", "-m", metavar="MODEL", help="A model to use instead of the shipped one."
    ),
]
Jobs = Annotated[
    int, typer.Option("--jobs", "-j", min=1, metavar="N", help="How many processes share the work.")
]


class Backend(StrEnum):
    """Who does the work."""

    local = "local"
    dask = "dask"


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


BackendName = Annotated[
    Backend,
    typer.Option(help="Who shares the work: processes of this machine, or the workers of Dask."),
]
Scheduler = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Where Dask's scheduler is, such as tcp://10.0.0.5:8786."),
]


OpenOrNot = Annotated[bool, typer.Option("--open/--no-open", help="Open the browser.")]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    arguments
        The words after ``grounds``; those of the command line where ``None``.
    """
    _survive_encodings()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # as gently as Ctrl-C
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
    except (InputError, WorkerError) as error:
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
    inputs = _inputs(paths)
    with workers(backend, scheduler, jobs) as processes:
        if file is not None:
            failed = _tag_into(inputs, file, model, processes)
        else:
            results = _named(batch.tag_files(inputs, model, processes))
            summary = writing.Summary()
            _print(summary.records(results), as_lines=output == _STDOUT, in_full=len(inputs) == 1)
            failed = bool(summary.failures)
    if failed:
        raise typer.Exit(INPUT_FAILED)


def _tag_into(inputs: Sequence[Input], output: Path, model: Path | None, jobs: int) -> bool:
    """Tag into a file, show how far the work is, and return whether an input failed."""
    from grounds.batch import tag_into
    from grounds.journal import failed_path
    from grounds.writing import is_database

    done = 0

    def begin(resumed: Resumed) -> None:
        nonlocal done
        done = resumed.kept
        if resumed.dropped:
            _complain(f"a run was stopped, but {resumed.dropped}")
        if resumed.kept or resumed.dropped:
            _complain(f"going on after {resumed.kept:,} of {len(inputs):,}")
        bar.begin_at(done)

    def step(failure: Failure | None) -> None:
        nonlocal done
        done += 1
        bar.advance(1)
        if failure is not None:
            _complain(f"{failure.source}: {failure.problem}")

    def wrote(count: int, total: int) -> None:
        if count == 1:
            bar.begin("Writing", total)
        bar.advance(1)

    with _bar("Tagging", len(inputs)) as bar:
        try:
            summary = tag_into(
                inputs,
                output,
                model,
                jobs=jobs,
                on_resume=begin,
                on_result=step,
                on_written=wrote,
            )
        except (KeyboardInterrupt, OSError, WorkerError):
            _complain(f"{done:,} of {len(inputs):,} are done; the same command goes on from there")
            raise
    written = f"{summary.written:,} written to {output}" if summary.written else "nothing written"
    kept = f", {summary.kept:,} kept" if summary.kept else ""
    place = f"{output}, table failures" if is_database(output) else failed_path(output)
    listed = f", listed in {place}" if summary.failures else ""
    typer.echo(f"{written}{kept}, {len(summary.failures):,} failed{listed}", err=True)
    return bool(summary.failures)


def _inputs(paths: Iterable[Path]) -> list[Input]:
    """Return the files to read, with an error in the place of what was given but cannot be."""
    from grounds.reading import find

    # Names take a quarter of the memory of paths, and there may be millions.
    found: list[Input] = [one if isinstance(one, InputError) else str(one) for one in find(paths)]
    if not found:
        raise GroundsError("no decisions found; give .txt, .html, .pdf or .docx files")
    return found


def _named(results: Iterable[Record | Failure]) -> Iterator[Record | Failure]:
    """Pass results on and name every failure."""
    from grounds.record import Failure

    for result in results:
        if isinstance(result, Failure):
            _complain(f"{result.source}: {result.problem}")
        yield result


def _counted(results: Iterable[Record | Failure], bar: Bar) -> Iterator[Record | Failure]:
    """Pass results on and move a bar with each."""
    for result in results:
        yield result
        bar.advance(1)


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


@app.command(
    epilog=_examples(
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
) -> None:
    """Show decisions as pages with the evidence marked.

    One decision is one page, several are a page each and a list to search and to filter. The
    pages need no network.
    """
    from grounds import batch, pages, writing

    pages.check_installed()
    from grounds.pages import site

    summary = writing.Summary()
    if len(paths) == 1 and writing.holds_records(paths[0]):
        place = site.place_for(output)
        page = site.write(summary.records(writing.read_records(paths[0])), place)
    else:
        inputs = _inputs(paths)
        place = site.place_for(output, len(inputs))
        with _bar("Tagging", len(inputs)) as bar:
            results = _counted(_named(batch.tag_files(inputs, model, jobs)), bar)
            page = site.write(summary.records(results), place)
    if page is None:
        typer.echo("nothing written", err=True)
    else:
        typer.echo(f"{summary.written:,} written to {place}", err=True)
        if output is None or open_it:
            _open(page.resolve().as_uri())
    if summary.failures:
        raise typer.Exit(INPUT_FAILED)


def _announced(name: str, in_browser: bool) -> Callable[[str], None]:
    """Return what says where something answers, and opens it where wanted."""

    def announce(address: str) -> None:
        typer.echo(f"{name} is at {address} until you press Ctrl-C", err=True)
        if in_browser:
            _open(address)

    return announce


def _nothing_in(file: Path) -> InputError:
    return InputError(file, "holds no tagged decisions; fill it with 'grounds tag … -o'")


def _open(address: str) -> None:
    """Open a page in the browser, or say that it cannot be."""
    import webbrowser

    if not webbrowser.open(address):
        _complain(f"there is no browser to open {address} in")


@app.command(epilog=_examples("grounds serve", "grounds serve decisions.db --port 9000 --no-open"))
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
) -> None:
    """Tag decisions in the browser.

    Paste or drop one and see it tagged. Answers this machine alone, and keeps nothing of what it is
    given. Ctrl-C stops it.
    """
    from grounds import pages

    pages.check_installed()
    from grounds import serving
    from grounds.bundle import load_model

    serving.serve(load_model(model), database, port, _announced("grounds", open_))


@app.command(epilog=_examples("grounds read decision.txt", "grounds read - < decision.html"))
def read(paths: Paths) -> None:
    """Show decisions as numbered paragraphs.

    Each paragraph has its number on the published page and stands under its section.
    """
    from grounds import reading
    from grounds.writing.lines import console
    from grounds.writing.screen import show_decision

    failed = shown = 0
    for found in _inputs(paths):
        try:
            if isinstance(found, InputError):
                raise found
            decision = reading.read(found)
        except InputError as error:
            failed += 1
            _complain(str(error))
            continue
        if shown:
            typer.echo()
        show_decision(decision, console())
        shown += 1
    if failed:
        raise typer.Exit(INPUT_FAILED)


@app.command(
    epilog=_examples(
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
    epilog=_examples(
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
) -> None:
    """Prepare decisions for people to label.

    The table has a row a sentence, to write tags beside in any spreadsheet; filled in, it is
    labelled data. The files for annotation tools have a task a decision.
    """
    if model is not None and not suggest:
        raise GroundsError("--model is for suggestions: it goes with --suggest")
    from grounds import corpus

    corpus.check_tasks(output, tool)  # better said before the work than after
    inputs = _inputs(paths)
    failures: list[Failure] = []
    with _bar("Reading", len(inputs)) as bar:
        tasks = _tasks(inputs, failures, bar, suggest=suggest, model=model)
        corpus.write_tasks(tasks, output, tool)
    written = len(inputs) - len(failures)
    typer.echo(f"{output}: {written:,} decisions to label, {len(failures):,} failed", err=True)
    if failures:
        raise typer.Exit(INPUT_FAILED)


def _tasks(
    inputs: Sequence[Input],
    failures: list[Failure],
    bar: Bar,
    *,
    suggest: bool,
    model: Path | None,
) -> Iterator[Decision | Record]:
    """Read decisions, or tag them for suggestions; name and keep the failures."""
    from grounds import batch
    from grounds.record import Failure

    results = batch.tag_files(inputs, model) if suggest else batch.read_files(inputs)
    for result in results:
        bar.advance(1)
        if isinstance(result, Failure):
            _complain(f"{result.source}: {result.problem}")
            failures.append(result)
        else:
            yield result


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
    backend: BackendName = Backend.local,
    scheduler: Scheduler = None,
) -> None:
    """Train a model on labelled decisions."""
    from grounds import bundle, corpus, training
    from grounds.workers import workers

    bundle.check_place(output)  # better said before the work than after
    first = None if start is None else bundle.load_model(start)
    labelled = _labelled(data)
    single = corpus.read_sentences(sentences or [])
    with workers(backend, scheduler, jobs) as processes, _bar("Training", training.STEPS) as bar:
        model = training.train(labelled, single, start=first, jobs=processes, on_step=bar.advance)
    model.save(output)
    learnt = model.card["trained_on"]["decisions"]
    some = "" if learnt == len(labelled) else f", drawn from {len(labelled):,}"
    typer.echo(f"{output}: trained on {learnt:,} decisions{some}", err=True)


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
    backend: BackendName = Backend.local,
    scheduler: Scheduler = None,
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
    from grounds.workers import workers
    from grounds.writing.lines import console
    from grounds.writing.report import format_of, show_report

    write = None if output is None else format_of(output)  # better refused before the work
    labelled = _labelled(data)
    if folds is None:
        report = evaluation.evaluate(labelled, load_model(model))
    else:
        extra = corpus.read_sentences(sentences or [])
        number = len(corpus.read_folds(folds))
        with workers(backend, scheduler, jobs) as processes, _bar("Folds", number) as bar:
            report = evaluation.cross_validate(
                labelled,
                folds,
                extra,
                also=_labelled(also) if also else (),
                jobs=processes,
                on_fold=bar.advance,
            )
    if write is not None and output is not None:
        write(report, output)  # first, since a pipe may close while the report is shown
    show_report(report, console())


@app.command(
    epilog=_examples(
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
) -> None:
    """Count grounds, bars and remedies in many decisions.

    Says how often each tag is given, when, by subject and body, which occur together, and what
    becomes of the remedies that people ask for. In the page every number leads to the decisions
    behind it.
    """
    from grounds import statistics
    from grounds.writing import read_records

    if output is None:
        if open_it:
            raise GroundsError("--open goes with -o, which says where the page goes")
        from grounds.writing.lines import console
        from grounds.writing.statistics import show_statistics

        sample = statistics.sample_of(read_records(file))
        if not len(sample):
            raise _nothing_in(file)
        show_statistics(sample, console())
        return
    from grounds import pages

    pages.check_installed()
    from grounds.pages import statistics as page

    page.check(output)
    number = page.write(read_records(file), output)
    if not number:
        raise _nothing_in(file)
    typer.echo(f"{output}: {number:,} decisions", err=True)
    if open_it:
        _open(output.resolve().as_uri())


@app.command(
    epilog=_examples(
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


@contextmanager
def _bar(title: str, total: int) -> Iterator[Bar]:
    """Show how far the work is, where standard error is a terminal."""
    from grounds.writing.lines import console
    from grounds.writing.progress import Bar

    with Bar(title, total, console(stderr=True)) as bar:
        yield bar


def _labelled(data: Sequence[Path]) -> list[LabelledDecision]:
    """Read labelled decisions; one that is broken stops the work, since figures depend on it."""
    from grounds.corpus import Unlabelled, read_labelled

    waiting: list[Unlabelled] = []
    labelled = list(read_labelled(data, unlabelled=waiting))
    if waiting:
        _complain(f"{len(waiting):,} decisions are not labelled yet; they are left out")
    return labelled


@corpus_app.command(epilog=_examples("grounds corpus check data/corpus"))
def check(data: Data) -> None:
    """Name every file and line that breaks the format."""
    from grounds import corpus

    errors: list[InputError] = []
    waiting: list[corpus.Unlabelled] = []
    labelled = list(corpus.read_labelled(data, errors=errors, unlabelled=waiting))
    for error in errors:
        _complain(str(error))
    more = f", {len(waiting)} not labelled yet" if waiting else ""
    typer.echo(f"{len(labelled)} decisions can be used, {len(errors)} problems{more}")
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


@corpus_app.command(
    epilog=_examples(
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
) -> None:
    """Write labelled decisions in another form."""
    from grounds import corpus

    labelled = _labelled(data)
    corpus.write_labelled(labelled, output, tool)
    typer.echo(f"{output}: {len(labelled)} decisions", err=True)
