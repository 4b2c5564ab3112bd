"""A decision as a page: what it says, and what it does in a browser."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from looking import HOSTILE, Visit, barriers
from made import decision
from records import MODEL, corpus_records
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode as Node

import grounds
from grounds.codebook import codebook
from grounds.model import Model
from grounds.pages.decision import page
from grounds.record import Cited, Evidence, Record, Review, TagFound

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "data" / "examples" / "allotment.txt"
SAMPLE = corpus_records()[::40]


@pytest.fixture(scope="module")
def record(shipped: Model) -> Record:
    return grounds.tag(grounds.read(EXAMPLE), shipped)


@pytest.fixture(scope="module")
def address(record: Record, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "decision.html"
    file.write_text(page(record), "utf-8")
    return file.as_uri()


def words(node: Node | None) -> str:
    assert node is not None
    return " ".join(node.text().split())


def made(*found: tuple[str, int, int], text: str) -> Record:
    """Return the record of a decision of one paragraph with tags on these characters of it."""
    tags = tuple(
        TagFound(tag, codebook().tags[tag].family, 0.9, (Evidence(1, a, b, text[a:b], 0.8),))
        for tag, a, b in found
    )
    reasons = tuple(tag for tag in tags if tag.family != "remedy")
    remedies = tuple(tag for tag in tags if tag.family == "remedy")
    return Record(decision(("assessment", text)), reasons, (), remedies, (), MODEL)


# What it says


@pytest.mark.parametrize("record", SAMPLE, ids=lambda record: record.decision.reference)
def test_every_paragraph_stands_as_published(record: Record) -> None:
    tree = HTMLParser(page(record))
    for paragraph in record.decision.paragraphs:
        node = tree.css_first(f"#paragraph-{paragraph.number}")
        first, *others = paragraph.text.split("\n")
        assert node is not None
        shown = node.css_first("p")
        assert shown is not None
        assert shown.text() == first
        assert [item.text() for item in node.css("li")] == others
        number = node.css(".number")
        assert [one.text() for one in number] == [str(paragraph.number)] * bool(paragraph.number)
    headings = [words(node) for node in tree.css("article h2, article h3")]
    assert {paragraph.heading for paragraph in record.decision.paragraphs} <= set(headings)


@pytest.mark.parametrize("record", SAMPLE, ids=lambda record: record.decision.reference)
def test_every_piece_of_evidence_is_marked_with_its_tag(record: Record) -> None:
    tree = HTMLParser(page(record))
    for found in (*record.tags, *record.remedies):
        marked = [
            node
            for node in tree.css("article mark a")
            if found.tag in {p.split("=")[0] for p in (node.attributes["data-tags"] or "").split()}
        ]
        ordered = sorted(found.evidence, key=lambda one: (one.paragraph, one.start))
        pieces = "".join(one.text.replace("\n", "") for one in ordered)
        assert "".join(node.text() for node in marked) == pieces


def test_evidence_that_overlaps_is_cut_where_it_begins_and_ends() -> None:
    tree = HTMLParser(
        page(made(("late", 0, 13), ("no_fault", 7, 20), text="It is late and no fault."))
    )
    marks = [(mark.text(), mark.attributes["class"]) for mark in tree.css("article mark")]
    assert marks == [("It is l", "bar"), ("ate an", "several"), ("d no fa", "ground")]
    labels = [mark.attributes.get("data-label") for mark in tree.css("article mark a")]
    assert labels == [None, "late", "no_fault"]


def test_evidence_over_lines_is_marked_in_each(record: Record) -> None:
    tree = HTMLParser(page(made(("late", 3, 17), text="We find:\nit is late; and\nno.")))
    assert [mark.text() for mark in tree.css("article mark")] == ["find:", "it is la"]
    assert [walk.attributes["data-tour"] for walk in tree.css("[data-walk]")] == ["mark-1"]


def test_links_lead_somewhere(record: Record) -> None:
    for one in (record, *SAMPLE[:10]):
        tree = HTMLParser(page(one))
        ids = Counter(node.attributes["id"] for node in tree.css("[id]"))
        assert [id for id, count in ids.items() if count > 1] == []
        assert {(a.attributes["href"] or "")[1:] for a in tree.css("[href]")} <= set(ids)
        assert all((a.attributes["href"] or "").startswith("#") for a in tree.css("[href]"))


def test_remedies_stand_by_kind_and_status(record: Record) -> None:
    tree = HTMLParser(page(record))
    shown = {}
    for row in tree.css(".statuses tbody tr"):
        for status, cell in zip(codebook().statuses, row.css("td"), strict=True):
            if words(cell):
                shown[f"{words(row.css_first('th')).replace(' ', '_')}:{status}"] = words(cell)
    assert set(shown) == {found.tag for found in record.remedies}
    assert shown["apology:provided"] == "Summary, 8"


def test_what_is_cited_and_what_is_for_review_is_named() -> None:
    base = made(text="We look at fault.")
    whole = replace(
        base, cited=(Cited("same_outcome", (1,)),), review=(Review("nothing_to_add", 0.44),)
    )
    tree = HTMLParser(page(whole))
    near = [words(node) for node in tree.css(".near li")]
    assert near == ["nothing_to_add 0.44", "same_outcome ¶ 1"]
    assert words(tree.css_first(".cites")) == "lists same_outcome"
    assert "No ground, bar or remedy was found." in words(tree.css_first("aside"))


def test_a_tag_without_evidence_leads_to_what_it_means() -> None:
    bare = replace(made(text="It is late."), tags=(TagFound("late", "bar", 0.9, ()),))
    link = HTMLParser(page(bare)).css_first("[data-walk]")
    assert link is not None
    assert link.attributes["href"] == "#about-late"


def test_text_is_only_text() -> None:
    hostile = made(("late", 3, 40), text=f"No {HOSTILE}")
    header = replace(
        hostile.decision, body=HOSTILE, reference=HOSTILE, category=HOSTILE, outcome=HOSTILE,
        source=HOSTILE, warnings=(HOSTILE,),
    )  # fmt: skip
    tree = HTMLParser(page(replace(hostile, decision=header)))
    assert len(tree.css("script")) == 1
    assert tree.css("img, [style], [onclick]") == []
    assert words(tree.css_first("h1")) == HOSTILE
    assert words(tree.css_first("#paragraph-1 p")) == f"No {HOSTILE}"


def test_a_page_needs_nothing_else(record: Record) -> None:
    html = page(record)
    tree = HTMLParser(html)
    assert tree.css("[src], [srcset], link, iframe, object, embed, base") == []
    assert re.findall(r"url\(|@import|https?://", html) == []


# In a browser


def said(tab: Any) -> str:
    """Return where a walk is, as it is said; the words themselves are for those who cannot see."""
    place, _, words = tab.locator("#walk output").text_content().partition(": ")
    place, _, words = f"{place}: {words}".rpartition(": ")
    assert words == tab.locator("mark.now").text_content()
    return place


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_accessible_and_fits(visit: Visit, address: str, scheme: str) -> None:
    for width in (390, 820, 1400):
        tab = visit(address, scheme, width)
        assert tab.evaluate("document.documentElement.scrollWidth") == width
    assert barriers(tab, whole=True) == ""


def test_a_tag_walks_through_its_evidence(visit: Visit, address: str, record: Record) -> None:
    tab = visit(address)
    found = next(found for found in record.tags if found.tag == "better_body")
    assert not tab.locator("#walk").is_visible()
    seen = []
    for _ in found.evidence:
        tab.click("[data-walk=better_body]")
        seen.append(tab.locator("mark.now").inner_text().removesuffix("better_body").strip())
        assert tab.locator("mark.now").is_visible()
    assert seen == [one.text for one in sorted(found.evidence, key=lambda one: one.paragraph)]
    assert said(tab) == "better_body: 3 of 3, paragraph 11"
    tab.click("button[data-step='1']")
    assert said(tab) == "better_body: 1 of 3, Summary"
    tab.click("button[data-step='-1']")
    assert said(tab) == "better_body: 3 of 3, paragraph 11"
    tab.keyboard.press("Escape")
    assert not tab.locator("#walk").is_visible()
    assert tab.locator("mark.on").count() == 0


def test_marked_words_show_what_they_carry(visit: Visit, address: str) -> None:
    tab = visit(address)
    two = tab.locator("mark.several a").first
    tags = {pair.split("=")[0] for pair in two.get_attribute("data-tags").split()}
    two.click()
    card = tab.locator("#card")
    assert card.is_visible()
    assert {text.strip() for text in card.locator(".tag").all_inner_texts()} == tags
    assert "Local Government Act 1974: 24A(6)" in card.inner_text()
    assert "These words: " in card.inner_text()
    assert barriers(tab) == ""
    card.locator("[data-mark]").first.click()
    assert not card.is_visible()
    assert tab.locator("#walk").is_visible()


def test_the_keyboard_is_enough(visit: Visit, address: str) -> None:
    tab = visit(address)
    tab.locator("[data-walk=no_fault]").focus()
    tab.keyboard.press("Enter")
    assert said(tab) == "no_fault: 1 of 3, Summary"
    tab.keyboard.press("Enter")  # the button for the next one has the focus
    assert said(tab) == "no_fault: 2 of 3, paragraph 7"
    tab.keyboard.press("Escape")
    marked = tab.evaluate("document.activeElement.dataset.tags")
    assert marked.startswith("no_fault=")
    tab.locator("article mark a").first.focus()
    tab.keyboard.press("Enter")
    assert tab.locator("#card").is_visible()
    assert tab.evaluate("document.activeElement.closest('#card') !== null")
    tab.keyboard.press("Escape")
    assert not tab.locator("#card").is_visible()
    assert tab.evaluate("document.activeElement.closest('mark') !== null")


def test_without_its_script_tags_and_words_lead_to_each_other(
    browser: object, address: str
) -> None:
    tab = browser.new_page(java_script_enabled=False)  # type: ignore[attr-defined]
    tab.goto(address)
    tab.click("[data-walk=no_fault]")
    assert tab.url.endswith("#mark-1")
    tab.click("#mark-1 a")
    assert tab.url.endswith("#about-no_fault")
    tab.close()


def test_on_paper_the_text_is_whole(visit: Visit, address: str, record: Record) -> None:
    tab = visit(address)
    tab.click("[data-walk=no_fault]")
    tab.emulate_media(media="print")
    assert not tab.locator("#walk").is_visible()
    assert all(one.is_visible() for one in tab.locator(".paragraph").all())
    assert tab.locator(".paragraph").count() == len(record.decision.paragraphs)
