"""What the site does otherwise than the pages and docstrings it is built from (see mkdocs.yml)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import griffe

ROOT = Path(__file__).parent.parent

_LINK = re.compile(r"\[([^\]]+)\]\((\.\./[^)#\s]+)(?:#[^)]*)?\)")
_SESSION = re.compile(r"^```python\n(?=>>> )", re.MULTILINE)
_EMPTY_HEADING = re.compile(r"<th( [^>]*)?></th>")
_NAMES = re.compile(r"^(\w+(?:, \w+)+)\n((?: {4}.*\n?)+)", re.MULTILINE)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Name files that are not of the site instead of linking to them; colour sessions as such."""
    folder = Path(page.file.abs_src_path).parent

    def named(link: re.Match[str]) -> str:
        file = (folder / link[2]).resolve().relative_to(ROOT)
        if file.is_relative_to("docs"):
            return link[0]
        return f"`{file}`" if file.name in link[1] else f"{link[1]} (`{file}`)"

    return _SESSION.sub("```pycon\n", _LINK.sub(named, markdown))


def on_post_page(output: str, **_: Any) -> str:
    """Mend what stands in the way of those who hear a page: a box and cells without a name."""
    named = output.replace('role="dialog"', 'role="dialog" aria-label="Search"')
    return _EMPTY_HEADING.sub(r"<td\1></td>", named)


class OneByOne(griffe.Extension):
    """Takes names apart that a docstring describes together: each has a type of its own."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring of an object."""
        if obj.docstring:
            obj.docstring.value = _NAMES.sub(
                lambda found: "".join(f"{name}\n{found[2]}" for name in found[1].split(", ")),
                f"{obj.docstring.value}\n",
            )
