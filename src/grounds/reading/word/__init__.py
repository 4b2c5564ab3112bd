"""Reading Word documents (.docx).

A document becomes lines with marks, as a text copy has them, and is then read as one (`walk`).
Numbers and bullets that Word sets by itself are not in the text: they are worked out (`numbering`)
from what its paragraphs and their styles (`styles`) say.
"""

from __future__ import annotations

from grounds.limits import LIMITS, Limits
from grounds.reading.lines import Line
from grounds.reading.word.package import is_word, unpack
from grounds.reading.word.walk import walk

__all__ = ["is_word", "word_lines"]


def word_lines(
    data: bytes, source: str = "-", limits: Limits = LIMITS
) -> tuple[list[Line], tuple[str, ...]]:
    """Return the lines of a Word document and what there is to warn of; `source` is its name.

    Raises
    ------
    InputError
        If the document is damaged, locked with a password, too large, or has no text.
    """
    return walk(unpack(data, source, limits), source, limits)
