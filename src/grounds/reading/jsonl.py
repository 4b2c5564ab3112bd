"""Reading a decision that is a JSON object: its text, and header fields beside it.

``{"text": "The complaint …", "reference": "94 101 233", "body": "Northmoor Council"}``
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from collections.abc import Mapping
from reprlib import repr as shortened
from typing import Any, NamedTuple

from grounds.errors import InputError
from grounds.reading.assembling import Draft
from grounds.reading.decoding import clean_line
from grounds.reading.header import Header, parse_header

_LOOKED_AT = 64
_LONGEST_NAME = 30
_DIGITS = 8  # of a reference
_MIDNIGHT = re.compile(r"[T ]00:00(:00(\.0+)?)?(Z|\+00:00)?$")
_LABELS = {
    "reference": "Reference",
    "body": "Body",
    "category": "Category",
    "decision": "Decision",
    "date": "Decision date",
}


class Fields(NamedTuple):
    """The text of a decision, and the header fields that are given beside it."""

    text: str
    header: Header
    unclear: dict[str, str]


def is_json(data: bytes) -> bool:
    """Say whether the bytes of a decision are a JSON object.

    >>> is_json(b'{"text": "The complaint"}'), is_json(b"The complaint")
    (True, False)
    """
    return data[:_LOOKED_AT].removeprefix(BOM_UTF8).lstrip().startswith(b"{")


def parse_fields(data: bytes, source: str) -> Fields:
    """Take the text and the header fields out of a JSON object.

    Raises
    ------
    InputError
        If it is no JSON object, or has no text.

    Examples
    --------
    >>> parse_fields(b'{"text": "The complaint", "date": "2025-03-12"}', "-").header.date
    '2025-03-12'
    """
    try:
        values = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InputError(source, f"is no JSON object ({error})") from None
    if not isinstance(values, dict):
        raise InputError(source, "is no JSON object; JSON Lines have one a line")
    text = values.get("text")
    if "schema" in values and text is None:
        raise InputError(source, "is a record of 'grounds tag'; give the decision it was made from")
    if not isinstance(text, str) or not text.strip():
        found = ", ".join(map(_shown, list(values)[:6])) or "nothing"
        raise InputError(source, f"has no 'text' with the words of a decision (found: {found})")
    return Fields(text, *parse_header(_lines(values)))


def complete(draft: Draft, fields: Fields) -> None:
    """Give a decision the header fields that its text lacks."""
    given = {name: value for name, value in fields.header._asdict().items() if value is not None}
    own = {name: value for name, value in draft.header._asdict().items() if value is not None}
    draft.header = Header(**{**given, **own})
    draft.unclear = {
        name: value
        for name, value in (fields.unclear | draft.unclear).items()
        if getattr(draft.header, name) is None
    }


def _shown(name: str) -> str:
    """Return a name as a message can show it."""
    return name if name.isprintable() and len(name) <= _LONGEST_NAME else shortened(name)


def _lines(values: Mapping[str, Any]) -> list[str]:
    """Return the fields as the lines of a header."""
    texts = ((label, _text(values.get(name))) for name, label in _LABELS.items())
    return [f"{label}: {text}" for label, text in texts if text]


def _text(value: object) -> str:
    """Return what a field says on one line: text, or a number in its place."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value).zfill(_DIGITS)  # a reference that was taken for a number
    if not isinstance(value, str):
        return ""
    return _MIDNIGHT.sub("", clean_line(value))
