"""Statistics as a page: what it says, and what its numbers lead to in a browser."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from looking import HOSTILE, Visit, barriers, says
from records import corpus_records
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from grounds import statistics, writing
from grounds.cli import main
from grounds.pages.index import row_of
from grounds.pages.statistics import page, write
from grounds.record import Record

RECORDS = corpus_records()[::32]


def html(records: tuple[Record, ...]) -> str:
    return page(statistics.sample_of(records), [row_of(record) for record in records])


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "statistics.html"
    file.write_text(html(RECORDS), "utf-8")
    return file.as_uri()


def has(record: Record, *tags: str) -> bool:
    return set(tags) <= {found.tag for found in (*record.tags, *record.remedies)}


def test_links_and_charts_are_whole() -> None:
    tree = HTMLParser(html(RECORDS))
    ids = {node.attributes["id"] for node in tree.css("[id]")}
    inside = [a.attributes["href"] or "" for a in tree.css("[href]")]
    assert {href[1:] for href in inside if "=" not in href} <= ids
    assert len(tree.css("svg.chart")) == 3
    assert tree.css("[style], [onclick], [src]") == []


def test_numbers_lead_to_their_decisions(visit: Visit, address: str) -> None:
    tab = visit(address)
    for tag in ("no_fault", "late", "payment:sought"):
        link = tab.locator(f".counts a[href='#tag={tag.replace(':', '%3A')}']")
        number = sum(has(record, tag) for record in RECORDS)
        assert link.inner_text() == str(number)
        link.click()
        says(tab.locator(".filter output"), f"{number} of {len(RECORDS)} decisions")
    link = tab.locator("#together tbody a").first
    wanted = int(link.inner_text())
    link.click()
    says(tab.locator(".filter output"), f"{wanted} of {len(RECORDS)} decisions")
    declined = sum(has(record, "payment:sought", "payment:declined") for record in RECORDS)
    tab.locator("#remedies a[href='#tag=payment%3Asought&also=payment%3Adeclined']").click()
    says(tab.locator(".filter output"), f"{declined} of {len(RECORDS)} decisions")
    assert tab.locator(".filter").is_visible()


def test_years_and_bodies_lead_to_their_decisions(visit: Visit, address: str) -> None:
    tab = visit(address)
    tab.click("#time summary")
    link = tab.locator("#time tbody tr", has_text="2024").locator("td a").first
    number = sum((record.decision.date or "").startswith("2024") for record in RECORDS)
    assert link.inner_text() == str(number)
    link.click()
    says(tab.locator(".filter output"), f"{number} of {len(RECORDS)} decisions")
    body = tab.locator("#bodies tbody tr").first
    total = int(body.locator("td a").first.inner_text())
    body.locator("td a").first.click()
    says(tab.locator(".filter output"), f"{total} of {len(RECORDS)} decisions")


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1400)])
def test_a_page_is_accessible_and_fits(visit: Visit, address: str, scheme: str, width: int) -> None:
    tab = visit(address, scheme, width)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert barriers(tab) == ""


def test_odd_names_are_drawn(visit: Visit, tmp_path: Path) -> None:
    odd = [
        replace(record, decision=replace(record.decision, category=category))
        for record, category in zip(
            RECORDS, (r"$\foo$", "a\x01b", "c\uffffd", "Two  Spaces", "x" * 200), strict=False
        )
    ]
    file = tmp_path / "odd.html"
    assert write(odd, file) == 5
    tab = visit(file.as_uri(), width=390)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
    tab.click("#subjects summary")
    for row in tab.locator("#subjects tbody tr").all():
        row.locator("td a").first.click()
        says(tab.locator(".filter output"), "1 of 5 decisions")


def test_few_decisions_make_a_page_too(visit: Visit, tmp_path: Path) -> None:
    one = RECORDS[0]
    bare = replace(
        one, tags=(), remedies=(),
        decision=replace(one.decision, body=HOSTILE, category=HOSTILE, date=None),
    )  # fmt: skip
    file = tmp_path / "few.html"
    file.write_text(html((bare,)), "utf-8")
    tab = visit(file.as_uri())
    assert tab.locator("h1").count() == 1
    assert HOSTILE in tab.locator("#bodies tbody th").inner_text()
    assert "Too few dated decisions" in tab.locator("#time").inner_text()
    assert tab.locator("img").count() == 0


# The command


def test_the_command_takes_json_lines_and_a_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = []
    for name in ("tags.jsonl", "tags.db"):
        writing.write(RECORDS, tmp_path / name)
        assert main(["stats", str(tmp_path / name)]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert shown[0].startswith(f"{len(RECORDS)} decisions, ")
    assert main(["stats", str(tmp_path / "tags.db"), "-o", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().err == f"{tmp_path}/page.html: {len(RECORDS)} decisions\n"
    assert (tmp_path / "page.html").read_text("utf-8") == html(RECORDS)


def test_what_cannot_be_counted_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty, other, tags = tmp_path / "empty.jsonl", tmp_path / "other.db", tmp_path / "tags.jsonl"
    empty.touch()
    tags.write_text('{"text": "no record"}\n')
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE x (a)")
    for file, said in (
        (empty, "holds no tagged decisions; fill it with 'grounds tag … -o'"),
        (tags, "no record of schema 1"),
        (other, "is a database of another program"),
        (tmp_path / "none.db", "there is no such database"),
        (tmp_path / "none.csv", "records are read from .jsonl or .db"),
    ):
        assert main(["stats", str(file)]) in (1, 2)
        assert said in capsys.readouterr().err
    assert main(["stats", str(tags), "-o", str(tmp_path / "x.pdf")]) == 2
    assert "statistics are written to a .html page" in capsys.readouterr().err
    assert main(["stats", str(tags), "--open"]) == 2
    assert "--open goes with -o" in capsys.readouterr().err
