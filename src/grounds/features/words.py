"""The normal form of a word: what n-grams and the clause rules compare."""

from __future__ import annotations

from functools import lru_cache

import Stemmer

TITLE, NUMBER, YEAR, INITIAL = "#title", "#number", "#year", "#initial"

_TITLES = frozenset(["mr", "mrs", "ms", "miss", "dr", "mr.", "mrs.", "ms.", "dr."])
_stem = Stemmer.Stemmer("english").stemWord


@lru_cache(maxsize=20_000)
def normal_form(word: str) -> str:
    """Return the stem of a word in lower case; numbers, titles and initials become classes.

    Who a decision is about and what sums it names must not matter, so "Ms" and "Mr", "X" and "Y",
    "£150" and "£20" are the same word. The stemmer is Porter's second (snowballstem.org).

    >>> [normal_form(word) for word in ("Investigating", "Mrs", "Q", "£1,250", "2024", "’s")]
    ['investig', '#title', '#initial', '#number', '#year', "'s"]
    """
    plain = word.lower().replace("’", "'")
    if plain in _TITLES:
        return TITLE
    if any(character.isdigit() for character in plain):
        return YEAR if len(plain) == 4 and plain[:2] in ("19", "20") and plain.isdigit() else NUMBER
    if len(word) == 1 and word.isalpha() and word.isupper() and word not in "AI":
        return INITIAL
    return str(_stem(plain))
