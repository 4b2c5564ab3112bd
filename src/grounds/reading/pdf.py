"""Reading PDFs: decision statements made with a word processor or printed from the site.

A PDF knows no lines and no paragraphs, only letters and where they stand. PDFium tells the words
of each page apart; `running` drops what is printed around the decision, and `rows` makes lines
with marks of the rest, which are read as those of a text copy.
"""

from __future__ import annotations

import ctypes
import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from grounds.errors import InputError
from grounds.limits import LIMITS, Limits
from grounds.reading import apart
from grounds.reading.lines import Line
from grounds.reading.rows import SOFT_HYPHEN, Word, lines_of, rows_of
from grounds.reading.running import without_running

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

_MOST_UNKNOWN = 0.1  # of the characters
_MAGIC = b"%PDF-"
_END = b"%%EOF"
_NEAR = 1024  # bytes from the beginning and the end, in which other programs look for the two
_SPACES = frozenset(map(ord, " \t\r\n\v\f"))
_HYPHEN = 0x02  # PDFium's sign for a hyphen at the end of a row, whatever it was
_UNKNOWN = "\ufffd"
_BULLET = "•"
_SPELLINGS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_SPELLINGS |= {_HYPHEN: "-"}
_NO_LETTER = ("Cc", "Cn", "Co", "Cs")  # control, not assigned, private use, half a character
_HEAVY = ("bold", "black", "heavy")
_SYMBOLS = ("symbol", "wingdings", "dingbats")
_LONGEST_NAME = 128
_STRAIGHT = 0.02  # quarter turns


class _Look(NamedTuple):
    """How letters look."""

    size: float
    bold: bool
    symbols: bool
    hidden: bool
    turns: int | None  # quarter turns to the left, None for any other angle


_PLAIN = _Look(1, bold=False, symbols=False, hidden=False, turns=0)


class _Placed(NamedTuple):
    """A word and how it looks."""

    word: Word
    look: _Look


Page = list[_Placed]
"""The words of a page, in no certain order."""


def is_pdf(data: bytes) -> bool:
    """Say whether bytes are those of a PDF.

    >>> is_pdf(b"%PDF-1.7 ..."), is_pdf(b"Summary: We will not investigate.")
    (True, False)
    """
    return _MAGIC in data[:_NEAR]


def pdf_lines(
    data: bytes, source: str = "-", limits: Limits = LIMITS
) -> tuple[list[Line], list[str]]:
    """Return the lines of the decision in a PDF, and what there is to warn of.

    Parameters
    ----------
    data
        The bytes of the file.
    source
        Its name, for messages.
    limits
        How many pages and characters are read.

    Raises
    ------
    InputError
        If the PDF is protected with a password, damaged or too long, or if it has no text.
    """
    warnings = [] if _END in data[-_NEAR:] else ["the file ends early; parts may be missing"]
    pages = apart.pages_of(data, source, limits)
    _check_letters(pages, source)
    warnings += _page_warnings(pages)
    rows = without_running([rows_of(i, words) for i, words in enumerate(map(_upright, pages), 1)])
    lines, unclear = lines_of([row for page in rows for row in page])
    return lines, [*warnings, *unclear]


def _check_letters(pages: Sequence[Sequence[_Placed]], source: str) -> None:
    """Raise an error where there are no letters, or none that can be read."""
    text = "".join(placed.word.text for page in pages for placed in page)
    if not text:
        raise InputError(
            source, "has no text; it may be a scan: run text recognition (OCR) on it first"
        )
    if text.count(_UNKNOWN) > _MOST_UNKNOWN * len(text):
        raise InputError(
            source, "does not say what its letters are: run text recognition (OCR) on it first"
        )


def _page_warnings(pages: Sequence[Sequence[_Placed]]) -> Iterator[str]:
    empty = [str(number) for number, words in enumerate(pages, 1) if not words]
    if empty:
        yield f"no text on page {', '.join(empty)}; it may be a scan"
    words = [placed for page in pages for placed in page]
    if sum(placed.look.hidden for placed in words) * 2 > len(words):
        yield "the text comes from text recognition (OCR); words may be wrong"
    if any(_UNKNOWN in placed.word.text for placed in words):
        yield "some characters could not be read"
    if any(len(_upright(page)) < len(page) for page in pages):
        yield "text set at an angle was left out"


def _upright(page: Sequence[_Placed]) -> list[Word]:
    """Return the words that are set as most of their page are."""
    turns = Counter(placed.look.turns for placed in page)
    most = max(turns, key=turns.__getitem__, default=0)
    return [placed.word for placed in page if placed.look.turns == most]


# What PDFium knows


def pages_of(data: bytes, source: str, limits: Limits) -> list[Page]:
    """Return the words of each page, for one thread at a time and with whatever PDFium takes.

    Raises
    ------
    InputError
        If the PDF cannot be opened, or has too many pages or too much text.
    """
    from pypdfium2 import PdfDocument, PdfiumError, raw  # slow to import

    try:
        document = PdfDocument(data)
    except PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            problem = "is protected with a password; save a copy without one"
        else:
            problem = "is damaged, or no PDF: it cannot be opened"
        raise InputError(source, problem) from None
    with document:
        limits.check("pages", len(document), source)
        return list(_words(document, source, limits))


def _words(document: PdfDocument, source: str, limits: Limits) -> Iterator[Page]:
    """Yield the words of each page; a page that cannot be loaded has none."""
    from pypdfium2 import PdfiumError

    characters = 0
    for number in range(len(document)):
        try:
            page = document[number]
            text = page.get_textpage()
        except PdfiumError:
            yield []
            continue
        characters += text.count_chars()
        if characters > limits.text:
            limits.refuse("text", source)
        yield _page_words(document, page, text)
        page.close()


def _page_words(document: PdfDocument, page: PdfPage, text: PdfTextPage) -> Page:
    """Return the words of a page, in no certain order."""
    from pypdfium2 import raw

    codes = [raw.FPDFText_GetUnicode(text.raw, i) for i in range(text.count_chars())]
    places = list(_places(text.raw, codes))
    for i in _soft_hyphens(document, page, text.raw, codes):
        codes[i] = ord(SOFT_HYPHEN)
    return [
        _Placed(
            Word(
                _spelled(codes[first : last + 1], look),
                left,
                right,
                base,
                look.size,
                look.bold,
                spaced=first > 0 and codes[first - 1] == ord(" "),
            ),
            look,
        )
        for first, last, left, right, base, look in places
    ]


def _places(
    text: Any, codes: Sequence[int]
) -> Iterator[tuple[int, int, float, float, float, _Look]]:
    """Yield of each word its first and last character, its left, right and base, its look."""
    from pypdfium2 import raw

    box = raw.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    address, look = 0, _PLAIN
    for first, last in _runs(codes):
        shown = raw.FPDFText_GetTextObject(text, first)
        if shown and ctypes.addressof(shown.contents) != address:
            address, look = ctypes.addressof(shown.contents), _look(text, first, shown)
        ends = []
        for i in (first, last):
            raw.FPDFText_GetLooseCharBox(text, i, box)
            ends.append(_turned(box.left, box.bottom, look.turns)[0])
            ends.append(_turned(box.right, box.top, look.turns)[0])
        raw.FPDFText_GetCharOrigin(text, first, x, y)
        base = _finite(_turned(x.value, y.value, look.turns)[1])
        ends = list(map(_finite, ends))
        yield first, last, min(ends), max(ends), base, look


def _runs(codes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield where words begin and end: at spaces, and below a hyphen at the end of a row."""
    first = 0
    for i, code in enumerate([*codes, ord(" ")]):
        if code in _SPACES:
            if first < i:
                yield first, i - 1
            first = i + 1
        elif code == _HYPHEN:
            yield first, i
            first = i + 1


def _look(text: Any, i: int, shown: Any) -> _Look:
    """Return how a letter looks."""
    from pypdfium2 import raw

    matrix = raw.FS_MATRIX()
    raw.FPDFText_GetMatrix(text, i, matrix)
    a, b, c, d = map(_finite, (matrix.a, matrix.b, matrix.c, matrix.d))
    turns = math.atan2(b, a) / (math.pi / 2)
    size = abs(_finite(raw.FPDFText_GetFontSize(text, i))) * math.hypot(c, d)
    name = ctypes.create_string_buffer(_LONGEST_NAME)
    raw.FPDFText_GetFontInfo(text, i, name, _LONGEST_NAME, ctypes.c_int())
    font = name.value.decode("utf-8", "replace").lower()
    mode = raw.FPDFTextObj_GetTextRenderMode(shown)
    outlined = mode == raw.FPDF_TEXTRENDERMODE_FILL_STROKE
    return _Look(
        size=round(size, 1) or 1,
        bold=outlined or any(word in font for word in _HEAVY),
        symbols=any(word in font for word in _SYMBOLS),
        hidden=mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE,
        turns=round(turns) % 4 if abs(turns - round(turns)) < _STRAIGHT else None,
    )


def _finite(length: float) -> float:
    """Return a length; a broken PDF may give one that is none."""
    return length if math.isfinite(length) else 0.0


def _turned(x: float, y: float, turns: int | None) -> tuple[float, float]:
    """Return a point of a page that is turned so that its text stands upright."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[turns or 0]


def _spelled(codes: Sequence[int], look: _Look) -> str:
    """Return the letters of a word; an ornament before it, or alone, is a bullet."""
    word = "".join(map(chr, codes)).translate(_SPELLINGS)
    if word.isascii() and word.isprintable() and not look.symbols:
        return word
    if _is_ornament(word[0]) or look.symbols and len(word) == 1:
        word = _BULLET + word[1:]
    return "".join(_UNKNOWN if unicodedata.category(c) in _NO_LETTER else c for c in word)


def _is_ornament(character: str) -> bool:
    return unicodedata.category(character) in ("Co", "So")  # private use, signs


def _soft_hyphens(
    document: PdfDocument, page: PdfPage, text: Any, codes: Sequence[int]
) -> Iterator[int]:
    """Yield which of the hyphens at the ends of rows are soft ones.

    PDFium has the same sign for all of them as long as a row follows. So the piece of text that
    ends in one is put on a page of its own and read again; nothing is asked of its page later.
    """
    from pypdfium2 import raw

    found = {i: raw.FPDFText_GetTextObject(text, i) for i, c in enumerate(codes) if c == _HYPHEN}
    addresses = Counter(ctypes.addressof(shown.contents) for shown in found.values())
    for i, shown in found.items():
        if addresses[ctypes.addressof(shown.contents)] > 1:
            continue
        if not raw.FPDFPage_RemoveObject(page.raw, shown):
            continue  # it is part of a drawing
        alone = document.new_page(1, 1)
        raw.FPDFPage_InsertObject(alone.raw, shown)
        again = alone.get_textpage()
        last = again.count_chars() - 1
        if last >= 0 and raw.FPDFText_GetUnicode(again.raw, last) == ord(SOFT_HYPHEN):
            yield i
        alone.close()
