"""Text divided into pieces where parts of it begin and end."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TypeVar

Label = TypeVar("Label")


def pieces(text: str, spans: Iterable[tuple[int, int, Label]]) -> list[tuple[str, list[Label]]]:
    """Divide a text where parts of it begin and end, and say of which parts each piece is.

    Parameters
    ----------
    text
        The text.
    spans
        The first character of a part, the one behind its last, and what it is called; parts may
        overlap.

    Examples
    --------
    >>> pieces("We will not.", [(0, 7, "a"), (3, 11, "b")])
    [('We ', ['a']), ('will', ['a', 'b']), (' not', ['b']), ('.', [])]
    """
    parts = [(max(start, 0), min(stop, len(text)), label) for start, stop, label in spans]
    borders = {0, len(text), *(border for part in parts for border in part[:2])}
    edges = sorted(border for border in borders if 0 <= border <= len(text))
    return [
        (
            text[first:last],
            [label for start, stop, label in parts if start <= first and last <= stop],
        )
        for first, last in pairwise(edges)
    ]
