"""Whatever is thrown at the readers: a few thousand inputs here, many more by ``reliability/fuzz.py``."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from pkgutil import walk_packages
from random import Random
from time import process_time

import extremes
import invariants
import pytest
from fuzz import Tried
from hypothesis import given, settings
from hypothesis import strategies as st
from inputs import ODD, WORDS, generated, several
from targets import Target, all_targets
from targets.decisions import TARGETS
from word_copies import package

import grounds
from grounds.batch import tag_files
from grounds.corpus.markup import parse_markup
from grounds.errors import GroundsError, InputError
from grounds.exploring.marks import marked, to_html
from grounds.limits import LIMITS
from grounds.reading import read_bytes
from grounds.reading.decoding import clean
from grounds.reading.html import page_lines
from grounds.reading.pdf import _finite
from grounds.reading.rows import Row, Word
from grounds.reading.running import without_running
from grounds.reading.word import word_lines
from grounds.record import Record

SEED = 1
PATIENCE = 2
"""Seconds that are a thousand times what it takes, and much less than what it took."""

LONG = 20_000
BOUNDED = (
    "grounds.reading.running._PART",
    "grounds.reading.containers._LINE",
    "grounds.reading.containers._OUTSIDE",
)
"""The first is asked of short rows only, as a test says, the others from the beginning of a name."""

MANY = {"text": 200, "html": 150, "pdf": 60, "docx": 100, "jsonl": 120, "zip": 60, "bytes": 200}
"""Inputs of each target, in about a second of the processor; fewer of those that take longer."""


@pytest.mark.parametrize("target", all_targets().values(), ids=lambda target: target.name)
def test_inputs_are_read_as_they_should_be_or_refused(target: Target) -> None:
    became: Counter[str] = Counter()
    for data in islice(generated(target.seeds(), target.change, SEED), MANY.get(target.name, 100)):
        try:
            target.check(data)
            became["read"] += 1
        except GroundsError as problem:
            invariants.check_refusal(problem)
            became["refused"] += 1
    assert became["read"]
    assert became["refused"]
    assert became["refused"] > 9 or target not in TARGETS


LINES = st.lists(st.sampled_from((*WORDS, *ODD, "It is late.", "", "  "))).map("".join)
TEXTS = st.lists(LINES | st.text(), max_size=30).map("\n".join)


@settings(max_examples=150)
@given(TEXTS, st.sampled_from(("utf-8", "utf-16", "cp1252")))
def test_any_text_keeps_what_always_holds(text: str, encoding: str) -> None:
    data = f"The complaint\n1. Ms X.\n{text}\nFinal decision\n2. No.".encode(encoding, "replace")
    try:
        decision = read_bytes(data, "a.txt")
    except InputError:
        return
    invariants.check_read(decision, data)


@settings(max_examples=25)
@given(TEXTS)
def test_records_of_any_text_keep_what_always_holds(text: str) -> None:
    whole = f"The complaint\n1. Ms X.\n{text}\nMy assessment\n2. It is late.".encode(
        "utf-8", "replace"
    )
    try:
        decision = read_bytes(whole, "a.txt")
    except InputError:
        return
    invariants.check_tagged(decision)


def test_tagging_does_not_depend_on_jobs_order_or_batch(tmp_path: Path) -> None:
    files = []
    for target in TARGETS[:4]:
        for number, data in enumerate(islice(generated(target.seeds(), target.change, 3), 25)):
            suffix = {"text": "txt"}.get(target.name, target.name)
            files.append(tmp_path / f"{number}.{suffix}")
            files[-1].write_bytes(data)
    alone = {str(file): next(tag_files([file])) for file in files}
    for found in (tag_files(files, jobs=2), tag_files(reversed(files))):
        for one in found:
            if isinstance(one, Record):
                assert one == alone[one.decision.source]
            else:
                assert one == alone[one.source]
    assert sum(isinstance(one, Record) for one in alone.values()) > 40


def test_inputs_are_the_same_for_a_seed() -> None:
    for target in TARGETS:
        first, again = (list(islice(generated(target.seeds(), target.change, 5), 40)) for _ in "ab")
        assert [zlib.crc32(one) for one in first] == [zlib.crc32(one) for one in again], target.name


@settings(max_examples=100)
@given(st.binary(max_size=60), st.sampled_from(TARGETS), st.randoms(use_true_random=False))
def test_any_bytes_can_be_changed(data: bytes, target: Target, draw: Random) -> None:
    assert isinstance(several(data, target.change, draw), bytes)


def test_findings_are_saved_once_with_their_tracebacks(tmp_path: Path) -> None:
    (tmp_path / "found").mkdir()

    def check(data: bytes) -> None:
        if data == b"refused":
            raise InputError("a", "is bad")
        if data:
            raise KeyError("a defect")

    tried = Tried(check, "generated", 4, tmp_path)
    for data in (b"", b"refused", b"one", b"two"):
        tried(data)
    [saved, told] = sorted((tmp_path / "found").iterdir())
    assert saved.read_bytes() == b"one"
    assert "KeyError: 'a defect'" in told.read_text("utf-8")
    assert '"inputs": 4' in (tmp_path / "counts.json").read_text("utf-8")


# What once went wrong


def test_control_and_bidirectional_characters_do_not_come_out() -> None:
    given = "It\x1b[2J is\x07 \u202elate\u2066\u200e,\x1fand \x91so\x92 on.\ud800"
    assert clean(given).text == "It[2J is late, and ‘so’ on.\ufffd"
    assert clean("a\tb\r\nc").edits == ()


@pytest.mark.parametrize("length", [float("nan"), float("inf"), -float("inf")])
def test_lengths_that_are_no_numbers_are_none(length: float) -> None:
    assert _finite(length) == 0.0


def test_what_looks_closed_inside_a_comment_is_not() -> None:
    for hidden in ("<!--</b>-->", "</x>", "<i a='</b>'></i>", "<script></b></script>"):
        with pytest.raises(InputError, match="nested too deep"):
            page_lines(f"<b>{hidden}" * 20_000)
    closed = page_lines("<div><p class=a>It is late.</p></div>" * 10_000)
    assert len(closed) == 10_000


def test_thousands_of_attributes_are_refused_and_a_picture_in_a_page_is_not() -> None:
    many = " ".join(f"a{number}" for number in range(100_000))
    with pytest.raises(InputError, match="thousands of attributes"):
        page_lines(f"<p {many}>It is late.</p>")
    picture = "iVBOR/0KGg=+A" * 10_000
    [line] = page_lines(f'<p><img src="data:image/png;base64,{picture}">It is late.</p>')
    assert line.text == "It is late."


def test_fields_that_are_never_closed_take_no_time_and_hide_nothing() -> None:
    field = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
    body = f"<w:p>{field * 20_000}{'<w:r><w:t>a</w:t></w:r>' * 20_000}</w:p>"
    begun = process_time()
    lines, _ = word_lines(package(body))
    assert process_time() - begun < PATIENCE
    assert [line.text for line in lines] == ["a" * 20_000]


@pytest.mark.parametrize("kind", ["txt", "docx"])
def test_more_lines_than_any_decision_has_are_refused(kind: str) -> None:
    lines = LIMITS.paragraphs + 1
    data = b"A\n" * lines if kind == "txt" else package("<w:p/>" * lines)
    with pytest.raises(InputError, match="--limit paragraphs"):
        read_bytes(data, f"a.{kind}")


def test_long_rows_are_no_running_heads() -> None:
    row = Row(1, (Word("and " * 20_000, 70, 500, 800, 11),), "and " * 20_000, 800, 11, False)
    begun = process_time()
    assert without_running([[row], [row._replace(page=2, base=400)]])[0] == [row]
    assert process_time() - begun < PATIENCE


def test_marks_without_an_end_are_text() -> None:
    begun = process_time()
    with pytest.raises(GroundsError):
        parse_markup("## Summary\n" + "[[late|" * 20_000, "a.md")
    assert marked("\x02" * 20_000, None) == "\x02" * 20_000
    assert to_html("[[" * 20_000) == "[[" * 20_000
    assert process_time() - begun < PATIENCE


# Regular expressions

OWN = ("_CREATED", "_FONT", "_NUMBER")
"""They read what is grounds' own: its tables, and pictures that it draws."""


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Yield all regular expressions of the package that are kept in a variable."""
    for module in walk_packages(grounds.__path__, "grounds."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(import_module(module.name)).items():
            kept = [rule for rule, _ in value] if name == "_RULES" else [value]
            for one in kept:
                if isinstance(one, re.Pattern) and name not in OWN:
                    yield f"{module.name}.{name}", one


def test_no_regular_expression_goes_over_a_text_again_and_again() -> None:
    found = dict(patterns())
    assert len(found) > 40
    for name, pattern in found.items():
        if name in BOUNDED:
            continue
        for unit in extremes.UNITS:
            begun = process_time()
            pattern.sub("", unit * (LONG // len(unit)) + "\0")
            assert process_time() - begun < PATIENCE, f"{name} on {unit!r}"


# Hostile inputs: `reliability/extremes.py` tries all, and with a megabyte


@pytest.mark.parametrize(
    "name",
    ["100,000 deep and closed", "<table><b> 90,000 times", "100,000 styles, each based on the next, in a circle",
     "50,000 lists that stand for each other", "a page tree in a circle", "a page tree that doubles 40 times",
     "objects 100,000 deep", "a number of 1,000,000 digits", "a line of 50 MB", "a header of 500,000 lines"],
)  # fmt: skip
def test_hostile_inputs_are_read_or_refused(name: str) -> None:
    [case] = [case for case in extremes.cases() if case.name == name]
    result = extremes.tried(case)
    assert result.outcome.startswith(("read", "refused")), result
