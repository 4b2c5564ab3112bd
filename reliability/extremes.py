"""Big and hostile inputs: ``python reliability/extremes.py [PART OF A NAME …]``.

Each of about a megabyte (some are said to be larger): runs of what a regular expression repeats, nesting,
loops, and a few bytes that unpack to a great many. Each is read, and tagged where it could be, in a
process of its own that may take a minute. Prints a table and writes docs/reliability-extremes.json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from grounds.errors import GroundsError
from grounds.limits import LIMITS

ROOT = Path(__file__).parent.parent
FIGURES = ROOT / "docs" / "reliability-extremes.json"
SIZE = 1_000_000
MOST_SECONDS = 60

_TOP = "Northmoor Council (94 101 233)\nSummary: No.\nThe complaint\n1. Ms X says:\n"
_END = "\nMy assessment\n2. It is late.\nFinal decision\n3. No.\n"

UNITS = (
    " ", "\t", "\u00a0", "\n", "\r", "\x0b", "0", "1", "1.", "1. ", "a", "A", "é", "(", ")", "(a) ", "1(a)", "[", "[[", "[[late|",
    "]]", "|", "&", "and ", "& ", "'", '"', "’", "”", ".", "!", ".”", "?!", "-", "a-", "–", "•", "• ", "#", "# ", "=", ":",
    ";", "; and", "/", "\\", "..", "../", "https://", "T00:00", "12 Mar 2025", "94 101 233 ", "94-101-233", "Summary:", "summary ",
    "Decision date: ", "Act 1974 ", "section 26(6) ", "page 1 of 2 ", "decision on behalf of ", "local government ", "b) ",
    "two ", "Mr. ", "Ms X says ", "because ", "we will not ", "apologise ", "£1,000.50 ", "Â", "Ã", "â€™", "Ã¢â\u201a¬â„¢", "ðŸ\u02dc€", "é\u0301",
    "\u00ad", "\u200b", "\u202e", "\x01", "\x02", "\u0301", "\U0001f600", "\ud7ff", "ß", "İ", "ﬃ", "x" * 99 + " ", "_", "@", "a@", "a.b", "http://a.",
    "<", ">", "</", "&amp;", "&#", "{", "{}", "\\u", "%", "$", "^", "*", "**", "+", "~", "`",
)  # fmt: skip
"""What is repeated: all that a regular expression of grounds or of what it uses repeats or begins with."""


class Case(NamedTuple):
    """A hostile input."""

    kind: str  # the end of a file's name
    name: str
    build: Callable[[], bytes]


def cases() -> Iterator[Case]:
    """Yield all of them."""
    yield from _texts()
    yield from _pages()
    yield from _documents()
    yield from _pdfs()
    yield from _json()


def _texts() -> Iterator[Case]:
    for unit in UNITS:
        run = unit * (SIZE // len(unit))
        lines = f"{unit.strip() or 'x'}\n" * (SIZE // (len(unit.strip() or "x") + 1))
        yield Case(
            "txt", f"a line of {unit!r}", partial(lambda run: f"{_TOP}{run}x{_END}".encode(), run)
        )
        yield Case(
            "txt",
            f"lines of {unit!r}",
            partial(lambda lines: f"{_TOP}{lines}{_END}".encode(), lines),
        )
        yield Case(
            "txt",
            f"a header of {unit!r}",
            partial(lambda run: f"{run}\n{_TOP}{_END}".encode(), run),
        )
    yield Case(
        "txt", "a million paragraphs", lambda: (_TOP + "4. It is late.\n" * 10**6 + _END).encode()
    )
    yield Case("txt", "a million lines", lambda: (_TOP + "A\n" * 10**6 + _END).encode())
    yield Case(
        "txt",
        "45,000 paragraphs",
        lambda: (_TOP + "4. It is late, we will not.\n" * 45_000 + _END).encode(),
    )
    yield Case("txt", "a header of 500,000 lines", lambda: ("A\n" * 500_000 + _TOP + _END).encode())
    yield Case("txt", "a line of 50 MB", lambda: f"{_TOP}{'a ' * 25_000_000}{_END}".encode())
    yield Case("txt", "a line of 3 MB", lambda: f"{_TOP}{'It is late. ' * 240_000}{_END}".encode())
    for word in (
        "The complaint",
        "Final decision",
        "Summary",
        "Background",
        "a:",
        "(Act 1974)",
        "b; and",
    ):
        yield Case(
            "txt",
            f"lines of {word!r}",
            partial(lambda word: (_TOP + f"{word}\n" * (SIZE // 20) + _END).encode(), word),
        )
        wrapped = f"{word} xxxxxxxxxxxxxxxxxxxxxxx\n"
        yield Case(
            "txt",
            f"wrapped lines of {word!r}",
            partial(
                lambda wrapped: f"{_TOP}{wrapped * (SIZE // len(wrapped))}{_END}".encode(), wrapped
            ),
        )


def _page(inner: str) -> bytes:
    head = "<html><body><article id=article><h2>The complaint</h2><ol><li>Ms X.</li></ol>"
    return f"{head}<h2>My assessment</h2>{inner}<h2>Final decision</h2><p>No.</p></article></body></html>".encode()


def _pages() -> Iterator[Case]:
    for unit in UNITS:
        yield Case(
            "html",
            f"a line of {unit!r}",
            partial(lambda unit: _page(f"<p>{escape(unit * (SIZE // len(unit)))}</p>"), unit),
        )
    for tag in ("div", "p", "b", "a", "font", "span", "li", "ol", "ul", "table", "td", "h2", "em", "form", "button", "select", "option",
                "svg", "math", "template", "article", "x", "dd", "nobr", "blockquote", "br", "script", "style", "textarea", "title", "ruby"):  # fmt: skip
        many = SIZE // (2 * len(tag) + 5)
        yield Case(
            "html",
            f"<{tag}> {many:,} deep, closed",
            partial(
                lambda tag, many: _page(f"<{tag}>" * many + "x" + f"</{tag}>" * many), tag, many
            ),
        )
        yield Case(
            "html",
            f"<{tag}> left open",
            partial(lambda tag, many: _page(f"<{tag}>" * many), tag, many),
        )
        yield Case(
            "html",
            f"<{tag}> 19,000 left open",
            partial(lambda tag: _page(f"<{tag}>" * 19_000), tag),
        )
        yield Case(
            "html",
            f"<{tag}> closed before it is opened",
            partial(lambda tag, many: _page(f"</{tag}>" * many), tag, many),
        )
        yield Case(
            "html",
            f"<{tag}> many beside each other",
            partial(lambda tag, many: _page(f"<{tag}>x</{tag}>" * (many * 9 // 10)), tag, many),
        )
    for one, many in (
        ("<ol><li>", 100_000), ("<b><p>", 100_000), ("<b><i><p></b>", 70_000), ("<a><table>", 19_000), ("<table><tr><td>", 60_000),
        ("<b></p>", 100_000), ("<p></b>", 100_000), ("<b><p></b></p>", 70_000), ("<a><p></a>", 99_000), ("<!--", 250_000), ("<!-- -->", 120_000), ("<![CDATA[", 100_000), ("<a b='", 160_000),
        ("<a b=c d>", 100_000), ("<table><b>", 90_000), ("<table>x", 100_000), ("<svg><p>", 100_000), ("<frameset>", 90_000), ("<ul><li>a</li>", 70_000),
    ):  # fmt: skip
        yield Case(
            "html", f"{one} {many:,} times", partial(lambda one, many: _page(one * many), one, many)
        )
    yield Case(
        "html",
        "an element of 100,000 attributes",
        lambda: _page(f"<p {' '.join(f'a{i}' for i in range(100_000))}>x</p>"),
    )
    yield Case(
        "html",
        "100,000 deep and closed",
        lambda: _page("<div>" * 100_000 + "x" + "</div>" * 100_000),
    )


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _document(body: str, styles: str = "", numbering: str = "") -> bytes:
    """Return a Word document of these elements."""
    kinds = {"document": body, "styles": styles, "numbering": numbering}
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    related = "".join(
        f'<Relationship Id="{k}" Type="{base}/{k}" Target="{k}.xml"/>'
        for k in ("styles", "numbering")
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Override PartName="/word/document.xml" '
        'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" Type="{base}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships">{related}</Relationships>',
        **{
            f"word/{name}.xml": f"<w:{name} {_W}>{inner}</w:{name}>"
            for name, inner in kinds.items()
        },
    }
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name, part)
    return stream.getvalue()


def _words(*texts: str, properties: str = "") -> str:
    return "".join(
        f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{escape(text)}</w:t></w:r></w:p>"
        for text in texts
    )


def _documents() -> Iterator[Case]:
    top, end = _words(*_TOP.splitlines()), _words(*_END.split("\n")[1:-1])

    def case(name: str, inner: Callable[[], str], **others: Callable[[], str]) -> Case:
        return Case(
            "docx",
            name,
            lambda: _document(top + inner() + end, **{k: v() for k, v in others.items()}),
        )

    for unit in UNITS:
        if unit.isprintable() or unit.isspace() and unit >= "\t" and unit != "\x0b":
            yield case(
                f"a line of {unit!r}",
                partial(lambda unit: _words(unit * (SIZE // len(unit))), unit),
            )
    for name in ("p", "r", "tbl", "tr", "tc", "sdt", "ins", "txbxContent", "x"):
        yield case(
            f"w:{name} 250 deep",
            partial(lambda name: f"<w:{name}>" * 250 + "<w:p/>" + f"</w:{name}>" * 250, name),
        )
        yield case(
            f"w:{name} 100,000 deep",
            partial(lambda name: f"<w:{name}>" * 100_000 + f"</w:{name}>" * 100_000, name),
        )
        yield case(f"w:{name} 200,000 times", partial(lambda name: f"<w:{name}/>" * 200_000, name))
    field = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    yield case(
        "80,000 fields, never closed, and as many words",
        lambda: f"<w:p>{field * 80_000}{'<w:r><w:t>a</w:t></w:r>' * 80_000}</w:p>",
    )
    yield case("200,000 paragraphs", lambda: _words("A") * 200_000)
    yield case("45,000 paragraphs", lambda: _words("It is late.") * 45_000)
    styled = '<w:pStyle w:val="s{}"/>'
    chain = "".join(
        f'<w:style w:styleId="s{i}"><w:name w:val="s{i}"/><w:basedOn w:val="s{(i + 1) % 100_000}"/></w:style>'
        for i in range(100_000)
    )
    yield case(
        "100,000 styles, each based on the next, in a circle",
        lambda: "".join(_words("A", properties=styled.format(i)) for i in range(0, 100_000, 9)),
        styles=lambda: chain,
    )
    listed = '<w:numPr><w:ilvl w:val="{}"/><w:numId w:val="{}"/></w:numPr>'
    lists = (
        '<w:abstractNum w:abstractNumId="0"><w:numStyleLink w:val="s"/></w:abstractNum>'
        + "".join(
            f'<w:num w:numId="{i}"><w:abstractNumId w:val="0"/></w:num>' for i in range(50_000)
        )
    )
    loop = '<w:style w:styleId="s"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    yield case(
        "50,000 lists that stand for each other",
        lambda: "".join(_words("A", properties=listed.format(0, i)) for i in range(50_000)),
        styles=lambda: loop,
        numbering=lambda: lists,
    )
    label = "%1%2%3%4%5%6%7%8%9" * 5
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="999999999"/><w:numFmt w:val="lowerRoman"/><w:lvlText w:val="{label}"/></w:lvl>'
        for i in range(9)
    )
    deep = f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    yield case(
        "100,000 labels of nine levels",
        lambda: "".join(_words("A", properties=listed.format(i % 9, 1)) for i in range(100_000)),
        numbering=lambda: deep,
    )
    yield case("a part of 1 GB", lambda: _words("a" * 2**20) * 1000)
    yield case(
        "100,000 rows of tables",
        lambda: (
            "<w:tbl>" + "<w:tr><w:tc><w:p/></w:tc><w:tc><w:p/></w:tc></w:tr>" * 100_000 + "</w:tbl>"
        ),
    )
    yield Case("docx", "an archive of 20,000 files", _full)


def _full() -> bytes:
    stream = BytesIO(_document(_words(*_TOP.splitlines(), *_END.split("\n")[1:-1])))
    with ZipFile(stream, "a") as archive:
        for number in range(20_000):
            archive.writestr(str(number), b"")
    return stream.getvalue()


_FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
_SHOWN = "BT /F0 11 Tf 70 {} Td ({}) Tj ET\n"


def _pdf(
    *contents: bytes | str,
    more: Sequence[str | bytes] = (),
    kids: str = "",
    page: str = "",
    box: str = "0 0 595 842",
    packed: int = 0,
) -> bytes:
    """Return a PDF of pages; `more` are objects from number 4 on, `packed` how often contents are compressed."""
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        _FONT.encode(),
        *(one.encode() if isinstance(one, str) else one for one in more),
    ]
    numbers = []
    for content in contents:
        data = content.encode() if isinstance(content, str) else content
        for _ in range(packed):
            data = zlib.compress(data, 9)
        filters = f"/Filter [{'/FlateDecode ' * packed}]" if packed else ""
        objects.append(
            b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), filters.encode(), data)
        )
        resources = page or "/Resources << /Font << /F0 3 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] {resources} /Contents {len(objects)} 0 R >>".encode()
        )
        numbers.append(len(objects))
    listed = kids or " ".join(f"{number} 0 R" for number in numbers)
    objects[1] = f"<< /Type /Pages /Kids [{listed}] /Count {len(numbers)} >>".encode()
    data, places = b"%PDF-1.7\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, one) if len(objects) < 9000 else b""
    if len(objects) >= 9000:  # joining is quicker
        parts, length = [data], len(data)
        places = []
        for number, one in enumerate(objects, 1):
            part = b"%d 0 obj\n%s\nendobj\n" % (number, one)
            places.append(length)
            parts.append(part)
            length += len(part)
        data = b"".join(parts)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(
        b"%010d 00000 n \n" % place for place in places
    )
    return (
        data
        + table
        + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, len(data))
    )


def _rows(*texts: str) -> str:
    return "".join(_SHOWN.format(800 - 14 * at, text) for at, text in enumerate(texts))


def _pdfs() -> Iterator[Case]:
    shown = _rows(
        *_TOP.replace("(", "").replace(")", "").splitlines(),
        "My assessment",
        "2. It is late.",
        "Final decision",
        "3. No.",
    )

    def case(name: str, content: Callable[[], str | bytes], **others: Any) -> Case:
        return Case("pdf", name, lambda: _pdf(shown, content(), **others))

    for unit in UNITS:
        if unit.isascii() and unit.isprintable() and not set(unit) & set("()\\"):
            yield case(
                f"a row of {unit!r}", partial(lambda unit: _rows(unit * (SIZE // len(unit))), unit)
            )
            yield case(
                f"rows of {unit!r}",
                partial(
                    lambda unit: "".join(
                        _SHOWN.format(i % 800, unit * 9)
                        for i in range(SIZE // (9 * len(unit) + 32))
                    ),
                    unit,
                ),
            )
    yield case(
        "a million letters, each drawn by itself",
        lambda: "BT /F0 11 Tf " + "(a)Tj " * 160_000 + "ET",
    )
    yield case("25,000 texts at the same place", lambda: _rows("It is late.") * 25_000)
    yield case(
        "25,000 hyphens at the ends of rows",
        lambda: "".join(_SHOWN.format(800 - i % 790, "late-") for i in range(25_000)),
    )
    yield case("a page of 10,000,000 points", lambda: _rows("a"), box="0 0 10000000 10000000")
    yield case("a page of -1e30 points", lambda: _rows("a"), box="-1e30 -1e30 1e30 1e30")
    yield case("100,000 tiny objects", lambda: _rows("a"), more=["null"] * 60_000)
    yield Case("pdf", "a page tree in a circle", lambda: _pdf(shown, kids="2 0 R 2 0 R 5 0 R"))
    tree = [
        "<< /Type /Pages /Kids [{0} 0 R {0} 0 R] /Count 2147483647 >>".format(5 + i)
        for i in range(40)
    ]
    yield Case(
        "pdf", "a page tree that doubles 40 times", lambda: _pdf(shown, more=tree, kids="4 0 R")
    )
    yield Case("pdf", "20,000 pages", lambda: _pdf(*["" for _ in range(10_000)]))
    yield Case("pdf", "500 pages of one content", lambda: _pdf(shown, *["BT ET"] * 498))
    forms = [
        f"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X {5 + i} 0 R >> /Font << /F0 3 0 R >> >> /Length 10 >>\nstream\n/X Do /X Do\nendstream"
        for i in range(40)
    ]
    resources = "/Resources << /Font << /F0 3 0 R >> /XObject << /X 4 0 R >> >>"
    yield Case(
        "pdf",
        "forms that draw the next one twice, 40 times over",
        lambda: _pdf("/X Do " + shown, more=forms, page=resources),
    )
    form = [
        "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >> >> /Length 10 >>\nstream\n/X Do /X Do\nendstream"
    ]
    yield Case(
        "pdf", "a form that draws itself", lambda: _pdf("/X Do " + shown, more=form, page=resources)
    )
    yield case("100,000 nested q", lambda: "q " * 400_000)
    yield case("100,000 nested arrays", lambda: "[" * 900_000)
    yield case("500,000 lines drawn", lambda: "0 0 m 9 9 l S " * 70_000)
    yield case("a content of 50 MB, packed", lambda: _rows("It is late.") * 1_250_000, packed=1)
    yield case("a content of 300 MB of spaces, packed", lambda: b" " * 300_000_000, packed=1)
    yield case("a content of 1 GB of spaces, packed twice", lambda: b" " * 1_000_000_000, packed=2)
    yield case(
        "a content of 200 MB of letters, packed",
        lambda: b"BT /F0 11 Tf " + b"(a)Tj " * 33_000_000 + b"ET",
        packed=1,
    )
    yield case(
        "a content of 300 MB of lines, packed", lambda: b"0 0 m 9 9 l S " * 20_000_000, packed=1
    )
    codes = "".join(f"<{i:04x}> <{i:04x}> <{'0061' * 100}>\n" for i in range(2000))
    unicode = f"/CIDInit /ProcSet findresource begin begincmap 2000 beginbfrange\n{codes}endbfrange endcmap"
    font = [
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 5 0 R >>",
        f"<< /Length {len(unicode)} >>\nstream\n{unicode}\nendstream",
    ]
    yield Case(
        "pdf",
        "letters that stand for 100 each",
        lambda: _pdf(
            shown,
            "BT /F1 11 Tf (" + "a" * 200_000 + ") Tj ET",
            more=font,
            page="/Resources << /Font << /F0 3 0 R /F1 4 0 R >> >>",
        ),
    )


def _json() -> Iterator[Case]:
    text = json.dumps(_TOP + _END)
    for name, inner in (
        ("100,000 arrays deep", "[" * 100_000 + "]" * 100_000),
        ("objects 100,000 deep", '{"a":' * 100_000 + "1" + "}" * 100_000),
        ("a number of 1,000,000 digits", "9" * SIZE),
        ("a number with 1,000,000 noughts", "1e" + "0" * SIZE),
    ):
        yield Case(
            "jsonl",
            name,
            partial(lambda inner: f'{{"text": {text}, "reference": {inner}}}'.encode(), inner),
        )
    for unit in UNITS:
        run = unit * (SIZE // len(unit))
        yield Case(
            "jsonl",
            f"a body of {unit!r}",
            partial(
                lambda run: json.dumps({"text": _TOP + _END, "body": run, "date": run}).encode(),
                run,
            ),
        )
    names = ", ".join(f'"{i}": 1' for i in range(90_000))
    yield Case("jsonl", "90,000 names", lambda: f'{{"text": {text}, {names}}}'.encode())


class Result(NamedTuple):
    """What became of a hostile input."""

    kind: str
    name: str
    size: int
    outcome: str
    seconds: float  # to read
    tagging: float
    peak: int  # MB


def tried(case: Case) -> Result:
    """Read and tag an input in a process of its own."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
        os.write(writer, json.dumps(_measured(case)).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as answers:
        answer = answers.read()
    _, status, used = os.wait4(child, 0)
    died = [
        0,
        f"died by signal {os.waitstatus_to_exitcode(status)}",
        used.ru_utime + used.ru_stime,
        0.0,
        used.ru_maxrss >> 10,
    ]
    return Result(case.kind, case.name, *(json.loads(answer) if answer else died))


def _measured(case: Case) -> list[Any]:
    from grounds.reading import apart, read_bytes
    from grounds.tagging import tag_all

    data = case.build()
    name = "a.jsonl:1" if case.kind == "jsonl" else f"a.{case.kind}"
    begun = time.process_time()
    try:
        decision, outcome = read_bytes(data, name), "read"
    except GroundsError as problem:
        decision, outcome = None, f"refused: {str(problem).partition(': ')[2][:90]}"
    except Exception as error:  # noqa: BLE001 - a finding
        decision, outcome = None, f"FAILED: {error!r}"[:200]
    seconds = time.process_time() - begun
    apart.end()
    child = resource.getrusage(resource.RUSAGE_CHILDREN)  # that read the pages of a PDF
    seconds += child.ru_utime + child.ru_stime
    peak = max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, child.ru_maxrss) >> 10
    begun = time.process_time()
    if decision:
        list(tag_all([decision], _model()))
    tagging = time.process_time() - begun
    return [len(data), outcome, round(seconds, 3), round(tagging, 3), peak]


def _model() -> Any:
    import grounds

    return grounds.load_model()


def main(words: Sequence[str] | None = None) -> int:
    """Try all, or those with a word in their names; return how many failed or took too long."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="PART OF A NAME")
    asked = parser.parse_args(words)
    results, bad = [], 0
    import grounds

    grounds.load_model()  # here, so that it counts for no input
    print(
        "| kind | input | bytes | outcome | reading | tagging |\n| --- | --- | ---: | --- | ---: | ---: |"
    )
    for case in cases():
        if asked.names and not any(name in f"{case.kind} {case.name}" for name in asked.names):
            continue
        result = tried(case)
        results.append(result)
        if not asked.names:
            FIGURES.write_text(
                json.dumps([one._asdict() for one in results], indent=1) + "\n", "utf-8"
            )
        allowed = 2 * max(1, result.size / SIZE)
        if case.kind == "pdf":  # whatever its size
            allowed = 1 + LIMITS.seconds
        wrong = result.seconds > allowed or not result.outcome.startswith(("read", "refused"))
        bad += wrong
        if wrong or result.tagging > 4 or result.peak > 600 or asked.names:
            print(
                f"| {case.kind} | {case.name[:60]} | {result.size:,} | {result.outcome} | {result.seconds:.2f} s | {result.tagging:.2f} s | {result.peak} MB",
                flush=True,
            )
    return min(bad, 100)


if __name__ == "__main__":
    sys.exit(main())
