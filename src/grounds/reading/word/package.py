"""The parts of a Word document that are read: text, styles and numbering.

A document is a zip archive of XML parts, which point to each other. Only these three are unpacked,
whatever else is in it, and a pointer that leads nowhere does no harm.
"""

from __future__ import annotations

import posixpath
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple
from zipfile import BadZipFile, ZipFile, ZipInfo

from grounds.errors import InputError
from grounds.limits import LIMITS, Limits
from grounds.reading.zipped import METHODS, open_zip

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

TYPES = "[Content_Types].xml"
"""The part that says of what type the others are."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
_MAIN = (
    b"wordprocessingml.document.main+xml",
    b"wordprocessingml.template.main+xml",
    b"ms-word.document.macroenabled.main+xml",
    b"ms-word.template.macroenabledtemplate.main+xml",
)
_OFF = ("0", "false", "off")


class Package(NamedTuple):
    """The roots of the parts; styles and numbering are ``None`` where there are none."""

    document: Element
    styles: Element | None
    numbering: Element | None


def is_word(data: bytes, source: str = "-", limits: Limits = LIMITS) -> bool:
    """Say whether the bytes of a file are a Word document, or would be if it were not damaged.

    Raises
    ------
    InputError
        If they are damaged, locked or hold too much where it says what they are.

    Examples
    --------
    >>> is_word(b"PK\\x03\\x04"), is_word(b"The complaint")
    (False, False)
    """
    if not data.startswith(b"PK"):
        return False
    try:
        archive = open_zip(BytesIO(data), source, limits)
        types = read_part(archive, archive.getinfo(TYPES), source, limits).lower()
    except (BadZipFile, KeyError):
        return False
    return any(kind in types for kind in _MAIN)


def unpack(data: bytes, source: str, limits: Limits = LIMITS) -> Package:
    """Return the parts of a Word document; `source` is its name.

    Raises
    ------
    InputError
        If it is damaged, locked with a password, or too large.
    """
    archive = open_zip(BytesIO(data), source, limits)
    files = {_plain(info.filename): info for info in archive.infolist()}

    def root(name: str | None) -> Element | None:
        info = files.get(name or "")
        if info is None:
            return None
        part = read_part(archive, info, source, limits)
        limits.check("elements", part.count(b"<") - part.count(b"</"), source)
        return _parsed(part, info.filename, source)

    main = _targets(root("_rels/.rels"), "").get("officedocument")
    document = root(main)
    if main is None or document is None or document.tag != f"{W}document":
        raise InputError(source, "is a Word document without its text; open it in Word and save it")
    folder, name = posixpath.split(main)
    targets = _targets(root(f"{folder}/_rels/{name}.rels"), folder)
    return Package(document, root(targets.get("styles")), root(targets.get("numbering")))


def read_part(archive: ZipFile, info: ZipInfo, source: str, limits: Limits) -> bytes:
    """Unpack a part of a document.

    Raises
    ------
    InputError
        If it is damaged, locked with a password, or too large.
    """
    if info.flag_bits & 1:
        raise InputError(source, "is locked with a password; save it without one")
    if info.compress_type not in METHODS:
        raise _damaged(source, info.filename)
    limits.check("unpacked", info.file_size, source)
    try:
        with archive.open(info) as stream:
            return stream.read(limits.unpacked)  # never more than the archive says that it has
    except (BadZipFile, EOFError, NotImplementedError, ValueError, zlib.error):
        raise _damaged(source, info.filename) from None


def child(element: Element | None, *names: str) -> Element | None:
    """Return the first child of that name, or going on from it the first of the next name."""
    for name in names:
        element = element.find(f"{W}{name}") if element is not None else None
    return element


def value(element: Element | None, *names: str) -> str | None:
    """Return what such a child says, ``None`` where it says nothing."""
    found = child(element, *names)
    return None if found is None else found.get(f"{W}val")


def number(element: Element | None, *names: str) -> int | None:
    """Return the number that such a child says, ``None`` where it says none."""
    digits = value(element, *names) or ""
    return int(digits) if digits.isdecimal() and len(digits) < 10 else None


def is_on(element: Element | None, *names: str) -> bool:
    """Say whether such a child is there, unless it says "off"."""
    found = child(element, *names)
    return found is not None and found.get(f"{W}val") not in _OFF


def _parsed(part: bytes, name: str, source: str) -> Element:
    from lxml import etree

    # A part has no entities of its own; what reads as one stays unresolved.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(part.replace(_STRICT, W[1:-1].encode()), parser)
    except etree.XMLSyntaxError:
        raise _damaged(source, name) from None
    return root


def _targets(relations: Element | None, folder: str) -> dict[str, str]:
    """Return which parts a part points to, by what they are to it."""
    return {
        relation.get("Type", "").rpartition("/")[2].lower(): _plain(
            posixpath.join(f"/{folder}", relation.get("Target", ""))
        )
        for relation in (() if relations is None else relations.iterchildren("{*}Relationship"))
        if relation.get("TargetMode") != "External"
    }


def _plain(name: str) -> str:
    """Return the name of a part as it can be compared: parts do not differ in case alone."""
    return posixpath.normpath("/" + name.replace("\\", "/")).lstrip("/").lower()


def _damaged(source: str, name: str) -> InputError:
    problem = f"is a damaged Word document ({name!r} cannot be read)"
    return InputError(source, f"{problem}; open it in Word and save it")
