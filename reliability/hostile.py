"""Hostile text: payloads in every field that goes out, and what becomes of them in every output.

``python reliability/hostile.py [OUTPUT …]`` makes everything of decisions whose every text is a payload, opens
what is a page in Chromium, and counts what took effect. It writes docs/reliability-hostile.json.

A page made of payloads has to be built as one made of harmless texts: of the same elements with the
same attributes, one after the other. What a payload put into it would be one more.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from rich.console import Console
from selectolax.lexbor import LexborHTMLParser

from grounds import corpus, writing
from grounds.bundle import load_model
from grounds.decision import LabelledDecision, Span
from grounds.evaluation import evaluate
from grounds.local import App
from grounds.record import SCHEMA, Failure, Record
from grounds.statistics import sample_of
from grounds.writing.plain import one_line

ROOT = Path(__file__).parent.parent
FIGURES = ROOT / "docs" / "reliability-hostile.json"

_PAYLOADS = Path(__file__).with_name("payloads.toml")
_KEPT = "\n(>"
"""What a harmless text keeps of a payload: pages divide lines and subjects there."""

PLACES = (
    "source", "body", "category", "decision", "heading", "text", "evidence", "warning",
    "name of the model", "version of the model",
)  # fmt: skip
"""Every text of a record that is free: all others are refused where they are not of a form or a list."""

CHECKSUM = 64 * "a"


@cache
def payloads() -> tuple[str, ...]:
    """Return all payloads, each once."""
    kinds = tomllib.loads(_PAYLOADS.read_text("utf-8"))
    return tuple(dict.fromkeys(text for texts in kinds.values() for text in texts))


def harmless(payload: str) -> str:
    """Return a text that does nothing anywhere, and of which a page has to be built alike.

    >>> harmless("<b>").endswith(">"), "<" in harmless("<b>")
    (True, False)
    """
    return "".join(
        sign if sign.isspace() or sign in _KEPT else chr(0x4E00 + ord(sign) % 0x5000)
        for sign in payload
    )


def record(text: str) -> Record:
    """Return a record with a text in all its places, through the road of records from strangers."""
    evidence = {"paragraph": 7, "start": 0, "end": len(text), "text": text, "score": 0.9}
    after = f"Before {text} after"
    inside = {"paragraph": 8, "start": 7, "end": 7 + len(text), "text": text, "score": 0.8}
    return Record.from_dict(
        {
            "schema": SCHEMA,
            **dict.fromkeys(PLACES[:4], text),
            "sha256": CHECKSUM,
            "reference": "94 101 233",
            "date": "2025-10-08",
            "layout": "numbered",
            "paragraphs": [
                {"number": 7, "section": "assessment", "heading": text, "text": text},
                {"number": 8, "section": "final", "heading": text, "text": after},
            ],
            "tags": [
                {
                    "tag": "late", "family": "bar", "score": 0.9, "cited": False,
                    "evidence": [evidence, inside],
                }
            ],
            "cited": [],
            "remedies": [{"tag": "apology:sought", "score": 0.8, "evidence": [inside]}],
            "review": [],
            "warnings": [text],
            "model": {"name": text, "version": text, "sha256": CHECKSUM},
        }
    )  # fmt: skip


def records(texts: Iterable[str]) -> list[Record]:
    """Return a record for each text."""
    return [record(text) for text in texts]


class Made(NamedTuple):
    """What was made of payloads, and the same of harmless texts."""

    texts: tuple[str, ...]
    hostile: Path
    harmless: Path


def make(folder: Path, texts: Sequence[str]) -> Made:
    """Make every output of decisions with these texts, and of others that are alike."""
    made = Made(tuple(texts), folder / "hostile", folder / "harmless")
    _make(made.hostile, made.texts)
    _make(made.harmless, list(map(harmless, made.texts)))
    found = records(made.texts)
    for suffix in writing.FORMATS:
        writing.write(found, made.hostile / f"tags{suffix}")
    corpus.write_tasks([one.decision for one in found], made.hostile / "labels.csv")
    return made


def _make(folder: Path, texts: Sequence[str]) -> None:
    from grounds.pages import decision, put_page, report, site, statistics

    (folder / "pages").mkdir(parents=True)
    found = records(texts)
    for number, one in enumerate(found):
        put_page(decision.page(one), folder / page_of(number))
    site.write(found, folder / "site")
    site.write([_whole(texts)], folder / "decision.html")
    statistics.write(found, folder / "statistics.html")
    late = (Span(0, 0, 1, "late"),)
    labelled = [LabelledDecision(one.decision, frozenset({"late"}), None, late) for one in found]
    put_page(report.page(evaluate(labelled, load_model())), folder / "report.html")
    writing.write([*found, *(Failure(text, text) for text in texts)], folder / "decisions.db")


def _whole(texts: Sequence[str]) -> Record:
    """Return one record with all texts, a paragraph each."""
    values = record(texts[0]).to_dict()
    paragraph = values["paragraphs"][0]
    values["paragraphs"] = [
        {**paragraph, "number": number, "heading": text, "text": text}
        for number, text in enumerate(texts, 1)
    ]
    values["tags"][0]["evidence"] = [
        {"paragraph": number, "start": 0, "end": len(text), "text": text, "score": 0.9}
        for number, text in enumerate(texts, 1)
    ]
    return Record.from_dict({**values, "remedies": [], "warnings": list(texts)})


# Pages in a browser

_BUILT = """[...document.querySelectorAll("*")].map(
    (element) => [element.tagName, ...element.getAttributeNames().sort()].join(" "))"""
_READ = """[document.body.textContent,
    ...[...document.querySelectorAll("[title]")].map((element) => element.title)].join("\\n")"""


def listen(tab: Any, home: str) -> list[str]:
    """Return a list to which is added whatever a tab does but open pages under an address."""
    heard: list[str] = []

    def dialog(opened: Any) -> None:
        heard.append(f"shows a dialog: {opened.message}")
        opened.dismiss()

    def request(asked: Any) -> None:
        if not (asked.url.startswith(home) and asked.is_navigation_request()):
            heard.append(f"asks for {asked.url}")

    tab.on("dialog", dialog)
    tab.on("request", request)
    tab.on("console", lambda message: heard.append(f"says {message.text}"))
    tab.on("pageerror", lambda error: heard.append(f"fails: {error}"))
    tab.on("popup", lambda other: heard.append(f"opens {other.url}"))
    tab.on("download", lambda file: heard.append(f"downloads {file.url}"))
    return heard


def looked_at(tab: Any, address: str) -> tuple[list[str], str]:
    """Return of what elements a page is built when its script has run, and what it says."""
    tab.goto(address)
    more = tab.locator(".more button")
    while more.count() and more.is_visible():
        more.click()
    return tab.evaluate(_BUILT), tab.evaluate(_READ)


def page_findings(
    tab: Any, made: Made, name: str, *, shown: Iterable[str], alike: bool = True
) -> Iterator[str]:
    """Yield what is wrong with a page.

    Parameters
    ----------
    tab
        Of Chromium.
    made, name
        Which page it is.
    shown
        What it has to show.
    alike
        Whether it is built as the harmless one is, or of the same sorts of elements.
    """
    heard = listen(tab, made.hostile.parent.as_uri())
    built, said = looked_at(tab, (made.hostile / name).as_uri())
    model, _ = looked_at(tab, (made.harmless / name).as_uri())
    yield from heard
    if built != model if alike else not set(built) <= set(model):
        yield f"is built otherwise: {sorted(set(built) - set(model))}"
    said = _as_html(said)
    yield from (f"does not show {text!r}" for text in shown if _as_html(text) not in said)


def _as_html(text: str) -> str:
    """Return a text as HTML has it: its line ends are one character, and it has no null."""
    return re.sub(r"\r\n?", "\n", text).replace("\0", "")


# The local servers

Answer = tuple[int, dict[str, str], str]


def ask(app: App, address: str, body: bytes = b"", **headers: str) -> Answer:
    """Return status, headers and body of what an application answers, without a network."""
    path, _, query = address.partition("?")
    given = {"host": "127.0.0.1", "content-length": str(len(body)), **headers}
    scope = {
        "type": "http", "http_version": "1.1", "scheme": "http", "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1), "method": "POST" if body else "GET", "root_path": "",
        "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), text.encode()) for name, text in given.items()],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    with ThreadPoolExecutor(1) as other:  # a browser has a loop in this thread
        other.submit(lambda: asyncio.run(app(scope, receive, send))).result()  # type: ignore[arg-type]
    said = b"".join(message.get("body", b"") for message in sent)
    pairs = ((name.decode().lower(), text.decode()) for name, text in sent[0]["headers"])
    return sent[0]["status"], dict(pairs), said.decode()


def kinds(html: str) -> set[tuple[str, ...]]:
    """Return the sorts of elements that a page is made of: their names, with those of attributes."""
    nodes = LexborHTMLParser(html).css("*")
    return {(node.tag or "", *sorted(node.attributes)) for node in nodes}


SERVED = (
    "/", "/decisions", "/decisions/{number}", "/decisions/{text}", "/{text}", "/health?x={text}",
)  # fmt: skip
EXPLORED = (
    "/", "/grounds", "/grounds/decisions?_size=max", "/grounds/overview?_size=max",
    "/grounds/paragraphs?_size=max", "/grounds/evidence?_size=max", "/grounds/failures?_size=max",
    "/grounds/evidence_in_paragraph?_size=max", "/grounds/words_for_a_tag?tag=late&body=&year=",
    "/grounds/decisions_with?tag=late", "/grounds/bars_and_category?category=",
    "/grounds/warnings?_size=max", "/grounds/models?_size=max",
    "/grounds/decisions/{number}", "/grounds/search?words={text}", "/grounds/{text}",
    "/grounds/by_reference?reference={text}", "/grounds/words_for_a_tag?tag={text}&body=&year=",
    "/grounds/decisions?body={text}", "/grounds/paragraphs?_search={text}&_searchmode=raw",
    "/grounds?sql={text}", "/grounds?sql=SELECT+:x+AS+marked,+:x+AS+share&x={text}",
)  # fmt: skip
"""Addresses: with a place for the number of a decision, or for a text that somebody asks for."""

_NEVER = {"set-cookie", "refresh", "content-disposition", "access-control-allow-origin"}


def served_findings(
    apps: tuple[App, App], addresses: Sequence[str], texts: Sequence[str]
) -> Iterator[str]:
    """Yield what is wrong with the answers of a local server to requests for its addresses.

    Whatever is asked, pages are made of sorts of elements that pages of harmless texts have.
    """
    (app, harmless_app), whole = apps, [one for one in addresses if "{" not in one]
    known = set[tuple[str, ...]]()
    for address in (*whole, *_filled(addresses, ["before", "late", "1"], len(texts))):
        known |= kinds(ask(harmless_app, address)[2])
    for address in (*whole, *_filled(addresses, texts, len(texts))):
        status, headers, said = ask(app, address)
        yield from header_findings(address, status, headers)
        if said and "html" in headers.get("content-type", "") and (new := kinds(said) - known):
            yield f"{address}: has other elements: {sorted(new)}"


def _filled(addresses: Sequence[str], texts: Sequence[str], decisions: int) -> Iterator[str]:
    for address in addresses:
        if "{number}" in address:
            yield from (address.format(number=number) for number in range(1, decisions + 1))
        elif "{text}" in address:
            yield from (address.format(text=quote(text, safe="")) for text in texts)


DECISION = """Northmoor Borough Council (99 100 200)
The complaint
1. Mr X complains about {text} and more.
How I considered this complaint
2. I read what he sent.
Assessment
3. The complaint is late. {text}
Final decision
4. We will not investigate it because it is late.
"""


def upload_findings(app: App, texts: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with the pages of decisions that are pasted, or sent as files of odd names."""
    ours = [path.read_text("utf-8") for path in sorted((ROOT / "data" / "examples").glob("*.txt"))]
    told = ("", "no decision", "%PDF", *ours, DECISION.format(text="one\n- two\n(three)"))
    known = kinds(ask(app, "/")[2]).union(*(kinds(_posted(app, one)[2]) for one in told))
    for text in texts:
        for posted in (
            _posted(app, DECISION.format(text=text)),
            _posted(app, DECISION.format(text="harmless"), name=text, kind=text),
        ):
            yield from header_findings("/decision", posted[0], posted[1])
            if new := kinds(posted[2]) - known:
                yield f"/decision: {text!r} has other elements: {sorted(new)}"


def _posted(app: App, decision: str, name: str = "", kind: str = "text/plain") -> Answer:
    """Send a form with a decision, as text or as a file of a name and a type."""
    field = 'name="text"'
    if name:
        plain = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")  # as browsers do
        field = f'name="file"; filename="{plain}"\r\nContent-Type: {one_line(kind)}'
    body = f"--x\r\nContent-Disposition: form-data; {field}\r\n\r\n{decision}\r\n--x--\r\n"
    return ask(app, "/decision", body.encode(), content_type="multipart/form-data; boundary=x")


def header_findings(address: str, status: int, headers: dict[str, str]) -> Iterator[str]:
    """Yield what is wrong with the head of an answer."""
    if status >= 500:
        yield f"{address}: status {status}"
    if found := _NEVER & set(headers):
        yield f"{address}: has {sorted(found)}"
    if not re.match("(/|http://127.0.0.1/)(?!/)", headers.get("location", "/")):
        yield f"{address}: leads to {headers['location']}"
    policy = headers.get("content-security-policy", "")
    if "frame-ancestors 'none'" not in policy or "unsafe" in policy:
        yield f"{address}: has the policy {policy!r}"
    if headers.get("cache-control") != "no-store":
        yield f"{address}: may be kept"


# Files for other programs

_SKIPPED = ' "\t\r\n\u200b\ufeff'
FORMULA = tuple("=+-@＝＋－＠")  # noqa: RUF001 - some spreadsheets take wide ones for the same


def csv_findings(path: Path) -> Iterator[str]:
    """Yield the cells of a table that a spreadsheet takes for formulas, wherever it sees borders."""
    said = path.read_text("utf-8-sig")
    for border in ",;\t":
        for row in csv.reader(io.StringIO(said, newline=""), delimiter=border):
            yield from (
                f"{path.name}: {cell!r}"
                for cell in row
                if cell.lstrip(_SKIPPED).startswith(FORMULA)
            )


def workbook_findings(path: Path, texts: Iterable[str]) -> Iterator[str]:
    """Yield what in a workbook is more than text, and the texts that are not there."""
    from openpyxl import load_workbook

    cells = [cell for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row]
    for cell in cells:
        if cell.data_type in "fe" or cell.hyperlink:
            yield f"{path.name}: {cell.value!r}"
    held = {_characters(cell.value).strip() for cell in cells if isinstance(cell.value, str)}
    shown = (one_line(text).strip() for text in texts)
    yield from (
        f"{path.name}: does not hold {text!r}" for text in shown if text and text not in held
    )


def _characters(cell: str) -> str:
    """Return a cell with the characters that Excel writes by their numbers."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), cell)


def record_findings(path: Path, texts: Iterable[str]) -> Iterator[str]:
    """Yield the records that are not read back as they were written."""
    read = list(writing.read_records(path))
    for text, one in zip(texts, read, strict=True):
        if one != record(text):
            yield f"{path.name}: {text!r} came back otherwise"


def parquet_findings(path: Path, texts: Sequence[str]) -> Iterator[str]:
    """Yield the texts that are not those that were written."""
    from pyarrow.parquet import read_table

    for name in ("source", "body", "category", "decision"):
        if read_table(path, columns=[name])[name].to_pylist() != list(texts):
            yield f"{path.name}: {name} is another"


# The screen

STEERING = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f]")


def screen_findings(texts: Iterable[str]) -> Iterator[str]:
    """Yield the texts of which something steers the terminal."""
    from grounds.writing.screen import show_decision, show_record, show_records
    from grounds.writing.statistics import show_statistics

    for text in texts:
        one, to = record(text), _terminal()
        show_record(one, to)
        show_records([one], to)
        show_decision(one.decision, to)
        show_statistics(sample_of([one]), to)
        if found := STEERING.search(to.file.getvalue()):  # type: ignore[attr-defined]
            yield f"screen: {text!r} puts out {found[0]!r}"


def _terminal() -> Console:
    """Return a terminal without colours, where whatever steers it comes from a text."""
    return Console(file=io.StringIO(), force_terminal=True, color_system=None, width=80)


# The job

PAGES = {
    "index of pages": ("site/index.html", True),
    "decision with all payloads": ("decision.html", True),
    "statistics": ("statistics.html", True),
    "report of an evaluation": ("report.html", False),
}
"""Pages by what the table calls them: where they are, and whether they are built exactly alike."""


Findings = Iterable[str]


def outputs(made: Made, tab: Callable[[], Any]) -> Iterator[tuple[str, int, Findings]]:
    """Yield every output: its name, how many texts or requests were tried, and what took effect.

    Parameters
    ----------
    made
        From `make`.
    tab
        Opens a tab of Chromium.
    """
    from grounds import exploring, serving

    texts, number = made.texts, len(made.texts) * len(PLACES)
    yield "a page a decision", number, _each_page(made, tab)
    for name, (file, alike) in PAGES.items():
        yield name, number, page_findings(tab(), made, file, shown=texts, alike=alike)
    model = load_model()
    served = _both(made, lambda file: serving.application(model, file))
    yield "pages of `serve`", len(SERVED) * len(texts), served_findings(served, SERVED, texts)
    yield "uploads to `serve`", 2 * len(texts), upload_findings(served[0], texts)
    explored = _both(made, exploring.application)
    requests = len(EXPLORED) * len(texts)
    yield "pages of `explore`", requests, served_findings(explored, EXPLORED, texts)
    yield "CSV", number, csv_findings(made.hostile / "tags.csv")
    yield "the labelling table", number, csv_findings(made.hostile / "labels.csv")
    yield "workbook", number, workbook_findings(made.hostile / "tags.xlsx", texts)
    yield "Parquet", number, parquet_findings(made.hostile / "tags.parquet", texts)
    yield "JSON Lines", number, record_findings(made.hostile / "tags.jsonl", texts)
    yield "database", number, record_findings(made.hostile / "decisions.db", texts)
    yield "screen", number, screen_findings(texts)


def _both(made: Made, application: Callable[[Path], App]) -> tuple[App, App]:
    return application(made.hostile / "decisions.db"), application(made.harmless / "decisions.db")


def page_of(number: int) -> str:
    """Return where the page of one decision is."""
    return f"pages/{number}.html"


def _each_page(made: Made, tab: Callable[[], Any]) -> Findings:
    one = tab()
    for number, text in enumerate(made.texts):
        yield from page_findings(one, made, page_of(number), shown=[text])


def main() -> int:
    """Count what takes effect, print it as a table, and write it down; of all outputs, or of some."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description="Makes every output of hostile texts.")
    parser.add_argument("wanted", nargs="*", metavar="OUTPUT", help="all of them where left out")
    wanted = parser.parse_args().wanted
    figures: dict[str, Any] = {"payloads": len(payloads()), "places": len(PLACES), "outputs": {}}
    if wanted:
        figures["outputs"] = json.loads(FIGURES.read_text("utf-8"))["outputs"]
    print("| output | texts or requests | took effect |")
    print("| --- | ---: | ---: |")
    with TemporaryDirectory() as folder, sync_playwright() as playing:
        chromium = playing.chromium.launch(executable_path=shutil.which("chromium"))
        made = make(Path(folder), payloads())
        for name, tried, found in outputs(made, chromium.new_page):
            if wanted and name not in wanted:
                continue
            wrong = list(found)
            for one in wrong:
                print(f"{name}: {one}", file=sys.stderr)
            print(f"| {name} | {tried:,} | {len(wrong)} |", flush=True)
            figures["outputs"][name] = {"tried": tried, "took_effect": len(wrong)}
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return int(any(one["took_effect"] for one in figures["outputs"].values()))


if __name__ == "__main__":
    sys.exit(main())
