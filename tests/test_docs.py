"""The examples in README and docs, run as a reader would run them."""

from __future__ import annotations

import doctest
import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from parsing import parse

ROOT = Path(__file__).parent.parent
EXAMPLES = runpy.run_path(str(ROOT / "docs" / "examples.py"))
PAGES: tuple[Path, ...] = EXAMPLES["PAGES"]
LINKS = (*PAGES, *(ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "data/README.md")))


def name(page: Path) -> str:
    """Return the page's path in the project."""
    return str(page.relative_to(ROOT))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder that has what examples take for granted."""
    monkeypatch.chdir(EXAMPLES["prepare"](tmp_path))
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_print_what_is_shown(page: Path, folder: Path) -> None:
    text = page.read_text("utf-8")
    assert EXAMPLES["refreshed"](text, folder) == text, f"run: python docs/examples.py {name(page)}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_python_prints_what_is_shown(page: Path, folder: Path) -> None:
    failed, _ = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert not failed


def commands(page: Path) -> Iterator[str]:
    """Yield the commands of a page that are shown without what they print."""
    for block in re.findall(
        r"^```sh\n(.*?)^```$", page.read_text("utf-8"), re.DOTALL | re.MULTILINE
    ):
        yield from re.findall(r"^grounds .*", block, re.MULTILINE)


@pytest.mark.parametrize("command", [command for page in LINKS for command in commands(page)])
def test_commands_that_take_long_parse(command: str) -> None:
    parse(shlex.split(command))


@pytest.mark.parametrize("page", LINKS, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []
