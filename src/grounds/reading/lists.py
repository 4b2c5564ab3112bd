"""Bullets or paragraphs? Where a copy has no marks, or the same for both, wording tells.

A paragraph begins with a capital letter. A list is opened by a colon, or runs straight on from an
unfinished sentence; its items mostly begin with a small letter and end with a semicolon, with
"and" or "or", the last one with a full stop.
"""

from __future__ import annotations

import re

_POINT = re.compile(r"\(?(?:[a-z]|[ivx]{2,4})[.)]\s")
_CLOSED = re.compile(r"[.?!][\"'”’)]*$|\)$")
_OPENS = (":", ":-", " as follows.", " the following.")
_GOES_ON = (";", ",", " and", " or")
UNFINISHED = _OPENS + _GOES_ON
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8}
_COUNT = re.compile(rf"\b({'|'.join(_COUNTS)})\b")
_SUBJECT = re.compile(
    r"(?:"
    r"a|after|all|although|an|and|any|as|at|because|before|both|but|by|dr|"
    r"during|each|finally|first|for|from|having|he|her|his|how|however|i|if|in|"
    r"instead|it|its|miss|mr|mrs|ms|mx|my|no|none|nor|on|once|one|or|our|"
    r"parliament|she|since|so|some|that|the|their|there|therefore|these|they|this|"
    r"those|to|under|until|we|what|when|where|whether|which|while|why|with|within"
    r")\b",
    re.IGNORECASE,
)
"""Words with which a paragraph begins, and the items of a list of things to do do not."""


def is_small(text: str) -> bool:
    """Say whether a line begins as no paragraph does: in lower case, with a bracket or a letter.

    >>> is_small("b) the delay; and"), is_small("(Local Government Act 1974)"), is_small("I find")
    (True, True, False)
    """
    return text[0] == "(" or text[0].islower() or bool(_POINT.match(text))


class Items:
    """Tells bullets from paragraphs, line after line below one heading.

    Attributes
    ----------
    doubt
        Whether the line last asked about could as well have been the other.

    Examples
    --------
    >>> items = Items()
    >>> [items.is_bullet(line) for line in ("Ms X says:", "it is late; and", "dear.", "I agree.")]
    [False, True, True, False]
    """

    __slots__ = ("_above", "_announced", "_count", "_items", "_sentences", "doubt")

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Forget the lines above: a heading stands between."""
        self._above = ""
        self._count = 0  # how many bullets the paragraph says that there are
        self._items = 0  # how many there were
        self._sentences = True  # whether each of them is a sentence of its own
        self._announced = False  # whether the one above was announced as the last
        self.doubt = False

    @property
    def unfinished(self) -> bool:
        """Whether the line above calls for another one to complete it."""
        if self._above.endswith(UNFINISHED):
            return True
        return bool(self._items) and self._sentences and not _CLOSED.search(self._above)

    def is_bullet(self, text: str) -> bool:
        """Say whether the next line is a bullet, or the like, of the paragraph above it."""
        self.doubt = False
        bullet = bool(self._above) and self._continues(text)
        self.note(text, bullet)
        return bullet

    def is_continued(self, text: str) -> bool:
        """Say the same where bullets have a mark of their own, so that few lines are left."""
        self.doubt = False
        more = bool(self._above) and is_small(text)
        self.note(text, more)
        return more

    def note(self, text: str, bullet: bool) -> None:
        """Take in a line of which it is known what it is."""
        if not bullet:
            self._items, self._sentences, self._announced = 0, True, False
            self._count = _announced_count(text) if text.endswith(_OPENS) else 0
        elif text[0] == "(":
            self._items = 0
        else:
            self._items += 1
            self._announced = self._above.endswith((" and", " or"))
            if text[0].islower() or text.endswith(_GOES_ON):
                self._sentences = False
        self._above = text

    def _continues(self, text: str) -> bool:
        if is_small(text):
            self.doubt = text[0] != "(" and not self._items and bool(_CLOSED.search(self._above))
            return True
        return self.unfinished or bool(self._items) and self._another(text)

    def _another(self, text: str) -> bool:
        """Say whether a line with a capital letter, below a finished bullet, is one more."""
        if self._sentences:
            return self._another_sentence(text)
        if self._announced or _CLOSED.search(self._above):
            return False
        self.doubt = bool(_CLOSED.search(text))
        return not self.doubt

    def _another_sentence(self, text: str) -> bool:
        if self._count:
            return self._items < self._count
        self.doubt = True
        return not _SUBJECT.match(text)


def _announced_count(text: str) -> int:
    """Return how many items a text such as "I did not look at three matters:" announces."""
    clause = text[text.rfind(". ", 0, -2) + 1 :].lower()
    match = _COUNT.search(clause)
    return _COUNTS[match[1]] if match else 0
