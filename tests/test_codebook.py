"""The codebook: its file, its page, and what the program says of a tag."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from grounds.codebook import codebook, to_markdown
from grounds.decision import SECTIONS
from grounds.errors import GroundsError

PROJECT = Path(__file__).parent.parent
ORIGINAL = PROJECT.parent / "shared" / "codebook.md"
needs_original = pytest.mark.skipif(not ORIGINAL.exists(), reason="the original is not here")


def test_has_every_tag() -> None:
    assert codebook().version == "1.1"
    assert len(codebook().reasons) == 21
    assert len(codebook().remedies) == 28
    assert list(codebook().tags) == [*codebook().reasons, *codebook().remedies]


def test_every_tag_is_complete() -> None:
    for tag in codebook().tags.values():
        assert tag.family in codebook().families
        assert tag.definition
        assert bool(tag.provision) == (tag.family != "remedy"), tag.id
        assert tag.examples, tag.id


def test_examples_are_not_from_the_labelled_data() -> None:
    files = [path for path in (PROJECT / "data").rglob("*.*") if path.suffix in (".md", ".tsv")]
    data = " ".join(path.read_text("utf-8").replace("’", "'").lower() for path in files)
    examples = [example for tag in codebook().tags.values() for example in tag.examples]
    assert len(set(examples)) == len(examples)
    assert [example for example in examples if example.rstrip(".").lower() in data] == []


def test_close_calls_name_only_what_there_is() -> None:
    known = {*codebook().tags, *codebook().kinds, *codebook().statuses, "kind:status"}
    known |= {f"kind:{status}" for status in codebook().statuses}
    named = set(re.findall(r"`([^`]+)`", " ".join(codebook().close_calls)))
    assert named <= known


def test_sections_are_those_of_a_decision() -> None:
    assert tuple(codebook().sections) == ("header", *SECTIONS)


def test_page_is_up_to_date() -> None:
    page = (PROJECT / "docs" / "codebook.md").read_text("utf-8")
    assert page == to_markdown(codebook()), "run python -m grounds.codebook > docs/codebook.md"


@needs_original
def test_tables_say_what_the_original_says() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|(?: (.+?) \|)?$", ORIGINAL.read_text(), re.MULTILINE)
    original = {id: (definition, provision) for id, definition, provision in rows}
    reasons = [codebook().tags[id] for id in codebook().reasons]
    assert original == {
        **{tag.id: (tag.definition, tag.provision) for tag in reasons},
        **{kind: (what, "") for kind, what in codebook().kinds.items()},
        **{status: (when, "") for status, when in codebook().statuses.items()},
    }


@needs_original
def test_page_has_all_prose_of_the_original() -> None:
    page = to_markdown(codebook())
    text = ORIGINAL.read_text("utf-8")
    before_sections, _, sections = text.partition("## Sections of a decision")
    prose = [line for line in before_sections.splitlines() if not line.startswith("|")]
    assert [line for line in prose if line not in page] == []
    headed = set(re.findall(r'"[^"]+"|`\w+`', sections))
    assert {part for part in headed if part not in page} == set()


@pytest.mark.parametrize("id", codebook().tags)
def test_describe(id: str) -> None:
    text = codebook().describe(id)
    assert text.startswith(id)
    assert all(len(line) <= 100 for line in text.splitlines())
    assert codebook().tags[id].examples[0][:20] in text


def test_describe_names_the_close_calls() -> None:
    assert "  23. " in codebook().describe("complaint_handling")
    assert "  20. " in codebook().describe("apology:agreed")


@pytest.mark.parametrize(
    ("wrong", "advice"),
    [
        ("no_falt", "did you mean 'no_fault'?"),
        ("apology:given", "did you mean 'apology:agreed'"),
        ("zzz", "'grounds codebook' lists them all"),
    ],
)
def test_unknown_tag(wrong: str, advice: str) -> None:
    with pytest.raises(GroundsError, match=re.escape(f"unknown tag {wrong!r}: {advice}")):
        codebook().describe(wrong)


def test_is_light_to_import() -> None:
    code = "import grounds.codebook, sys; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
