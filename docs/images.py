"""Makes the pictures of the README from real output: ``python docs/images.py``."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from grounds.batch import tag_files
from grounds.reading import find
from grounds.record import Record
from grounds.writing.screen import show_records

ROOT = Path(__file__).parent.parent
WIDTH = 96

_PAPER = TerminalTheme(
    background=(250, 250, 248),
    foreground=(40, 42, 46),
    normal=[
        (40, 42, 46), (176, 46, 46), (60, 122, 50), (148, 102, 10),
        (40, 90, 160), (130, 60, 140), (10, 110, 120), (200, 200, 200),
    ],
)  # fmt: skip


def main() -> None:
    """Write docs/images/tag.svg."""
    console = Console(
        file=io.StringIO(), record=True, width=WIDTH, force_terminal=True, color_system="truecolor"
    )
    files = [found for found in find([ROOT / "data" / "examples"]) if isinstance(found, Path)]
    show_records((r for r in tag_files(files) if isinstance(r, Record)), console)
    title = "grounds tag data/examples"
    svg = console.export_svg(title=title, theme=_PAPER, unique_id="tag")
    svg = re.sub(r"\s*@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # nothing from elsewhere
    svg = svg.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")
    svg = "".join(f"{line.rstrip()}\n" for line in svg.splitlines())
    (ROOT / "docs" / "images" / "tag.svg").write_text(svg, "utf-8")


if __name__ == "__main__":
    main()
