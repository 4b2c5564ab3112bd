"""Web pages: each one file that needs no network, made from templates that share one base.

A page is a template that extends ``base.html``, rendered by `render`, with a style and a script of
its own beside it. Its colours are the variables of ``style.css``, which all pages share; charts
(`grounds.pages.charts`) are drawn in the same ones.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grounds.errors import GroundsError
from grounds.replacing import replacing

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

PAGES = (".html", ".htm")
"""How the name of a page ends."""


def check_charts() -> None:
    """Refuse to begin a page with charts where what draws them is not installed.

    Raises
    ------
    GroundsError
        With the command that installs it.
    """
    if find_spec("matplotlib") is None:
        raise GroundsError("charts need matplotlib: pip install 'lgsco-grounds[charts]'")


def render(name: str, *, parts: Sequence[str] = (), actions: str = "'none'", **context: Any) -> str:
    """Return a page as HTML.

    Everything in `context` is escaped, unless it is `Markup`. The page's policy lets nothing run,
    load or be sent but its own style and script.

    Parameters
    ----------
    name
        Of the template in ``templates/`` (``.html``), and of the style (``.css``) and the script
        (``.js``) beside it, where there are any.
    parts
        Names of templates that it includes, likewise.
    actions
        Where forms may go, as the policy says it.
    context
        What the template names.
    """
    from markupsafe import Markup

    style = _source("style.css") + "".join(_source(f"{part}.css") for part in (*parts, name))
    code = "".join(_source(f"{part}.js") for part in (*parts, name))
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(code)}; "
        f"base-uri 'none'; form-action {actions}"
    )
    page = _environment().get_template(f"{name}.html")
    return page.render(policy=policy, style=Markup(style), script=Markup(code), **context)


def is_ours(page: Path) -> bool:
    """Say whether a file is a page that was made here."""
    with page.open("rb") as file:
        return b'<meta name="generator" content="grounds">' in file.read(1024)


def put_page(html: str, path: Path, *, durable: bool = True) -> None:
    """Write a page, which takes the place of an older one when it is complete; see `replacing`."""
    with replacing(path, durable=durable) as draft:
        draft.write_text(html, encoding="utf-8", errors="replace")  # half a surrogate pair


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("grounds.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(breakable=_breakable, sentence=_sentence, ticked=_ticked)
    return environment


def _breakable(tag: str) -> Markup:
    """Return a tag as HTML that may break between its words."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"([_:])", r"\1<wbr>", str(escape(tag))))


def _sentence(words: str) -> str:
    """Return words with a capital letter and a full stop."""
    return f"{words[:1].upper()}{words[1:]}."


def _ticked(text: str) -> Markup:
    """Return text as HTML, what stands in backticks as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


@cache
def _source(name: str) -> str:
    """Return the text of a style or a script, nothing where a page has none of its own."""
    file = files("grounds.pages").joinpath("templates", name)
    return file.read_text("utf-8") if file.is_file() else ""


def _hash(source: str) -> str:
    return f"'sha256-{b64encode(sha256(source.encode()).digest()).decode()}'"
