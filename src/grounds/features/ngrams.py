"""From clauses to sparse rows: word n-grams of the clause, its sentence and what leads in to it.

An n-gram is a 64-bit key, made from the keys of its words by array operations; no string is built.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from grounds.features.borders import Ints, Words
from grounds.features.clauses import Clauses

CONTEXT_WEIGHT = 0.5
"""What an n-gram of the sentence or of the lead-in weighs, beside 1 for one of the clause."""

# Odd constants of 64 bits with well-mixed bits (from xxHash and the golden ratio).
_FIRST, _SECOND, _THIRD = (
    np.uint64(constant) for constant in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
_CLAUSE, _SENTENCE, _LEAD, _SECTION = range(4)

Keys = Words
Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse rows in parts: clauses, and the sentences that several of them share.

    Row ``i`` of the whole is ``scale[i] * (clauses[i] + sentences[sentence[i]] + leads[lead[i]])``,
    where a `lead` of -1 adds nothing.
    """

    clauses: csr_matrix
    sentences: csr_matrix
    leads: csr_matrix
    sentence: Ints
    lead: Ints
    scale: Weights

    def matrix(self) -> csr_matrix:
        """Return the rows as one matrix, one row a clause."""
        whole = self.clauses + _take(self.sentences, self.sentence) + _take(self.leads, self.lead)
        return csr_matrix(whole.multiply(self.scale[:, None]))

    def scores(self, weights: Weights) -> Weights:
        """Return ``matrix() @ weights``, without building the matrix."""
        total = self.clauses @ weights
        total += (self.sentences @ weights)[self.sentence]
        has = self.lead >= 0
        total[has] += (self.leads @ weights)[self.lead[has]]
        return np.asarray(total * self.scale[:, None], np.float32)


def clause_keys(clauses: Clauses) -> Keys:
    """Return the key of every feature of a batch, repeated as often as it occurs."""
    found = (_clause_ngrams, _sections, _sentence_ngrams, _lead_ngrams)
    return np.concatenate([keys for _, keys in (part(clauses) for part in found)])


def encode(clauses: Clauses, known: Keys) -> Rows:
    """Return the sparse rows of a batch over the features `known` (sorted).

    The rows have length 1 (Euclid): a long clause weighs no more than a short one.
    """
    own = _counts([_clause_ngrams(clauses), _sections(clauses)], len(clauses), known, np.float32(1))
    shape = len(clauses.sentence_start)
    weight = np.float32(CONTEXT_WEIGHT)
    sentences = _counts([_sentence_ngrams(clauses)], shape, known, weight)
    leads = _counts([_lead_ngrams(clauses)], shape, known, weight)
    squares = _squares(own) + _squares(sentences)[clauses.sentence]
    squares += np.where(clauses.lead >= 0, _squares(leads)[clauses.lead], 0)
    scale = 1 / np.sqrt(np.maximum(squares, 1))
    return Rows(own, sentences, leads, clauses.sentence, clauses.lead, scale.astype(np.float32))


def _clause_ngrams(clauses: Clauses) -> tuple[Ints, Keys]:
    return _ngrams(clauses.words, clauses.start, clauses.end, 3, _CLAUSE)


def _sentence_ngrams(clauses: Clauses) -> tuple[Ints, Keys]:
    return _ngrams(clauses.words, clauses.sentence_start, clauses.sentence_end, 2, _SENTENCE)


def _lead_ngrams(clauses: Clauses) -> tuple[Ints, Keys]:
    used = np.unique(clauses.lead[clauses.lead >= 0])
    start, end = clauses.sentence_start[used], clauses.sentence_end[used]
    rows, keys = _ngrams(clauses.words, start, end, 2, _LEAD)
    return used[rows], keys


def _sections(clauses: Clauses) -> tuple[Ints, Keys]:
    keys = _salted(clauses.section.astype(np.uint64) + np.uint64(1), _SECTION)
    return np.arange(len(clauses)), keys


def _ngrams(words: Words, start: Ints, end: Ints, longest: int, salt: int) -> tuple[Ints, Keys]:
    """Return (row, key) of every n-gram of ``words[start[row]:end[row]]``.

    n-grams of 1 to `longest` words; where `longest` is 3, also pairs with one word left out.
    """
    lengths = end - start
    row = np.repeat(np.arange(len(start)), lengths)
    place = np.arange(len(row)) + np.repeat(start - np.cumsum(lengths) + lengths, lengths)
    left = np.repeat(end, lengths) - place  # words from here to the end of the row
    word = words[place]
    rows, keys = [row], [_salted(word * _FIRST, salt)]
    for gap in range(1, longest):
        fits = left > gap
        here = word[fits] * _FIRST
        there = words[place[fits] + gap] * _SECOND
        rows.append(row[fits])
        keys.append(_salted(here ^ (there + np.uint64(gap)), salt))
        if gap == 2:
            between = words[place[fits] + 1] * _THIRD
            rows.append(row[fits])
            keys.append(_salted(here ^ there ^ between, salt))
    return np.concatenate(rows), np.concatenate(keys)


def _salted(keys: Keys, salt: int) -> Keys:
    """Mix the bits, so that keys of different parts and orders do not meet."""
    mixed = (keys + np.uint64(salt)) * _SECOND
    return np.asarray(mixed ^ (mixed >> np.uint64(29)))


def _counts(
    parts: list[tuple[Ints, Keys]], height: int, known: Keys, weight: np.float32
) -> csr_matrix:
    """Return how often each known feature occurs in each row, times `weight`."""
    rows = np.concatenate([rows for rows, _ in parts])
    keys = np.concatenate([keys for _, keys in parts])
    if not len(known):
        return csr_matrix((height, 0), dtype=np.float32)
    columns = np.minimum(np.searchsorted(known, keys), len(known) - 1)
    found = known[columns] == keys
    rows, columns = rows[found], columns[found]
    counts = csr_matrix((np.full(len(rows), weight), (rows, columns)), shape=(height, len(known)))
    counts.sum_duplicates()
    return counts


def _squares(matrix: csr_matrix) -> Weights:
    """Return the sum of squares of each row."""
    return np.asarray(matrix.multiply(matrix).sum(axis=1), np.float32).ravel()


def _take(matrix: csr_matrix, rows: Ints) -> csr_matrix:
    """Return the named rows; -1 names an empty one."""
    has = np.flatnonzero(rows >= 0)
    ones = np.ones(len(has), np.float32)
    chosen = csr_matrix((ones, (has, rows[has])), shape=(len(rows), matrix.shape[0]))
    return chosen @ matrix
