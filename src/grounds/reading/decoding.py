"""From bytes to clean text: encodings, broken characters, invisible characters."""

from __future__ import annotations

import re
from bisect import bisect_right
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from typing import NamedTuple

from grounds.errors import InputError

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""They can show words in another order than they stand in."""

_CONTROLS = "".join(map(chr, (*range(0x09), *range(0x0E, 0x1C), 0x7F)))  # the rest is white space
_SPACES = "\u00a0\u2007\u202f\x1f"
_QUOTES = {  # and dashes of Windows-1252 that was read as Latin-1; 85 is a line's end by itself
    code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0) if code != 0x85
}
_MOJIBAKE = re.compile(
    r"[ÂÃâð][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"  # UTF-8 read as Windows-1252
)
_DROPPED = _INVISIBLE + _DIRECTIONS + _CONTROLS
_PLAIN = str.maketrans(
    dict.fromkeys(_DROPPED, "")
    | dict.fromkeys(_SPACES, " ")
    | {chr(c): _QUOTES[c] for c in _QUOTES}
)
_ODD = re.compile(f"[{_DROPPED}\x80-\x84\x86-\x9f]")
_HALF = re.compile("[\ud800-\udfff]")  # half of a character, as JSON's escapes can leave it
_FOREIGN_RUN = re.compile(r"[^\t-\r\x1c-\x1e -~]+")


class CleanText(NamedTuple):
    """Text without broken and invisible characters, and the way back to the text given.

    Attributes
    ----------
    text
        The clean text.
    edits
        For each place where characters were replaced by fewer or more: the offset in the text
        given from which on, and by how much, offsets in the clean text differ.
    warnings
        What was repaired.
    """

    text: str
    edits: tuple[tuple[int, int], ...] = ()
    warnings: tuple[str, ...] = ()

    def offset(self, given: int) -> int:
        """Return the offset in the clean text of an offset in the text given."""
        i = bisect_right(self.edits, (given, len(self.text)))
        return given + self.edits[i - 1][1] if i else given

    def given(self, clean: int) -> int:
        """Return the offset in the text given of an offset in the clean text.

        Where characters were dropped, that is the offset below them.
        """
        i = bisect_right(self.edits, clean, key=sum)
        before = self.edits[i - 1][1] if i else 0
        end = self.edits[i][0] if i < len(self.edits) else clean - before
        return min(clean - before, end)  # within what was replaced by more


def decode(data: bytes, source: str) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file and what there is to warn of.

    UTF-8 and, with a byte order mark, UTF-16 are read as such; the rest as Windows-1252.

    Raises
    ------
    InputError
        If the bytes are no text.
    """
    try:
        if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
            return data.decode("utf-16"), ()
        if b"\0" in data:
            raise InputError(source, "is not a text file")
        return data.removeprefix(BOM_UTF8).decode(), ()
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
        return text, ("not in UTF-8; read as Windows-1252",)


def clean(text: str) -> CleanText:
    """Repair broken characters, drop invisible and control ones and make every space a plain one.

    >>> clean("The\\u00a0Council\\u00e2\\u20ac\\u2122s re\\u00adply").text
    'The Council’s reply'
    """
    broken = any(sign in text for sign in "ÂÃâð") and bool(_MOJIBAKE.search(text))
    if not broken and text.replace("\r", "").replace("\n", "").isprintable():
        return CleanText(text)
    text = _HALF.sub("\ufffd", text)
    if broken or _ODD.search(text):
        return _replaced(text, broken)
    for space in _SPACES:
        text = text.replace(space, " ")
    return CleanText(text)


def _replaced(text: str, broken: bool) -> CleanText:
    """Replace what is broken or invisible and keep account of the offsets."""
    parts: list[str] = []
    edits: list[tuple[int, int]] = []
    position = shift = 0
    for match in _FOREIGN_RUN.finditer(text):
        run = _repaired(match[0]) if broken else match[0]
        new = run.translate(_PLAIN)
        parts += (text[position : match.start()], new)
        position = match.end()
        if len(new) != len(match[0]):
            shift += len(new) - len(match[0])
            edits.append((position, shift))
    parts.append(text[position:])
    warnings = ("characters broken by a wrong encoding were repaired",) if broken else ()
    return CleanText("".join(parts), tuple(edits), warnings)


def _repaired(run: str) -> str:
    if not _MOJIBAKE.search(run):
        return run
    from ftfy import fix_encoding  # rarely needed, and slow to import

    return fix_encoding(run)
