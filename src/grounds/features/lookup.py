"""The words of texts, looked up: spaCy's tokenizer sees each run of characters once.

The tokenizer cuts a text at white space and takes what is between apart without looking left or
right. So a run that it has seen need not be shown to it again: most of a new decision are runs of
others. The words found are those of ``language().make_doc(text)``, in a fraction of the time.
"""

from __future__ import annotations

from functools import cache
from itertools import repeat
from threading import Lock

import numpy as np
from spacy.attrs import IS_LOWER, IS_SPACE, NORM
from spacy.language import Language

from grounds.features.borders import Ints, Tokens, line_breaks
from grounds.features.pipeline import encodable, language

MOST = 40_000
"""Runs that are remembered; with more, all are forgotten, so that memory stays flat.

Those that are common are soon there again.
"""

_ROW = np.dtype(
    [("word", "u8"), ("first", "i4"), ("last", "i4"), ("role", "i2"), ("lower", "?")], align=True
)

_BLANKS = np.array([chr(code).isspace() for code in range(0x3002)])
"""Which characters are white space; there is none beyond."""


def tokens_of(text: str) -> Tokens:
    """Return the words of a text.

    >>> tokens = tokens_of("It doesn’t  apply.")
    >>> ["It doesn’t  apply."[a:b] for a, b in zip(tokens.first, tokens.last)]
    ['It', 'does', 'n’t', 'apply', '.']
    """
    code = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    blank = _BLANKS[np.minimum(code, len(_BLANKS) - 1)]
    start = np.flatnonzero(~blank & np.append(True, blank[:-1])[: len(blank)])
    return _seen().tokens(text.split(), start, line_breaks(code)[start])


def _bare_language() -> Language:
    """Return the language without what is not asked of its words: most of the time of a new one."""
    nlp = language()
    getters = nlp.vocab.lex_attr_getters  # type: ignore[attr-defined]
    for attribute in getters.keys() - {IS_LOWER, IS_SPACE, NORM}:
        del getters[attribute]
    return nlp


@cache
def _seen() -> _Seen:
    return _Seen()


class _Seen:
    """What the tokenizer made of the runs that it has seen."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._forget()

    def _forget(self) -> None:
        self._nlp = _bare_language()
        self._place: dict[str, int] = {}
        self._rows = np.zeros(0, _ROW)
        self._end = np.zeros(1, np.int64)

    def tokens(self, runs: list[str], start: Ints, line: Ints) -> Tokens:
        """Return the words of runs that begin at `start`, each in a line."""
        with self._lock:  # threads share what was seen
            place = self._places(runs)
            first = self._end[place]
            counts = self._end[place + 1] - first
            run = np.repeat(np.arange(len(runs)), counts)
            before = np.cumsum(counts) - counts
            rows = self._rows[np.arange(len(run)) + (first - before)[run]]
        begin = start[run]
        return Tokens(
            word=np.ascontiguousarray(rows["word"]),
            first=begin + rows["first"],
            last=begin + rows["last"],
            line=line[run],
            lower=rows["lower"],
            role=rows["role"].astype(np.int64),
        )

    def _places(self, runs: list[str]) -> Ints:
        place = self._found(runs)
        new = np.flatnonzero(place < 0)
        if len(new):
            if len(self._place) > MOST:
                self._forget()
                new = np.arange(len(runs))
            unseen = [runs[i] for i in new.tolist()]
            self._learn(list(dict.fromkeys(unseen)))
            place[new] = self._found(unseen)
        return place

    def _found(self, runs: list[str]) -> Ints:
        return np.fromiter(map(self._place.get, runs, repeat(-1)), np.int64, len(runs))

    def _learn(self, new: list[str]) -> None:
        """Show runs to the tokenizer, one a line, and remember what it makes of them."""
        tokens = Tokens.of(self._nlp.make_doc(encodable("\n".join(new))))
        start = np.cumsum([0, *(len(run) + 1 for run in new[:-1])])[tokens.line]
        rows = np.empty(len(tokens), _ROW)
        rows["word"], rows["role"], rows["lower"] = tokens.word, tokens.role, tokens.lower
        rows["first"], rows["last"] = tokens.first - start, tokens.last - start
        counts = np.bincount(tokens.line, minlength=len(new))
        self._place.update((run, place) for place, run in enumerate(new, len(self._place)))
        self._rows = np.concatenate([self._rows, rows])
        self._end = np.append(self._end, self._end[-1] + np.cumsum(counts))
