"""Runs the examples in the pages: ``python docs/examples.py PAGE…`` writes what they print now.

In a block of ``console``, lines that begin with ``$`` are run and the lines below are what they
print; a last line of ``…`` stands for the rest. The examples of a page run one after the other in a
folder that has ``data`` and ``models`` in it and can be written to. The tests run a page's Python
in the same folder, after its commands.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md")))

_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
_REST = "…"
TERMINAL = ("COLUMNS", "LINES", "FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TERM")


def prepare(folder: Path) -> Path:
    """Put into a folder what examples take for granted."""
    for name in ("data", "models"):
        (folder / name).symlink_to(ROOT / name, target_is_directory=True)
    return folder


def run(command: str, folder: Path) -> str:
    """Run a command in `folder`, as a shell does, and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name not in TERMINAL}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    done = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return done.stdout


def refreshed(page: str, folder: Path, run: Callable[[str, Path], str] = run) -> str:
    """Return a page with what its examples print when they are run in `folder`."""
    return _BLOCK.sub(lambda block: "".join(_example(block[0], folder, run)), page)


def _example(block: str, folder: Path, run: Callable[[str, Path], str]) -> Iterator[str]:
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
        lines, kept = run(command, folder).splitlines(), shown.splitlines()
        if kept[-1:] == [_REST]:
            lines[len(kept) - 1 :] = [_REST]
        yield "".join(f"{line}\n" for line in (f"$ {command}", *lines))


def main(pages: list[str]) -> None:
    """Rewrite pages."""
    for page in map(Path, pages):
        with TemporaryDirectory() as folder:
            text = refreshed(page.read_text("utf-8"), prepare(Path(folder)))
        page.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:] or [str(page) for page in PAGES])
