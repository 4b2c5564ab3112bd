"""From clauses to sparse rows: word n-grams of the clause, its sentence and what leads in to it.

An n-gram is a 64-bit key, made from the keys of its words by array operations; no string is built.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from grounds.features.borders import Flags, Ints, Words
from grounds.features.clauses import Clauses
from grounds.features.rows import Counts, Rows

CONTEXT_WEIGHT = 0.5
"""What an n-gram of the sentence or of the lead-in weighs, beside 1 for one of the clause."""

MOST_ALIKE = 64
"""Features that may begin alike: keys are spread evenly, and made-up ones would be slow to find."""

# Odd constants of 64 bits with well-mixed bits (from xxHash and the golden ratio).
_FIRST, _SECOND, _THIRD = (
    np.uint64(constant) for constant in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
# What each part adds to its keys: far apart, so that a pair of one part is no pair of another.
_CLAUSE, _SENTENCE, _LEAD, _SECTION = (
    np.uint64(constant)
    for constant in (0, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63, 0xD6E8FEB86659FD93)
)

Keys = Words


@dataclass(frozen=True, slots=True)
class Features:
    """The features that a model knows, and where each key begins to be looked for.

    A search by halves goes through memory in leaps. Keys are spread evenly, so the first bits of
    one tell its place but for a step or two, at an eighth of the time.

    Attributes
    ----------
    keys
        Sorted, of shape (n_features,).
    crowd
        How many keys begin alike, at most: so many steps a search can take.
    """

    keys: Keys
    crowd: int = field(init=False)
    _shift: np.uint64 = field(init=False, repr=False)
    _start: npt.NDArray[np.int32] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        bits = len(self.keys).bit_length() + 2  # so that few keys begin alike
        shift = np.uint64(64 - bits)
        counts = np.bincount((self.keys >> shift).astype(np.int64), minlength=1 << bits)
        object.__setattr__(self, "_shift", shift)
        object.__setattr__(self, "_start", (np.cumsum(counts) - counts).astype(np.int32))
        object.__setattr__(self, "crowd", int(counts.max()))

    def __len__(self) -> int:
        return len(self.keys)

    def columns(self, keys: Keys) -> tuple[Flags, npt.NDArray[np.int32]]:
        """Return which keys are known, and the columns of those."""
        if not len(self):
            return np.zeros(len(keys), bool), np.zeros(0, np.int32)
        last = len(self) - 1
        place = np.minimum(self._start[keys >> self._shift], last)
        for _ in range(self.crowd - 1):
            place += self.keys[place] < keys
            np.minimum(place, last, out=place)
        found = self.keys[place] == keys
        return found, place[found]


@dataclass(frozen=True, slots=True)
class _Grams:
    """n-grams of one shape, one row an n-gram; or the sections, which have no words.

    Attributes
    ----------
    row
        The clause that it is of; that of a sentence or lead-in is of a sentence.
    key
        The feature.
    first
        Its first word, an index into `Clauses.words`.
    offsets
        Where its words stand, counted from `first`: (0, 2) leaves out the word between.
    """

    row: Ints
    key: Keys
    first: Ints
    offsets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a feature of a clause comes from.

    Attributes
    ----------
    origin
        ``"clause"``, ``"sentence"``, ``"lead-in"`` or ``"section"``.
    words
        Indices into `Clauses.words`; none for a section.
    weight
        What it counts, before the row is brought to length 1.
    """

    origin: str
    words: tuple[int, ...]
    weight: float


def clause_keys(clauses: Clauses) -> Keys:
    """Return the key of every feature of a batch, repeated as often as it occurs."""
    parts = (*_of_clauses(clauses), *_of_sentences(clauses), *_of_leads(clauses))
    return np.concatenate([grams.key for grams in parts])


def encode(clauses: Clauses, known: Features) -> Rows:
    """Return the sparse rows of a batch over the features `known`.

    The rows have length 1 (Euclid): a long clause weighs no more than a short one.
    """
    own = _counts(_of_clauses(clauses), len(clauses), known)
    sentences = _counts(_of_sentences(clauses), len(clauses.sentence_start), known)
    leads = _counts(_of_leads(clauses), len(clauses.sentence_start), known)
    context = sentences.squares()[clauses.sentence]
    context += np.where(clauses.lead >= 0, leads.squares()[clauses.lead], 0)
    squares = own.squares() + context * CONTEXT_WEIGHT**2
    scale = (1 / np.sqrt(np.maximum(squares, 1))).astype(np.float32)
    weight = np.float32(CONTEXT_WEIGHT)
    return Rows(own, sentences, leads, clauses.sentence, clauses.lead, scale, weight)


def places(clauses: Clauses, clause: int, known: Features) -> dict[int, list[Place]]:
    """Return where each feature of a clause stands, by its column in `encode`.

    Parameters
    ----------
    clauses
        A batch.
    clause
        The index of one of them.
    known
        The features of `encode`.
    """
    parts = (
        ("clause", clause, 1.0, _of_clauses(clauses)),
        ("sentence", clauses.sentence[clause], CONTEXT_WEIGHT, _of_sentences(clauses)),
        ("lead-in", clauses.lead[clause], CONTEXT_WEIGHT, _of_leads(clauses)),
    )
    found: dict[int, list[Place]] = {}
    for origin, row, weight, shapes in parts:
        for grams in shapes:
            name = origin if grams.offsets else "section"
            of_clause = np.flatnonzero(grams.row == row)
            here, columns = known.columns(grams.key[of_clause])
            for first, column in zip(grams.first[of_clause][here], columns, strict=True):
                words = tuple(int(first) + offset for offset in grams.offsets)
                found.setdefault(int(column), []).append(Place(name, words, weight))
    return found


def _of_clauses(clauses: Clauses) -> list[_Grams]:
    row = np.arange(len(clauses))
    key = _salted(clauses.section.astype(np.uint64) + np.uint64(1), _SECTION)
    section = _Grams(row, key, clauses.start, ())
    return [*_ngrams(clauses.words, clauses.start, clauses.end, 3, _CLAUSE), section]


def _of_sentences(clauses: Clauses) -> list[_Grams]:
    return _ngrams(clauses.words, clauses.sentence_start, clauses.sentence_end, 2, _SENTENCE)


def _of_leads(clauses: Clauses) -> list[_Grams]:
    used = np.unique(clauses.lead[clauses.lead >= 0])
    start, end = clauses.sentence_start[used], clauses.sentence_end[used]
    found = _ngrams(clauses.words, start, end, 2, _LEAD)
    return [replace(grams, row=used[grams.row]) for grams in found]


def _ngrams(words: Words, start: Ints, end: Ints, longest: int, salt: np.uint64) -> list[_Grams]:
    """Return every n-gram of ``words[start[row]:end[row]]``, shape by shape.

    n-grams of 1 to `longest` words; where `longest` is 3, also pairs with one word left out.
    """
    lengths = end - start
    row = np.repeat(np.arange(len(start)), lengths)
    place = np.arange(len(row)) + np.repeat(start - np.cumsum(lengths) + lengths, lengths)
    left = np.repeat(end, lengths) - place  # words from here to the end of the row
    word = words[place]
    found = [_Grams(row, _salted(word * _FIRST, salt), place, (0,))]
    for gap in range(1, longest):
        fits = left > gap
        rows, first = row[fits], place[fits]
        here = word[fits] * _FIRST
        there = words[first + gap] * _SECOND
        found.append(_Grams(rows, _salted(here ^ (there + np.uint64(gap)), salt), first, (0, gap)))
        if gap == 2:
            between = words[first + 1] * _THIRD
            found.append(_Grams(rows, _salted(here ^ there ^ between, salt), first, (0, 1, 2)))
    return found


def _salted(keys: Keys, salt: np.uint64) -> Keys:
    """Mix the bits, so that keys of different parts and orders do not meet."""
    mixed = (keys + salt) * _SECOND
    return np.asarray(mixed ^ (mixed >> np.uint64(29)))


def _counts(parts: list[_Grams], height: int, known: Features) -> Counts:
    """Return how often each known feature occurs in each row."""
    row = np.concatenate([grams.row for grams in parts])
    found, column = known.columns(np.concatenate([grams.key for grams in parts]))
    return Counts.of(row[found], column, (height, len(known)))
