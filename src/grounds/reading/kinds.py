"""What a file is that holds no text: told from its bytes, whatever its name says."""

from __future__ import annotations

from io import BytesIO
from zipfile import BadZipFile

from grounds.limits import LIMITS, Limits
from grounds.reading.word.package import TYPES, read_part
from grounds.reading.zipped import open_zip

_DOCUMENT = "save it as .docx"
_OTHER = "save the decision in it as .docx or text"
_DAMAGED = "is a damaged Word document or zip archive; get it again, or open it in Word and save it"
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")  # the second is an empty one
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_STREAMS = {
    "EncryptedPackage": "is locked with a password; save it without one",
    "WordDocument": f"is an old Word document (.doc); {_DOCUMENT}",
    "Workbook": f"is an old Excel workbook (.xls); {_OTHER}",
    "PowerPoint Document": f"is an old PowerPoint presentation (.ppt); {_OTHER}",
    "__substg1.0_": f"is an Outlook message (.msg); {_OTHER}",
}
"""Old files of Office by what is in them; a new one with a password is packed into one."""

_TYPES = {
    b"spreadsheetml": f"is an Excel workbook; {_OTHER}",
    b"presentationml": f"is a PowerPoint presentation; {_OTHER}",
    b"opendocument.text": f"is an OpenDocument text (.odt); {_DOCUMENT}",
    b"opendocument.": f"is an OpenDocument file, but no text; {_OTHER}",
}


def refusal(data: bytes, source: str = "-", limits: Limits = LIMITS) -> str | None:
    """Return what is wrong with a file that is no text, ``None`` where it may be one.

    Raises
    ------
    InputError
        If it is an archive that holds too much, or is damaged where it says what it is.

    Examples
    --------
    >>> refusal(b"{\\\\rtf1 The complaint}"), refusal(b"The complaint")
    ('is rich text (.rtf); save it as .docx', None)
    """
    if data.startswith(b"{\\rtf"):
        return f"is rich text (.rtf); {_DOCUMENT}"
    if data.startswith(_OLD_OFFICE):
        streams = (line for name, line in _STREAMS.items() if name.encode("utf-16-le") in data)
        return next(streams, f"is an old Office document; {_DOCUMENT}")
    return _archived(data, source, limits) if data.startswith(_ARCHIVES) else None


def _archived(data: bytes, source: str, limits: Limits) -> str:
    """Say what an archive is that is no Word document."""
    try:
        archive = open_zip(BytesIO(data), source, limits)
        kinds = [
            read_part(archive, archive.getinfo(name), source, limits)
            for name in (TYPES, "mimetype")
            if name in archive.namelist()
        ]
    except BadZipFile:
        return _DAMAGED
    found = (line for kind, line in _TYPES.items() if kind in b" ".join(kinds))
    return next(found, "is a zip archive and no Word document; unpack it first")
