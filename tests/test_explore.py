"""A database in the browser: what its pages say and do, and what they leave alone."""

from __future__ import annotations

import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from looking import Visit, barriers
from made import texts
from records import corpus_records, labelled, record_of

from grounds.cli import main
from grounds.errors import GroundsError
from grounds.record import Evidence, Failure, Record, TagFound
from grounds.writing import write

pytest.importorskip("datasette", reason="Datasette is not installed")

from grounds.exploring import application, words
from grounds.exploring.marks import marked, to_html
from grounds.pages.pieces import pieces

HOSTILE = '<script>alert(1)</script><img src="https://example.org/x"> [[**& "quoted"'
WIDTHS = ((390, "light"), (1400, "dark"))


def hostile() -> Record:
    """Return a record of which every text breaks pages that forget to escape."""
    base = record_of(labelled("short/01.md"))
    first = replace(base.decision.paragraphs[0], heading=HOSTILE, text=f"alert {HOSTILE}")
    decision = replace(
        base.decision, source=HOSTILE, body=HOSTILE, category=HOSTILE,
        outcome=HOSTILE, date=None, paragraphs=(first,), warnings=(HOSTILE,),
    )  # fmt: skip
    evidence = Evidence(first.number, 6, 6 + len(HOSTILE), HOSTILE, 0.9)
    found = TagFound("late", "bar", 0.9, (evidence,))
    return replace(base, decision=decision, tags=(found,), remedies=(), cited=(), review=())


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [*corpus_records()[::12], hostile()]


@pytest.fixture(scope="module")
def path(records: list[Record], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explore") / "100% of the corpus?.db"
    write([*records, Failure("nowhere.txt", HOSTILE)], path)
    return path


@pytest.fixture(scope="module")
def address(path: Path) -> Iterator[str]:
    """Run the command, and give where it answers."""
    command = [sys.executable, "-m", "grounds", "explore", str(path), "--no-open"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        found = re.fullmatch(rf"{re.escape(str(path))} is at (\S+)/ until you press Ctrl-C\n", line)
        assert found, line
        yield found[1]
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == ""


def fetched(address: str, **headers: str) -> tuple[int, Any, str]:
    try:
        with urlopen(Request(address, headers=headers), timeout=60) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except HTTPError as error:
        return error.code, error.headers, error.read().decode()


# What is asked and answered


def test_every_question_is_answered(address: str) -> None:
    given = {"words": "council", "tag": "late", "reference": "9"}
    for name, question in words.questions().items():
        asked = set(re.findall(r":(\w+)", question["sql"]))
        wanted = "&".join(f"{one}={given.get(one, '')}" for one in sorted(asked))
        status, _, page = fetched(f"{address}/grounds/{name}?{wanted}")
        assert status == 200, name
        assert "<tbody>" in page, name
        assert name not in words.metadata("x")["databases"]["grounds"]["tables"]
        assert question["title"] in page


def test_every_table_and_view_has_its_page(address: str) -> None:
    for name, about in words.metadata("x")["databases"]["grounds"]["tables"].items():
        status, _, page = fetched(f"{address}/grounds/{name}")
        assert status == 200, name
        assert about["description"].replace("'", "&#39;") in page
        assert all(f"<code>{column}</code>" in page for column in about["columns"])


def test_pages_may_load_nothing_and_run_nothing(address: str) -> None:
    for place in ("/", "/grounds/decisions/1", "/nowhere"):
        _, headers, page = fetched(address + place)
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert not re.search(r"<script|\son\w+=|\sstyle=|<style", page)
        links = re.findall(r'<(?:link|img)[^>]+(?:href|src)="([^"]+)"', page)
        assert all(link.startswith("/") for link in links)


def test_only_this_machine_is_answered(address: str) -> None:
    assert fetched(f"{address}/grounds/decisions.json", Host="example.org")[0] == 421


@pytest.mark.parametrize(
    ("place", "status", "problem"),
    [
        ("/grounds?sql=DELETE+FROM+decisions", 400, "Statement must be a SELECT"),
        ("/grounds?sql=SELECT+*+FROM+nowhere", 400, "no such table: nowhere"),
        ("/grounds/decisions/123456", 404, "Record not found"),
        ("/grounds/search?words=%22AND+NEAR(*", 200, "Nothing found"),
        ("/grounds/search?words=", 200, "Nothing found"),
    ],
)
def test_what_is_asked_wrongly_is_said(place: str, status: int, problem: str, address: str) -> None:
    assert fetched(address + place)[0] == status
    assert problem in fetched(address + place)[2]


def test_the_database_is_only_read(address: str, path: Path) -> None:
    before = path.read_bytes()
    fetched(f"{address}/grounds?sql=SELECT+1")
    fetched(f"{address}/")
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_answers_can_be_taken_away_as_json(address: str) -> None:
    _, _, body = fetched(f"{address}/grounds/bars_and_category.json?category=&_shape=array")
    assert '"share": ' in body
    assert all(set(row) >= {"category", "bar", "share"} for row in json.loads(body))


# What is refused


def test_what_is_no_such_database_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, notes = tmp_path / "other.db", tmp_path / "notes.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE t (a)")
    notes.write_text("my notes")
    for path, problem in (
        (other, "is a database of another program"),
        (notes, "is no database but something else"),
        (tmp_path / "nowhere.db", "there is no such database"),
    ):
        assert main(["explore", str(path), "--no-open"]) in (1, 2)
        assert f"grounds: {path}: {problem}" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert main(["explore", str(path), "--no-open", "--port", port]) == 2
    assert f"grounds: port {port} cannot be had" in capsys.readouterr().err


def test_datasette_may_be_missing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasette.app", None)
    with pytest.raises(GroundsError, match=r"pip install 'lgsco-grounds\[explore\]'"):
        application(path)


def test_tagging_does_not_load_datasette() -> None:
    code = (
        "import sys, grounds.cli, grounds.batch;"
        "print({'datasette', 'uvicorn', 'grounds.exploring'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# Marks

_spans = st.lists(st.tuples(st.integers(-3, 70), st.integers(-3, 70)), max_size=5)


@settings(max_examples=60)
@given(text=texts, ends=_spans)
def test_pieces_are_the_whole_text(text: str, ends: list[tuple[int, int]]) -> None:
    spans = [(first, last, number) for number, (first, last) in enumerate(ends)]
    found = pieces(text, spans)
    assert "".join(piece for piece, _ in found) == text
    place = 0
    for piece, labels in found:
        for letter in range(place, place + len(piece)):
            assert labels == [n for first, last, n in spans if first <= letter < last]
        place += len(piece)


@settings(max_examples=60)
@given(text=texts, ends=_spans)
def test_marks_add_nothing_but_marks(text: str, ends: list[tuple[int, int]]) -> None:
    shown = marked(f"\x02{text}\x03", str([list(pair) for pair in ends])) or ""
    strip = str.maketrans("", "", "[]*\x02\x03\u2060")
    assert shown.translate(strip) == text.translate(strip)
    html = str(to_html(f"<i>{shown}"))
    assert set(re.findall(r"</?\w+", html)) <= {"<mark", "</mark", "<strong", "</strong"}


# In a browser


@pytest.mark.parametrize(
    "place",
    [
        "/",
        "/grounds",
        "/grounds/overview",
        "/grounds/decisions/1",
        "/grounds/search?words=council",
        "/grounds/remedies_sought_and_declined",
    ],
)
def test_pages_fit_and_can_be_used_by_all(place: str, visit: Visit, address: str) -> None:
    for width, scheme in WIDTHS:
        tab = visit(address + place, scheme, width)
        assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert barriers(tab) == ""


def test_a_decision_is_shown_with_its_evidence(
    browser: Any, address: str, records: list[Record]
) -> None:
    tab = browser.new_page()
    for number, record in enumerate((records[0], records[-1])):
        tab.goto(f"{address}/grounds/decisions/{number * (len(records) - 1) + 1}")
        assert tab.locator("h1").inner_text() == record.decision.body
        shown = tab.locator(".words").all_text_contents()
        assert shown == [paragraph.text for paragraph in record.decision.paragraphs]
        evidence = [one for tag in (*record.tags, *record.remedies) for one in tag.evidence]
        for one in evidence:
            marks = tab.locator(f"#p{one.paragraph} mark").all_text_contents()
            assert "".join("".join(marks).split()).find("".join(one.text.split())) >= 0
        tags = {tag.tag for tag in (*record.tags, *record.remedies)}
        assert set(tab.locator(".card h3 a").all_text_contents()) == tags
    tab.close()


def test_text_is_only_text(browser: Any, address: str) -> None:
    tab = browser.new_page()
    for place in (
        "/", "/grounds/decisions", "/grounds/overview", "/grounds/paragraphs?_search=alert",
        "/grounds/search?words=alert", "/grounds/words_for_a_tag?tag=late&body=alert&year=",
        "/grounds/evidence_in_paragraph?body__contains=alert", "/grounds/failures",
        "/grounds/grounds_by_council_and_year?body=%3Cscript%3Ealert(1)%3C%2Fscript%3E&year=",
        "/grounds?sql=SELECT+'%3Cscript%3Ealert(1)%3C/script%3E'",
    ):  # fmt: skip
        tab.goto(address + place)
        assert tab.locator("script, img").count() == 0, place
        text = tab.locator("body").inner_text() + tab.content()
        assert place == "/" or "alert" in text, place
    tab.close()


def test_words_are_searched_from_every_page(browser: Any, address: str) -> None:
    tab = browser.new_page()
    tab.goto(f"{address}/grounds/codebook")
    tab.fill("#find", '"not investigate"')
    tab.press("#find", "Enter")
    assert tab.locator("h1").inner_text() == "Search the paragraphs"
    assert {word.lower() for word in tab.locator(".col-marked strong").all_text_contents()} <= {
        "not investigate",
        "not investigating",
        "not investigated",
    }
    assert tab.locator(".col-marked mark").count() > 0
    tab.locator(".col-decision_id a").first.click()
    assert re.fullmatch(rf"{address}/grounds/decisions/\d+", tab.url)
    tab.close()


def test_tables_are_narrowed_by_their_facets(browser: Any, address: str) -> None:
    tab = browser.new_page()
    tab.goto(f"{address}/grounds/tags")
    facet = tab.locator(".facets li", has_text=re.compile(r"^\s*late\b"))
    count = int(facet.locator(".quiet").inner_text())
    facet.locator("a").click()
    assert f"{count} rows where tag = " in tab.locator(".caption").inner_text()
    assert set(tab.locator("td.col-tag").all_text_contents()) == {"late"}
    tab.close()


def test_charts_show_the_numbers(browser: Any, address: str, records: list[Record]) -> None:
    tab = browser.new_page()
    tab.goto(f"{address}/")
    for name in ("no_fault", "late"):
        number = sum(name in {tag.tag for tag in record.tags} for record in records)
        row = tab.locator(".reasons tr", has_text=re.compile(rf"^{name}\b"))
        assert row.locator(".n").inner_text() == str(number)
        bar = row.locator("rect").bounding_box()
        whole = row.locator("svg").bounding_box()
        assert 0 < bar["width"] <= whole["width"]
    tab.close()
