"""Lines for a terminal or a pipe: laid out here, only styled by rich.

So a pipe gets the same words without colours, boxes or padding. Every word goes through
`one_line` into a `Text`, which rich prints as it is.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from itertools import zip_longest

from rich.console import Console
from rich.text import Text

from grounds.writing.plain import one_line

READABLE = 100
"""The longest line of prose, in characters."""

GAP = 2
"""Characters between columns."""


def console(*, stderr: bool = False) -> Console:
    """Return a console that prints text as it is: no markup, no emoji codes, no guessed colours."""
    return Console(
        file=sys.stderr if stderr else sys.stdout, markup=False, emoji=False, highlight=False
    )


def line(to: Console, *pieces: str | tuple[str, str]) -> None:
    """Print pieces of text, each plain or with its style, on one line."""
    text = Text()
    for piece in pieces:
        words, style = (piece, "") if isinstance(piece, str) else piece
        text.append(one_line(words), style)
    text.rstrip()
    to.print(text, soft_wrap=True)


def hanging(
    to: Console,
    label: str,
    words: str,
    *,
    indent: int = 0,
    hang: int = 0,
    label_style: str = "",
    style: str = "",
) -> None:
    """Print words in a block to the right of a label that is `hang` characters wide."""
    width = max(min(to.width, READABLE) - indent - hang, 20)
    for number, text in enumerate(_wrap(words, width)):
        margin = (label if number == 0 else "").ljust(hang)
        line(to, " " * indent, (margin, label_style), (text, style))


def row(
    to: Console, cells: Sequence[Sequence[str]], widths: Sequence[int], style: str = ""
) -> None:
    """Print the cells of one row side by side, each with lines that wrap at its column's width.

    A pipe gets every row on one line, so that it can be searched line by line.
    """
    if to.is_terminal:
        wrapped = [
            [text for words in cell for text in _wrap(words, width)]
            for cell, width in zip(cells, widths, strict=True)
        ]
    else:
        wrapped = [[", ".join(cell)] for cell in cells]
    for texts in zip_longest(*wrapped, fillvalue=""):
        padded = (text.ljust(width) for text, width in zip(texts, widths, strict=True))
        line(to, ((" " * GAP).join(padded), style))


def _wrap(words: str, width: int) -> list[str]:
    return textwrap.wrap(one_line(words), width, break_on_hyphens=False)
