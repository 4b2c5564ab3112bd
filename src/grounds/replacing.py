"""Writing a file so that an older one of its name stays until the new one is complete."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from grounds.errors import GroundsError

_PRIVATE = 0o600
"""What others may do to a file in the making: nothing."""

_LOCKED = "is open in another program or not writable; close it and run the same command again"
"""What a spreadsheet program does to a file that it shows, on Windows."""


def check_file(path: Path) -> None:
    """Refuse a place where no file can be written; better said before the work than after.

    Raises
    ------
    GroundsError
        If `path` is a folder, a device or the like, or the folder to write in is not there.
    """
    if path.exists() and not path.is_file() or not path.parent.is_dir():
        raise GroundsError(f"{path}: not a file in a folder that exists")


def check_not_read(path: Path, files: Iterable[Path]) -> None:
    """Refuse to write over a file that is read as well.

    Parameters
    ----------
    path
        Where to write.
    files
        What is read.

    Raises
    ------
    GroundsError
        If one of them is `path`, by whatever name.
    """
    if path.exists() and any(file.exists() and path.samefile(file) for file in files):
        raise GroundsError(f"{path}: is read as well; give another name to write to")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a draft to write in the same folder; put it in the place of `path` if it is there.

    Where the block raises, or the draft was removed in it, `path` stays as it was. Nobody else can
    read the draft; in its place it has the permissions of the older file, or those that new ones get.

    Raises
    ------
    OSError
        If the folder or the disk does not take it.
    """
    path = path.resolve()  # a link stays a link
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    draft.touch()
    usual = draft.stat().st_mode
    draft.chmod(_PRIVATE)
    try:
        yield draft
        if draft.exists():
            if not path.exists():
                draft.chmod(usual)
            put(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def put(draft: Path, path: Path) -> None:
    """Put a whole file in the place of `path`, with the permissions of an older one there.

    Raises
    ------
    OSError
        If that fails, which names `path`; `draft` is still there.
    """
    try:
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    except OSError as error:
        problem = _LOCKED if isinstance(error, PermissionError) else error.strerror
        raise OSError(error.errno, problem, str(path)) from None
