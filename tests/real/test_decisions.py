"""Published decisions, as their readers know them. They are not part of the project."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from grounds.reading import read

FOLDER = Path(__file__).parents[3] / "shared" / "decisions"
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))

pytestmark = pytest.mark.skipif(not NAMES, reason="no published decisions here")


@cache
def expectations() -> dict[str, Any]:
    """Return what was written down of each decision."""
    found: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", NAMES)
def test_published_decisions_are_read_as_on_the_page(name: str) -> None:
    decision, expected = read(FOLDER / f"{name}.txt"), expectations()[name]
    numbers = [paragraph.number for paragraph in decision.paragraphs]
    assert numbers == list(range(expected["paragraphs_total"] + 1))
    assert decision.paragraphs[-1].text.startswith(expected["last_paragraph_starts"])
    sections: dict[str, list[int]] = {}
    for paragraph in decision.paragraphs[1:]:
        first = sections.setdefault(paragraph.section, [paragraph.number, paragraph.number])
        first[1] = paragraph.number
    assert sections == expected["sections"]
    assert decision.reference == name.replace("-", " ")
    assert decision.body == expected["body"]
    assert decision.date == expected["date"]
    assert decision.outcome == expected["decision"]
    assert decision.category == expected["category"]
