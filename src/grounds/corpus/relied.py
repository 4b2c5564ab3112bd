"""From words that carry tags to the tags of the decision."""

from __future__ import annotations

from collections.abc import Iterable

from grounds.decision import Decision, Span, counts_in


def decision_tags(
    decision: Decision, spans: Iterable[Span]
) -> tuple[frozenset[str], frozenset[str]]:
    """Return what a decision relies on and what it only cites, from the words that carry tags.

    Grounds and bars count in summary, method, assessment, remedy and final sections; in the
    powers section they are cited. Remedies count everywhere but in the powers section.

    Examples
    --------
    >>> from grounds.decision import Paragraph
    >>> powers = Paragraph(1, "powers", "Our powers", "We may not look at late complaints.")
    >>> summary = Paragraph(0, "summary", "Summary", "This complaint is late.")
    >>> decision = Decision("x.md", "", "markup", (summary, powers))
    >>> relied, cited = decision_tags(decision, [Span(0, 0, 23, "late"), Span(1, 0, 35, "late")])
    >>> sorted(relied), sorted(cited)
    (['late'], ['late'])
    """
    relied, cited = set(), set()
    for span in spans:
        section = decision.paragraphs[span.index].section
        if counts_in(span.tag, section):
            relied.add(span.tag)
        elif section == "powers" and ":" not in span.tag:
            cited.add(span.tag)
    return frozenset(relied), frozenset(cited)
