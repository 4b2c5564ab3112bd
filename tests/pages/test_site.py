"""Many decisions as pages with a list: what the command writes, and what the list does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

import pytest
from looking import HOSTILE, Visit, barriers, counts, says
from records import corpus_records
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from grounds import writing
from grounds.cli import main
from grounds.pages.site import write
from grounds.record import Record

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = str(ROOT / "data" / "examples")
RECORDS = corpus_records()[::30]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    index = write(RECORDS, folder / "pages")
    assert index == folder / "pages" / "index.html"
    return folder / "pages"


def tags_of(record: Record) -> set[str]:
    return {found.tag for found in (*record.tags, *record.remedies)}


def many(number: int) -> Iterator[Record]:
    """Yield records with references of their own."""
    for count, record in enumerate(islice(cycle(RECORDS), number)):
        reference = f"95 {count // 1000:03} {count % 1000:03}"
        yield replace(record, decision=replace(record.decision, reference=reference))


# What is written


def test_every_decision_has_a_page_that_leads_back(site: Path) -> None:
    pages = sorted((site / "decisions").iterdir())
    assert len(pages) == len(RECORDS)
    for page in pages[:5]:
        back = HTMLParser(page.read_text("utf-8")).css_first(".kicker a")
        assert back is not None
        assert (page.parent / (back.attributes["href"] or "")).resolve() == site / "index.html"


def test_decisions_of_one_name_have_pages_of_their_own(tmp_path: Path) -> None:
    write([RECORDS[0]] * 3, tmp_path)
    name = (RECORDS[0].decision.reference or "").replace(" ", "-")
    found = sorted(path.name for path in (tmp_path / "decisions").iterdir())
    assert found == [f"{name}-2.html", f"{name}-3.html", f"{name}.html"]


def test_the_command_writes_a_page_or_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "true %s")  # a browser that opens nothing
    one = f"{EXAMPLES}/allotment.txt"
    assert main(["show", one, "-o", str(tmp_path / "one.html")]) == 0
    assert "Northmoor Borough Council" in (tmp_path / "one.html").read_text("utf-8")
    assert main(["show", EXAMPLES, "-o", str(tmp_path / "pages")]) == 0
    assert len(list((tmp_path / "pages" / "decisions").iterdir())) == 4
    assert "4 written to" in capsys.readouterr().err
    assert main(["show", EXAMPLES]) == 2
    assert "several decisions are shown in a folder: name it with -o" in capsys.readouterr().err
    assert main(["show", EXAMPLES, "-o", str(tmp_path / "all.html")]) == 2
    assert "a page shows one decision; name a folder for several" in capsys.readouterr().err
    assert main(["show", one, "-o", str(tmp_path / "none" / "pages")]) == 2
    assert "not a .html file, nor a folder" in capsys.readouterr().err


def test_one_bad_file_does_not_stop_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text("no decision")
    good = f"{EXAMPLES}/allotment.txt"
    assert main(["show", str(bad), good, "-o", str(tmp_path / "pages")]) == 1
    assert "bad.txt: does not look like" in capsys.readouterr().err
    assert len(list((tmp_path / "pages" / "decisions").iterdir())) == 1
    assert main(["show", str(bad), "-o", str(tmp_path / "bad.html")]) == 1
    assert "nothing written" in capsys.readouterr().err
    assert not (tmp_path / "bad.html").exists()


@pytest.mark.parametrize("name", ["tags.jsonl", "tags.db"])
def test_tagged_decisions_are_shown_without_tagging_them_again(tmp_path: Path, name: str) -> None:
    writing.write(RECORDS[:5], tmp_path / name)
    assert main(["show", str(tmp_path / name), "-o", str(tmp_path / "pages")]) == 0
    write(RECORDS[:5], tmp_path / "same")
    for page in (tmp_path / "same").rglob("*.html"):
        written = tmp_path / "pages" / page.relative_to(tmp_path / "same")
        assert written.read_bytes() == page.read_bytes()


def test_one_tagged_decision_is_a_page(tmp_path: Path) -> None:
    writing.write(RECORDS[:1], tmp_path / "one.db")
    assert main(["show", str(tmp_path / "one.db"), "-o", str(tmp_path / "one.html")]) == 0
    write(RECORDS[:1], tmp_path / "same.html")
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "same.html").read_bytes()


def test_places_that_cannot_be_meant_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", EXAMPLES, "-o", str(tmp_path / "pages.pdf")]) == 2
    assert "pages are a .html file, or a folder" in capsys.readouterr().err
    assert main(["show", EXAMPLES, "-o", f"{EXAMPLES}/pages"]) == 2
    assert "which is read; name another folder" in capsys.readouterr().err
    assert not Path(EXAMPLES, "pages").exists()


# The list in a browser


def test_the_list_filters_and_counts(visit: Visit, site: Path) -> None:
    tab = visit((site / "index.html").as_uri())
    count = tab.locator(".filter output")
    assert count.inner_text() == f"{len(RECORDS)} of {len(RECORDS)} decisions"
    tab.select_option("[name=tag]", "late")
    late = sum("late" in tags_of(record) for record in RECORDS)
    assert count.inner_text() == f"{late} of {len(RECORDS)} decisions"
    assert tab.locator(".listed > li").count() == late
    tab.click("button[type=reset]")
    body, most = Counter(record.decision.body for record in RECORDS).most_common(1)[0]
    tab.select_option("[name=body]", body)
    counts(tab.locator(".listed > li"), most)
    tab.select_option("[name=body]", "")
    year = "2024"
    tab.select_option("[name=year]", year)
    of_year = sum((record.decision.date or "").startswith(year) for record in RECORDS)
    assert count.inner_text() == f"{of_year} of {len(RECORDS)} decisions"
    tab.fill("[name=words]", "no such decision")
    assert tab.locator(".empty").is_visible()
    tab.click(".empty button")
    says(count, f"{len(RECORDS)} of {len(RECORDS)} decisions")
    reference = RECORDS[3].decision.reference or ""
    tab.fill("[name=words]", reference.replace(" ", ""))
    assert tab.locator(".listed > li").count() == 1
    tab.click(".listed a")
    assert reference in tab.locator(".lead").inner_text()
    tab.go_back()
    assert tab.locator(".listed > li").count() == 1


def test_a_list_shows_nothing_of_what_it_does_not_know(visit: Visit, tmp_path: Path) -> None:
    spaced = replace(RECORDS[0], decision=replace(RECORDS[0].decision, body="Two  Spaces"))
    write([spaced, RECORDS[1]], tmp_path)
    tab = visit(f"{(tmp_path / 'index.html').as_uri()}#body=Two++Spaces")
    assert tab.locator(".listed > li").count() == 1
    other = visit(f"{(tmp_path / 'index.html').as_uri()}#body=Nowhere")
    assert other.locator(".empty").is_visible()
    other.click(".empty button")
    counts(other.locator(".listed > li"), 2)
    assert other.evaluate("document.activeElement.name") == "words"


def test_the_list_is_accessible_and_fits(visit: Visit, site: Path) -> None:
    for scheme, width in (("light", 390), ("dark", 1400)):
        tab = visit((site / "index.html").as_uri(), scheme, width)
        assert tab.evaluate("document.documentElement.scrollWidth") == width
        assert barriers(tab) == ""


def test_a_long_list_is_shown_a_page_at_a_time(visit: Visit, tmp_path: Path) -> None:
    write(many(120), tmp_path)
    tab = visit((tmp_path / "index.html").as_uri())
    assert tab.locator(".listed > li").count() == 50
    tab.click(".more button")
    tab.click(".more button")
    assert tab.locator(".listed > li").count() == 120
    assert not tab.locator(".more").is_visible()


def test_text_is_only_text(visit: Visit, tmp_path: Path) -> None:
    one = replace(
        RECORDS[0],
        decision=replace(
            RECORDS[0].decision, body=HOSTILE, category=f"{HOSTILE} > x", outcome=HOSTILE
        ),
    )
    write([one], tmp_path)
    tab = visit((tmp_path / "index.html").as_uri())
    assert tab.locator(".listed h2").inner_text() == HOSTILE
    assert tab.locator("img").count() == 0
    tab.select_option("[name=body]", HOSTILE)
    assert tab.locator(".listed > li").count() == 1
