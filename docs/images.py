"""Makes the pictures in README and docs from real output: ``python docs/images.py``.

Those of pages are taken in a browser: they need playwright, Pillow and a Chromium.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from grounds.batch import tag_files
from grounds.cli import main as grounds
from grounds.reading import find
from grounds.record import Record
from grounds.writing.screen import show_records

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"
EXAMPLES = ROOT / "data" / "examples"
CORPUS = ROOT / "data" / "corpus"
TUTORIAL = [CORPUS / f"retold-{name}" for name in ("education", "planning", "housing-tax")]
"""The decisions of the tutorial."""

COLUMNS = 96
SIZE = {"width": 1040, "height": 640}

_PAPER = TerminalTheme(
    background=(250, 250, 248),
    foreground=(40, 42, 46),
    normal=[
        (40, 42, 46), (176, 46, 46), (60, 122, 50), (148, 102, 10),
        (40, 90, 160), (130, 60, 140), (10, 110, 120), (200, 200, 200),
    ],
)  # fmt: skip


def main() -> None:
    """Write the pictures to docs/images."""
    draw_terminal()
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with sync_playwright() as playing, TemporaryDirectory() as folder:
        browser = playing.chromium.launch(executable_path=chromium)
        photograph_pages(browser, Path(folder))
        photograph_database(browser, Path(folder))
        browser.close()


def draw_terminal() -> None:
    """Draw what ``grounds tag data/examples`` shows."""
    console = Console(
        file=io.StringIO(),
        record=True,
        width=COLUMNS,
        force_terminal=True,
        color_system="truecolor",
    )
    files = [found for found in find([EXAMPLES]) if isinstance(found, Path)]
    show_records((r for r in tag_files(files) if isinstance(r, Record)), console)
    title = "grounds tag data/examples"
    svg = console.export_svg(title=title, theme=_PAPER, unique_id="tag")
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # nothing from elsewhere
    svg = svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")
    svg = "".join(f"{line.rstrip()}\n" for line in svg.splitlines())
    (IMAGES / "tag.svg").write_text(svg, "utf-8")


def photograph_pages(browser: Browser, folder: Path) -> None:
    """Take the pages that ``grounds show`` and ``grounds stats`` write."""
    decisions, database = folder / "decisions.jsonl", folder / "decisions.db"
    run("corpus", "convert", *TUTORIAL, "-o", decisions)
    run("tag", decisions, "-o", database)
    run("show", EXAMPLES / "allotment.txt", "-o", folder / "show.html")
    run("stats", database, "-o", folder / "stats.html")
    run("show", decisions, "-o", folder / "pages")
    photograph(browser, (folder / "show.html").as_uri(), "show")
    photograph(browser, (folder / "stats.html").as_uri(), "stats", "#often")
    photograph(browser, f"{(folder / 'pages/index.html').as_uri()}#tag=no_fault", "list")


def photograph_database(browser: Browser, folder: Path) -> None:
    """Take the pages of ``grounds explore``."""
    labelled, database = folder / "corpus.jsonl", folder / "corpus.db"
    run("corpus", "convert", CORPUS, "-o", labelled)
    run("tag", EXAMPLES, labelled, "-o", database)
    with exploring(database) as address:
        photograph(browser, address, "explore", "#charts")
        photograph(browser, f"{address}grounds/decisions/1", "explore-decision", "#p7")


def run(*arguments: str | Path) -> None:
    """Run a command that has to work."""
    assert grounds(list(map(str, arguments))) == 0, arguments


@contextmanager
def exploring(database: Path) -> Iterator[str]:
    """Run ``grounds explore``; yield where it answers."""
    command = [sys.executable, "-m", "grounds", "explore", str(database), "--no-open"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found
        yield found[0]
        process.terminate()


def photograph(browser: Browser, address: str, name: str, place: str = "body") -> None:
    """Write the picture of a page, from a place in it on."""
    tab = browser.new_page(viewport=SIZE, device_scale_factor=2, color_scheme="light")
    tab.goto(address)
    tab.locator(place).evaluate("node => scrollTo(0, node.getBoundingClientRect().top - 60)")
    picture = Image.open(io.BytesIO(tab.screenshot())).convert("RGB")
    picture.quantize(48, dither=Image.Dither.NONE).save(IMAGES / f"{name}.png", optimize=True)
    tab.close()


if __name__ == "__main__":
    main()
