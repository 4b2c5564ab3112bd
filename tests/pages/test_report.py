"""The report of an evaluation as a page: what it says, and what it does in a browser."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from looking import HOSTILE, Visit, barriers, counts
from records import CORPUS
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode as Node

import grounds
from grounds import pages
from grounds.codebook import codebook
from grounds.decision import LabelledDecision, Paragraph
from grounds.errors import GroundsError
from grounds.evaluation import Report, evaluate
from grounds.model import Model
from grounds.model.heads import tags
from grounds.pages.report import page
from grounds.writing.report import format_of, write_page


def hostile(item: LabelledDecision) -> LabelledDecision:
    """Return a decision of which every text breaks pages that forget to escape."""
    paragraph = Paragraph(1, "assessment", HOSTILE, f"It is late. {HOSTILE}")
    decision = replace(
        item.decision, paragraphs=(paragraph,), reference=HOSTILE, body=HOSTILE, outcome=HOSTILE
    )
    return replace(item, decision=decision, tags=frozenset({"whole_area"}), spans=())


@pytest.fixture(scope="module")
def report(tiny: Model, few: list[LabelledDecision]) -> Report:
    """Return a report on known, unknown and hostile decisions."""
    others = list(grounds.read_labelled([CORPUS / "children"]))[:8]
    return evaluate([*few[:6], *others, hostile(few[0])], tiny)


@pytest.fixture(scope="module")
def html(report: Report) -> str:
    return page(report)


@pytest.fixture(scope="module")
def tree(html: str) -> HTMLParser:
    return HTMLParser(html)


def words(node: Node | None) -> str:
    assert node is not None
    return " ".join(node.text().split())


# What it is made of


def test_a_page_needs_nothing_else(tree: HTMLParser, html: str) -> None:
    assert tree.css("[src], [srcset], link, iframe, object, embed, base") == []
    assert [a for a in tree.css("[href]") if not (a.attributes["href"] or "").startswith("#")] == []
    assert re.findall(r"url\((?!#)|@import", html) == []
    policy = tree.css_first("meta[http-equiv=Content-Security-Policy]")
    assert policy is not None
    assert (policy.attributes["content"] or "").startswith("default-src 'none'; style-src 'sha256-")
    assert tree.css("[style], [onclick]") == []  # which the policy would refuse


def test_links_lead_somewhere(tree: HTMLParser) -> None:
    ids = Counter(node.attributes["id"] for node in tree.css("[id]"))
    assert [id for id, count in ids.items() if count > 1] == []
    assert {(a.attributes["href"] or "")[1:] for a in tree.css("[href]")} <= set(ids)
    named = " ".join(node.attributes["aria-labelledby"] or "" for node in tree.css("svg.chart"))
    assert set(named.split()) <= set(ids)


def test_text_is_only_text(tree: HTMLParser) -> None:
    assert len(tree.css("script")) == 1
    assert len(tree.css("style")) == 1
    assert tree.css("img") == []
    last = tree.css(".decision")[-1]
    assert words(last.css_first("h3")) == HOSTILE
    assert HOSTILE.split(" & ")[0] in words(last.css_first("blockquote"))


def test_half_a_surrogate_pair_loses_nothing(
    tiny: Model, few: list[LabelledDecision], tmp_path: Path
) -> None:
    item = replace(few[0], decision=replace(few[0].decision, body="North\ud800moor"))
    write_page(evaluate([item, few[1]], tiny), tmp_path / "report.html")
    assert "North?moor" in (tmp_path / "report.html").read_text("utf-8")


def test_charts_take_the_colours_of_the_page(tree: HTMLParser, report: Report) -> None:
    charts = tree.css("svg.chart")
    assert len(charts) == 7 + sum(figures.gold > 0 for figures in report.tags)
    for chart in charts:
        drawn = chart.html or ""
        assert re.findall(r"#[0-9a-f]{6}", drawn) == []
        assert "var(--" in drawn
        assert words(chart.css_first("title"))


# What it says


def test_figures_are_those_of_the_report(tree: HTMLParser, report: Report) -> None:
    big = [words(node) for node in tree.css(".big")]
    assert big == [f"{family.figures.micro_f1:.3f}" for family in (report.reasons, report.remedies)]
    for family, card in zip(
        (report.reasons, report.remedies), tree.css("#figures .card"), strict=True
    ):
        rows = {words(row.css_first("th")): row.css("td.n") for row in card.css("tbody tr")}
        low, high = family.intervals["exact"]
        exact = [f"{family.figures.exact:.3f}", f"{low:.3f}–{high:.3f}"]
        assert [words(cell) for cell in rows["All right"]] == exact
        error = f"{family.calibration_error:.3f}"
        assert words(rows["Calibration error"][0]) == error
    assert f"{report.seen} of these decisions" in words(tree.css_first(".note"))


def test_every_tag_has_its_figures_and_its_meaning(tree: HTMLParser, report: Report) -> None:
    rows = {words(row.css_first("th")): row for row in tree.css(".tags tbody tr")}
    assert set(rows) == set(codebook().tags)
    for figures in report.tags:
        cells = [words(cell) for cell in rows[figures.tag].css("td.n")]
        known = figures.gold + figures.given > 0
        assert cells[0] == (f"{figures.f1:.2f}" if known else "–")
        assert cells[3:] == [str(figures.gold), str(figures.given)]
        card = next(
            node for node in tree.css("article") if node.attributes["id"] == f"tag-{figures.tag}"
        )
        assert codebook().tags[figures.tag].provision in words(card)


def test_every_decision_has_its_tags(tree: HTMLParser, report: Report) -> None:
    shown = tree.css(".decision")
    assert len(shown) == report.decisions
    for node, case in zip(shown, report.cases, strict=True):
        marks = {words(mark.css_first(".tag")): mark for mark in node.css(".marks .mark")}
        given = {tag for tag, is_given in zip(tags(), case.given, strict=True) if is_given}
        assert set(marks) == given | case.item.tags
        missed = {tag for tag, mark in marks.items() if "Missed" in words(mark)}
        wrong = {tag for tag, mark in marks.items() if "Wrongly given" in words(mark)}
        assert missed == set(case.item.tags - given)
        assert wrong == given - case.item.tags
        assert {mistake.tag for mistake in case.mistakes} == missed | wrong
        assert all("threshold" in words(why) for why in node.css(".why"))
        assert len(node.css(".why")) == len(missed | wrong)


def test_a_page_without_mistakes(tiny: Model, few: list[LabelledDecision]) -> None:
    perfect = next(
        item for item in few if not evaluate([replace(item, cited=None)], tiny).cases[0].mistakes
    )
    tree = HTMLParser(page(evaluate([replace(perfect, cited=None, spans=None)], tiny)))
    assert words(tree.css_first("#worst .mistakes")) == "None missed."
    assert tree.css(".decision details, .pairs .links") == []
    assert "cited" not in words(tree.css_first("#figures"))


# How it is written


def test_the_suffix_says_the_format(report: Report, tmp_path: Path) -> None:
    target = tmp_path / "report.HTML"
    target.write_text("older")
    format_of(target)(report, target)
    assert target.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert list(tmp_path.iterdir()) == [target]
    with pytest.raises(GroundsError, match=r"unknown report format; known are \.json, \.html"):
        format_of(tmp_path / "report.pdf")


def test_what_makes_pages_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "find_spec", lambda name: None)
    with pytest.raises(GroundsError, match=r"pip install 'lgsco-grounds\[pages\]'"):
        format_of(tmp_path / "report.html")
    format_of(tmp_path / "report.json")


def test_tagging_does_not_load_what_makes_pages() -> None:
    code = (
        "import sys, grounds.cli, grounds.tagging, grounds.writing.report;"
        "print({'matplotlib', 'grounds.pages'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# In a browser


@pytest.fixture(scope="module")
def address(html: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(html, "utf-8")
    return file.as_uri()


def test_nothing_is_loaded_and_nothing_complains(visit: Visit, address: str) -> None:
    for scheme, width in (("light", 390), ("dark", 1400)):
        tab = visit(address, scheme, width)
        assert tab.evaluate("document.documentElement.scrollWidth") == width


def test_the_list_can_be_filtered(browser: Any, address: str, report: Report) -> None:
    tab = browser.new_page()
    tab.goto(address)
    shown = tab.locator(".decision:visible")
    assert shown.count() == report.decisions
    tab.select_option("[name=state]", "mistaken")
    assert shown.count() == sum(bool(case.mistakes) for case in report.cases)
    tab.select_option("[name=tag]", "late")
    late = [[mistake.tag for mistake in case.mistakes].count("late") for case in report.cases]
    assert shown.count() == sum(late)
    tab.click("button[type=reset]")
    counts(shown, report.decisions)
    tab.fill("[type=search]", "EXAMPLE.org")
    assert shown.count() == 1
    assert tab.locator("output").text_content() == f"1 of {report.decisions}"
    tab.evaluate("location.hash = 'decision-1'")  # hidden by the filter, which gives way
    tab.locator("#decision-1").wait_for()
    tab.close()


def test_a_page_is_whole_without_its_script(browser: Any, address: str, report: Report) -> None:
    tab = browser.new_page(java_script_enabled=False)
    tab.goto(address)
    assert tab.locator(".decision:visible").count() == report.decisions
    assert not tab.locator(".filter").is_visible()
    tab.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_accessible(visit: Visit, address: str, scheme: str) -> None:
    assert barriers(visit(address, scheme)) == ""
