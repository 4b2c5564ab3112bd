"""What the site puts around a decision and between its sections."""

from __future__ import annotations

import re

_DROPPED = frozenset({"back to top", "the ombudsman's final decision", "share this page"})
_SIGNATURE = re.compile(r"[a-z' ]{0,60}decision on behalf of the ombudsm[ae]n")
_PAGE = re.compile(r"page \d{1,4}(?: of \d{1,4})?")
_END = frozenset(
    {
        "print this page",
        "lgo logogram",
        "review your privacy settings",
        "privacy settings",
        "required cookies",
        "analytical cookies",
    }
)
_LONGEST = 80


def is_furniture(line: str) -> bool:
    """Say whether a line is the site's and not the decision's.

    >>> is_furniture("Back to top"), is_furniture("Back to the topic of costs.")
    (True, False)
    """
    if len(line) > _LONGEST:
        return False
    plain = _plain(line)
    return plain in _DROPPED or bool(_SIGNATURE.fullmatch(plain) or _PAGE.fullmatch(plain))


def ends_decision(line: str) -> bool:
    """Say whether this line of the site stands below every decision.

    >>> ends_decision("Print this page")
    True
    """
    return len(line) <= _LONGEST and _plain(line) in _END


def _plain(line: str) -> str:
    return line.replace("’", "'").strip().rstrip(":.").lower()
