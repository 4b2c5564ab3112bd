"""Writing: records to files and to the screen.

A format is a function that writes records to a path. To add one, write that function and name its
suffix in `FORMATS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from grounds.errors import GroundsError
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
    """How many records were written, and the inputs that gave none."""

    written: int = 0
    failures: list[Failure] = field(default_factory=list)

    def records(self, results: Iterable[Record | Failure]) -> Iterator[Record]:
        """Pass the records on and count them; keep the failures."""
        for result in results:
            if isinstance(result, Failure):
                self.failures.append(result)
            else:
                self.written += 1
                yield result


def format_of(path: Path) -> Format:
    """Return what writes `path`, by its suffix.

    Raises
    ------
    GroundsError
        If no format has that suffix, what it needs is not installed, or the folder to write in is
        not there.
    """
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise GroundsError(f"{path}: unknown output format; known are {', '.join(FORMATS)}")
    if suffix in _EXTRAS:
        try:
            import_module(_EXTRAS[suffix])
        except ImportError:
            advice = f"pip install 'lgsco-grounds[{suffix[1:]}]'"
            raise GroundsError(f"{path}: {suffix} needs {_EXTRAS[suffix]}: {advice}") from None
    check_file(path)
    return FORMATS[suffix]


def write(results: Iterable[Record | Failure], path: Path) -> Summary:
    """Write records to a file, in the format of its suffix, one at a time.

    The file appears when it is complete: an older file of that name stays as it is until then,
    and for good where writing fails or where every input failed.

    Parameters
    ----------
    results
        The records, and the inputs that could not be tagged.
    path
        The file; see `FORMATS` for the suffixes.
    """
    write_format, summary = format_of(path), Summary()
    with replacing(path) as draft:
        write_format(summary.records(results), draft)
        if summary.failures and not summary.written:
            draft.unlink()
    return summary
