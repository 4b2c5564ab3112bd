"""The examples in README and docs, run as a reader would run them."""

from __future__ import annotations

import doctest
import io
import json
import re
import runpy
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from parsing import parse

from grounds.cli import main

ROOT = Path(__file__).parent.parent
EXAMPLES = runpy.run_path(str(ROOT / "docs" / "examples.py"))
TABLES = runpy.run_path(str(ROOT / "docs" / "tables.py"))
PAGES: tuple[Path, ...] = EXAMPLES["PAGES"]
OTHERS = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "data/README.md")
LINKS = (*PAGES, *(ROOT / name for name in OTHERS))


def name(page: Path) -> str:
    """Return the page's path in the project."""
    return str(page.relative_to(ROOT))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder that has what examples take for granted."""
    monkeypatch.chdir(EXAMPLES["prepare"](tmp_path))
    for name in EXAMPLES["TERMINAL"]:
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(command: str, folder: Path) -> str:
    """Run an example: `grounds` by itself here, without a start of a second each."""
    words = shlex.split(command)
    if words[0] != "grounds" or re.search(r"[|<>;&*$]", command):
        return str(EXAMPLES["run"](command, folder))
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        main(words[1:])
    return said.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_and_python_print_what_is_shown(page: Path, folder: Path) -> None:
    text = page.read_text("utf-8")
    assert EXAMPLES["refreshed"](text, folder, run) == text, (
        f"run: python docs/examples.py {name(page)}"
    )
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


@pytest.mark.parametrize("page", TABLES["PAGES"], ids=name)
def test_tables_of_figures_are_those_of_the_evaluation(page: Path) -> None:
    text = page.read_text("utf-8")
    assert TABLES["refreshed"](text) == text, "run: python docs/tables.py"


def test_the_figures_of_the_readme_are_those_of_the_evaluation() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    report = json.loads((ROOT / "docs" / "figures.json").read_text("utf-8"))
    assert f"| micro F1 | {report['reasons']['figures']['micro_f1']:.3f} (" in text
    assert f"{report['evidence']:.1%}" in text
    assert f"{report['cited']['micro_f1']:.3f}" in text
    weak = {tag["tag"] for tag in report["tags"] if tag["f1"] < 0.65}
    named = re.search(r"F1 below 0\.65\): (.*?)\. Look", text, re.DOTALL)
    assert named
    pairs = (part.split("`") for part in " ".join(named[1].split()).split(", `"))
    listed = [(words[-2], words[-1].split(" or ")) for words in pairs]
    assert weak == {f"{kind}:{status.strip()}" for kind, statuses in listed for status in statuses}
