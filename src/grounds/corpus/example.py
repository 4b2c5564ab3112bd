"""Labels as annotation tools hold them: words of a text, and labels of the text as a whole.

A whole text is labelled with tags, with what it only cites (``cited:late``), and with
``cited:none`` or ``none``: it cites no ground or bar, or has no tag at all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from reprlib import repr as shortened
from typing import Any

from grounds.codebook import codebook
from grounds.corpus.copies import Copy, copy_of, exact_copy_of
from grounds.corpus.place import Place
from grounds.corpus.relied import decision_tags
from grounds.decision import Decision, LabelledDecision, Span
from grounds.errors import InputError
from grounds.reading import read_with_origins
from grounds.reading.origins import Origins
from grounds.record import Record

Mark = tuple[int, int, str]
"""Words that carry a label: characters from start to end of a text, and the label."""

CITED, NONE = "cited:", "none"


@dataclass(frozen=True, slots=True)
class Example:
    """A text and its labels.

    Attributes
    ----------
    text
        A copy of a decision.
    source
        Where it came from.
    marks
        The words that carry tags, as characters (Unicode code points) of the text.
    whole
        Labels of the whole text that do not follow from the words.
    reference
        The decision's reference.
    """

    text: str
    source: str
    marks: tuple[Mark, ...] = ()
    whole: frozenset[str] = frozenset()
    reference: str | None = None

    @property
    def data(self) -> dict[str, str]:
        """What tools carry along: where the text came from, and its reference."""
        reference = {"reference": self.reference} if self.reference else {}
        return {"source": self.source} | reference


def whole_labels() -> tuple[str, ...]:
    """Return the labels that a whole text can have."""
    cited = (f"{CITED}{tag}" for tag in codebook().reasons)
    return (*codebook().tags, NONE, *cited, f"{CITED}{NONE}")


def example_of(labelled: LabelledDecision) -> Example:
    """Return a labelled decision as an example; its text is a numbered copy.

    Raises
    ------
    InputError
        If such a copy would be read otherwise.
    """
    decision, spans = labelled.decision, labelled.spans or ()
    found, among_powers = decision_tags(decision, spans)
    whole = set(labelled.tags - found)
    if not labelled.tags and not spans:
        whole.add(NONE)
    if labelled.cited is not None:
        whole |= {f"{CITED}{tag}" for tag in labelled.cited - among_powers}
        if not labelled.cited | among_powers:
            whole.add(f"{CITED}{NONE}")
    return _example(exact_copy_of(decision), decision, spans, frozenset(whole))


def suggestion(task: Decision | Record) -> Example:
    """Return a decision that is to be labelled, with the words of its record as suggestions."""
    if isinstance(task, Decision):
        return _example(copy_of(task), task, (), frozenset())
    return _example(copy_of(task.decision), task.decision, evidence_spans(task), frozenset())


def evidence_spans(record: Record) -> tuple[Span, ...]:
    """Return the words that a model takes to carry the tags of a decision, in reading order."""
    places = {paragraph.number: i for i, paragraph in enumerate(record.decision.paragraphs)}
    spans = (
        Span(places[piece.paragraph], piece.start, piece.end, found.tag)
        for found in (*record.tags, *record.remedies)
        for piece in found.evidence
    )
    return tuple(sorted(spans, key=lambda span: (span.index, span.start)))


def labelled_of(example: Example, place: Place) -> LabelledDecision:
    """Return the labelled decision that an example holds.

    Its tags are those of its words, and those that it has as a whole. Where it has only such, it
    is one that was labelled as a whole, without words.

    Raises
    ------
    InputError
        Where the text is no decision, a label is no tag, or words are not all of one paragraph.
    """
    decision, spans = read_marked(example.text, example.source, example.marks, place)
    found, cited = decision_tags(decision, spans)
    relied = [name for name in example.whole if not name.startswith(CITED) and name != NONE]
    named = [name.removeprefix(CITED) for name in example.whole if name.startswith(CITED)]
    cited |= place.cited(name for name in named if name != NONE)
    bare = not spans and bool(relied or cited)
    return LabelledDecision(
        decision,
        tags=found | frozenset(place.tags(relied)),
        cited=cited if cited or named else None,
        spans=None if bare else spans,
    )


def read_marked(
    text: str, source: str, marks: Iterable[Mark], place: Place
) -> tuple[Decision, tuple[Span, ...]]:
    """Read a text; return the decision, and where its marked words stand in it, in order.

    Raises
    ------
    InputError
        As for `labelled_of`.
    """
    try:
        decision, origins = read_with_origins(text, source, place.limits)
    except InputError as error:
        raise place.error(error.problem) from error
    spans = (_span(mark, text, origins, place) for mark in marks if mark[2] != NONE)
    return decision, tuple(sorted(spans, key=lambda span: (span.index, span.start)))


def one_of(names: Any, what: str, place: Place) -> frozenset[str]:
    """Return a list of names as a set.

    Raises
    ------
    InputError
        Where it is no such list; `what` is what the message calls it.
    """
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise place.error(f"{shortened(what)} is not a list of tags")
    return frozenset(names)


def code_unit(text: str, offset: int) -> int:
    """Return an offset in code points as one in the UTF-16 code units that JavaScript counts.

    >>> code_unit("a 😀 smile", 4), code_point("a 😀 smile", 5)
    (5, 4)
    """
    return len(text[:offset].encode("utf-16-le", "surrogatepass")) // 2


def code_point(text: str, offset: int) -> int:
    """Return an offset in UTF-16 code units as one in code points."""
    if text.isascii() or max(text) < "\U00010000":
        return offset
    units = text.encode("utf-16-le", "surrogatepass")
    beyond = max(2 * offset - len(units), 0)
    return len(units[: 2 * offset].decode("utf-16-le", "replace")) + beyond


def _example(
    copy: Copy, decision: Decision, spans: Iterable[Span], whole: frozenset[str]
) -> Example:
    marks = (
        (copy.offset(span.index, span.start), copy.offset(span.index, span.end), span.tag)
        for span in spans
    )
    return Example(copy.text, decision.source, tuple(marks), whole, decision.reference)


def _span(mark: Mark, text: str, origins: Origins, place: Place) -> Span:
    start, end, label = mark
    if type(start) is not int or type(end) is not int or not 0 <= start < end <= len(text):
        raise place.error(f"span {start} to {end} does not lie in the {len(text)} characters")
    if (found := origins.locate(start, end)) is None:
        raise place.error(
            f"span {start} to {end} does not lie in one paragraph: {text[start:end][:50]!r}"
        )
    return Span(*found, *place.tags([str(label)]))
