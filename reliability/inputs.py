"""Inputs to fuzz with: valid ones changed step by step, always the same for a seed.

Changing bytes alone would hardly get behind the first check of a zip archive or a PDF. So each form
has a way of its own to be changed: the parts of an archive, the objects of a PDF, the tags of a page,
the values of JSON.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from copy import deepcopy
from io import BytesIO
from random import Random
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

Change = Callable[[bytes, Random], bytes]
"""Changes an input in one place, or in a few."""

_MOST_STEPS = 5
_MOST_REPEATED = 2000
_LONGEST = 1 << 15

WORDS = (
    "The complaint", "Summary", "Summary: We will not investigate.", "My assessment",
    "The Ombudsman’s role and powers", "How I considered this complaint", "Final decision",
    "Agreed action", "Decision :", "Decision date : 12 Mar 2025", "Northmoor Council (94 101 233)",
    "1. Ms X says:", "2. b", "9999. c", "12.", "- late; and", "•", "a) e", "(iv) f", "(Act 1974, section 26(6))",
    "Back to top", "Print this page", "Page 1 of 2", "### G", "As follows.", "two reasons:", "x" * 131,
    "we will not investigate because there is no fault", "the Council has apologised",
)  # fmt: skip
"""Lines that mean something to a reader of decisions."""

ODD = (
    "\x00", "\x01", "\x07", "\x08", "\x0b", "\x0c", "\x1b[31m", "\x1c", "\x1f", "\x7f", "\x80", "\x85", "\x91", "\x9f",
    "\u00a0", "\u00ad", "\u0301" * 9, "\u061c", "\u200b", "\u200d", "\u200e", "\u200f", "\u2028", "\u2029",
    "\u202a", "\u202e", "\u2060", "\u2066", "\u2069", "\u3000", "\ufeff", "\ufffd", "\ufffe", "\uffff",
    "\ud800", "\udfff", "\U0001f600", "\U000e0041", "\U0010ffff", "â€™", "Ã©", "Â\u00a0", "ðŸ\u02dc€", "İ", "ß", "ﬁ", "١٢.", "²",
)  # fmt: skip
"""Control, bidirectional, invisible, broken and other odd characters."""

_NUMBERS = (
    "0", "1", "-1", "9", "255", "65535", "65536", "2147483647", "-2147483648", "4294967296",
    "99999999999999999999", "0.0000001", "1e400", "NaN", "", "x",
)  # fmt: skip
_ENCODINGS = (
    "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "utf-7",
    "shift_jis", "cp437",
)  # fmt: skip
_LINE_ENDS = ("\n", "\r\n", "\r", "\n\n", "\u2028", "\x85", "\x0b", "\x0c", "\n\r")
_TAGS = (
    "<p>", "</p>", "<br>", "<ol>", "<ol start=7>", '<ol type="a" start=27>', "</ol>", "<ul>", "</ul>", "<li>", "</li>",
    "<h1>", "<h2>", "</h2>", "<h3>", "<h6>", "<div>", "</div>", "<b>", "</b>", "<span class=label>", "<span class=value>",
    "</span>", "<table>", "<tr>", "<td>", "</table>", "<script>", "</script>", "<style>", "<!--", "-->", "<![CDATA[", "]]>",
    "<article id=article>", "</article>", "<body>", "</html>", "<template>", "<svg>", "<math>", "<plaintext>", "<textarea>",
    "<title>", "<select>", "<noscript>", "<iframe>", "<frameset>", "<", ">", "</", "<a href='", "&nbsp;", "&#0;", "&#xD800;",
    "&#8238;", "&#27;", "&rsquo", "&#99999999999;", "&", "<?xml version='1.0'?>", "<!DOCTYPE html [<!ENTITY a 'b'>]>", "&a;",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 0.5, float("inf"), float("nan"), "", "x", "2025-03-12", "1e5", [], {}, [[]], [None],
    {"text": "The complaint"}, "\ud800", "\x00", "late", "apology:sought", ["late"], {"start": 0, "end": 1, "label": "late"},
)  # fmt: skip
_TAG = re.compile(r"<[^<>]*>")
_ATTRIBUTE = re.compile(r'(?<==")[^"]*(?=")')
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_OBJECT = re.compile(rb"\d+ \d+ obj\b.*?\bendobj", re.DOTALL)
_TOKEN = re.compile(rb"/[A-Za-z0-9]+|\d+ 0 R|-?[\d.]+|\[|\]|<<|>>|\([^()]*\)|\b[A-Za-z*]{1,9}\b")
_PDF_TOKENS = (
    b"q", b"Q", b"BT", b"ET", b"Tj", b"TJ", b"T*", b"Td", b"Tm", b"Do", b"BI", b"ID", b"EI", b"BMC", b"re", b"W", b"n",
    b"[", b"]", b"<<", b">>", b"null", b"true", b"/Kids", b"/Parent", b"/Type", b"/Pages", b"/Page", b"/Length", b"/Filter",
    b"/FlateDecode", b"/LZWDecode", b"/RunLengthDecode", b"/ASCIIHexDecode", b"/JBIG2Decode", b"/DCTDecode", b"/Prev", b"/XRef",
    b"/ObjStm", b"/Encrypt", b"/ToUnicode", b"/Widths", b"/FontMatrix", b"/Type3", b"/Rotate", b"/MediaBox", b"1 0 R", b"2 0 R",
    b"3 0 R", b"4 0 R", b"99 0 R", b"(The complaint)", b"(1. Ms X)", b"(Final decision)", b"<FEFF202E>", b"(\\000\\001)", b"%",
)  # fmt: skip
_COMPRESSIONS = (ZIP_STORED, ZIP_DEFLATED, ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA)


def generated(seeds: Iterable[bytes], change: Change, seed: int) -> Iterator[bytes]:
    """Yield the seeds, and then without end what a few changes make of one of them.

    >>> from itertools import islice
    >>> first = list(islice(generated([b"The complaint"], bytes_changed, 1), 9))
    >>> first[0], first == list(islice(generated([b"The complaint"], bytes_changed, 1), 9))
    (b'The complaint', True)
    """
    given, draw = list(seeds), Random(seed)
    yield from given
    while True:
        yield several(draw.choice(given), change, draw)


def several(data: bytes, change: Change, draw: Random) -> bytes:
    """Change an input one to five times."""
    for _ in range(draw.randint(1, _MOST_STEPS)):
        data = change(data, draw)[:_LONGEST]
    return data


def bytes_changed(data: bytes, draw: Random) -> bytes:
    """Change, add, drop or repeat some bytes, cut the rest off, or take others altogether."""
    at, to = _slice(len(data), draw)
    some = draw.randbytes(draw.choice((1, 1, 2, 4, 16)))
    return draw.choice(
        (
            lambda: data[:at] + some + data[at + len(some) :],
            lambda: data[:at] + some + data[at:],
            lambda: data[:at] + data[to:],
            lambda: data[:to] + data[at:to] + data[to:],
            lambda: data[:at] + data[at : at + 4] * draw.randint(2, _MOST_REPEATED) + data[at:],
            lambda: data[:at],
            lambda: data[at:],
            lambda: draw.randbytes(draw.choice((4, 40, 400))),
        )
    )()


def text_changed(data: bytes, draw: Random) -> bytes:
    """Change lines, characters, line ends or the encoding of a text."""
    if draw.random() < 0.1:
        return bytes_changed(data, draw)
    text = data.decode("utf-8", "surrogateescape")
    if draw.random() < 0.1:
        return text.encode(draw.choice(_ENCODINGS), "replace")
    changed = draw.choice(
        (_with_odd, _with_odd, _with_line, _with_line, _without_line, _swapped, _repeated, _cut,
         _with_ends, _with_number, _without_spaces)
    )(text, draw)  # fmt: skip
    return changed.encode("utf-8", "surrogatepass" if draw.random() < 0.2 else "replace")


def page_changed(data: bytes, draw: Random) -> bytes:
    """Change the tags of a page: nest them, leave them open, swap them."""
    if draw.random() < 0.4:
        return text_changed(data, draw)
    return _tags_changed(data.decode("utf-8", "replace"), draw, _TAGS).encode("utf-8", "replace")


def json_changed(data: bytes, draw: Random) -> bytes:
    """Change values and names of JSON, of one line of it where it has a line each."""
    if draw.random() < 0.2:
        return text_changed(data, draw)
    lines = data.split(b"\n")
    try:
        values, place = json.loads(data), None
    except (ValueError, RecursionError):
        place = draw.randrange(len(lines))
        try:
            values = json.loads(lines[place])
        except (ValueError, RecursionError):
            return text_changed(data, draw)
    made = json.dumps(_value_changed(values, draw), ensure_ascii=draw.random() < 0.5)
    changed = made.encode("utf-8", "surrogatepass")
    if place is None:
        return changed
    return b"\n".join([*lines[:place], changed, *lines[place + 1 :]])


def archive_changed(data: bytes, draw: Random, change: Change = text_changed) -> bytes:
    """Change a file of a zip archive and pack it again; or its names, or the archive's own bytes."""
    if draw.random() < 0.15:
        return bytes_changed(data, draw)
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    except (BadZipFile, ValueError, NotImplementedError, EOFError, OSError, RuntimeError):
        return bytes_changed(data, draw)
    except Exception:  # noqa: BLE001 - zlib's, lzma's and other errors of what was damaged before
        return bytes_changed(data, draw)
    if not parts:
        return bytes_changed(data, draw)
    place = draw.randrange(len(parts))
    name, part = parts[place]
    step = draw.random()
    if step < 0.8:
        parts[place] = name, change(part, draw)
    elif step < 0.85:
        parts.pop(place)
    elif step < 0.9:
        parts.append((name, draw.choice(parts)[1]))
    else:
        odd = draw.choice(
            (*ODD, "../", "/", "C:", "\\", ".", "~$", "__MACOSX/", ".zip/", "x" * 300)
        )
        at = draw.randint(0, len(name))
        parts[place] = (
            name[:at] + odd.replace("\ud800", "").replace("\udfff", "") + name[at:],
            part,
        )
    compression = draw.choice(_COMPRESSIONS) if draw.random() < 0.2 else ZIP_STORED
    return packed(parts, compression)


def word_changed(data: bytes, draw: Random) -> bytes:
    """Change the parts of a Word document."""
    return archive_changed(data, draw, _part_changed)


def pdf_changed(data: bytes, draw: Random) -> bytes:
    """Change tokens of a PDF, in its objects and in what they draw, or whole objects."""
    step = draw.random()
    if step < 0.15:
        return bytes_changed(data, draw)
    if step < 0.3:
        objects = list(_OBJECT.finditer(data))
        if objects:
            one, other = draw.choice(objects), draw.choice(objects)
            with_ = draw.choice((b"", other[0], one[0] + b"\n" + one[0]))
            return data[: one.start()] + with_ + data[one.end() :]
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return bytes_changed(data, draw)
    one, other = draw.choice(tokens), draw.choice(tokens)
    number = draw.choice(_NUMBERS).encode()
    new = draw.choice((b"", other[0], draw.choice(_PDF_TOKENS), number, number, one[0] + b" " + other[0],
                       (one[0] + b" ") * draw.randint(2, _MOST_REPEATED // 10)))  # fmt: skip
    return data[: one.start()] + new + data[one.end() :]


# Steps


def _slice(length: int, draw: Random) -> tuple[int, int]:
    at = draw.randint(0, length)
    return at, at + int(min(length - at, draw.expovariate(1 / 40)))


def _with_odd(text: str, draw: Random) -> str:
    at = draw.randint(0, len(text))
    return text[:at] + draw.choice(ODD) + text[at:]


def _with_line(text: str, draw: Random) -> str:
    lines = text.splitlines()
    lines.insert(draw.randint(0, len(lines)), draw.choice(WORDS))
    return "\n".join(lines)


def _without_line(text: str, draw: Random) -> str:
    lines = text.splitlines() or [""]
    lines.pop(draw.randrange(len(lines)))
    return "\n".join(lines)


def _swapped(text: str, draw: Random) -> str:
    lines = text.splitlines() or [""]
    one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _repeated(text: str, draw: Random) -> str:
    at, to = _slice(len(text), draw)
    return text[:to] + text[at:to] * draw.choice((1, 2, 30, _MOST_REPEATED // 20)) + text[to:]


def _cut(text: str, draw: Random) -> str:
    at, to = _slice(len(text), draw)
    return draw.choice((text[:at], text[at:], text[:at] + text[to:]))


def _with_ends(text: str, draw: Random) -> str:
    ends = [draw.choice(_LINE_ENDS) for _ in range(3)]
    return "".join(line + draw.choice(ends) for line in text.splitlines())


def _with_number(text: str, draw: Random) -> str:
    numbers = list(_NUMBER.finditer(text))
    if not numbers:
        return text
    one = draw.choice(numbers)
    return text[: one.start()] + draw.choice(_NUMBERS) + text[one.end() :]


def _without_spaces(text: str, draw: Random) -> str:
    at, to = _slice(len(text), draw)
    return (
        text[:at]
        + re.sub(r"\s+", draw.choice(("", "\t", "\u00a0", "\n", "  ")), text[at:to])
        + text[to:]
    )


def _tags_changed(text: str, draw: Random, known: tuple[str, ...]) -> str:
    tags = list(_TAG.finditer(text))
    step = draw.random()
    if not tags or step < 0.3:
        at = draw.randint(0, len(text))
        return text[:at] + draw.choice(known) + text[at:]
    one, other = sorted((draw.choice(tags), draw.choice(tags)), key=lambda tag: tag.start())
    if step < 0.5:
        return text[: one.start()] + text[one.end() :]
    if step < 0.65 and one != other:
        between = text[one.end() : other.start()]
        return text[: one.start()] + other[0] + between + one[0] + text[other.end() :]
    if step < 0.8:
        return text[: one.start()] + one[0] * draw.choice((2, 40, 400)) + text[one.end() :]
    if step < 0.9:
        return text[: other.end()] + text[one.start() : other.end()] + text[other.end() :]
    return text[: one.start()] + _ATTRIBUTE.sub(draw.choice(_NUMBERS), one[0]) + text[one.end() :]


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_ELEMENTS = (
    "<w:p/>", "<w:br/>", "<w:tab/>", "<w:r/>", "<w:del/>", "<w:altChunk/>", "<w:footnoteReference/>", "<w:vanish/>",
    "<w:p><w:r><w:t>The complaint</w:t></w:r></w:p>", "<w:r><w:t>Final decision</w:t></w:r>", "<w:t>\u202e\u0085</w:t>",
    "<w:t>3.</w:t>", "<w:numPr><w:ilvl w:val='1'/><w:numId w:val='1'/></w:numPr>", "<w:pPr><w:numPr/></w:pPr>",
    "<w:pStyle w:val='Heading1'/>", "<w:basedOn w:val='ListNumber'/>", "<w:numStyleLink w:val='ListNumber'/>",
    "<w:fldChar w:fldCharType='begin'/>", "<w:fldChar w:fldCharType='separate'/>", "<w:fldChar w:fldCharType='end'/>",
    "<w:sym w:char='F0B7'/>", "<w:sym w:char='D800'/>", "<w:sym w:char='202E'/>", "<w:txbxContent><w:p/></w:txbxContent>",
    "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>", "<w:lvlText w:val='%1.%2.%9'/>", "<w:numFmt w:val='lowerRoman'/>",
    "<w:start w:val='2147483647'/>", "<w:lvlRestart w:val='0'/>", "<w:startOverride w:val='9'/>", "<w:isLgl/>", "<!-- c -->", "<?p i?>",
    "<w:outlineLvl w:val='0'/>", "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr></w:sdt>", "<w:ins><w:r/></w:ins>",
)  # fmt: skip
_MOST_NESTED = 300


def _part_changed(data: bytes, draw: Random) -> bytes:
    """Change the elements of a part; now and then its bytes, so that it is no XML any more."""
    from lxml import etree

    if draw.random() < 0.1:
        return text_changed(data, draw)
    try:
        root = etree.fromstring(data)
    except etree.XMLSyntaxError:
        return text_changed(data, draw)
    elements = list(root.iter("*"))  # no comments, which hold nothing
    one, other = draw.choice(elements), draw.choice(elements)
    new = etree.fromstring(f"<x xmlns:w='{_W}'>{draw.choice(_ELEMENTS)}</x>")[0]
    step = draw.random()
    if step < 0.25:
        one.insert(draw.randint(0, len(one)), new)
    elif step < 0.4 and one is not root:
        one.getparent().remove(one)
    elif step < 0.5 and other is not root and one not in other.iter():
        one.append(other)
    elif step < 0.6 and one is not root and len(elements) < _MOST_REPEATED:
        one.addnext(deepcopy(one))
    elif step < 0.65 and one is not root:
        _nested(one, draw)
    elif step < 0.85 and len(one.attrib):
        name = draw.choice(list(one.attrib))
        values = [element.get(name) for element in elements if element.get(name)]
        one.set(name, draw.choice((*_NUMBERS, *values)))
    else:
        words = text_changed((one.text or draw.choice(WORDS)).encode(), draw).decode(
            "utf-8", "replace"
        )
        with suppress(ValueError):  # characters that XML does not have
            one.text = words
    return bytes(etree.tostring(root))


def _nested(element: Any, draw: Random) -> None:
    """Put an element into many of its kind."""
    parent, inner = element.getparent(), element
    place = parent.index(element)
    for _ in range(draw.choice((1, 9, _MOST_NESTED))):
        outer = element.makeelement(element.tag if isinstance(element.tag, str) else "x")
        outer.append(inner)
        inner = outer
    parent.insert(place, inner)


def _value_changed(values: Any, draw: Random) -> Any:
    """Change a value somewhere in what JSON gives."""
    inner = [(values, key) for key in _keys(values)]
    for holder, key in inner:
        inner += [(holder[key], deeper) for deeper in _keys(holder[key])]
    if not inner:
        return draw.choice(_VALUES)
    holder, key = draw.choice(inner)
    step = draw.random()
    if step < 0.15:
        del holder[key]
    elif step < 0.25 and isinstance(holder, dict):
        holder[draw.choice((*ODD, "text", "schema", "label", ""))] = holder.pop(key)
    elif step < 0.5 and isinstance(holder[key], str):
        changed = text_changed(holder[key].encode("utf-8", "surrogatepass"), draw)
        holder[key] = changed.decode("utf-8", "replace")
    elif step < 0.65 and isinstance(holder[key], int):
        holder[key] += draw.choice((-1, 1, 1000, -(10**9), 10**30))
    else:
        holder[key] = draw.choice(_VALUES)
    return values


def _keys(values: Any) -> Iterable[Any]:
    if isinstance(values, dict):
        return list(values)
    return range(len(values)) if isinstance(values, list) else ()


def packed(parts: Iterable[tuple[str, bytes]], compression: int = ZIP_STORED) -> bytes:
    """Return a zip archive of files, the same at every time of day."""
    stream = BytesIO()
    with ZipFile(stream, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a name is there twice is meant
        for name, part in parts:
            archive.writestr(ZipInfo(name or "x"), part, compression)
    return stream.getvalue()
