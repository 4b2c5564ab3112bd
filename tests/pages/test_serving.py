"""The page that tags what is pasted or dropped: the real server, asked by programs and by a browser."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from looking import HOSTILE, Visit, barriers, counts
from records import corpus_records

from grounds import writing
from grounds.cli import main
from grounds.errors import GroundsError
from grounds.model import Model
from grounds.pages.decision import page
from grounds.serving import LARGEST, serve

pytest.importorskip("starlette")

ROOT = Path(__file__).parent.parent.parent
RECORDS = corpus_records()[::100]
EXAMPLE = ROOT / "data" / "examples" / "allotment.txt"
COMMAND = (sys.executable, "-m", "grounds", "serve", "--port", "0", "--no-open")


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """Run the command and give its address."""
    running = subprocess.Popen((*COMMAND, *arguments), stderr=subprocess.PIPE, text=True)
    assert running.stderr is not None
    found = re.search(r"http://127\.0\.0\.1:\d+/", running.stderr.readline())
    assert found
    yield found[0]
    running.send_signal(signal.SIGINT)
    assert running.wait(10) == 0
    assert running.stderr.read() == ""  # nothing of a decision, nor anything else, was logged


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as found:
        yield found


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("serve") / "decisions.db"
    writing.write(RECORDS, path)
    with serving(str(path)) as found:
        yield found


def ask(
    address: str, data: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str, dict[str, str]]:
    """Return status, body and headers of an answer."""
    request = urllib.request.Request(address, data, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


def form(text: str) -> tuple[bytes, dict[str, str]]:
    """Return a form with pasted text, and its header."""
    body = f'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n--x--\r\n'
    return body.encode(), {"Content-Type": "multipart/form-data; boundary=x"}


def test_it_says_that_it_works_and_with_which_model(address: str, shipped: Model) -> None:
    status, body, headers = ask(f"{address}health")
    assert (status, json.loads(body)) == (200, {"status": "ok", "model": shipped.sha256})
    assert headers["cache-control"] == "no-store"


def test_pasted_text_is_tagged(address: str) -> None:
    status, body, headers = ask(f"{address}decision", *form(EXAMPLE.read_text("utf-8")))
    assert status == 200
    assert "Northmoor Borough Council" in body
    assert "better_body" in body
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty; paste a decision or choose a file"),
        ("hello", "does not look like an Ombudsman"),
        (HOSTILE, "does not look like an Ombudsman"),
        ("%PDF-1.4", "pasted text: "),
    ],
)
def test_what_is_no_decision_is_said(address: str, text: str, said: str) -> None:
    status, body, _ = ask(f"{address}decision", *form(text))
    assert status == 422
    assert said in body
    assert "<script>alert" not in body


@pytest.mark.parametrize(
    ("length", "status", "said"),
    [
        (str(LARGEST + 1), 413, "too large for a decision (over 10 MB)"),
        (None, 411, "how long it is was not said"),
    ],
)
def test_what_is_too_large_is_not_even_read(
    address: str, length: str | None, status: int, said: str
) -> None:
    connection = http.client.HTTPConnection(address.split("/")[2], timeout=30)
    connection.putrequest("POST", "/decision")
    if length:
        connection.putheader("Content-Length", length)
    connection.endheaders()  # and nothing more is sent
    answer = connection.getresponse()
    assert (answer.status, said in answer.read().decode()) == (status, True)
    connection.close()


def test_other_sites_and_other_names_are_refused(address: str) -> None:
    data, headers = form(EXAMPLE.read_text("utf-8"))
    assert ask(f"{address}decision", data, {**headers, "Sec-Fetch-Site": "cross-site"})[0] == 403
    assert ask(address, headers={"Host": "evil.example"})[0] == 421
    assert ask(f"{address}nothing")[0] == 404
    assert ask(f"{address}decision")[0] == 405


def test_a_port_that_is_taken_is_named(shipped: Model) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(GroundsError, match=f"port {port} cannot be had"):
            serve(shipped, port=port)


def test_a_person_pastes_and_sees_it_tagged(visit: Visit, address: str) -> None:
    tab = visit(address)
    assert tab.evaluate("document.activeElement.id") == "text"
    tab.fill("#text", EXAMPLE.read_text("utf-8"))
    tab.click("button[type=submit]")
    assert tab.locator("h1").inner_text() == "Northmoor Borough Council"
    tab.click("[data-walk=better_body]")
    assert tab.locator("mark.now").is_visible()
    tab.click(".kicker a")
    assert tab.url == address


def test_a_person_chooses_a_file(visit: Visit, address: str) -> None:
    tab = visit(address)
    tab.set_input_files("#file", EXAMPLE.with_name("home-care.html"))
    tab.wait_for_selector("article mark")
    assert "home-care.html" in tab.locator("footer").inner_text()


def test_the_form_is_accessible_and_fits(visit: Visit, address: str) -> None:
    for scheme, width in (("light", 390), ("dark", 1280)):
        tab = visit(address, scheme, width)
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        assert barriers(tab) == ""


# With a database


def test_what_is_in_a_database_is_listed_and_shown(visit: Visit, stored: str) -> None:
    tab = visit(stored)
    tab.get_by_role("link", name="the decisions in decisions.db").click()
    counts(tab.locator(".listed > li"), len(RECORDS))
    reference = RECORDS[2].decision.reference or ""
    tab.fill("[name=words]", reference)
    tab.click(".listed a")
    assert reference in tab.locator(".lead").inner_text()
    marked = tab.locator("article mark").count()
    assert marked == page(RECORDS[2]).count("<mark class=")
    tab.click(".kicker a")
    assert tab.url == f"{stored}decisions"


def test_what_is_not_in_the_database_is_said(stored: str, address: str) -> None:
    status, body, _ = ask(f"{stored}decisions/99999")
    assert (status, "there is no such decision in the database" in body) == (404, True)
    assert ask(f"{stored}decisions/one")[0] == 404
    assert ask(f"{address}decisions")[0] == 404


def test_another_programs_database_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE x (a)")
    assert main(["serve", str(tmp_path / "other.db"), "--no-open"]) == 2
    assert "is a database of another program" in capsys.readouterr().err
    assert main(["serve", str(tmp_path / "none.db"), "--no-open"]) == 1
    assert "there is no such database" in capsys.readouterr().err
