"""Small decisions made by hand."""

from __future__ import annotations

from hypothesis import strategies as st

from grounds.decision import Decision, Paragraph, Section

Part = tuple[Section, str]
"""A paragraph: its section and its text."""


def decision(*parts: Part, outcome: str | None = None) -> Decision:
    """Return a decision of these paragraphs, numbered from 1; a Summary is paragraph 0."""
    first = 0 if parts and parts[0][0] == "summary" else 1
    paragraphs = (
        Paragraph(number, section, section.capitalize(), text)
        for number, (section, text) in enumerate(parts, first)
    )
    return Decision("made.txt", "0" * 64, "plain", tuple(paragraphs), outcome=outcome)


_PIECES = (
    "the Council", "apologised", "Mr.", "X", "£1,250.50", "24A(6)", "e.g.", "don't", "and", "but",
    "because", "we", "No", "naïve", "😀", "\u2028", "a\u0301", "it", "was", "late", "—", "–", ";",
    ":", ",", ".", "?", "...", "“", "”", "’s", "(", ")", "\n", "  ", "\t", "\xa0",
)  # fmt: skip

texts = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(_PIECES), max_size=40).map(" ".join),
    st.lists(st.sampled_from(_PIECES), max_size=40).map("".join),
)
"""Any text, and texts much like those of decisions."""

_sections: st.SearchStrategy[Section] = st.sampled_from(
    ("summary", "complaint", "powers", "method", "assessment", "remedy", "final")
)

decisions = st.lists(st.tuples(_sections, texts), max_size=5).map(lambda parts: decision(*parts))
"""Decisions of any texts."""
