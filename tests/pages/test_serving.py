"""The page that tags what is pasted or dropped: the real server, asked by programs and by a browser."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from looking import HOSTILE, Visit, barriers, counts
from records import corpus_records

from grounds import writing
from grounds.cli import main
from grounds.errors import GroundsError
from grounds.limits import SERVED
from grounds.model import Model
from grounds.pages.decision import page
from grounds.serving import application, serve

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


FORM = {"Content-Type": "multipart/form-data; boundary=x"}


def form(text: str, file: str = "") -> tuple[bytes, dict[str, str]]:
    """Return a form with pasted text and a file, if there is one, and its header."""
    body = f'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n{text}\r\n'
    if file:
        named = 'Content-Disposition: form-data; name="file"; filename="one.txt"'
        body += f"--x\r\n{named}\r\n\r\n{file}\r\n"
    return f"{body}--x--\r\n".encode(), dict(FORM)


@contextmanager
def uploading(address: str) -> Iterator[None]:
    """Send the beginning of a form, and leave without the rest."""
    place = address.split("/")[2]
    head = f"POST /decision HTTP/1.1\r\nHost: {place}\r\nContent-Length: 9999999\r\n"
    head += f"Content-Type: {FORM['Content-Type']}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", int(place.split(":")[1]))) as connection:
        connection.sendall(head.encode() + form(EXAMPLE.read_text("utf-8"))[0][:1000])
        ask(f"{address}health")  # by now the beginning is read
        yield


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
        (str(SERVED.file + 1), 413, "what was sent: has 11 MB, more than 10 MB"),
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


def test_a_file_or_text_is_tagged_not_both(address: str) -> None:
    text = EXAMPLE.read_text("utf-8")
    assert ask(f"{address}decision", *form(" ", text))[0] == 200
    status, body, _ = ask(f"{address}decision", *form("my words", text))
    assert (status, "give a file or text, not both" in body) == (422, True)
    assert "my words</textarea>" in body


@pytest.mark.parametrize("pasted", [True, False])
def test_a_text_far_longer_than_a_decision_is_refused(address: str, pasted: bool) -> None:
    before, first, after = EXAMPLE.read_text("utf-8").partition("1. ")
    text = before + first + "He says so.\n" * (SERVED.text // 11) + after
    status, body, _ = ask(f"{address}decision", *(form(text) if pasted else form("", text)))
    assert (status, "characters, more than 1,000,000" in body) == (422, True)
    assert ("He says so.\nHe says so.\n" in body) == pasted


@pytest.mark.parametrize("kind", ["application/json", "text/plain", ""])
def test_what_is_no_form_is_said(address: str, kind: str) -> None:
    status, body, _ = ask(f"{address}decision", b"{}", {"Content-Type": kind})
    assert (status, "multipart/form-data" in body) == (415, True)


@pytest.mark.parametrize("data", [b"no boundary", b"--x\r\nno header\r\n\r\n--x--"])
def test_a_broken_form_is_said_and_not_logged(address: str, data: bytes) -> None:
    status, body, _ = ask(f"{address}decision", data, FORM)
    assert (status, "the form is broken" in body) == (400, True)


@pytest.mark.parametrize(
    ("charset", "words", "status"),
    [
        ("punycode", "words", 400),
        ("undefined", "words", 400),
        ("unicode_escape", "half a character \\ud800", 422),
        ("nonsense", "words", 422),
    ],
)
def test_a_form_in_an_odd_encoding_is_answered(
    address: str, charset: str, words: str, status: int
) -> None:
    data, headers = form(words, "")
    headers["Content-Type"] += f"; charset={charset}"
    assert ask(f"{address}decision", data, headers)[0] == status


def test_a_large_file_is_never_on_the_disk(monkeypatch: pytest.MonkeyPatch, shipped: Model) -> None:
    page = EXAMPLE.with_name("home-care.html")
    data, headers = form("", f"{page.read_text('utf-8')}<!--{' ' * (2 << 20)}-->")
    headers |= {"Host": "localhost", "Content-Length": str(len(data))}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/decision",
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": data}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    def refuse(**named: object) -> None:
        raise AssertionError("a file was made")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    app = application(shipped)
    with ThreadPoolExecutor() as other:  # the browser of other tests has a loop in this thread
        other.submit(lambda: asyncio.run(app(scope, receive, send))).result()  # type: ignore[arg-type]
    assert sent[0]["status"] == 200


def test_who_leaves_in_the_middle_is_not_logged() -> None:
    with serving() as address:
        with uploading(address):
            pass
        assert ask(f"{address}health")[0] == 200


def test_an_upload_that_is_stuck_does_not_hold_the_server_up() -> None:
    with ExitStack() as stuck, serving() as address:
        stuck.enter_context(uploading(address))  # it leaves after the server


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


def test_text_after_a_file_is_tagged_and_not_the_file(visit: Visit, address: str) -> None:
    tab = visit(address)
    tab.set_input_files("#file", EXAMPLE.with_name("home-care.html"))
    tab.wait_for_selector("article mark")
    tab.go_back()
    tab.fill("#text", EXAMPLE.read_text("utf-8"))
    tab.click("button[type=submit]")
    assert tab.locator("h1").inner_text() == "Northmoor Borough Council"
    tab.go_back()  # and the other way round
    tab.set_input_files("#file", EXAMPLE.with_name("home-care.html"))
    tab.wait_for_selector("article mark")
    assert "home-care.html" in tab.locator("footer").inner_text()


def test_a_person_has_the_text_again_after_an_error(browser: Any, address: str) -> None:
    tab = browser.new_page()  # its console has the status of the answer
    tab.goto(address)
    tab.fill("#text", f"\n{HOSTILE}")
    tab.click("button[type=submit]")
    alert = tab.get_by_role("alert")
    assert "does not look like" in alert.inner_text()
    assert tab.input_value("#text") == f"\n{HOSTILE}"
    assert tab.get_attribute("#text", "aria-describedby") == alert.get_attribute("id")
    assert tab.title().startswith("Error: ")
    assert tab.evaluate("document.activeElement.id") == ""
    assert barriers(tab) == ""
    tab.close()


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
    for number in ("one", "9" * 19, "9" * 23, "9" * 5000):
        assert ask(f"{stored}decisions/{number}")[0] == 404
    assert ask(f"{address}decisions")[0] == 404


def test_a_database_that_is_gone_is_said(tmp_path: Path) -> None:
    path = tmp_path / "gone.db"
    writing.write(RECORDS[:1], path)
    with serving(str(path)) as address:
        path.unlink()
        for place in ("decisions", "decisions/1"):
            status, body, _ = ask(f"{address}{place}")
            assert (status, "there is no such database" in body) == (503, True)


def test_another_programs_database_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE x (a)")
    assert main(["serve", str(tmp_path / "other.db"), "--no-open"]) == 2
    assert "is a database of another program" in capsys.readouterr().err
    assert main(["serve", str(tmp_path / "none.db"), "--no-open"]) == 1
    assert "there is no such database" in capsys.readouterr().err
