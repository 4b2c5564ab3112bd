"""The journal of a run: what is done so far, in a folder beside the file that it will become.

``tags.jsonl.part`` holds the records and failures of a run in the order of its inputs. A run that
was stopped, at whatever point, goes on behind the last whole line, as long as the model, this
program and the inputs up to there are what they were.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from grounds.errors import GroundsError, InputError
from grounds.reading.files import load
from grounds.record import Failure
from grounds.replacing import alone, check_file, plainly, put, remove

_LOCK = "lock"

Input = str | Path | InputError
"""A file to tag, or what is wrong with a path that was given."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a run takes over from one that was stopped.

    Attributes
    ----------
    kept
        Inputs that are done, from the first on.
    dropped
        Why what the other run did after them is not taken over, if it did more.
    """

    kept: int = 0
    dropped: str = ""


class _Entry(NamedTuple):
    """A line of a journal: where it ends, and which input it is of, in what state."""

    end: int
    source: str
    sha256: str | None


@contextmanager
def journal(path: Path, stamp: Mapping[str, str]) -> Iterator[Journal]:
    """Open the journal of a run that writes `path`, for this run alone.

    Parameters
    ----------
    path
        The file that the run writes in the end.
    stamp
        What makes records: a journal with another stamp is begun anew.

    Raises
    ------
    GroundsError
        If another run is writing the file, or it cannot be written there.
    """
    check_file(path)
    place = path.resolve()
    folder = place.with_name(f"{place.name}.part")
    if folder.exists() and not folder.is_dir():
        raise GroundsError(f"{folder}: is in the way; move it, since a run keeps its work there")
    with plainly(path):
        folder.mkdir(exist_ok=True)
        with alone(path, folder / _LOCK, patience=0) as killed:
            opened = Journal(place, folder, stamp, killed=killed)
            try:
                yield opened
            finally:
                opened.close()
        with suppress(OSError):  # it is not empty where the run did not finish
            folder.rmdir()


class Journal:
    """The journal of a run; see `journal`.

    Attributes
    ----------
    killed
        Whether the run before was killed, or crashed.
    """

    def __init__(
        self, path: Path, folder: Path, stamp: Mapping[str, str], *, killed: bool = False
    ) -> None:
        self._path, self._folder, self.killed = path, folder, killed
        self._records, self._failures = folder / "records.jsonl", folder / "failed.jsonl"
        self._streams: tuple[BinaryIO, ...] = ()
        self._dropped = self._check(json.dumps(dict(stamp), sort_keys=True))

    def _check(self, stamp: str) -> str:
        """Begin anew where the stamp is another one; return why."""
        file = self._folder / "stamp.json"
        older = file.read_text("utf-8", "replace") if file.is_file() else ""
        if older == stamp:
            return ""
        there = any(part.exists() and part.stat().st_size for part in self._parts())
        for part in self._parts():
            part.unlink(missing_ok=True)
        file.write_text(stamp, encoding="utf-8")
        return "the model or the version of grounds is another one" if there else ""

    def _parts(self) -> tuple[Path, Path]:
        return self._records, self._failures

    def resume(self, inputs: Iterable[Input]) -> Resumed:
        """Keep what is done of `inputs`, from the first on, and open the journal to go on.

        An input counts as done where its bytes are those that were read then.
        """
        ends, kept = [0, 0], 0
        lines = [_entries(self._records, "model"), _entries(self._failures, "problem")]
        upcoming = [next(entries, None) for entries in lines]
        for source in inputs:
            if not any(upcoming) or str(source) == "-":  # standard input can be read but once
                break
            state = _state(source)
            done = [entry is not None and entry[1:] == state for entry in upcoming]
            if not any(done):
                break
            place = done.index(True)
            entry = upcoming[place]
            assert entry is not None
            ends[place] = entry.end
            upcoming[place] = next(lines[place], None)
            kept += 1
        self._streams = tuple(_opened(*part) for part in zip(self._parts(), ends, strict=True))
        more = "an input is new, gone or has changed" if any(upcoming) else ""
        return Resumed(kept, self._dropped or more)

    def failures(self) -> list[Failure]:
        """Return the inputs that failed so far."""
        self._streams[1].flush()
        with self._failures.open("rb") as lines:
            found = map(json.loads, lines)
            return [Failure(one["source"], one["problem"]) for one in found]

    def add(self, outcome: bytes | Failure) -> None:
        """Note a record, as a line of JSON, or a failure."""
        if isinstance(outcome, Failure):
            self._streams[1].write(_failure_line(outcome))
        else:
            self._streams[0].write(outcome)

    def flush(self) -> None:
        """Hand over to the system what was noted, so that the end of this process loses nothing."""
        for stream in self._streams:
            stream.flush()

    def close(self) -> None:
        """Close the files; the journal stays for a run that goes on."""
        with ExitStack() as closing:  # all of them, also where a full disk does not take the rest
            for stream in self._streams:
                closing.callback(stream.close)

    @property
    def records(self) -> Path:
        """The file of records."""
        return self._records

    def finish(self, result: Path | None) -> None:
        """Put the result and the failures in their places, and remove the journal.

        Parameters
        ----------
        result
            A whole file that becomes the run's; ``None`` leaves an older one as it is.

        Raises
        ------
        OSError
            If a file there is locked, say; the journal stays for a run that tries again.
        """
        self.close()
        failed = failed_path(self._path)
        if self._failures.stat().st_size:
            # A copy: where the result cannot be put in its place, the journal stays whole.
            put(Path(shutil.copyfile(self._failures, self._folder / failed.name)), failed)
        else:
            failed.unlink(missing_ok=True)
        if result is not None:
            put(result, self._path)
        for part in self._folder.iterdir():
            if part.name != _LOCK:
                remove(part)


def failed_path(path: Path) -> Path:
    """Return the file that lists the inputs that failed, beside the file of records.

    >>> failed_path(Path("out/tags.csv")).as_posix()
    'out/tags.csv.failed.jsonl'
    """
    return path.with_name(f"{path.name}.failed.jsonl")


def checksum(source: str) -> str | None:
    """Return the checksum of what an input holds now; ``None`` where that cannot be read."""
    try:
        return None if source == "-" else hashlib.sha256(load(source)).hexdigest()
    except Exception:  # noqa: BLE001 - what is wrong with it, the failure says
        return None


def _failure_line(failure: Failure) -> bytes:
    values = {"source": failure.source, "sha256": checksum(failure.source)}
    line = json.dumps({**values, "problem": failure.problem}, ensure_ascii=False)
    return line.encode("utf-8", "backslashreplace") + b"\n"


def _state(source: Input) -> tuple[str, str | None]:
    """Return what an entry of an input that is done has to say."""
    name = source.source if isinstance(source, InputError) else str(source)
    return name, checksum(name)


def _entries(file: Path, last: str) -> Iterator[_Entry]:
    """Yield the whole lines of a journal, which end with a key, up to the first that is damaged."""
    if not file.is_file():
        return
    end = 0
    with file.open("rb") as lines:
        for line in lines:
            end += len(line)
            if not line.endswith(b"\n"):  # cut off when the run was stopped
                return
            try:
                values = json.loads(line)
                entry = _Entry(end, values["source"], values["sha256"])
                values[last]
            except (ValueError, KeyError, TypeError, RecursionError):  # damaged, or another's hand
                return
            yield entry


def _opened(file: Path, end: int) -> BinaryIO:
    """Open a file to go on behind `end`."""
    stream = file.open("ab")
    stream.truncate(end)
    return stream
