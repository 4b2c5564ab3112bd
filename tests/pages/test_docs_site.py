"""The documentation as a site: built strictly, whole, and read in a browser without a network."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote, urlsplit

import pytest
from looking import Visit, barriers
from selectolax.lexbor import LexborHTMLParser as HTMLParser

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted((ROOT / "docs").glob("**/*.md"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    for module in ("mkdocs", "material", "mkdocstrings_handlers.python"):
        pytest.importorskip(module, reason="the site is built with pip install -e '.[docs]'")
    folder = tmp_path_factory.mktemp("docs") / "site"
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def html_of(site: Path, page: Path) -> Path:
    return site / page.relative_to(ROOT / "docs").with_suffix(".html")


def test_every_page_is_in_the_site_and_its_links_lead_somewhere(site: Path) -> None:
    for page in PAGES:
        html = html_of(site, page)
        parsed = HTMLParser(html.read_text("utf-8"))
        loaded = [node.attributes.get("src") for node in parsed.css("[src]")]
        loaded += [node.attributes.get("href") for node in parsed.css("link")]
        assert [place for place in loaded if not place or urlsplit(place).scheme] == []
        linked = [urlsplit(node.attributes.get("href") or "") for node in parsed.css("a[href]")]
        inside = [
            *(link for link in linked if not link.scheme),
            *map(urlsplit, filter(None, loaded)),
        ]
        assert inside
        missing = [link for link in inside if not (html.parent / unquote(link.path)).exists()]
        assert missing == [], html


def test_files_that_are_not_of_the_site_are_named(site: Path) -> None:
    text = (site / "accuracy.html").read_text("utf-8")
    assert "voices (<code>data/README.md</code>)" in text


def test_names_described_together_have_types_of_their_own(site: Path) -> None:
    parsed = HTMLParser((site / "api" / "tagging.html").read_text("utf-8"))
    items = [" ".join(item.text().split()) for item in parsed.css("li.doc-section-item")]
    assert any(item.startswith("jobs (int, default: 1 ) – As for tag_files.") for item in items)


@pytest.mark.parametrize(
    ("page", "scheme", "width"),
    [
        ("index", "light", 1400),
        ("tutorial", "dark", 820),
        ("api/tagging", "light", 390),
        ("accuracy", "dark", 390),
    ],
)
def test_pages_can_be_read_by_all(
    visit: Visit, address: str, page: str, scheme: str, width: int
) -> None:
    tab = visit(f"{address}/{page}.html", scheme, width)
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert barriers(tab) == ""


@pytest.mark.parametrize("served", [True, False], ids=["server", "file"])
def test_the_search_finds(visit: Visit, address: str, site: Path, served: bool) -> None:
    tab = visit(f"{address}/index.html" if served else (site / "index.html").as_uri())
    tab.click(".md-search__input")
    tab.keyboard.type("doccano")
    tab.locator(".md-search-result__link", has_text="In doccano").first.click()
    assert tab.url.partition("?")[0].endswith("/how-to/labelling.html")
