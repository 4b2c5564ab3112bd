"""Published decisions, as their readers know them. They are not part of the project."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import grounds
from grounds.model import Model
from grounds.reading import read
from grounds.record import Record

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


# What the shipped model says of them

MISSED = {
    ("25-005-150", "nothing_to_add"),
    ("25-005-150", "same_outcome"),
}
"""Tags that a reader gives and the model does not; one that it finds is reported as passed."""

KINDS = ("must", "may", "remedies_must", "remedies_may")


def wanted() -> list[Any]:
    """Return every tag that must be found, as parameters of a test."""
    return [
        pytest.param(
            name, tag, marks=pytest.mark.xfail(reason="missed") if (name, tag) in MISSED else ()
        )
        for name in NAMES
        for tag in (*expectations()[name]["must"], *expectations()[name]["remedies_must"])
    ]


@pytest.fixture(scope="module")
def tagged(shipped: Model) -> dict[str, Record]:
    """Return the record of each decision."""
    return {name: grounds.tag(read(FOLDER / f"{name}.txt"), shipped) for name in NAMES}


@pytest.mark.parametrize(("name", "tag"), wanted())
def test_a_tag_is_found_in_a_paragraph_that_carries_it(
    name: str, tag: str, tagged: dict[str, Record]
) -> None:
    expected = expectations()[name]
    found = {found.tag: found for found in (*tagged[name].tags, *tagged[name].remedies)}
    assert tag in found
    assert (
        found[tag].evidence[0].paragraph in {**expected["must"], **expected["remedies_must"]}[tag]
    )


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_found_that_no_reader_finds(name: str, tagged: dict[str, Record]) -> None:
    expected, record = expectations()[name], tagged[name]
    readers = {tag for kind in KINDS for tag in expected[kind]}
    found = {found.tag for found in (*record.tags, *record.remedies)}
    assert found <= readers


@pytest.mark.parametrize("name", NAMES)
def test_what_the_powers_list_is_cited(name: str, tagged: dict[str, Record]) -> None:
    record = tagged[name]
    cited = {cited.tag for cited in record.cited} | {tag.tag for tag in record.tags if tag.cited}
    assert cited == set(expectations()[name]["cited"])
