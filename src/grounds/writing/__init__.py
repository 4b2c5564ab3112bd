"""Writing: records to files and to the screen.

A format is a function that writes records to a path. To add one, write that function and name its
suffix in `FORMATS`. A database is no format: records are added to it (`grounds.database`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from grounds import database
from grounds.errors import GroundsError, InputError
from grounds.limits import LIMITS, Limits
from grounds.record import Failure, Record
from grounds.replacing import check_file, replacing
from grounds.writing import csv, jsonl, parquet, xlsx

Format = Callable[[Iterable[Record], Path], None]

FORMATS: dict[str, Format] = {
    ".jsonl": jsonl.write,
    ".csv": csv.write,
    ".xlsx": xlsx.write,
    ".parquet": parquet.write,
}
"""What writes a file, by its suffix."""

_EXTRAS = {".parquet": "pyarrow"}
"""What a format needs that may not be installed; the extra has the format's name."""


@dataclass(slots=True)
class Summary:
    """How many records were written, and the inputs that gave none.

    `kept` says how many more a database had already.
    """

    written: int = 0
    kept: int = 0
    failures: list[Failure] = field(default_factory=list)

    def add(self, result: object) -> None:
        """Count a record, in whatever form; keep a failure."""
        if isinstance(result, Failure):
            self.failures.append(result)
        else:
            self.written += 1

    def records(self, results: Iterable[Record | Failure]) -> Iterator[Record]:
        """Pass the records on and count them; keep the failures."""
        for result in results:
            self.add(result)
            if isinstance(result, Record):
                yield result


def check(path: Path) -> None:
    """Refuse a place that records cannot be written to; better said before the work than after.

    Raises
    ------
    GroundsError
        If no format has its suffix, what it needs is not installed, the folder to write in is not
        there, or a file is in the way of a database.
    """
    suffix, known = path.suffix.lower(), (*FORMATS, *sorted(database.SUFFIXES))
    if suffix not in known:
        raise GroundsError(f"{path}: unknown output format; known are {', '.join(known)}")
    if suffix in _EXTRAS:
        try:
            import_module(_EXTRAS[suffix])
        except ImportError:
            advice = f"pip install 'lgsco-grounds[{suffix[1:]}]'"
            raise GroundsError(f"{path}: {suffix} needs {_EXTRAS[suffix]}: {advice}") from None
    check_file(path)
    if is_database(path):
        database.check(path)


def is_database(path: Path) -> bool:
    """Say whether records are added to `path`, and not written anew."""
    return path.suffix.lower() in database.SUFFIXES


def write(results: Iterable[Record | Failure], path: Path) -> Summary:
    """Write records to a file, in the format of its suffix, one at a time.

    The file appears when it is complete: an older file of that name stays as it is until then,
    and for good where writing fails or where every input failed. A database is added to: a record
    takes the place of an older one of its source, and the failures are there as well.

    Parameters
    ----------
    results
        The records, and the inputs that could not be tagged.
    path
        The file; see `FORMATS` for the suffixes.
    """
    check(path)
    summary = Summary()
    if is_database(path):
        with database.opened(path) as store:
            for result in results:
                store.add(result if isinstance(result, Failure) else jsonl.line_of(result))
                summary.add(result)
        return summary
    with replacing(path) as draft:
        FORMATS[path.suffix.lower()](summary.records(results), draft)
        if summary.failures and not summary.written:
            draft.unlink()
    return summary


def holds_records(path: Path) -> bool:
    """Say whether a file holds records, and not decisions to tag.

    >>> holds_records(Path("decisions.db")), holds_records(Path("decision.txt"))
    (True, False)
    """
    return is_database(path) or path.suffix.lower() == ".jsonl" and jsonl.is_record(path)


def read_records(path: str | Path, limits: Limits = LIMITS) -> Iterator[Record]:
    """Yield the records that were written to a file, one at a time.

    Parameters
    ----------
    path
        JSON Lines or a database, as ``grounds tag -o`` writes them: the formats that hold all of a
        record.
    limits
        How long a line of JSON may be.

    Raises
    ------
    InputError
        If there is no such file, or a line in it is no record.
    GroundsError
        If its format is another, or it is a database of another program.
    """
    path = Path(path)
    if is_database(path):
        return database.read(path)
    if path.suffix.lower() != ".jsonl":
        raise InputError(
            path, "records are read from .jsonl or .db, as 'grounds tag -o' writes them"
        )
    return jsonl.read_records(path, limits)
