"""How Datasette shows a database of grounds: hooks that it calls."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from datasette import Response
from datasette.utils import is_url, tilde_encode
from markupsafe import Markup, escape
from pluggy import HookimplMarker

from grounds.codebook import codebook
from grounds.database.rows import record
from grounds.exploring.marks import around, marked, to_html
from grounds.exploring.words import NAME, questions
from grounds.pages.pieces import pieces
from grounds.record import Record

hookimpl = HookimplMarker("datasette")

_MARKED = "evidence_in_paragraph"
"""The view that marks words by itself, in whatever text."""

_TAGS = frozenset({"tag", "ground", "bar", "other", "grounds", "bars", "remedies", "tags"})


@hookimpl
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Give queries the function `marked`."""
    conn.create_function("marked", 2, marked, deterministic=True)


@hookimpl
def render_cell(row: Any, value: Any, column: str, table: str | None, database: str) -> Any:
    """Show marked words, shares and scores as such, and lead to decisions and to the codebook."""
    if database != NAME or value is None or isinstance(value, dict):
        return None
    if column == "marked":
        return around(row["words"], value) if table == _MARKED else to_html(str(value))
    if column in ("share", "score") and isinstance(value, int | float):
        return bar(value) if column == "share" else f"{value:.2f}"
    if column == "decision_id" or (column == "id" and table == "overview"):
        return Markup('<a href="/{}/decisions/{}">{}</a>').format(NAME, value, value)
    if column in _TAGS and table != "codebook" and isinstance(value, str):
        return Markup(", ").join(map(_tag, value.replace(" ", "").split(",")))
    if isinstance(value, str) and is_url(value.strip()):
        return escape(value)  # where Datasette would make a link of what stands in a decision
    return None


def bar(share: float) -> Markup:
    """Return a share of a hundred as a number with a bar."""
    return Markup(
        '<span class="share"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect width="{:.1f}" height="10"/></svg> {:.1f}</span>'
    ).format(share, share)


def _tag(tag: str) -> Markup:
    if tag not in codebook().tags:
        return escape(tag)
    return Markup('<a class="tag" href="/{}/codebook/{}">{}</a>').format(
        NAME, tilde_encode(tag), tag
    )


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Any, request: Any, exception: Exception) -> Iterator[None]:
    """Say what is wrong on the page alone: Datasette would show a decision's text on the terminal."""
    outcome: Any = yield
    status = getattr(exception, "status", 500)
    problem = getattr(exception, "message", "") or str(exception)

    async def response() -> Response:
        if request.path.endswith(".json"):
            return Response.json({"ok": False, "error": problem, "status": status}, status=status)
        said = {"title": getattr(exception, "title", None), "status": status, "error": problem}
        page = await datasette.render_template("error.html", said, request=request)
        return Response.html(page, status=status)

    outcome.force_result([response])


@hookimpl
def extra_template_vars(
    template: str, database: str | None, table: str | None, view_name: str, request: Any,
    datasette: Any,
) -> Any:  # fmt: skip
    """Give templates what they show beyond Datasette's own."""

    async def found() -> dict[str, Any]:
        db = datasette.get_database(NAME)
        words = {"tag_link": _tag, "bar": bar, "codebook": codebook(), "questions": questions()}
        if template == "index.html":
            words.update(await db.execute_fn(_figures))
        if template == "row-grounds-decisions.html":
            number = int(request.url_vars["pks"])
            words.update(await db.execute_fn(lambda connection: _decision(connection, number)))
        return words

    return found


_COUNTS = {
    "years": "SELECT year AS name, count(*) AS n FROM decisions GROUP BY year ORDER BY year",
    "outcomes": "SELECT decision AS name, count(*) AS n FROM decisions GROUP BY decision "
    "ORDER BY n DESC LIMIT 8",
    "subjects": "SELECT subject AS name, count(*) AS n FROM decisions GROUP BY subject "
    "ORDER BY n DESC LIMIT 12",
    "grounds": "SELECT tag AS name, count(*) AS n FROM tags WHERE family = 'ground' GROUP BY tag "
    "ORDER BY n DESC",
    "bars": "SELECT tag AS name, count(*) AS n FROM tags WHERE family = 'bar' GROUP BY tag "
    "ORDER BY n DESC",
}


def _figures(connection: sqlite3.Connection) -> dict[str, Any]:
    """Return what the first page shows."""
    [[decisions, bodies, failures, review]] = connection.execute(
        "SELECT (SELECT count(*) FROM decisions), (SELECT count(DISTINCT body) FROM decisions), "
        "(SELECT count(*) FROM failures), (SELECT count(*) FROM review)"
    )
    counts = {name: connection.execute(query).fetchall() for name, query in _COUNTS.items()}
    remedies = connection.execute("SELECT * FROM remedies_by_kind ORDER BY sought DESC").fetchall()
    return {
        "decisions": decisions, "bodies": bodies, "failures": failures, "review": review,
        "counts": counts, "remedies": remedies,
        "busiest": max((row["n"] for row in counts["years"]), default=0),
        "commonest": max((row["n"] for row in (*counts["grounds"], *counts["bars"])), default=0),
        "most_sought": max((max(row[status] for status in codebook().statuses) for row in remedies), default=0),
    }  # fmt: skip


def _decision(connection: sqlite3.Connection, number: int) -> dict[str, Any]:
    """Return a decision's record, and its paragraphs in pieces."""
    found = record(connection, number)
    return {"record": found, "paragraphs": list(_paragraphs(found))}


def _paragraphs(found: Record) -> Any:
    spans = defaultdict(list)
    for tag in (*found.tags, *found.remedies):
        for one in tag.evidence:
            spans[one.paragraph].append((one.start, one.end, tag.tag))
    for paragraph in found.decision.paragraphs:
        own = spans[paragraph.number]
        yield {
            "paragraph": paragraph,
            "pieces": pieces(paragraph.text, own),
            "tags": list(dict.fromkeys(tag for _, _, tag in own)),
        }
