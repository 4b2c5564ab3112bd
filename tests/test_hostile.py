"""Texts that do something where a program forgets that they are texts, in every output."""

from __future__ import annotations

import csv
import os
import pty
import sqlite3
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

import hostile
import pytest
from hostile import Made, ask, payloads, record, records
from hypothesis import given, settings
from hypothesis import strategies as st
from made import texts as any_texts
from selectolax.lexbor import LexborHTMLParser

from grounds import writing
from grounds.errors import GroundsError
from grounds.local import guarded
from grounds.model import Model
from grounds.pages.decision import page
from grounds.record import Record
from grounds.writing.csv import cell, from_cell
from grounds.writing.plain import one_line

SOME = (*payloads()[::5], "https://grounds.invalid/x.txt", "[[**x**]] [[")
FEW = payloads()[::20]
"""Payloads of every kind, where what is made of them takes long; the job takes all."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)  # letters that the font of a chart lacks
        return hostile.make(tmp_path_factory.mktemp("hostile"), SOME)


@pytest.mark.parametrize(
    "path",
    [
        ("date",),
        ("layout",),
        ("paragraphs", 0, "section"),
        ("tags", 0, "tag"),
        ("tags", 0, "family"),
        ("remedies", 0, "tag"),
    ],
)
def test_what_is_no_place_takes_no_payload(path: tuple[Any, ...]) -> None:
    values = record("words").to_dict()
    place: Any = values
    for step in path[:-1]:
        place = place[step]
    for text in payloads():
        place[path[-1]] = text
        if text == "2025-10-08":
            continue
        with pytest.raises(GroundsError):
            Record.from_dict(values)


# Pages


def test_a_page_is_built_as_one_of_harmless_texts() -> None:
    for text in payloads():
        built, alike = (
            [(node.tag, *sorted(node.attributes)) for node in LexborHTMLParser(html).css("*")]
            for html in (page(record(text)), page(record(hostile.harmless(text))))
        )
        assert built == alike, text


@pytest.mark.parametrize("page", hostile.PAGES)
def test_nothing_of_a_payload_takes_effect_in_a_browser(
    browser: Any, made: Made, page: str
) -> None:
    name, alike = hostile.PAGES[page]
    tab = browser.new_page()
    found = hostile.page_findings(tab, made, name, shown=SOME, alike=alike)
    assert list(found) == []
    tab.close()


@pytest.mark.parametrize("page", hostile.PAGES)
def test_a_page_lets_nothing_run_but_its_own_script(made: Made, page: str) -> None:
    tree = LexborHTMLParser((made.hostile / hostile.PAGES[page][0]).read_text("utf-8"))
    (policy,) = tree.css("meta[http-equiv=Content-Security-Policy]")
    allowed = dict(part.split(" ", 1) for part in (policy.attributes["content"] or "").split("; "))
    assert allowed.pop("style-src").startswith("'sha256-")
    assert allowed.pop("script-src").startswith("'sha256-")
    assert allowed == dict.fromkeys(("default-src", "base-uri", "form-action"), "'none'")


# The local servers


def test_what_is_served_is_built_as_of_harmless_texts(made: Made, shipped: Model) -> None:
    serving = pytest.importorskip("grounds.serving")
    pytest.importorskip("starlette")
    apps = [
        serving.application(shipped, folder / "decisions.db")
        for folder in (made.hostile, made.harmless)
    ]
    assert list(hostile.served_findings((apps[0], apps[1]), hostile.SERVED, FEW)) == []
    assert list(hostile.upload_findings(apps[0], FEW)) == []


@pytest.fixture(scope="module")
def explored(made: Made) -> tuple[Any, Any]:
    pytest.importorskip("datasette", reason="Datasette is not installed")
    from grounds.exploring import application

    return application(made.hostile / "decisions.db"), application(made.harmless / "decisions.db")


def test_what_is_explored_is_built_as_of_harmless_texts(explored: tuple[Any, Any]) -> None:
    assert list(hostile.served_findings(explored, hostile.EXPLORED, FEW)) == []


def test_an_address_in_a_decision_is_no_link(explored: tuple[Any, Any]) -> None:
    said = ask(explored[0], "/grounds/decisions?_size=max")[2]
    assert "https://grounds.invalid/x.txt" in said
    leads = [one.attributes["href"] or "" for one in LexborHTMLParser(said).css("a")]
    assert [one for one in leads if one.startswith("http") and "127.0.0.1" not in one] == []


def test_brackets_and_asterisks_of_a_text_are_no_marks(explored: tuple[Any, Any]) -> None:
    for address in (
        "/grounds/words_for_a_tag?tag=late&body=%5B%5B**x&year=",
        "/grounds/evidence_in_paragraph?tag=late&body__startswith=%5B%5B**x",
    ):
        tree = LexborHTMLParser(ask(explored[0], address)[2])
        text = "[[**x**]] [["
        assert {one.text() for one in tree.css("td mark")} == {text}, address
        assert tree.css("td strong") == []


def test_answers_as_csv_hold_no_formula(explored: tuple[Any, Any], tmp_path: Path) -> None:
    for address in ("/grounds/decisions.csv?_size=max", "/grounds/decisions_with.csv?tag=late"):
        status, _, said = ask(explored[0], address)
        (tmp_path / "answer.csv").write_text(said, encoding="utf-8", newline="")
        rows = list(csv.reader((tmp_path / "answer.csv").open(encoding="utf-8", newline="")))
        assert (status, len(rows) > len(SOME)) == (200, True)
        assert len({len(row) for row in rows}) == 1
        assert list(hostile.csv_findings(tmp_path / "answer.csv")) == []
    said = ask(explored[0], "/grounds.csv?sql=SELECT+-1.5+AS+n,+'-x'+AS+t")[2]
    assert said == "n,t\r\n-1.5,'-x\r\n"


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH DATABASE '/tmp/x' AS x",
        "PRAGMA query_only = OFF",
        "SELECT load_extension('/tmp/x.so')",
        "SELECT readfile('/etc/passwd')",
        "SELECT writefile('/tmp/x', 'x')",
        "SELECT fts3_tokenizer('simple', 'x')",
        "WITH x AS (SELECT 1) DELETE FROM decisions",
        "WITH x AS (SELECT 1) INSERT INTO meta VALUES ('x', 'y')",
        "SELECT 1; DROP TABLE decisions",
        "SELECT * FROM pragma_writable_schema",
    ],
)
def test_questions_in_sql_can_only_read(sql: str, explored: tuple[Any, Any]) -> None:
    status, _, said = ask(explored[0], f"/grounds?sql={quote(sql)}")
    assert (status, "Traceback" in said) == (400, False)


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")  # Datasette leaves some behind
def test_what_fails_is_said_on_the_page_alone(
    explored: tuple[Any, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    status, _, said = ask(explored[0], "/grounds/decisions?_facet=a%00secret")
    assert (status, "null character" in said) == (500, True)
    assert "secret" not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:8765", "origin": "http://localhost:8765"}, 200),
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}, 200),  # a link leads here
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors"}, 403),
        ({"sec_fetch_site": "same-site", "sec_fetch_mode": "cors"}, 403),
        ({"origin": "https://grounds.invalid"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://localhost:8765"}, 403),  # another port is another site
        ({"host": "grounds.invalid"}, 421),
        ({"host": "127.0.0.1.grounds.invalid"}, 421),
        ({"host": ""}, 421),
    ],
)
def test_pages_of_other_sites_can_only_lead_here(headers: dict[str, str], status: int) -> None:
    assert ask(guarded(_hello, "default-src 'none'"), "/", b"", **headers)[0] == status


def test_nobody_else_sends_a_form() -> None:
    foreign = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert ask(guarded(_hello, ""), "/", b"x=1", **foreign)[0] == 403
    assert ask(guarded(_hello, ""), "/", b"x=1", origin="http://127.0.0.1")[0] == 200


def test_answers_are_for_this_browser_and_this_moment() -> None:
    _, headers, _ = ask(guarded(_hello, "default-src 'none'"), "/")
    assert headers == {
        "content-security-policy": "default-src 'none'",
        "cache-control": "no-store",
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
    }


async def _hello(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


# Files for other programs


def test_no_cell_of_a_table_is_a_formula(made: Made) -> None:
    for name in ("tags.csv", "labels.csv"):
        assert list(hostile.csv_findings(made.hostile / name)) == []
        assert list(csv.reader((made.hostile / name).open(encoding="utf-8-sig", newline="")))


@settings(max_examples=200)
@given(st.one_of(any_texts, st.text("'=;-+@ \"x\u200b\uff1d", max_size=12)))
def test_a_cell_comes_back_as_it_was(text: str) -> None:
    line = one_line(text).strip()
    assert from_cell(cell(line)) == line
    for part in cell(line).split(";"):
        assert not part.lstrip(' "\u200b\ufeff').startswith(hostile.FORMULA)


def test_a_workbook_holds_texts_alone(made: Made) -> None:
    assert list(hostile.workbook_findings(made.hostile / "tags.xlsx", SOME)) == []


def test_records_come_back_as_they_were(made: Made) -> None:
    for name in ("tags.jsonl", "decisions.db"):
        assert list(hostile.record_findings(made.hostile / name, SOME)) == []


def test_parquet_holds_the_texts(made: Made) -> None:
    pytest.importorskip("pyarrow")
    assert list(hostile.parquet_findings(made.hostile / "tags.parquet", SOME)) == []


def test_a_database_has_nothing_but_its_tables(made: Made, tmp_path: Path) -> None:
    writing.write(records(["words"]), tmp_path / "one.db")
    shapes = []
    for path in (tmp_path / "one.db", made.hostile / "decisions.db"):
        with closing(sqlite3.connect(path)) as connection:
            shapes.append(list(connection.execute("SELECT type, name, sql FROM sqlite_master")))
            assert list(connection.execute("PRAGMA integrity_check")) == [("ok",)]
    assert shapes[0] == shapes[1]


# The screen


def test_no_text_steers_the_screen() -> None:
    assert list(hostile.screen_findings(payloads())) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the system has no pseudo-terminals")
def test_no_text_steers_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "\x1b]0;title\x07\u202e.txt").write_text("\x1b[2Jnot a decision")
    one = hostile.DECISION.format(text="\x1b]8;;https://grounds.invalid\x07here \x9b31m \u202e")
    (tmp_path / "decision\x9b2J.txt").write_text(one, encoding="utf-8")
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "90"}
    for command in (
        ["tag", str(tmp_path)],
        ["show", str(tmp_path), "-o", str(tmp_path / "pages\x1b[5m")],
    ):
        shown = _in_terminal([sys.executable, "-m", "grounds", *command], environment)
        assert len(shown) > 50
        assert hostile.STEERING.findall(shown.replace("\r\n", "\n")) == [], command


def _in_terminal(command: list[str], environment: dict[str, str]) -> str:
    """Return what a command shows in a terminal."""
    ours, its = pty.openpty()
    with subprocess.Popen(command, stdout=its, stderr=its, stdin=its, env=environment):
        os.close(its)
        shown = b"".join(_pieces(ours))
    os.close(ours)
    return shown.decode()


def _pieces(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # as Linux says that the other end is closed
            return
        if not piece:
            return
        yield piece
