"""Where sentences and clauses begin: rules on words and punctuation, as array operations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from spacy.attrs import IDX, IS_LOWER, IS_SPACE, LENGTH, NORM
from spacy.strings import get_string_id
from spacy.tokens import Doc

from grounds.features.words import normal_form

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]

SHORTEST = 3
"""Words in the shortest clause that is cut off; a shorter one stays with the clause before."""

# What a word can do at the border of a sentence or clause; a word may do several.
ENDS, CLOSES, BREAKS, COLON, COMMA, JOINS, JOINS_ALONE, AND, OPENS = (1 << bit for bit in range(9))
_WORDS = {
    ENDS: ". ? ! … ...",
    CLOSES: "\" ” ’ ' ) ]",
    BREAKS: "; : — –",
    COLON: ":",
    COMMA: ",",
    JOINS: "and but or nor so yet because as since although though while whereas which unless if",
    JOINS_ALONE: "because but so",
    AND: "and",
    OPENS: "the a an to we it he she they there has have had is was were are his her their its "
    "that for i no not in any some this these would will could can did does may might be been "
    "only then also nor because by with compensation money",
}


@dataclass(frozen=True, slots=True)
class Tokens:
    """The words of a text, without its white space, one row a word.

    Attributes
    ----------
    word
        Key of its normal form.
    first, last
        The word is ``text[first:last]``.
    line
        The line that it stands in, from 0.
    lower
        Whether it is in lower case.
    role
        What it can do at a border, as bits.
    """

    word: Words
    first: Ints
    last: Ints
    line: Ints
    lower: Flags
    role: Ints

    @classmethod
    def of(cls, doc: Doc) -> Tokens:
        """Return the words of `doc`."""
        attributes = [IS_SPACE, NORM, IDX, LENGTH, IS_LOWER]
        columns: Words = doc.to_array(attributes).reshape(len(doc), len(attributes))  # type: ignore[assignment]
        columns = columns[columns[:, 0] == 0]
        first = columns[:, 2].astype(np.int64)
        last = first + columns[:, 3].astype(np.int64)
        line = line_breaks(np.frombuffer(doc.text.encode("utf-32-le"), np.uint32))[first]
        word = np.ascontiguousarray(columns[:, 1])
        return cls(word, first, last, line, columns[:, 4] != 0, _roles(word))

    def __len__(self) -> int:
        return len(self.word)


def line_breaks(code: npt.NDArray[np.uint32]) -> Ints:
    """Return how many line breaks there are up to each character of a text."""
    return np.cumsum(code == ord("\n"))


def sentence_starts(tokens: Tokens) -> Ints:
    """Return the indices of the words that begin a sentence.

    A sentence ends with its line, and with a full stop, question or exclamation mark (and the
    quotes and brackets that it closes) before white space and a word that is not in lower case.
    """
    if not len(tokens):
        return np.zeros(0, np.int64)
    glued = np.append(False, tokens.first[1:] == tokens.last[:-1])
    ended = tokens.role & ENDS != 0
    closes = (tokens.role & CLOSES != 0) & glued
    for _ in range(2):  # as in: (He said "no.")
        ended[1:] |= closes[1:] & ended[:-1]
    begins = np.append(True, tokens.line[1:] != tokens.line[:-1])
    begins[1:] |= ended[:-1] & ~glued[1:] & ~tokens.lower[1:]
    return np.flatnonzero(begins)


def clause_starts(tokens: Tokens, sentence: Ints) -> Ints:
    """Return the indices of the words that begin a clause, the first of each sentence included.

    A clause begins after a semicolon, colon or dash, after a comma with at least `SHORTEST` words
    on both sides, and at a conjunction that opens a clause ("and the Council has …").

    Parameters
    ----------
    tokens
        The words.
    sentence
        The words that begin a sentence, from `sentence_starts`.
    """
    size = len(tokens)
    if not size:
        return sentence
    role = tokens.role
    before = np.append(0, role[:-1])
    after = np.append(role[1:], 0)
    comma = before & COMMA != 0
    cut = (before & BREAKS != 0) | (comma & (role & JOINS != 0))
    ends = np.append(sentence[1:], size)
    lengths = ends - sentence
    from_start = np.arange(size) - np.repeat(sentence, lengths)
    to_end = np.repeat(ends, lengths) - np.arange(size)
    cut |= comma & (from_start > SHORTEST)
    alone = (role & JOINS_ALONE != 0) | ((role & AND != 0) & (after & OPENS != 0))
    cut |= alone & ~comma
    cut &= (from_start >= SHORTEST) & (to_end >= SHORTEST)
    return np.sort(np.append(sentence, _spaced_out(np.flatnonzero(cut))))


def _spaced_out(cuts: Ints) -> Ints:
    """Return cuts without those too close to the one before that is kept."""
    kept = np.ones(len(cuts), bool)
    for cut in (np.flatnonzero(np.diff(cuts) < SHORTEST) + 1).tolist():
        before = cut - 1
        while not kept[before]:
            before -= 1
        kept[cut] = cuts[cut] - cuts[before] >= SHORTEST
    return cuts[kept]


@cache
def _lexicon() -> tuple[Words, Ints]:
    """Return the keys of the words that have a role, sorted, and their roles."""
    roles: dict[int, int] = {}
    for role, words in _WORDS.items():
        for word in words.split():
            key = get_string_id(normal_form(word))
            roles[key] = roles.get(key, 0) | role
    keys = sorted(roles)
    return np.array(keys, np.uint64), np.array([roles[key] for key in keys], np.int64)


def _roles(words: Words) -> Ints:
    keys, roles = _lexicon()
    place = np.minimum(np.searchsorted(keys, words), len(keys) - 1)
    return np.where(keys[place] == words, roles[place], 0)
