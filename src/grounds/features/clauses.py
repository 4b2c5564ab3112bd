"""From decisions to clauses: what the model reads, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

import numpy as np

from grounds.decision import SECTIONS, Decision, Section
from grounds.features.borders import (
    BREAKS,
    COLON,
    COMMA,
    Ints,
    Tokens,
    Words,
    clause_starts,
    sentence_starts,
)
from grounds.features.pipeline import encodable, line_numbers, pipeline


@dataclass(frozen=True, slots=True)
class Clauses:
    """The clauses of a batch of decisions, in reading order.

    Attributes
    ----------
    words
        Keys of the normal forms of all words of the batch, in order.
    sentence_start, sentence_end
        One row a sentence, which is ``words[sentence_start:sentence_end]``.
    start, end
        One row a clause, which is ``words[start:end]``. So have all that follow.
    sentence, lead
        The sentence that the clause is in, and the sentence that leads in to it ("He wants the
        Council to:" before a bullet), or -1.
    decision, paragraph, section
        The decision's place in the batch, the paragraph's in the decision, and the section's in
        `SECTIONS`.
    first, last
        The clause is ``paragraphs[paragraph].text[first:last]``, without the comma or semicolon
        that ends it.
    """

    words: Words
    sentence_start: Ints
    sentence_end: Ints
    start: Ints
    end: Ints
    sentence: Ints
    lead: Ints
    decision: Ints
    paragraph: Ints
    section: Ints
    first: Ints
    last: Ints

    def __len__(self) -> int:
        return len(self.start)


def segment(decisions: Iterable[Decision]) -> Clauses:
    """Return the clauses of a batch of decisions."""
    return join(segment_each(decisions))


def segment_each(decisions: Iterable[Decision]) -> list[Clauses]:
    """Return the clauses of each decision; `join` makes a batch of any choice of them."""
    return [_clauses_of(decision, place) for place, decision in enumerate(decisions)]


def segment_texts(texts: Iterable[str], sections: Iterable[Section] | None = None) -> Clauses:
    """Return texts as clauses, each of them one, whatever it holds.

    Parameters
    ----------
    texts
        Single sentences or clauses.
    sections
        The section that each would stand in; "assessment" where left out.
    """
    texts = list(texts)
    where: Iterable[Section] = ["assessment"] * len(texts) if sections is None else sections
    words = [Tokens.of(pipeline().make_doc(encodable(text))).word for text in texts]
    end = np.cumsum([len(row) for row in words], dtype=np.int64)
    start = np.append(np.zeros(1, np.int64), end)[: len(texts)]
    row = np.arange(len(texts))
    zero = np.zeros(len(texts), np.int64)
    return Clauses(
        words=np.concatenate([np.zeros(0, np.uint64), *words]),
        sentence_start=start,
        sentence_end=end,
        start=start,
        end=end,
        sentence=row,
        lead=zero - 1,
        decision=row,
        paragraph=zero,
        section=np.array([SECTIONS.index(section) for section in where], np.int64),
        first=zero,
        last=np.array([len(text) for text in texts], np.int64),
    )


def words_of(decision: Decision) -> tuple[str, Ints, Ints]:
    """Return the words of a decision as printed: a text, and where in it each begins and ends.

    The words are those of ``segment([decision]).words``, in that order; the text is that of the
    paragraphs, one below the other.
    """
    text = _text_of(decision)
    tokens = Tokens.of(pipeline().make_doc(encodable(text)))
    return text, tokens.first, tokens.last


def _text_of(decision: Decision) -> str:
    return "\n".join(paragraph.text for paragraph in decision.paragraphs)


def _clauses_of(decision: Decision, place: int) -> Clauses:
    text = encodable(_text_of(decision))
    tokens = Tokens.of(pipeline().make_doc(text))
    size = len(tokens)
    if not size:
        return join([])
    line = line_numbers(tokens, text)
    sentences = sentence_starts(tokens, line)
    start = clause_starts(tokens, sentences)
    end = np.append(start[1:], size)
    sentence = np.searchsorted(sentences, start, side="right") - 1
    sentence_end = np.append(sentences[1:], size)
    opening = np.cumsum([0, *(len(paragraph.text) + 1 for paragraph in decision.paragraphs)])
    paragraph = np.searchsorted(opening, tokens.first[start], side="right") - 1
    final = end - 1 - ((tokens.role[end - 1] & (BREAKS | COMMA) != 0) & (end - start > 1))
    section_of = np.array([SECTIONS.index(p.section) for p in decision.paragraphs], np.int64)
    by_sentence = np.searchsorted(opening, tokens.first[sentences], side="right") - 1
    leads_in = tokens.role[sentence_end - 1] & COLON != 0
    return Clauses(
        words=tokens.word,
        sentence_start=sentences,
        sentence_end=sentence_end,
        start=start,
        end=end,
        sentence=sentence,
        lead=_leads(leads_in, by_sentence, line[sentences])[sentence],
        decision=np.full(len(start), place, np.int64),
        paragraph=paragraph,
        section=section_of[paragraph],
        first=tokens.first[start] - opening[paragraph],
        last=tokens.last[final] - opening[paragraph],
    )


def _leads(leads_in: np.ndarray, paragraph: Ints, line: Ints) -> Ints:
    """Return, for each sentence, the last one with a colon on an earlier line of its paragraph."""
    latest = np.maximum.accumulate(np.where(leads_in, np.arange(len(leads_in)), -1))
    first_of_line = np.searchsorted(line, line)
    lead = np.where(first_of_line > 0, latest[first_of_line - 1], -1)
    return np.where((lead >= 0) & (paragraph[lead] == paragraph), lead, -1)


# What must be added to each field when batches are joined: how many words or sentences come before.
_COUNTED = {
    **dict.fromkeys(("sentence_start", "sentence_end", "start", "end"), "words"),
    **dict.fromkeys(("sentence", "lead"), "sentence_start"),
}


def join(parts: Sequence[Clauses]) -> Clauses:
    """Put batches together; each keeps the numbers that it gives to its decisions."""
    if not parts:
        empty = np.zeros(0, np.int64)
        return Clauses(np.zeros(0, np.uint64), *[empty] * (len(fields(Clauses)) - 1))
    columns = {}
    for name in (field.name for field in fields(Clauses)):
        arrays = [getattr(part, name) for part in parts]
        counted = _COUNTED.get(name)
        if counted:
            before = np.cumsum([0, *(len(getattr(part, counted)) for part in parts[:-1])])
            arrays = [
                np.where(array < 0, array, array + shift)
                for array, shift in zip(arrays, before, strict=True)
            ]
        columns[name] = np.concatenate(arrays)
    return Clauses(**columns)
