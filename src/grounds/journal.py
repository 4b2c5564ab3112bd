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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from grounds.errors import GroundsError, InputError
from grounds.limits import LIMITS, Limits, is_limited
from grounds.reading.files import is_read_once, load
from grounds.record import Failure
from grounds.replacing import alone, check_file, plainly, put, remove

_LOCK = "lock"
_DAMAGED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What a line raises that a bad disk or another's hand has changed."""

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
    """A line of a journal: where it ends, which input it is of, and whether a limit was in its way."""

    end: int
    source: str
    sha256: str | None
    limited: bool


@contextmanager
def journal(path: Path, stamp: Mapping[str, str], limits: Limits = LIMITS) -> Iterator[Journal]:
    """Open the journal of a run that writes `path`, for this run alone.

    Parameters
    ----------
    path
        The file that the run writes in the end.
    stamp
        What makes records: a journal with another stamp is begun anew.
    limits
        How much of an input is read. A journal made under some that are higher is begun anew, too;
        where they are lower, what they kept out is tried anew.

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
        folder.mkdir(mode=0o700, exist_ok=True)  # texts that only the result may show
        with alone(path, folder / _LOCK, patience=0) as killed:
            opened = Journal(place, folder, stamp, limits, killed=killed)
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
        self,
        path: Path,
        folder: Path,
        stamp: Mapping[str, str],
        limits: Limits,
        *,
        killed: bool = False,
    ) -> None:
        self._path, self._folder, self.killed = path, folder, killed
        self._records, self._failures = folder / "records.jsonl", folder / "failed.jsonl"
        self._streams: tuple[BinaryIO, ...] = ()
        self._limits, self._stamp = limits, folder / "stamp.json"
        self._made_by = {**stamp, "limits": asdict(limits)}
        older = _stamp_in(self._stamp)
        self._raised = older.get("limits") != limits
        self._dropped = self._check(older)

    def _check(self, older: Mapping[str, Any]) -> str:
        """Begin anew where the stamp is another one; return why."""
        if not older or {**older, "limits": None} != {**self._made_by, "limits": None}:
            why = "the model or the version of grounds is another one"
        elif not self._limits.covers(older["limits"]):
            why = "a limit is lower now"
        else:
            return ""
        there = any(part.exists() and part.stat().st_size for part in self._parts())
        for part in self._parts():
            part.unlink(missing_ok=True)
        return why if there else ""

    def _parts(self) -> tuple[Path, Path]:
        return self._records, self._failures

    def resume(self, inputs: Iterable[Input]) -> Resumed:
        """Keep what is done of `inputs`, from the first on, and open the journal to go on.

        An input counts as done where its bytes are those that were read then, and no limit that is
        higher now kept it out.
        """
        ends, kept, tried_anew = [0, 0], 0, False
        lines = [_entries(self._records, "model"), _entries(self._failures, "problem")]
        upcoming = [next(entries, None) for entries in lines]
        for source in inputs:
            if not any(upcoming) or is_read_once(_name(source)):
                break
            state = _name(source), checksum(_name(source), self._limits)
            done = [entry is not None and entry[1:3] == state for entry in upcoming]
            if not any(done):
                break
            place = done.index(True)
            entry = upcoming[place]
            assert entry is not None
            if tried_anew := entry.limited and self._raised:
                break
            ends[place] = entry.end
            upcoming[place] = next(lines[place], None)
            kept += 1
        self._streams = tuple(_opened(*part) for part in zip(self._parts(), ends, strict=True))
        self._stamp.write_text(json.dumps(self._made_by), encoding="utf-8")
        why = "a limit is higher now" if tried_anew else "an input is new, gone or has changed"
        more = why if any(upcoming) else ""
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
            self._streams[1].write(_failure_line(outcome, self._limits))
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


def checksum(source: str, limits: Limits = LIMITS) -> str | None:
    """Return the checksum of what an input holds now; ``None`` where that cannot be read."""
    try:
        return None if is_read_once(source) else hashlib.sha256(load(source, limits)).hexdigest()
    except Exception:  # noqa: BLE001 - what is wrong with it, the failure says
        return None


def _stamp_in(file: Path) -> dict[str, Any]:
    """Return the stamp of a journal; an empty one where there is none, or no proper one."""
    try:
        stamp = json.loads(file.read_bytes())
        return {**stamp, "limits": Limits(**stamp["limits"])}
    except (OSError, *_DAMAGED):
        return {}


def _failure_line(failure: Failure, limits: Limits) -> bytes:
    values = {"source": failure.source, "sha256": checksum(failure.source, limits)}
    line = json.dumps({**values, "problem": failure.problem}, ensure_ascii=False)
    return line.encode("utf-8", "backslashreplace") + b"\n"


def _name(source: Input) -> str:
    return source.source if isinstance(source, InputError) else str(source)


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
                problem = str(values.get("problem", ""))  # records have none
                entry = _Entry(end, values["source"], values["sha256"], is_limited(problem))
                values[last]
            except _DAMAGED:
                return
            yield entry


def _opened(file: Path, end: int) -> BinaryIO:
    """Open a file to go on behind `end`."""
    stream = file.open("ab")
    stream.truncate(end)
    return stream
