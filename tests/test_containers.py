"""Decisions in archives and in JSON Lines."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grounds.batch import tag_files, tag_into
from grounds.corpus import read_labelled
from grounds.corpus.copies import copy_of
from grounds.decision import Decision
from grounds.errors import InputError
from grounds.journal import Resumed
from grounds.reading import find, read, read_bytes
from grounds.record import Record
from grounds.writing import jsonl

ROOT = Path(__file__).parent.parent
TEXTS = {
    f"{labelled.decision.reference}.txt": copy_of(labelled.decision).text
    for labelled in read_labelled([ROOT / "data/corpus/planning"])
}
NAMES = sorted(TEXTS)


def archive(path: Path, files: dict[str, str | bytes]) -> Path:
    """Write an archive."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return path


def lines(path: Path, objects: list[object]) -> Path:
    """Write JSON Lines."""
    path.write_text("".join(f"{json.dumps(one)}\n" for one in objects), "utf-8")
    return path


def words(decision: Decision) -> Decision:
    """Return a decision without what tells where it came from."""
    return replace(decision, source="", sha256="")


def problems(path: Path) -> list[str]:
    """Return what is wrong with what a path leads to."""
    return [str(found) for found in find([path]) if isinstance(found, InputError)]


def test_an_archive_is_read_as_the_folder_that_was_packed(tmp_path: Path) -> None:
    folder = tmp_path / "decisions"
    for place, name in zip(("", "2024", "2025/spring"), NAMES[:3], strict=True):
        (folder / place).mkdir(parents=True, exist_ok=True)
        (folder / place / name).write_text(TEXTS[name], "utf-8")
    inside = {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*.txt")}
    packed = archive(tmp_path / "packed.zip", {**inside, "notes.md": "no decision"})
    found = [read(one) for one in find([packed]) if isinstance(one, Path)]
    assert sorted(one.source for one in found) == sorted(f"{packed}/{name}" for name in inside)
    unpacked = {one.sha256: words(one) for one in map(read, find([folder]))}  # type: ignore[arg-type]
    assert {one.sha256: words(one) for one in found} == unpacked


def test_archives_in_a_folder_are_read_and_json_lines_are_not(tmp_path: Path) -> None:
    archive(tmp_path / "b.ZIP", {NAMES[0]: TEXTS[NAMES[0]]})
    (tmp_path / "a.txt").write_text(TEXTS[NAMES[1]], "utf-8")
    lines(tmp_path / "tags.jsonl", [{"text": TEXTS[NAMES[2]]}])
    assert list(find([tmp_path])) == [tmp_path / "a.txt", tmp_path / "b.ZIP" / NAMES[0]]


def test_what_a_folder_would_pass_over_is_passed_over_in_an_archive(tmp_path: Path) -> None:
    text = TEXTS[NAMES[0]]
    hidden = {".a.txt": text, ".git/b.txt": text, "__MACOSX/c.txt": text, "d.jpg": "", "e/": ""}
    packed = archive(tmp_path / "packed.zip", {**hidden, "./f.txt": text})
    assert list(find([packed])) == [packed / "f.txt"]
    assert read(packed / "f.txt").reference == read_bytes(text.encode(), "-").reference


def test_names_that_lead_out_of_an_archive_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(TEXTS[NAMES[0]], "utf-8")
    names = [str(secret), "../secret.txt", "a/../../secret.txt", "..\\secret.txt", "C:secret.txt"]
    packed = archive(tmp_path / "packed.zip", dict.fromkeys(names, "x"))
    assert [isinstance(found, InputError) for found in find([packed])] == [True] * len(names)
    assert all("leads out of it" in problem for problem in problems(packed))


def test_broken_archives_are_named(tmp_path: Path) -> None:
    good = archive(tmp_path / "good.zip", {NAMES[0]: TEXTS[NAMES[0]]})
    cut, text = tmp_path / "cut.zip", tmp_path / "text.zip"
    cut.write_bytes(good.read_bytes()[:-100])
    text.write_text("no archive")
    for path in (cut, text):
        assert [p.split(" (")[0] for p in problems(path)] == [
            f"{path}: is no zip archive, or a damaged one"
        ]
    assert problems(archive(tmp_path / "empty.zip", {})) == [
        f"{tmp_path}/empty.zip: holds no decisions"
    ]
    nested = archive(tmp_path / "nested.zip", {"good.zip": good.read_bytes()})
    assert problems(nested) == [f"{nested}/good.zip: is an archive in an archive; unpack it first"]
    with pytest.raises(InputError, match="holds many decisions, not one"):
        read(good)
    with pytest.raises(InputError, match="there is no such file in the archive"):
        read(good / "none.txt")


def test_damaged_and_encrypted_files_in_an_archive_are_named(tmp_path: Path) -> None:
    text = TEXTS[NAMES[0]]
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as opened:
        opened.writestr("a.txt", text)
    data = bytearray(packed.read_bytes())
    data[200] ^= 1
    packed.write_bytes(data)
    with pytest.raises(InputError, match=r"a\.txt: cannot be unpacked \(Bad CRC-32"):
        read(packed / "a.txt")
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the bit that says "encrypted"
    packed.write_bytes(data)
    with pytest.raises(InputError, match=r"a\.txt: is encrypted; unpack the archive"):
        read(packed / "a.txt")


def test_an_odd_name_costs_no_other_file(tmp_path: Path) -> None:
    packed = archive(tmp_path / "odd.zip", {"\u00fc.txt": TEXTS[NAMES[0]]})
    data = bytearray(packed.read_bytes())
    data[30] = 255  # the name before the file is no UTF-8, unlike that in the directory
    packed.write_bytes(data)
    good = tmp_path / "good.txt"
    good.write_text(TEXTS[NAMES[1]], "utf-8")
    summary = tag_into(find([packed, good]), tmp_path / "tags.jsonl")
    assert (summary.written, len(summary.failures)) == (1, 1)
    assert "cannot be unpacked" in summary.failures[0].problem


def test_a_file_without_a_name_is_said_and_costs_no_other(tmp_path: Path) -> None:
    nameless = zipfile.ZipInfo("a")
    nameless.filename = ""
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as made:
        made.writestr(nameless, b"The complaint")
        made.writestr("b.txt", b"The complaint")
    problem, found = find([tmp_path / "a.zip"])
    assert str(problem).endswith("holds a file without a name; left out")
    assert found == tmp_path / "a.zip" / "b.txt"


def test_a_name_that_is_there_twice_is_said(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as opened:
        for name, text in (("a.txt", NAMES[0]), ("./a.txt", NAMES[1])):
            opened.writestr(name, TEXTS[text])
    assert [p.split(": ")[1] for p in problems(tmp_path / "twice.zip")] == [
        "holds 'a.txt' twice; the second is read, the first left out"
    ]


def test_a_huge_file_in_an_archive_is_not_unpacked(tmp_path: Path) -> None:
    packed = archive(tmp_path / "bomb.zip", {"a.txt": b" " * (51 << 20)})
    assert packed.stat().st_size < 100_000
    with pytest.raises(
        InputError, match="has 51 MB, more than 50 MB; to read it: --limit file=51MB"
    ):
        read(packed / "a.txt")


def test_json_lines_are_addressed_by_line(tmp_path: Path) -> None:
    path = lines(tmp_path / "decisions.jsonl", [{"text": TEXTS[name]} for name in NAMES[:3]])
    path.write_text(path.read_text("utf-8").replace("\n", "\n\n", 1).rstrip("\n"), "utf-8")
    found = list(find([path]))
    assert [str(one) for one in found] == [f"{path}:{number}" for number in (1, 3, 4)]
    decisions = [read(one) for one in found if isinstance(one, Path)]
    assert [one.source for one in decisions] == [f"{path}:{number}" for number in (1, 3, 4)]
    for decision, name in zip(decisions, NAMES, strict=False):
        assert words(decision) == words(read_bytes(TEXTS[name].encode(), "-"))
    with pytest.raises(InputError, match="there is no such line"):
        read(f"{path}:5")


def test_header_fields_beside_the_text_fill_in_what_it_lacks() -> None:
    text = "The complaint\n1. Ms X says no.\nFinal decision\n2. We will not investigate."
    beside = {"reference": "94-101-233", "body": "North\nmoor", "decision": "Upheld"}
    given_date = json.dumps({"text": text, **beside, "date": "12 Mar 2025"}).encode()
    decision = read_bytes(given_date, "-")
    assert (decision.reference, decision.body) == ("94 101 233", "North moor")
    assert (decision.outcome, decision.date) == ("Upheld", "2025-03-12")
    assert decision.warnings == ("not in the header: category", "no Summary")
    own = read_bytes(json.dumps({"text": f"Body: Southmoor\n{text}", **beside}).encode(), "-")
    assert own.body == "Southmoor"
    odd = read_bytes(json.dumps({"text": text, "date": "in spring"}).encode(), "-")
    assert odd.date is None
    assert "date not understood: 'in spring'" in odd.warnings


def test_fields_are_read_as_data_frames_write_them() -> None:
    text = "The complaint\n1. Ms X says no.\nFinal decision\n2. We will not investigate."
    fields = {"reference": 5005150, "date": "2025-03-12T00:00:00.000", "body": None}
    decision = read_bytes(json.dumps({"text": text, **fields}).encode(), "-")
    assert (decision.reference, decision.date) == ("05 005 150", "2025-03-12")
    odd = read_bytes(json.dumps({"text": text, "date": 1735689600000}).encode(), "-")
    assert "date not understood: '1735689600000'" in odd.warnings


@pytest.mark.parametrize("line", [b"[]", b'"x"', b"17", b"{", b"The complaint"])
def test_lines_that_are_no_objects_are_said(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "odd.jsonl").write_bytes(b'{"text": "x"}\n' + line + b"\n")
    with pytest.raises(InputError, match=r"odd\.jsonl:2: is no JSON object"):
        read(f"{tmp_path}/odd.jsonl:2")


def test_fields_beside_the_text_are_cleaned() -> None:
    text = "The complaint\n\n1. Ms X says it is late.\n\nFinal decision\n\n2. We end it."
    line = json.dumps({"text": text, "body": "\x00Northmoor\u202e Council"})
    assert read_bytes(line.encode(), "x.jsonl:1").body == "Northmoor Council"


def test_a_page_in_json_lines_is_read_as_a_page() -> None:
    page = "<h2>The complaint</h2><ol><li>No bins.</li></ol><h2>Final decision</h2><p>No.</p>"
    assert read_bytes(json.dumps({"text": page}).encode(), "-").layout == "html"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b'{"text": "The', "is no JSON object"),
        (b'{"words": "x"}', r"has no 'text' with the words of a decision \(found: words\)"),
        (b'{"text": 7}', "has no 'text'"),
        (b'{"schema": 1, "paragraphs": []}', "is a record of 'grounds tag'; give the decision"),
        (b"{}", r"\(found: nothing\)"),
        (b'{"text": "Lost dogs"}', "does not look like an Ombudsman's decision"),
        (b'{"a":' * 20_000, "is no JSON object"),
    ],
)
def test_objects_that_are_no_decision_are_refused(line: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read_bytes(line, "d.jsonl:1")


@settings(deadline=None, max_examples=300)
@given(st.binary(max_size=200))
def test_whatever_stands_in_an_object_is_read_or_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_bytes(b"{" + data, "-")


def test_half_a_character_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "half.jsonl"
    text = TEXTS[NAMES[0]].replace("Council", "Coun\ud800cil")
    path.write_text(json.dumps({"text": text}) + "\n", "utf-8")
    (record,) = tag_files(find([path]))
    assert isinstance(record, Record)
    assert "Coun\ufffdcil" in "".join(p.text for p in record.decision.paragraphs)


def test_a_run_over_containers_goes_on_and_two_jobs_give_the_same(tmp_path: Path) -> None:
    packed = archive(tmp_path / "packed.zip", {name: TEXTS[name] for name in NAMES[:8]})
    path = lines(tmp_path / "decisions.jsonl", [{"text": TEXTS[name]} for name in NAMES[8:16]])
    inputs = list(find([packed, path]))
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    assert tag_into(inputs, one).written == len(inputs) == 16
    resumed: list[Resumed] = []
    with pytest.raises(KeyboardInterrupt):
        tag_into(inputs[:12] + [_Stop(str(path), "stop")], two, on_result=_stop)
    tag_into(inputs, two, jobs=2, on_resume=resumed.append)
    assert resumed[0].kept == 12
    assert two.read_bytes() == one.read_bytes()
    assert [record.decision.source for record in jsonl.read_records(two)] == list(map(str, inputs))


class _Stop(InputError):
    """An input at which the run is stopped."""


def _stop(failure: object) -> None:
    if failure is not None:
        raise KeyboardInterrupt
