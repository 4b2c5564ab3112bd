"""From decisions to clauses: what the model reads, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from grounds.decision import SECTIONS, Decision, Section
from grounds.features.borders import (
    BREAKS,
    COLON,
    COMMA,
    Ints,
    Words,
    clause_starts,
    sentence_starts,
)
from grounds.features.lookup import tokens_of


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
    batch = list(decisions)
    paragraphs = [paragraph for decision in batch for paragraph in decision.paragraphs]
    text, opening = _joined([paragraph.text for paragraph in paragraphs])
    tokens = tokens_of(text)
    size = len(tokens)
    if not size:
        return join([])
    sentences = sentence_starts(tokens)
    start = clause_starts(tokens, sentences)
    end = np.append(start[1:], size)
    sentence_end = np.append(sentences[1:], size)
    sentence = np.searchsorted(sentences, start, side="right") - 1
    by_sentence = np.searchsorted(opening, tokens.first[sentences], side="right") - 1
    paragraph = by_sentence[sentence]
    final = end - 1 - ((tokens.role[end - 1] & (BREAKS | COMMA) != 0) & (end - start > 1))
    leads_in = tokens.role[sentence_end - 1] & COLON != 0
    lengths = np.array([len(decision.paragraphs) for decision in batch], np.int64)
    place = np.repeat(np.arange(len(batch)), lengths)
    return Clauses(
        words=tokens.word,
        sentence_start=sentences,
        sentence_end=sentence_end,
        start=start,
        end=end,
        sentence=sentence,
        lead=_leads(leads_in, by_sentence, tokens.line[sentences])[sentence],
        decision=place[paragraph],
        paragraph=paragraph - (np.cumsum(lengths) - lengths)[place[paragraph]],
        section=_section_numbers(p.section for p in paragraphs)[paragraph],
        first=tokens.first[start] - opening[paragraph],
        last=tokens.last[final] - opening[paragraph],
    )


def segment_each(decisions: Iterable[Decision]) -> list[Clauses]:
    """Return the clauses of each decision; `join` makes a batch of any choice of them."""
    return [
        replace(clauses, decision=clauses.decision + place)
        for place, clauses in enumerate(segment([decision]) for decision in decisions)
    ]


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
    text, opening = _joined(texts)
    tokens = tokens_of(text)
    bounds = np.append(np.searchsorted(tokens.first, opening), len(tokens))
    start, end = bounds[:-1], bounds[1:]
    row = np.arange(len(texts))
    zero = np.zeros(len(texts), np.int64)
    return Clauses(
        words=tokens.word,
        sentence_start=start,
        sentence_end=end,
        start=start,
        end=end,
        sentence=row,
        lead=zero - 1,
        decision=row,
        paragraph=zero,
        section=_section_numbers(["assessment"] * len(texts) if sections is None else sections),
        first=zero,
        last=np.array([len(text) for text in texts], np.int64),
    )


def words_of(decision: Decision) -> tuple[str, Ints, Ints]:
    """Return the words of a decision as printed: a text, and where in it each begins and ends.

    The words are those of ``segment([decision]).words``, in that order; the text is that of the
    paragraphs, one below the other.
    """
    text, _ = _joined([paragraph.text for paragraph in decision.paragraphs])
    tokens = tokens_of(text)
    return text, tokens.first, tokens.last


def _joined(texts: Sequence[str]) -> tuple[str, Ints]:
    """Return texts one below the other, and where each begins."""
    lengths = np.array([len(text) + 1 for text in texts], np.int64)
    return "\n".join(texts), np.cumsum(lengths) - lengths


_SECTION_NUMBER = {section: number for number, section in enumerate(SECTIONS)}


def _section_numbers(sections: Iterable[Section]) -> Ints:
    return np.array([_SECTION_NUMBER[section] for section in sections], np.int64)


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
