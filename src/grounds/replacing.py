"""Writing a file so that an older one of its name stays until the new one is complete."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from grounds.errors import GroundsError

_PRIVATE = 0o600
"""What others may do to a file in the making: nothing."""

_LOCKED = "is open in another program or not writable; close it and run the same command again"
"""What a spreadsheet program does to a file that it shows, on Windows."""

UNWRITABLE = "cannot be written to; see who may write to it and to its folder"

_FULL = "the disk is full; make room and run the same command again"
_TROUBLE = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "is larger than files may be there (File too large); give a place that takes it",
    errno.EROFS: "is on a disk that cannot be written to; give another place",
}
"""What a disk can have against a file, and what to do."""

PATIENCE = 60
"""Seconds to wait for another run that writes the same file."""


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
def alone(path: Path, lock: Path, patience: float = PATIENCE) -> Iterator[bool]:
    """Let no other run write a file in the block.

    Parameters
    ----------
    path
        The file, as messages name it.
    lock
        A file that is there as long as a run is, and longer only where it was killed.
    patience
        Seconds to wait for another run.

    Yields
    ------
    bool
        Whether the last run was killed, or crashed.

    Raises
    ------
    GroundsError
        If another run is writing it, or nothing may be written there.
    FileNotFoundError
        If there is no such folder.
    """
    if not lock.parent.is_dir():  # which the lock would make
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
    killed = lock.exists()
    held = FileLock(lock)
    try:
        held.acquire(timeout=patience)
    except Timeout:
        raise GroundsError(f"{path}: another run is writing it; wait for its end") from None
    except PermissionError:
        raise GroundsError(f"{path}: {UNWRITABLE}") from None
    try:
        yield killed
    finally:
        with suppress(OSError):  # gone with its folder; on Windows it is removed by the release
            lock.unlink()
        held.release()


@contextmanager
def plainly(path: Path) -> Iterator[None]:
    """Name `path`, and say what to do, where the disk does not take what the block writes.

    Raises
    ------
    OSError
        Instead of one that names no file, or only one that is in the making.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _TROUBLE:
            raise OSError(error.errno, _TROUBLE[error.errno], str(path)) from None
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from None


@contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """Give a draft to write in the same folder; put it in the place of `path` if it is there.

    Where the block raises, or the draft was removed in it, `path` stays as it was. Nobody else can
    read the draft; in its place it has the permissions of the older file, or those that new ones
    get. What a run that was killed left is removed.

    Parameters
    ----------
    path
        The file.
    durable
        Wait until the disk has it, so that power may be lost: some 10 ms a file.

    Raises
    ------
    GroundsError
        If another run keeps writing it, or nothing may be written there.
    OSError
        If the disk does not take it.
    """
    place = path.resolve()  # a link stays a link
    draft = place.with_name(f".{place.name}.part")
    with plainly(path), alone(path, place.with_name(f".{place.name}.lock")):
        draft.unlink(missing_ok=True)
        draft.touch()
        usual = draft.stat().st_mode
        draft.chmod(_PRIVATE)
        try:
            yield draft
            if draft.exists():
                if not place.exists():
                    draft.chmod(usual)
                put(draft, place, durable=durable)
        finally:
            draft.unlink(missing_ok=True)


def put(draft: Path, path: Path, *, durable: bool = True) -> None:
    """Put a whole file in the place of `path`, with the permissions of an older one there.

    Raises
    ------
    OSError
        If that fails, which names `path`; `draft` is still there.
    """
    try:
        if path.exists():
            shutil.copymode(path, draft)
        if durable:
            sync(draft)
        draft.replace(path)
        if durable:
            sync(path.parent)
    except OSError as error:
        problem = _LOCKED if isinstance(error, PermissionError) else error.strerror
        raise OSError(error.errno, problem, str(path)) from None


def sync(path: Path) -> None:
    """Wait until the disk has a file, or the names in a folder.

    Raises
    ------
    OSError
        If the disk did not take it.
    """
    if path.is_dir():
        with suppress(OSError):  # not every system can
            _sync(path, os.O_RDONLY)
    else:
        _sync(path, os.O_RDWR)


def _sync(path: Path, flags: int) -> None:
    opened = os.open(path, flags)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that is in it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
