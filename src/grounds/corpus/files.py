"""Files of labelled decisions: finding, reading and writing them, whatever their form."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TextIO

from grounds.corpus.jsonl import read_jsonl, to_json
from grounds.corpus.label_studio import is_export, read_label_studio
from grounds.corpus.labelling import write_labelling
from grounds.corpus.markup import parse_markup, to_markup
from grounds.corpus.place import Unlabelled, collecting, read_utf8
from grounds.corpus.tables import read_table, write_table
from grounds.corpus.tools import tool_for
from grounds.decision import Decision, LabelledDecision
from grounds.errors import GroundsError, InputError
from grounds.limits import LIMITS, Limits
from grounds.record import Record
from grounds.replacing import check_file, replacing

Reader = Callable[[Path, list[InputError] | None, Limits], Iterator[LabelledDecision | Unlabelled]]


def _read_markup(
    path: Path, errors: list[InputError] | None, limits: Limits
) -> Iterator[LabelledDecision]:
    with collecting(errors):
        text = read_utf8(path, limits)
        limits.check("text", len(text), path)
        yield parse_markup(text, str(path))


_READERS: dict[str, Reader] = {
    ".md": _read_markup,
    ".jsonl": read_jsonl,
    ".csv": read_table,
    ".json": read_label_studio,
}
_FORMS = ", ".join(_READERS)
_WORKBOOKS = frozenset({".xlsx", ".xls", ".ods", ".numbers"})
# Half surrogate pairs; those from dc80 to dcff stand for the bytes of a name that is not UTF-8
_NOT_IN_NAMES = re.compile(r"[\0\ud800-\udc7f\udd00-\udfff]")


def read_labelled(
    paths: Iterable[str | Path],
    *,
    errors: list[InputError] | None = None,
    unlabelled: list[Unlabelled] | None = None,
    limits: Limits = LIMITS,
) -> Iterator[LabelledDecision]:
    """Yield labelled decisions from files and folders, in order.

    Parameters
    ----------
    paths
        Files in the corpus's markup (``.md``), JSON Lines (``.jsonl``, those of Prodigy and doccano
        too), CSV (``.csv``) or the JSON of Label Studio (``.json``), and folders, which are
        searched for such files; ``README.md`` and hidden files are passed over.
    errors
        Where given, takes what is wrong with files and lines that cannot be used, and the rest is
        read; without it the first error is raised.
    unlabelled
        Takes the decisions of these files that nobody has labelled yet; they are left out.
    limits
        How much is read, such as ``Limits(labels=1_000_000_000)``.

    Raises
    ------
    InputError
        Where a path is not there, a file is broken (with the line and what is wrong), or nothing
        labelled is found.

    Examples
    --------
    >>> errors = []
    >>> list(read_labelled(["nowhere"], errors=errors)), str(errors[0])
    ([], 'nowhere: no such file or folder')
    """
    given = [Path(path) for path in paths]
    empty, waiting = True, [] if unlabelled is None else unlabelled
    for place in given:
        with collecting(errors):
            for path in find_files(place, _READERS):
                with collecting(errors):
                    for labelled in _READERS[path.suffix.lower()](path, errors, limits):
                        if isinstance(labelled, Unlabelled):
                            waiting.append(labelled)
                        else:
                            empty = False
                            yield labelled
    if empty and not errors and not (waiting and errors is not None):
        only = f"; {len(waiting)} are not labelled yet" if waiting else ""
        with collecting(errors):
            raise InputError(", ".join(map(str, given)), f"no labelled decisions{only}")


def write_labelled(
    decisions: Iterable[LabelledDecision], path: str | Path, tool: str | None = None
) -> None:
    """Write labelled decisions in the form that the ending of `path` names.

    Parameters
    ----------
    decisions
        What to write.
    path
        ``.jsonl``: JSON Lines. ``.json``: for Label Studio. ``.csv``: text, tags and what is cited;
        spans are lost. ``.md``: markup of a single decision. No ending: a folder of markup, one
        file a decision, in subfolders as the decisions came, so that folds still apply.
    tool
        The annotation tool that is to read the file, one of `grounds.corpus.tools.TOOLS`.

    Raises
    ------
    GroundsError
        Where the ending is another.
    InputError
        Where there is no folder to write to, or the form cannot hold the labels
        (`grounds.corpus.markup.to_markup`). A file is replaced only when the new one is complete.
    """
    path = Path(path)
    if writer := tool_for(path, tool):
        with _text_file(path, errors="backslashreplace") as file:
            file.writelines(writer.labelled(decisions))
        return
    match path.suffix.lower():
        case ".jsonl":
            # JSON reads the escapes of half surrogate pairs (\ud800) back
            with _text_file(path, errors="backslashreplace") as file:
                file.writelines(f"{to_json(labelled)}\n" for labelled in decisions)
        case ".csv":
            with _text_file(path) as file:
                write_table(decisions, file)
        case ".md":
            _write_one(decisions, path)
        case "":
            _write_folder(decisions, path)
        case suffix:
            raise GroundsError(
                f"{path}: {suffix} is no form of labelled data ({_FORMS}, or a folder)"
            )


def write_tasks(
    tasks: Iterable[Decision | Record], path: str | Path, tool: str | None = None
) -> None:
    """Write decisions for people to label.

    Parameters
    ----------
    tasks
        The decisions; records of them bring what their model suggests.
    path
        ``.csv``: a table to fill in (`grounds.corpus.labelling`). Otherwise a file for an
        annotation tool; ``.json`` is Label Studio's.
    tool
        The annotation tool, one of `grounds.corpus.tools.TOOLS`.

    Raises
    ------
    GroundsError
        As `check_tasks`; an `InputError` where there are no decisions.
    """
    path = Path(path)
    check_tasks(path, tool)
    given = iter(tasks)
    first = next(given, None)
    if first is None:
        raise InputError(path, "not written, since there is no decision to label")
    all_of_them = chain([first], given)
    writer = tool_for(path, tool)
    with _text_file(path, errors="backslashreplace") as file:
        if writer:
            file.writelines(writer.tasks(all_of_them))
        else:
            file.write("\ufeff")  # by which Excel knows UTF-8
            write_labelling(all_of_them, file)


def check_tasks(path: Path, tool: str | None = None) -> None:
    """Refuse a place where `write_tasks` cannot write; better said before the work than after.

    Raises
    ------
    GroundsError
        Where there is a file already, since people may have worked in it; where the ending is no
        form for tasks; where there is no folder to write to.
    """
    if not tool_for(path, tool) and path.suffix.lower() != ".csv":
        forms = "a table (.csv), or a file for a tool (.json, or .jsonl with the tool's name)"
        raise GroundsError(f"{path}: people label in {forms}")
    if path.exists():
        raise GroundsError(f"{path}: is there already, perhaps with labels; give another name")
    check_file(path)


def labelled_files(paths: Iterable[str | Path]) -> Iterator[Path]:
    """Yield the files that `read_labelled` reads.

    Raises
    ------
    InputError
        Where there is nothing at a path, or nothing labelled.
    """
    for path in paths:
        yield from find_files(Path(path), _READERS)


def find_files(path: Path, suffixes: Collection[str]) -> list[Path]:
    """Return the file itself, or the files with one of the endings in a folder, in order.

    Raises
    ------
    InputError
        Where there is nothing at `path`, or nothing with such an ending.
    """
    endings = ", ".join(suffixes)
    if not path.exists():
        raise InputError(path, "no such file or folder")
    if not path.is_dir():
        if path.suffix.lower() in _WORKBOOKS:
            raise InputError(path, "a workbook; save it as CSV (in Excel: CSV UTF-8)")
        if path.suffix.lower() not in suffixes:
            raise InputError(path, f"not labelled data, which ends in {endings}")
        return [path]
    found = sorted(
        file
        for file in path.rglob("*")
        if file.suffix.lower() in suffixes
        and file.name != "README.md"
        and (file.suffix.lower() != ".json" or is_export(file))  # folds and settings are JSON too
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    )
    if not found:
        raise InputError(path, f"no labelled data ({endings}) in this folder")
    return found


def _write_one(decisions: Iterable[LabelledDecision], path: Path) -> None:
    texts = [to_markup(labelled) for labelled in decisions]
    if len(texts) != 1:
        raise InputError(path, f"a file of markup holds one decision, not {len(texts)}")
    with _text_file(path) as file:
        file.write(texts[0])


def _write_folder(decisions: Iterable[LabelledDecision], folder: Path) -> None:
    written: set[Path] = set()
    for labelled in decisions:
        path = folder / _place_in_folder(labelled.decision.source)
        if path in written:
            raise InputError(labelled.decision.source, f"a second decision for {path}")
        text = to_markup(labelled)
        path.parent.mkdir(parents=True, exist_ok=True)
        with _text_file(path) as file:
            file.write(text)
        written.add(path)


def _place_in_folder(source: str) -> Path:
    """Return where a decision goes: from ``data/short/all.jsonl:7`` to ``short/all-7.md``.

    A source can be anything that a line of JSON says, but its place lies in the folder.
    """
    path = Path(_NOT_IN_NAMES.sub("-", source))
    name = re.sub(r"\.\w+(?=:\d+$|$)", "", path.name).replace(":", "-")
    parent = path.parent.name
    is_plain = parent != ".." and Path(parent).name == parent  # "C:" is a drive on Windows
    return Path(parent if is_plain else "", f"{name}.md")


@contextmanager
def _text_file(path: Path, errors: str = "replace") -> Iterator[TextIO]:
    """Open a text file that takes the place of `path` once all is written.

    What UTF-8 cannot hold, half a surrogate pair, becomes "?" if `errors` is not another handler.
    """
    try:
        with (
            replacing(path) as draft,
            draft.open("w", encoding="utf-8", errors=errors, newline="") as file,
        ):
            yield file
    except OSError as error:
        raise InputError(path, f"cannot be written: {error.strerror}") from None
