"""Renders a labelled decision as the copies of it that people keep: text layouts and pages."""

from __future__ import annotations

import random
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal, NamedTuple

from grounds.corpus.markup import parse_markup
from grounds.decision import Decision

Role = Literal["summary", "heading", "subheading", "paragraph", "bullet", "more"]

_SPAN = re.compile(r"\[\[[^\]|]*\|(.*?)\]\]")
_NUMBER = re.compile(r"\d+\.\s+")
_LETTER = re.compile(r"[a-z]\) ")
_COOKIES = """Print this page

LGO logogram

Review your privacy settings

Required cookies

These cookies enable the website to work. You can only turn them off in your browser:
- essential cookies
- other cookies

Privacy settings"""


class Row(NamedTuple):
    """A line of a decision and what it is there."""

    role: Role
    text: str


@dataclass(frozen=True)
class Source:
    """A labelled decision as its file has it."""

    decision: Decision
    date: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Style:
    """How a copy is laid out."""

    bullet: str = "•"
    nested: bool = False  # bullets are indented and do not interrupt the numbers
    restart: bool = True
    header: bool = True
    furniture: bool = True
    blank: bool = True  # blank lines between
    indent: str = "  "
    newline: str = "\n"

    @classmethod
    def some(cls, seed: str) -> Style:
        """Return a style that is always the same for a seed."""
        draw = random.Random(seed)
        return cls(
            bullet=draw.choice("•-–*o"),
            nested=draw.random() < 0.5,
            header=draw.random() < 0.8,
            furniture=draw.random() < 0.7,
            blank=draw.random() < 0.5,
            indent=draw.choice(("", "  ", "\t")),
            newline=draw.choice(("\n", "\n", "\r\n")),
        )


def parse(text: str, source: str) -> Source:
    """Parse the markup of a labelled decision, keeping what each line is."""
    date = next(line[5:].strip() for line in text.splitlines() if line.startswith("date:"))
    return Source(parse_markup(text, source).decision, date, tuple(_rows(text)))


def _rows(text: str) -> Iterator[Row]:
    body = text[text.index("\n## ") :]
    summary = False
    for raw in body.splitlines():
        line = _SPAN.sub(r"\1", raw.strip())
        if line.startswith("## "):
            summary = line == "## Summary"
            if not summary:
                yield Row("heading", line[3:])
        elif line.startswith("### "):
            yield Row("subheading", line[4:])
        elif match := _NUMBER.match(line):
            yield Row("paragraph", line[match.end() :])
        elif line.startswith("- "):
            yield Row("bullet", line[2:])
        elif line:
            yield Row("summary" if summary else "more", line)


def numbered(source: Source, style: Style) -> str:
    """Render with numbers, which restart where the style says so."""
    number = 0
    lines = []
    interrupted = False
    for role, text in source.rows:
        if role == "paragraph":
            number = 1 if interrupted else number + 1
            lines.append(f"{style.indent}{number}. {text}")
            interrupted = False
        elif role == "bullet":
            lines.append(f"{style.indent}{'  ' if style.nested else ''}{style.bullet} {text}")
            interrupted = interrupted or style.restart and not style.nested
        elif role == "summary":
            lines.append(f"Summary: {text}")
        else:
            if role == "heading" and style.furniture and number:
                lines.append("Back to top")
            lines.append(text)
            interrupted = interrupted or style.restart and role != "more"
    return _page_around(source, style, lines)


def dashes(source: Source, style: Style) -> str:
    """Render with a dash before paragraphs and bullets alike."""
    lines = []
    for role, text in source.rows:
        if role in ("paragraph", "bullet"):
            text = f"- {text}"
        lines.append(f"Summary: {text}" if role == "summary" else text)
    return _page_around(source, style, lines)


def plain(source: Source, style: Style) -> str:
    """Render without any marks."""
    lines = [f"Summary: {text}" if role == "summary" else text for role, text in source.rows]
    return _page_around(source, style, lines)


def _page_around(source: Source, style: Style, lines: Sequence[str]) -> str:
    decision = source.decision
    header = [
        f"{decision.body} ({decision.reference})",
        f"Category : {decision.category}",
        f"Decision : {decision.outcome}",
        f"Decision date : {source.date}",
        "The Ombudsman's final decision:",
    ]
    top = header if style.header else []
    end = ["Investigator's decision on behalf of the Ombudsman"]
    end += [_COOKIES] if style.furniture else []
    gap = style.newline * 2 if style.blank else style.newline
    return gap.join([*top, *lines, *end]).replace("\r\n", "\n").replace("\n", style.newline)


def wrapped(copy: str, width: int) -> str:
    """Break the lines of a copy to fit a width."""
    return "\n".join(
        part
        for line in copy.splitlines()
        for part in textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False)
        or [""]
    )


def page(source: Source, style: Style) -> str:
    """Render as a page of the site: numbers by ``start``, bullets nested or between lists."""
    decision = source.decision
    title = escape(f"{decision.body} ({decision.reference})")
    fields = {
        "Category": decision.category,
        "Decision": decision.outcome,
        "Decision date": source.date,
    }
    pairs = "".join(
        f'<div><span class="label">{name} :</span> <span class="value">{escape(value or "")}</span></div>'
        for name, value in fields.items()
    )
    nav = "<nav><ul><li>Decisions</li><li>The complaint</li></ul></nav>" if style.furniture else ""
    end = "<p>Investigator's decision on behalf of the Ombudsman</p>"
    cookies = "<div><h2>Required cookies</h2><p>They are needed.</p></div>"
    return style.newline.join(
        [
            "<!DOCTYPE html>",
            f"<html><head><title>{title}</title><script>var a = '<p>';</script></head><body>{nav}",
            f'<article id="article"><h1>{title}</h1>{pairs if style.header else ""}',
            "<h2>The Ombudsman's final decision:</h2>",
            *_elements(source, style),
            end,
            "</article>",
            cookies if style.furniture else "",
            "</body></html>",
        ]
    )


def _elements(source: Source, style: Style) -> Iterator[str]:
    """Yield the elements of the decision; closing tags of lists are left to where they end."""
    number = 0
    open_tags: list[str] = []

    def close(down_to: int) -> Iterator[str]:
        while len(open_tags) > down_to:
            yield f"</{open_tags.pop()}>"

    for role, text in source.rows:
        words = escape(text, quote=False).replace("’", "&rsquo;")
        if role == "summary":
            yield f"<p><strong>Summary:</strong> {words}</p>"
        elif role in ("heading", "subheading"):
            yield from close(0)
            if role == "heading" and style.furniture and number:
                yield '<p><a href="#top">Back to top</a></p>'
            level = 2 if role == "heading" else 3
            yield f"<h{level}>{words}</h{level}>"
        elif role == "paragraph":
            number += 1
            yield from close(1 if open_tags[:1] == ["ol"] else 0)
            if not open_tags:
                yield f'<ol start="{number}">'
                open_tags.append("ol")
            yield f"<li><p>{words}</p>" if style.blank else f"<li>{words}"
            open_tags.append("li")
        elif role == "bullet":
            if open_tags[-1] != "ul" and not style.nested:
                yield from close(0)
            if not open_tags or open_tags[-1] != "ul":
                yield "<ul>"
                open_tags.append("ul")
            yield f"<li>{words}</li>"
        elif match := _LETTER.match(text):
            if open_tags[-1] != "ol" or len(open_tags) == 1:
                yield '<ol type="a">'
                open_tags.append("ol")
            yield f"<li>{escape(text[match.end() :], quote=False)}</li>"
        else:
            yield from close(2 if style.nested and len(open_tags) > 1 else 0)
            yield f"<p>{words}</p>"
    yield from close(0)
