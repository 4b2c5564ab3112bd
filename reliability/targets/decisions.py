"""Readers of decisions, one a format, archives of them, and whatever bytes there are."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from zipfile import ZipFile

import invariants
from inputs import (
    archive_changed,
    bytes_changed,
    json_changed,
    packed,
    page_changed,
    pdf_changed,
    text_changed,
    word_changed,
)
from rendering import Source, Style, dashes, numbered, page, parse, plain, wrapped
from setting import Piece, drawn, set_by_typst
from setting import Style as Print
from word_copies import SETTINGS, set_in_word

from grounds.decision import Decision
from grounds.errors import InputError
from grounds.reading import find, read, read_bytes
from grounds.reading.files import load
from targets import Target

ROOT = Path(__file__).parent.parent.parent
_TAGGED = 50  # one in so many of those that are read

_STYLES = "word/styles.xml"
_LISTS = "word/numbering.xml"
_USED = (  # part, elements in it, their key, and what names them
    (_STYLES, b"style", b"styleId", b"<w:(?:pStyle|rStyle)"),
    (_LISTS, b"num", b"numId", b"<w:numId"),
    (_LISTS, b"abstractNum", b"abstractNumId", b"<w:abstractNumId"),
)
_PARTS = (
    "[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/document.xml",
    _STYLES, _LISTS,
)  # fmt: skip
_SHORT = (
    "Northmoor Council (94 101 233)", "Decision date: 12 March 2025",
    "Summary: We will not investigate, as it is late.", "The complaint",
    "1. Ms X says that the Council lost her file and did not",
    "look for it. It says:", "• it is sorry; and", "• it has paid £50.",
    "My assessment", "2. We cannot achieve more (Local", "Government Act 1974, section 24A(6)).",
    "Final decision", "3. We will not investigate.",
)  # fmt: skip


@cache
def _sources() -> tuple[Source, ...]:
    """Return short decisions of the corpus, with bullets and points among them."""
    paths = sorted((ROOT / "data" / "corpus" / "short").glob("*.md"))[::8]
    return tuple(parse(path.read_text("utf-8"), path.name) for path in paths)


def _short() -> Decision:
    return read_bytes("\n".join(_SHORT).encode(), "-")


def _found(target: str) -> Iterator[bytes]:
    """Yield inputs that once went wrong."""
    for path in sorted((Path(__file__).parent.parent / "found" / target).glob("*")):
        yield path.read_bytes()


def texts() -> Iterator[bytes]:
    """Yield text copies in each layout."""
    for number, source in enumerate(_sources()):
        style = Style.some(str(number))
        for render in (numbered, dashes, plain):
            yield render(source, style).encode()
        yield wrapped(numbered(source, style), 72).encode("cp1252", "replace")
    yield from _found("text")


def pages() -> Iterator[bytes]:
    """Yield pages of the site."""
    for number, source in enumerate(_sources()):
        yield page(source, Style.some(str(number))).encode()
    yield from _found("html")


def pdfs() -> Iterator[bytes]:
    """Yield PDFs: drawn by hand, so that what they draw can be changed, and set by a program."""
    for number, lines in enumerate((_SHORT, _SHORT[:9], _SHORT[3:])):
        rows = [Piece(line, 70, 780 - 14 * at, bold=at % 3 == 0) for at, line in enumerate(lines)]
        half = len(rows) // 2
        yield drawn(rows)
        yield drawn(rows[:half], rows[half:], rotate=90 * number)
    yield set_by_typst(_short(), Print())
    yield from _found("pdf")


def documents() -> Iterator[bytes]:
    """Yield Word documents."""
    for setting in SETTINGS:
        yield _light(set_in_word(_short(), setting))
    yield from _found("docx")


def _light(document: bytes) -> bytes:
    """Return a document without parts, styles and lists that are not used."""
    with ZipFile(BytesIO(document)) as archive:
        parts = {name: archive.read(name) for name in _PARTS}
    parts[_STYLES] = re.sub(
        rb"<w:latentStyles.*?</w:latentStyles>", b"", parts[_STYLES], flags=re.DOTALL
    )
    for part, element, key, user in _USED:
        parts[part] = _without_unused(parts, part, element, key, user)
    return packed(parts.items())


def _without_unused(
    parts: dict[str, bytes], part: str, element: bytes, key: bytes, user: bytes
) -> bytes:
    """Return a part without the elements that nothing names."""
    used = set(re.findall(user + rb' w:val="(\w+)"', b"".join(parts.values())))

    def kept(found: re.Match[bytes]) -> bytes:
        return found[0] if found[1] in used else b""

    pattern = rb'<w:%b [^>]*w:%b="(\w+)".*?</w:%b>' % (element, key, element)
    return re.sub(pattern, kept, parts[part], flags=re.DOTALL)


def json_lines() -> Iterator[bytes]:
    """Yield JSON Lines of decisions."""
    fields = [
        {
            "text": numbered(source, Style.some("1")),
            "reference": 94101233,
            "date": "2025-03-12T00:00:00",
        }
        for source in _sources()[:3]
    ]
    yield "\n".join(map(json.dumps, fields)).encode()
    yield json.dumps({"text": next(pages()).decode(), "body": "A"}, ensure_ascii=False).encode()
    yield from _found("jsonl")


def archives() -> Iterator[bytes]:
    """Yield zip archives of decisions in every format."""
    one, page, pdf, document = (next(seeds()) for seeds in (texts, pages, pdfs, documents))
    yield packed(
        [
            ("2025/94-101-233.txt", one),
            ("2025/b/page.html", page),
            ("c.pdf", pdf),
            ("é.docx", document),
        ]
    )
    yield packed(
        [("a.txt", one), ("notes.doc", b"x"), ("old.zip", b"PK"), ("../up.txt", b"The complaint")]
    )
    yield from _found("zip")


def anything() -> Iterator[bytes]:
    """Yield something of every format."""
    for seeds in (texts, pages, pdfs, documents, json_lines, archives):
        yield from islice(seeds(), 2)
    yield from (b"{\\rtf1 The complaint}", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe1\x00")
    yield from _found("bytes")


def _check(data: bytes, source: str) -> None:
    decision = read_bytes(data, source)
    invariants.check_read(decision, data)
    if invariants.sampled(data, _TAGGED):
        invariants.check_tagged(decision)


def _check_container(data: bytes, suffix: str) -> None:
    """Read all that is in a container; it is no refusal where one of many cannot be read."""
    path = _folder() / f"{zlib.crc32(data):08x}{suffix}"
    path.write_bytes(data)
    found, problems = 0, []
    try:
        for member in find([path]):
            try:
                if isinstance(member, InputError):
                    raise member
                decision = read(member)
            except InputError as problem:
                problems.append(problem)
                continue
            found += 1
            invariants.check_read(decision, load(member))
    finally:
        path.unlink()
    if not found:
        raise problems[0] if problems else invariants.Broken("nothing found, and nothing said")


@cache
def _folder() -> Path:
    return Path(mkdtemp(prefix="grounds-fuzz-"))


TARGETS = (
    Target("text", "text copies (`.txt`)", texts, lambda data: _check(data, "a.txt"), text_changed),
    Target("html", "pages (`.html`)", pages, lambda data: _check(data, "a.html"), page_changed),
    Target("pdf", "PDFs (`.pdf`)", pdfs, lambda data: _check(data, "a.pdf"), pdf_changed),
    Target("docx", "Word documents (`.docx`)", documents, lambda data: _check(data, "a.docx"), word_changed),
    Target("jsonl", "JSON Lines of decisions (`.jsonl`)", json_lines,
           lambda data: _check_container(data, ".jsonl"), json_changed),
    Target("zip", "archives of decisions (`.zip`)", archives,
           lambda data: _check_container(data, ".zip"), archive_changed),
    Target("bytes", "any bytes, told by what they are", anything,
           lambda data: _check(data, "-"), bytes_changed),
)  # fmt: skip
