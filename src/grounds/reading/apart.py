"""Reading the pages of PDFs in a process of its own, which a hostile one may take down with it.

PDFium keeps to no limits: from a file of 100 kB it can unpack text that takes hours and all of the
memory. So it works in a second process, which has as much of both as the limits say, and which is
started again where that was not enough.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Any

from grounds.errors import InputError
from grounds.limits import Limits

if TYPE_CHECKING:
    from grounds.reading.pdf import Page

_LOCK = Lock()  # a question at a time
_CRASHES = (signal.SIGSEGV, getattr(signal, "SIGBUS", signal.SIGSEGV))
_started: dict[int, subprocess.Popen[bytes]] = {}
"""The process that reads for this one, by the number of this one: a fork needs another."""


def pages_of(data: bytes, source: str, limits: Limits) -> list[Page]:
    """Return the words of each page of a PDF; see `grounds.reading.pdf.pages_of`.

    Raises
    ------
    InputError
        If it cannot be opened, has too much, or reading it takes too much time or memory.
    """
    with _LOCK:
        process = _reader(source)
        assert process.stdin
        assert process.stdout
        try:
            pickle.dump((data, source, limits), process.stdin)
            process.stdin.flush()
            answer: list[Page] | Exception = pickle.load(process.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            process.kill()
            raise _ended(process.wait(), source, limits) from None
        except BaseException:  # its answer must not be taken for that to another question
            process.kill()
            raise
    if isinstance(answer, Exception):
        raise answer
    return answer


def _reader(source: str) -> subprocess.Popen[bytes]:
    """Return the process that reads, which is started where there is none."""
    process = _started.get(os.getpid())
    if process is None or process.poll() is not None:
        command = [sys.executable, "-P", "-m", "grounds.reading.apart"]  # no module of the folder
        paths = os.pathsep.join(filter(None, sys.path))
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": paths},
            )
        except OSError as error:
            raise InputError(source, f"cannot be read (no process: {error.strerror})") from None
        _started.clear()
        _started[os.getpid()] = process
    return process


@atexit.register
def end() -> None:
    """End the process that reads with this one."""
    if process := _started.get(os.getpid()):
        process.kill()
        process.wait()


def _ended(status: int, source: str, limits: Limits) -> InputError:
    """Return what is wrong with a PDF at which the process that read it ended."""
    if -status in _CRASHES:
        return InputError(source, "is damaged in a way that ends the process that reads it")
    try:
        limits.refuse("seconds" if -status == _too_slow() else "memory", source)
    except InputError as error:
        return error


def _too_slow() -> int:
    return getattr(signal, "SIGPROF", 0)


def _keep_to(limits: Limits) -> None:
    """Have the system end this process where it takes more than it may; Windows cannot."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory, most))
    with suppress(AttributeError, OSError, OverflowError):
        signal.setitimer(signal.ITIMER_PROF, limits.seconds)


def _answer(data: bytes, source: str, limits: Limits) -> list[Page] | Exception:
    from grounds.reading import pdf

    try:
        return pdf.pages_of(data, source, limits)
    except MemoryError:
        raise  # which ends this process
    except Exception as error:  # noqa: BLE001 - it is raised where the question came from
        return error


def _serve(questions: Any, answers: Any) -> None:
    """Answer questions until there are none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asks
    while True:
        try:
            data, source, limits = pickle.load(questions)
        except EOFError:
            return
        _keep_to(limits)
        pickle.dump(_answer(data, source, limits), answers)
        answers.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
