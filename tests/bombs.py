"""Files made to take all memory or all time of whoever reads them, without either to make them."""

from __future__ import annotations

import struct
import sys
import zlib
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_PIECE = 1 << 20
GB = 1 << 30

MEMORY = 3 * GB // 2
"""What `read_each` may take."""


def zeros(size: int) -> bytes:
    """Return zeros as deflate packs them: a piece that is whole in itself, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(_PIECE)) + packer.flush(zlib.Z_FULL_FLUSH)
    return piece * (size // _PIECE) + b"\x03\x00"


def packed(*files: tuple[str, bytes, int], alike: int = 1) -> bytes:
    """Return an archive of files: their names, what is packed in them, and how long that is said
    to be. Each is listed `alike` times, by names of its own.
    """
    out, listed = bytearray(), []
    for name, data, size in files:
        at = len(out)
        said = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(data), size, len(name), 0)
        out += b"PK\x03\x04" + said + name.encode() + data
        for number in range(alike):
            own = f"{number}{name}" if number else name
            said = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(data), size, len(own), 0)
            listed.append(
                b"PK\x01\x02\x14\0" + said + struct.pack("<HHHII", 0, 0, 0, 0, at) + own.encode()
            )
    return bytes(out) + ended(b"".join(listed), len(out), len(listed))


def ended(listing: bytes, start: int, count: int) -> bytes:
    """Return the list of an archive's files and its end."""
    count = min(count, 0xFFFF)  # which nobody reads
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(listing), start, 0)
    return listing + b"PK\x05\x06" + end


def unusual() -> bytes:
    """Return an archive of zeros that `zipfile` would unpack at once, whatever it is asked for."""
    stream = BytesIO()
    with ZipFile(stream, "w", ZIP_BZIP2) as archive:
        archive.writestr("a.txt", bytes(20 << 20))
    return stream.getvalue()


def million_files() -> bytes:
    """Return an archive that lists a million files."""
    one = packed(("a.txt", zeros(0), 0))
    start = one.index(b"PK\x01\x02")
    entry = one[start : one.index(b"PK\x05\x06")]
    return one[:start] + ended(entry * 1_000_000, start, 1_000_000)


def document(text: str | bytes, *, size: int | None = None) -> bytes:
    """Return a Word document of this XML, or of data as it is packed that are said to be so long."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Override '
        f'PartName="/word/document.xml" ContentType="{_MAIN}"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="a" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
    }
    if isinstance(text, str):
        stream = BytesIO()
        with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
            for name, part in (parts | {"word/document.xml": text}).items():
                archive.writestr(name, part)
        return stream.getvalue()
    files = [(name, deflated(part.encode()), len(part)) for name, part in parts.items()]
    whole = packed(*files, ("word/document.xml", text, len(text) if size is None else size))
    return checked(whole, [part.encode() for part in parts.values()])


def paragraphs(body: str, before: str = "") -> str:
    """Return the XML of a Word document's text."""
    opened = f'<w:document xmlns:w="{_WORD}"><w:body>'
    return f"{before}{opened}{body}</w:body></w:document>"


def laughs() -> str:
    """Return text of which one word stands for a billion."""
    named = ['<!ENTITY l0 "lol">']
    named += [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return _decision("&l9;", f"<!DOCTYPE a [{''.join(named)}]>")


def entities(address: str, file: Path) -> str:
    """Return text with words that stand for a file and for a page."""
    named = f'<!ENTITY file SYSTEM "{file.as_uri()}"><!ENTITY page SYSTEM "{address}">'
    return _decision("&file;&page;", f'<!DOCTYPE a SYSTEM "{address}" [{named}]>')


def _decision(word: str, before: str) -> str:
    lines = ("The complaint", f"1. No.{word}", "Final decision", "2. We will not.")
    body = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in lines)
    return paragraphs(body, before)


def pdf(content: bytes, pages: int = 1) -> bytes:
    """Return a PDF with this on each page, packed."""
    drawn = zlib.compress(content, 1)
    page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 3 0 R/Resources<</Font<</F 4 0 R>>>>>>"
    kids = " ".join(f"{5 + number} 0 R" for number in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(drawn), drawn),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *[page.encode()] * pages,
    ]
    out, places = bytearray(b"%PDF-1.5\n"), []
    for number, part in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(out))
    return bytes(out) + b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, table) + end


def letters(size: int) -> bytes:
    """Return a page's drawing of so many bytes, each sixth of them a letter of its own."""
    return b"BT /F 12 Tf 50 700 Td " + b"(a)Tj " * (size // 6) + b"ET"


def sparse(path: Path, before: bytes, size: int) -> Path:
    """Write a file that begins so and then has zeros only, which take no room."""
    with path.open("wb") as file:
        file.write(before)
        file.truncate(size)
    return path


def read_each(names: list[str]) -> None:
    """Read files in a process that has little memory and time; print what is said of each."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    from grounds.corpus import read_labelled
    from grounds.errors import InputError
    from grounds.reading import find, read
    from grounds.writing import read_records

    for name in names:
        path, problems = Path(name), set()
        if "labelled" in name:
            errors: list[InputError] = []
            found = read_labelled([path], errors=errors)
            problems |= {type(one).__name__ for one in found} | {one.problem for one in errors}
        elif "records" in name:
            try:
                list(read_records(path))
            except InputError as error:
                problems.add(error.problem)
        else:
            for one in find([path]):
                try:
                    if isinstance(one, InputError):
                        raise one
                    problems.add(f"read: {len(read(one).paragraphs)} paragraphs")
                except InputError as error:
                    problems.add(error.problem)
        print(path.name, *sorted(problems), sep="\t")


def deflated(data: bytes) -> bytes:
    """Return data as it is packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def checked(archive: bytes, parts: list[bytes]) -> bytes:
    """Return an archive whose first files say the checksums that they have."""
    out = bytearray(archive)
    for magic, place in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        at = 0
        for part in parts:
            at = out.index(magic, at)
            out[at + place : at + place + 4] = struct.pack("<I", zlib.crc32(part))
            at += 4
    return bytes(out)


if __name__ == "__main__":
    read_each(sys.argv[1:])
