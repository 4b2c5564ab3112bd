"""The spaCy pipeline: ``spacy.blank("en")``, normal forms, and clauses by rules."""

# Annotations are not postponed: older versions of spaCy 3.8 cannot read those of a factory then.

import re
import sys
from functools import cache

import numpy as np
from spacy.attrs import IS_SPACE, NORM, SENT_START
from spacy.lang.en import English
from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from grounds.features.borders import Tokens, clause_starts, sentence_starts
from grounds.features.words import normal_form

_CLAUSES = "grounds_clauses"

_RUN = re.compile(r"(?<!\S)\S{1000,}|[^\w\s]{50,}")


def language() -> Language:
    """Return spaCy's English with normal forms, and no component; nothing is downloaded."""
    nlp = English()
    nlp.max_length = sys.maxsize  # spaCy's limit is for parsers; the rules take any length
    use_normal_forms(nlp.vocab)
    return nlp


@cache
def pipeline() -> Language:
    """Return the language with sentences and clauses.

    >>> doc = pipeline()("The Council has apologised; we see no reason to ask it to pay her.")
    >>> [clause.text for clause in doc._.clauses]
    ['The Council has apologised;', 'we see no reason to ask it to pay her.']
    """
    nlp = language()
    nlp.add_pipe(_CLAUSES)
    return nlp


class ClauseComponent:
    """Sets sentence starts and ``doc._.clauses``, a list of spans that covers all words."""

    def __call__(self, doc: Doc) -> Doc:
        """Mark the sentences and clauses of `doc`."""
        tokens = Tokens.of(doc)
        if not len(tokens):
            doc.user_data[_CLAUSES] = []
            return doc
        sentences = sentence_starts(tokens)
        clauses = clause_starts(tokens, sentences)
        position = np.flatnonzero(doc.to_array(IS_SPACE) == 0)
        flags = np.full(len(doc), -1, np.int64)
        flags[position[sentences]] = 1
        doc.from_array([SENT_START], flags.view(np.uint64).reshape(-1, 1))  # type: ignore[arg-type]
        first = position[clauses]
        last = position[np.append(clauses[1:], len(tokens)) - 1] + 1
        doc.user_data[_CLAUSES] = list(zip(first.tolist(), last.tolist(), strict=True))
        return doc


@Language.factory(_CLAUSES, assigns=["token.is_sent_start", "token.norm", "doc._.clauses"])
def _clause_component(nlp: Language, name: str) -> ClauseComponent:
    use_normal_forms(nlp.vocab)
    return ClauseComponent()


def use_normal_forms(vocab: Vocab) -> None:
    """Make the norm of every word, known or not yet, its normal form."""
    vocab.lex_attr_getters[NORM] = normal_form  # type: ignore[attr-defined]
    for lexeme in vocab:  # "Mr.", "X", "5": words of the tokenizer's exceptions are there
        lexeme.norm_ = normal_form(lexeme.orth_)


def encodable(text: str) -> str:
    """Return a text of the same length that spaCy takes, and in a time that grows with its length.

    Half a surrogate pair becomes "?". Long runs of punctuation become blanks, and what is far too
    long for a word: the tokenizer takes them apart sign by sign, in quadratic time.
    """
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return _RUN.sub(lambda run: " " * len(run[0]), whole)


def _clauses_of(doc: Doc) -> list[Span]:
    return [doc[first:last] for first, last in doc.user_data.get(_CLAUSES, ())]


if not Doc.has_extension("clauses"):
    Doc.set_extension("clauses", getter=_clauses_of)
