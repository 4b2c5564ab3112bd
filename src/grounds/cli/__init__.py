"""The command line: every command is a thin layer over one public function.

Commands import what they need when they run, so that ``grounds --help`` is instant. Each module
here holds those about one thing; the help lists them in the order of the imports below.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from grounds.cli import tagging  # noqa: F401 - it registers its commands

# isort: split
from grounds.cli import pages  # noqa: F401

# isort: split
from grounds.cli import learning  # noqa: F401

# isort: split
from grounds.cli.common import INPUT_FAILED, INTERRUPTED, WRONG_USAGE, app, complain
from grounds.errors import GroundsError, InputError, WorkerError

__all__ = ["app", "main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Parameters
    ----------
    arguments
        The words after ``grounds``; those of the command line where ``None``.
    """
    _survive_encodings()
    _spare_the_screen()
    _on_requests_to_end(signal.default_int_handler)
    status = _status(arguments)
    if arguments is None:  # all is done but to leave, which nothing needs to interrupt
        _on_requests_to_end(signal.SIG_IGN)
    return status


def _status(arguments: Sequence[str] | None) -> int:
    """Run a command; say what went wrong, and return its exit status."""
    try:
        app(arguments, prog_name="grounds")
    except SystemExit as stop:  # how Typer ends, well or not
        status = stop.code if isinstance(stop.code, int) else 0
        if status == INTERRUPTED:
            complain("stopped")
        return status
    except KeyboardInterrupt:
        complain("stopped")
        return INTERRUPTED
    except (InputError, WorkerError) as error:
        complain(str(error))
        return INPUT_FAILED
    except GroundsError as error:
        complain(str(error))
        return WRONG_USAGE
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        complain(f"{place}{error.strerror or error}")
        return INPUT_FAILED
    return 0


def _spare_the_screen() -> None:
    """Keep what joblib tells programmers from it, when a run is stopped: we say what matters."""
    warnings.filterwarnings("ignore", module="joblib")
    os.environ.setdefault("PYTHONWARNINGS", "ignore:resource_tracker")  # for its processes


def _on_requests_to_end(answer: Callable[..., object] | signal.Handlers) -> None:
    """Take Ctrl-C and the like in one way; leave what the caller ignores (``nohup``)."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no terminals that hang up
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, answer)


def _survive_encodings() -> None:
    """Print what the terminal's encoding lacks as a question mark rather than fail."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


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
