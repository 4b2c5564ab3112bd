"""Text with parts of it marked."""

from __future__ import annotations

import json
import re

from markupsafe import Markup, escape

from grounds.pages.pieces import pieces

_EVIDENCE, _FOUND = ("[[", "]]"), ("**", "**")
_HIT = re.compile("\x02([^\x02\x03]*)\x03")
_LIKE_MARKS = re.compile(r"(?<=([\[\]*]))(?=\1)")
_JOINER = "\u2060"
"""A character that cannot be seen: it parts what in a text looks like a mark."""


def marked(highlighted: str | None, evidence: str | None) -> str | None:
    r"""Return a text with its evidence between ``[[`` and ``]]`` and what was found in ``**``.

    Parameters
    ----------
    highlighted
        The text, with what was found between the characters 2 and 3, as SQLite's ``highlight``
        puts them.
    evidence
        First and last character of each piece of evidence, as JSON.

    Examples
    --------
    >>> marked("The bill is \x02late\x03. It is.", "[[4, 16]]")
    'The [[bill is **late**]]. It is.'
    """
    if highlighted is None:
        return None
    hits = [
        (found.start() - 2 * number, found.end() - 2 * number - 2, _FOUND)
        for number, found in enumerate(_HIT.finditer(highlighted))
    ]
    parts = [(start, stop, _EVIDENCE) for start, stop in json.loads(evidence or "[]")]
    text, inside, said = _HIT.sub(r"\1", highlighted), False, ""
    for found, labels in pieces(text, [*parts, *hits]):
        piece = _LIKE_MARKS.sub(_JOINER, found)
        if (_EVIDENCE in labels) != inside:
            said += _EVIDENCE[inside]
            inside = not inside
        said += f"**{piece}**" if _FOUND in labels else piece
    return said + _EVIDENCE[1] * inside


def to_html(text: str) -> Markup:
    """Return marked text as HTML; everything in it is text but the marks.

    >>> to_html("<b> [[is **late**]]")
    Markup('&lt;b&gt; <mark>is <strong>late</strong></mark>')
    """
    html = re.sub(
        r"\[\[((?:(?!\[\[).)*?)\]\]", r"<mark>\1</mark>", str(escape(text)), flags=re.DOTALL
    )
    html = re.sub(r"\*\*([^*<>]+)\*\*", r"<strong>\1</strong>", html)
    return Markup(html.replace(_JOINER, ""))


def around(words: str, text: str) -> Markup:
    """Return a text as HTML in which words stand between ``[[`` and ``]]``; nothing else is a mark.

    >>> around("late", "[[x]] is [[late]]")
    Markup('[[x]] is <mark>late</mark>')
    """
    before, _, after = text.partition(f"[[{words}]]")
    return Markup("{}<mark>{}</mark>{}").format(before, words, after)
