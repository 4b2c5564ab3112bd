"""Records to files and to the screen."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from records import corpus_records, labelled, record_of
from rich.console import Console

from grounds.codebook import codebook
from grounds.decision import Decision, Paragraph
from grounds.errors import GroundsError
from grounds.record import Evidence, Failure, Record, TagFound
from grounds.writing import FORMATS, write
from grounds.writing.csv import columns
from grounds.writing.csv import row as csv_row
from grounds.writing.plain import one_line
from grounds.writing.screen import show_codebook, show_decision, show_record, show_records

HOSTILE = "\x1b[31mred\x1b[0m \x07\x9b2J\u202eevil [bold]markup[/bold] :smile:\r\nnext"

FORMULA = tuple("=+-@＝＋－＠")  # noqa: RUF001 - wide ones are formulas to some programs
FORMULAS = (
    "=HYPERLINK(1)",
    "+1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "=1+1;=2",
    '="a""b",=3',
    "\t=1",
    "\r=1",
    "\n=1",
    "\r\n@A1",
    "  =1",
    "\xa0=1",
    "\u3000-1",
    "\x00=1",
    "\u202e=1",
    "\x85+1",
    "＝1+1",  # noqa: RUF001 - wide, as on an East Asian keyboard
    "＠A1",  # noqa: RUF001
)
"""What spreadsheet programs would take for a formula, were it at the beginning of a cell."""


@pytest.fixture(scope="module")
def records() -> tuple[Record, ...]:
    return corpus_records()[:40]


@pytest.fixture
def record() -> Record:
    return record_of(labelled("children/11.md"))


def hostile() -> Record:
    """Return a record that has text made to harm in every place."""
    paragraph = Paragraph(1, "assessment", HOSTILE, HOSTILE)
    decision = Decision(
        HOSTILE, "0" * 64, "plain", (paragraph,), None, HOSTILE, HOSTILE, HOSTILE, None, (HOSTILE,)
    )
    evidence = Evidence(1, 0, len(HOSTILE), HOSTILE, 0.9)
    base = record_of(labelled("short/01.md"))
    return replace(base, decision=decision, tags=(TagFound("late", "bar", 0.9, (evidence,)),))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def shown(*records: Record, width: int = 80, terminal: bool = False) -> str:
    stream = io.StringIO()
    to = Console(file=stream, width=width, force_terminal=terminal, markup=False, emoji=False)
    if len(records) == 1:
        show_record(records[0], to)
    else:
        show_records(records, to)
    return stream.getvalue()


# Files


def test_json_lines_give_back_every_record(records: tuple[Record, ...], tmp_path: Path) -> None:
    summary = write(records, tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [record.to_dict() for record in records]
    assert summary.written == len(records)


def test_json_lines_are_compact_and_readable(record: Record, tmp_path: Path) -> None:
    decision = replace(record.decision, body="Cyngor Tŷ Gwyn")
    write([replace(record, decision=decision)], tmp_path / "out.jsonl")
    line = (tmp_path / "out.jsonl").read_text("utf-8")
    assert '"body":"Cyngor Tŷ Gwyn",' in line


@given(st.text(st.characters(), min_size=1))
def test_any_text_survives_json_lines(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("out") / "out.jsonl"
    record = record_of(labelled("short/01.md"))
    write([replace(record, decision=replace(record.decision, source=text))], path)
    assert json.loads(path.read_bytes())["source"] == text
    assert path.read_bytes().count(b"\n") == 1


def test_csv_has_a_row_a_decision(records: tuple[Record, ...], tmp_path: Path) -> None:
    write(records, tmp_path / "out.csv")
    for row, record in zip(rows(tmp_path / "out.csv"), records, strict=True):
        relied = {found.tag for found in (*record.tags, *record.remedies)}
        assert row["reference"] == (record.decision.reference or "")
        listed = ";".join((row["grounds"], row["bars"], row["remedies"])).split(";")
        assert {tag for tag in listed if tag} == relied
        assert {tag for tag in codebook().tags if row[tag] == "1"} == relied
        assert {row[tag] for tag in codebook().tags} <= {"0", "1"}


def test_csv_says_where_the_words_are(record: Record, tmp_path: Path) -> None:
    write([record], tmp_path / "out.csv")
    evidence = rows(tmp_path / "out.csv")[0]["evidence"].split(" | ")
    assert (
        evidence[1] == "appeal_right (Summary, ¶ 11, 13): She could have appealed about the second."
    )


def test_csv_opens_as_utf_8_in_excel(record: Record, tmp_path: Path) -> None:
    write([record], tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbfsource,")


@pytest.mark.parametrize("formula", FORMULAS)
def test_csv_holds_no_formula(record: Record, tmp_path: Path, formula: str) -> None:
    decision = replace(record.decision, body=formula, source=formula, warnings=(formula,))
    write([replace(record, decision=decision)], tmp_path / "out.csv")
    (row,) = rows(tmp_path / "out.csv")
    safe = f"'{one_line(formula).strip()}".replace(";=", ";'=")  # as some take semicolons
    assert (row["body"], row["source"], row["warnings"]) == (safe, safe, safe)


@given(st.text(st.characters(), max_size=12))
def test_no_cell_of_csv_begins_as_a_formula(text: str) -> None:
    record = record_of(labelled("short/01.md"))
    cells = csv_row(replace(record, decision=replace(record.decision, body=text)))
    assert all(str(cell).lstrip()[:1] not in FORMULA for cell in cells if cell)


def test_a_cell_of_csv_is_one_that_excel_takes_whole(record: Record, tmp_path: Path) -> None:
    for body in ("long " * 10_000, "=" * 40_000, "\N{GRINNING FACE}" * 20_000):
        write([replace(record, decision=replace(record.decision, body=body))], tmp_path / "out.csv")
        cell = rows(tmp_path / "out.csv")[0]["body"]
        assert 32_765 <= len(cell.encode("utf-16-le")) // 2 <= 32_767
        assert cell.endswith("…")


def test_csv_has_the_line_ends_and_dates_that_excel_reads(record: Record, tmp_path: Path) -> None:
    write([record], tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes().count(b"\r\n") == 2
    assert (tmp_path / "out.csv").read_bytes().count(b"\n") == 2
    assert rows(tmp_path / "out.csv")[0]["date"] == "2025-12-04"


def test_hostile_text_stays_in_its_cell(tmp_path: Path) -> None:
    write([hostile()], tmp_path / "out.csv")
    assert len((tmp_path / "out.csv").read_text("utf-8-sig").splitlines()) == 2
    assert "\x1b" not in (tmp_path / "out.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("suffix", FORMATS)
def test_no_records_make_a_file_all_the_same(tmp_path: Path, suffix: str) -> None:
    assert write([], tmp_path / f"out{suffix}").written == 0
    assert (tmp_path / f"out{suffix}").exists()


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_older_file_stays_until_the_new_one_is_complete(
    record: Record, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    path.write_text("older")

    def broken() -> Iterator[Record]:
        yield record
        assert path.read_text() == "older"
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        write(broken(), path)
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]
    write([record], path)
    assert b"older" not in path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_an_older_file_stays_where_every_input_failed(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text("older")
    summary = write([Failure("a.txt", "empty")], path)
    assert (summary.written, path.read_text()) == (0, "older")


def test_a_link_and_permissions_are_kept(record: Record, tmp_path: Path) -> None:
    target, link = tmp_path / "target.jsonl", tmp_path / "link.jsonl"
    target.touch(0o640)
    link.symlink_to(target)
    write([record], link)
    assert link.is_symlink()
    assert target.read_text("utf-8").startswith('{"schema":1')
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_failures_are_counted_and_the_rest_written(record: Record, tmp_path: Path) -> None:
    failure = Failure("b.txt", "not a decision")
    summary = write([record, failure, record], tmp_path / "out.jsonl")
    assert (summary.written, summary.failures) == (2, [failure])


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(GroundsError, match=r"known are \.jsonl, \.csv"):
        write([], tmp_path / "out.ods")


def test_the_folder_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(GroundsError, match="folder"):
        write([], tmp_path / "nowhere" / "out.csv")


def test_columns_are_distinct() -> None:
    assert len(set(columns())) == len(columns())


# The screen


def test_one_decision_in_a_pipe(record: Record) -> None:
    assert (
        shown(record)
        == """\
Fenmarsh Council
99 003 361 · 4 December 2025 · Closed after initial enquiries
Children's care services > Disabled children

Grounds
  minor_injustice  0.98  Summary, ¶ 9, 13
    the injustice is not significant (serious, sufficient) enough
    Summary  “The failure to send her a survey did not affect her enough for us
             to look at it alone.”

Bars
  appeal_right  0.98  Summary, ¶ 11, 13
    there is or was a right of appeal to a tribunal or a Minister (a planning
    inspector included) that it is reasonable to use, or that was used
    Summary  “She could have appealed about the second.”
  whole_area    0.98  Summary, ¶ 8, 13
    the action affects all or most people in the area
    Summary  “The first affects families throughout the Council's area, so the
             law stops us considering it.”

Remedies
  decision_change:sought  0.98  ¶ 2
    ¶ 2      “… the grant to be brought back for everyone …”

Only cited   no_fault (¶ 5)
For review   no_fault 0.44
"""
    )


def test_nothing_relied_on_is_said_plainly(record: Record) -> None:
    assert "Relies on no ground or bar." in shown(replace(record, tags=(), remedies=()))


def test_many_decisions_in_a_pipe_are_one_line_each(records: tuple[Record, ...]) -> None:
    lines = shown(*records).splitlines()
    assert len(lines) == 1 + len(records) + 2
    assert lines[0].split() == [
        "Reference", "Date", "Body", "Decision", "Grounds", "Bars", "Remedies",
    ]  # fmt: skip
    assert lines[-1].startswith("40 decisions: ")


@pytest.mark.parametrize("width", [40, 80, 100, 135, 136, 140, 220])
def test_rows_fit_the_terminal(records: tuple[Record, ...], width: int) -> None:
    plain = shown(*records, width=width, terminal=True)
    for found in records[0].tags:
        assert found.tag in plain
    if width >= 80:
        assert max(map(len, plain.splitlines())) <= width + len("\x1b[1m\x1b[0m")


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_text_never_reaches_the_terminal(terminal: bool) -> None:
    stream = io.StringIO()
    to = Console(file=stream, width=80, force_terminal=terminal, color_system=None, markup=False)
    show_record(hostile(), to)
    show_records([hostile(), hostile()], to)
    show_decision(hostile().decision, to)
    assert "\x1b[31m" not in stream.getvalue()
    assert not set("\x07\x9b\u202e\r") & set(stream.getvalue())
    assert "[bold]markup[/bold]" in stream.getvalue()
    assert ":smile:" in stream.getvalue()


@given(st.text(st.characters()))
def test_one_line_is_printable(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line.encode("utf-8").decode("utf-8") == line
    assert one_line(line) == line


def test_numbered_paragraphs(record: Record) -> None:
    stream = io.StringIO()
    show_decision(record.decision, Console(file=stream, width=80, markup=False))
    for paragraph in record.decision.paragraphs[1:]:
        assert f"\n{paragraph.number}. " in stream.getvalue()
    assert "\nSummary  [summary]\n" in stream.getvalue()


def test_the_codebook_shows_every_reason() -> None:
    stream = io.StringIO()
    show_codebook(codebook(), Console(file=stream, width=80, markup=False))
    for name in (*codebook().reasons, *codebook().kinds, *codebook().statuses):
        assert f"\n  {name} " in stream.getvalue()
