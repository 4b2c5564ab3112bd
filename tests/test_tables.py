"""Records as tables: workbooks, Parquet and data frames."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from records import corpus_records, labelled, record_of
from rights import nobody

import grounds
from grounds.batch import tag_into
from grounds.cli import main
from grounds.codebook import codebook
from grounds.errors import GroundsError, InputError
from grounds.journal import Resumed
from grounds.model import Model
from grounds.record import Failure, Record
from grounds.replacing import put
from grounds.writing import parquet, rows, write, xlsx
from grounds.writing.plain import one_line, places

EXAMPLES = sorted((Path(__file__).parent.parent / "data" / "examples").iterdir())
KINDS: tuple[rows.Rows, ...] = ("decisions", "tags", "evidence")
LIBRARIES = ("pandas", "polars")


@pytest.fixture(scope="module")
def records() -> tuple[Record, ...]:
    return corpus_records()[::20]


@pytest.fixture(scope="module")
def book(records: tuple[Record, ...], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a workbook of some records."""
    path = tmp_path_factory.mktemp("book") / "tags.xlsx"
    write(records, path)
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def table(records: tuple[Record, ...], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a Parquet file of some records."""
    path = tmp_path_factory.mktemp("table") / "tags.parquet"
    write(records, path)
    return path


def cells(sheet: Any) -> list[dict[str, Any]]:
    """Return the rows of a sheet below its headings, by these."""
    heads, *below = sheet.iter_rows(values_only=True)
    return [dict(zip(heads, row, strict=True)) for row in below]


def saying(text: str) -> Record:
    """Return a record that has a text wherever a file can bring one in."""
    record = record_of(labelled("children/11.md"))
    decision = replace(
        record.decision, source=text, body=text, category=text, outcome=text, warnings=(text, text)
    )
    first, *others = record.tags
    best = replace(first.evidence[0], text=text)
    return replace(record, decision=decision, tags=(replace(first, evidence=(best,)), *others))


# Workbooks


def test_a_workbook_has_a_row_a_decision(book: Any, records: tuple[Record, ...]) -> None:
    for row, record in zip(cells(book["Decisions"]), records, strict=True):
        decision = record.decision
        assert (row["Reference"], row["Body"]) == (decision.reference, decision.body)
        assert row["Decision"] == decision.outcome
        given = "\n".join(found.tag for found in record.remedies)
        assert row["Remedies"] == (given or None)
        assert row["For review"] == ("\n".join(one.tag for one in record.review) or None)


def test_dates_are_dates(book: Any, records: tuple[Record, ...]) -> None:
    for row, record in zip(cells(book["Decisions"]), records, strict=True):
        assert isinstance(row["Date"], datetime)
        assert row["Date"].date().isoformat() == record.decision.date
    assert book["Decisions"]["B2"].number_format == "d mmm yyyy"


def test_a_workbook_has_a_row_a_tag_and_remedy(book: Any, records: tuple[Record, ...]) -> None:
    tags = [(record, found) for record in records for found in record.tags]
    for row, (record, found) in zip(cells(book["Tags"]), tags, strict=True):
        assert (row["Source"], row["Tag"]) == (record.decision.source, found.tag)
        assert row["Meaning"] == codebook().tags[found.tag].definition
        assert row["Paragraphs"] == places(piece.paragraph for piece in found.evidence)
        assert row["Evidence"] == one_line(found.evidence[0].text)
        assert (row["Score"], row["Cited"]) == (0.98, "yes" if found.cited else "no")
    remedies = [found for record in records for found in record.remedies]
    for row, found in zip(cells(book["Remedies"]), remedies, strict=True):
        assert f"{row['Kind']}:{row['Status']}" == found.tag


def test_a_workbook_has_a_row_a_piece_of_evidence(book: Any, records: tuple[Record, ...]) -> None:
    rows = cells(book["Evidence"])
    given = {record.decision.source: record.decision for record in records}
    found = [tag for record in records for tag in (*record.tags, *record.remedies)]
    assert len(rows) == sum(len(tag.evidence) for tag in found)
    for row in rows:
        paragraphs = given[row["Source"]].paragraphs
        paragraph = next(one for one in paragraphs if one.number == row["Paragraph"])
        assert one_line(paragraph.text[row["Start"] : row["End"]]) == row["Words"]
        assert row["Section"] == paragraph.section


def test_a_workbook_explains_itself(book: Any, records: tuple[Record, ...]) -> None:
    rows = cells(book["Codebook"])
    assert [row["Tag"] for row in rows] == list(codebook().tags)
    assert all(row["Meaning"] and row["Example"] for row in rows)
    for row in rows:
        having = [r for r in records if row["Tag"] in {t.tag for t in (*r.tags, *r.remedies)}]
        assert row["Decisions"] == len(having)
    named = {heading for row in cells(book["Notes"]) for heading in row["Heading"].split(", ")}
    heads = {cell.value for sheet in book for cell in sheet[1]}
    assert named <= heads | {"Model"}


def test_headings_stay_and_filter(book: Any) -> None:
    for sheet in book:
        assert sheet.freeze_panes == "B2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert all(8 <= one.width <= 110 for one in sheet.column_dimensions.values())


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@A1", "{=1}", "http://example.org", "mailto:a@b.example", "<r>&</x></r>"],
)
def test_text_is_no_formula_link_or_markup(text: str, tmp_path: Path) -> None:
    write([saying(text)], tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    found = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in found} <= {"s", "n", "d"}
    assert not any(cell.hyperlink for cell in found)
    assert cells(book["Decisions"])[0]["Body"].strip() == text
    assert cells(book["Decisions"])[0]["Warnings"].strip() == f"{text}\n{text}"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=40))
def test_any_text_makes_a_workbook_that_opens(text: str, tmp_path: Path) -> None:
    write([saying(text)], tmp_path / "out.xlsx")
    row = cells(openpyxl.load_workbook(tmp_path / "out.xlsx")["Decisions"])[0]
    kept = one_line(text)
    if "_x" not in kept and not {"\ufffe", "\uffff"} & set(kept):  # escapes openpyxl leaves as is
        assert (row["Body"] or "").strip() == kept.strip()


@pytest.mark.parametrize("text", ["long " * 10_000, "\N{GRINNING FACE}" * 20_000])
def test_a_cell_holds_what_excel_takes(text: str, tmp_path: Path) -> None:
    write([saying(text)], tmp_path / "out.xlsx")
    row = cells(openpyxl.load_workbook(tmp_path / "out.xlsx")["Decisions"])[0]
    for cell in (row["Body"], row["Warnings"]):
        assert 32_765 <= len(cell.encode("utf-16-le")) // 2 <= 32_767
        assert cell.endswith("…")


def test_a_full_sheet_goes_on_in_another(
    records: tuple[Record, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "ROWS", 100)
    write(records, tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    sheets = [sheet for sheet in book if sheet.title.startswith("Evidence")]
    assert [sheet.title for sheet in sheets[:3]] == ["Evidence", "Evidence 2", "Evidence 3"]
    assert {sheet.max_row for sheet in sheets[:-1]} == {100}
    assert all(sheet.auto_filter.ref == sheet.dimensions for sheet in sheets)
    found = [tag for record in records for tag in (*record.tags, *record.remedies)]
    pieces = [row["Words"] for sheet in sheets for row in cells(sheet)]
    assert pieces == [one_line(piece.text) for tag in found for piece in tag.evidence]


def test_a_date_before_spreadsheets_know_them_is_text(tmp_path: Path) -> None:
    record = record_of(labelled("children/11.md"))
    write(
        [replace(record, decision=replace(record.decision, date="1899-12-31"))], tmp_path / "o.xlsx"
    )
    assert (
        cells(openpyxl.load_workbook(tmp_path / "o.xlsx")["Decisions"])[0]["Date"] == "1899-12-31"
    )


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
def test_the_same_records_make_the_same_bytes(
    suffix: str, records: tuple[Record, ...], tmp_path: Path
) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in ("one", "two")]
    for path in paths:
        write(records[:9], path)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Let no file grow past a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("suffix", [".xlsx", ".parquet"])
@pytest.mark.parametrize("count", [1, 60])
def test_a_full_disk_is_an_error_of_the_system(
    suffix: str, count: int, records: tuple[Record, ...], tmp_path: Path
) -> None:
    with disk_of(1_000), pytest.raises(OSError, match="File too large"):
        write(records[:count], tmp_path / f"out{suffix}")
    assert not list(tmp_path.iterdir())


# Parquet


def test_parquet_has_the_columns_of_the_frame(table: Path, records: tuple[Record, ...]) -> None:
    frame = grounds.to_frame(records, library="polars")
    assert pl.read_parquet(table, columns=frame.columns).equals(frame)
    read = pd.read_parquet(table)
    assert list(read.columns[: frame.width]) == frame.columns
    assert read["date"].tolist() == [date.fromisoformat(r.decision.date or "") for r in records]
    assert read["late"].dtype == bool


def test_parquet_has_all_of_a_decision(table: Path, records: tuple[Record, ...]) -> None:
    for row, record in zip(pq.read_table(table).to_pylist(), records, strict=True):
        plain = record.to_dict()
        found = [{**tag, "kind": None, "status": None} for tag in plain["tags"]]
        found += [{**tag, "family": "remedy", "cited": False} for tag in plain["remedies"]]
        assert row["tags"] == found
        for name in ("paragraphs", "warnings", "layout", "sha256", "model"):
            assert row[name] == plain[name]


def test_parquet_says_its_versions_and_what_tags_mean(table: Path) -> None:
    kept = pq.read_schema(table)
    assert kept.metadata[b"grounds.schema"] == b"1"
    assert kept.metadata[b"grounds.codebook"] == codebook().version.encode()
    for tag in codebook().tags.values():
        assert kept.field(tag.id).metadata[b"description"].decode() == tag.definition
    assert kept.field("date").type == pa.date32()
    assert kept.field("grounds").type == pa.list_(pa.string())


def test_parquet_is_written_in_groups(
    records: tuple[Record, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "GROUP", 10)
    monkeypatch.setattr(parquet, "_STEP", 4)
    write(records[:25], tmp_path / "out.parquet")
    groups = pq.ParquetFile(tmp_path / "out.parquet").metadata
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)] == [10, 10, 5]
    assert pl.read_parquet(tmp_path / "out.parquet").height == 25


def test_no_records_make_an_empty_table_with_its_columns(tmp_path: Path) -> None:
    write([], tmp_path / "out.parquet")
    assert pl.read_parquet(tmp_path / "out.parquet").schema["date"] == pl.Date
    assert len(pd.read_parquet(tmp_path / "out.parquet")) == 0


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(), max_size=40))
def test_any_text_survives_parquet_and_frames(text: str, tmp_path: Path) -> None:
    whole = not any("\ud800" <= character <= "\udfff" for character in text)
    write([saying(text)], tmp_path / "out.parquet")
    (row,) = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert row["body"] == row["tags"][0]["evidence"][0]["text"]
    assert (row["body"] == text) if whole else ("\ufffd" in row["body"])
    for library in LIBRARIES:
        frame = grounds.to_frame([saying(text)], rows="evidence", library=library)  # type: ignore[arg-type]
        assert frame["text"][0] == row["body"]


def without(module: str, command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run Python where a package is not installed."""
    code = f"import sys; sys.modules[{module!r}] = None; {command}"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder
    )


def test_parquet_that_cannot_be_written_is_said_before_the_work(tmp_path: Path) -> None:
    command = f"from grounds.cli import main; sys.exit(main(['tag', {str(EXAMPLES[0])!r}, '-o', 'o.parquet']))"
    done = without("pyarrow", command, tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "grounds: o.parquet: .parquet needs pyarrow: pip install 'lgsco-grounds[parquet]'\n"
    )
    assert not list(tmp_path.iterdir())


# Frames


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_has_the_rows_of_the_records(
    kind: rows.Rows, library: Any, records: tuple[Record, ...]
) -> None:
    frame = grounds.to_frame(records, rows=kind, library=library)
    wanted = [row for record in records for row in rows.ROWS[kind](rows.values_of(record))]
    assert list(frame.columns) == list(rows.columns(kind))
    for name in frame.columns:
        column = frame[name]
        if library == "pandas":
            column = column.dt.date if name == "date" else column.astype(object)
            column = column.where(column.notna(), None)
        assert column.to_list() == [row[name] for row in wanted]


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_of_nothing_has_the_same_types(
    kind: rows.Rows, library: Any, records: tuple[Record, ...]
) -> None:
    empty = grounds.to_frame([], rows=kind, library=library)
    full = grounds.to_frame(records, rows=kind, library=library)
    assert list(empty.dtypes) == list(full.dtypes)
    assert list(empty.columns) == list(full.columns)


def test_what_a_researcher_does_next(records: tuple[Record, ...]) -> None:
    frame = grounds.to_frame(records)
    shares = frame.groupby("decision")["minor_injustice"].mean()
    closed = [r for r in records if r.decision.outcome == "Closed after initial enquiries"]
    minor = [r for r in closed if any(found.tag == "minor_injustice" for found in r.tags)]
    assert shares["Closed after initial enquiries"] == len(minor) / len(closed)
    assert frame["date"].dt.year.between(2014, 2026).all()
    tags = grounds.to_frame(records, rows="tags")
    counts = tags[tags["family"] == "bar"]["tag"].value_counts()
    assert counts.sum() == sum(found.family == "bar" for r in records for found in r.tags)
    assert counts["late"] == frame["late"].sum()


@pytest.mark.parametrize("library", LIBRARIES)
def test_missing_fields_are_missing_in_a_frame(library: Any) -> None:
    record = record_of(labelled("short/01.md"))
    bare = replace(record, decision=replace(record.decision, body=None, date=None))
    frame = grounds.to_frame([bare, record], library=library)
    missing = frame["body"].isna() if library == "pandas" else frame["body"].is_null()
    assert missing.to_list() == [True, record.decision.body is None]


def test_records_read_back_make_the_same_frame(shipped: Model, tmp_path: Path) -> None:
    tagged = [grounds.tag(grounds.read(path), shipped) for path in EXAMPLES]
    write(tagged, tmp_path / "tags.jsonl")
    for kind in KINDS:
        read = grounds.to_frame(grounds.read_records(tmp_path / "tags.jsonl"), rows=kind)
        pd.testing.assert_frame_equal(read, grounds.to_frame(tagged, rows=kind))


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (None, "cannot be read"),
        (b"\xff\n", "'utf-8' codec"),
        (b"[]\n", "no record of schema 1"),
        (b'{"schema": 1}\n', "no record of schema 1: 'source'"),
    ],
)
def test_what_is_no_record_is_named(line: bytes | None, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "tags.jsonl"
    if line is not None:
        path.write_bytes(line)
    with pytest.raises(InputError, match=problem):
        grounds.to_frame(grounds.read_records(path))


@pytest.mark.parametrize("day", ["2025-02-30", "soon", 7])
def test_a_date_that_is_none_is_no_record(day: object) -> None:
    values = {**record_of(labelled("short/01.md")).to_dict(), "date": day}
    with pytest.raises(GroundsError, match="no record of schema 1"):
        Record.from_dict(values)


def test_wrong_wishes_are_named() -> None:
    with pytest.raises(GroundsError, match="unknown rows 'words'; known are decisions, tags, ev"):
        grounds.to_frame([], rows="words")  # type: ignore[arg-type]
    with pytest.raises(GroundsError, match="unknown library 'dask'; known are pandas, polars"):
        grounds.to_frame([], library="dask")  # type: ignore[arg-type]


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_library_that_is_not_installed(library: str, tmp_path: Path) -> None:
    done = without(library, f"import grounds; grounds.to_frame([], library={library!r})", tmp_path)
    last = done.stderr.splitlines()[-1]
    assert last.endswith(f"GroundsError: the frame needs {library}: pip install {library}")


def test_tables_are_imported_when_they_are_used() -> None:
    code = "import sys, grounds.writing, grounds.frames; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"xlsxwriter", "pyarrow", "pandas", "polars", "numpy"} & set(done.stdout.split())


# A file that is locked


@pytest.fixture
def locked() -> Iterator[Path]:
    """Return a folder that can be locked, so that a file in it cannot be replaced."""
    folder = Path(mkdtemp())
    folder.chmod(0o777)
    yield folder
    folder.chmod(0o777)
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_a_locked_file_is_named_and_keeps_the_draft(locked: Path) -> None:
    with nobody():
        (locked / "draft").write_text("new")
        (locked / "tags.csv").write_text("older")
    locked.chmod(0o555)
    with nobody(), pytest.raises(PermissionError) as raised:
        put(locked / "draft", locked / "tags.csv")
    assert raised.value.filename == str(locked / "tags.csv")
    assert raised.value.strerror == (
        "is open in another program or not writable; close it and run the same command again"
    )
    assert (locked / "draft").read_text() == "new"
    assert (locked / "tags.csv").read_text() == "older"


@pytest.mark.parametrize("name", ["tags.csv", "tags.xlsx", "tags.jsonl"])
def test_nothing_is_lost_where_the_file_is_locked_at_the_end(
    name: str, locked: Path, shipped: Model
) -> None:
    inputs: Sequence[str] = [*map(str, EXAMPLES), str(locked / "missing.txt")]
    done = iter(range(len(inputs)))

    def lock(_: Failure | None) -> None:
        if next(done) == len(inputs) - 1:
            (locked / name).mkdir()  # what is never replaced by a file

    with pytest.raises(OSError, match="directory") as raised:
        tag_into(inputs, locked / name, shipped, on_result=lock)
    assert raised.value.filename == str((locked / name).resolve())
    (locked / name).rmdir()
    resumed: list[Resumed] = []
    summary = tag_into(inputs, locked / name, shipped, on_resume=resumed.append)
    assert resumed == [Resumed(len(inputs))]
    assert (summary.written, len(summary.failures)) == (4, 1)
    failed = locked / f"{name}.failed.jsonl"
    assert failed.read_text("utf-8").count("\n") == 1
    assert sorted(locked.iterdir()) == sorted([locked / name, failed])


@pytest.mark.skipif(os.geteuid() != 0, reason="makes a file of another user")
def test_the_command_says_what_to_do_with_a_locked_file(
    locked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = locked / "tags.csv"
    path.write_text("older")
    locked.chmod(0o1777)  # in such a folder a file can be replaced by its owner alone
    with nobody():
        assert main(["tag", str(EXAMPLES[0]), "-o", str(path)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "grounds: 1 of 1 are done; the same command goes on from there",
        f"grounds: {path.resolve()}: is open in another program or not writable; close it and run "
        "the same command again",
    ]
    assert path.read_text() == "older"
    assert main(["tag", str(EXAMPLES[0]), "-o", str(path)]) == 0
    assert capsys.readouterr().err.startswith("grounds: going on after 1 of 1\n1 written to ")
    assert "no_fault" in path.read_text("utf-8-sig")


@pytest.mark.parametrize("name", ["tags.xlsx", "tags.parquet"])
def test_how_far_the_writing_is(name: str, shipped: Model, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []

    def note(written: int, total: int) -> None:
        steps.append((written, total))

    tag_into([*EXAMPLES, "missing.txt"], tmp_path / name, shipped, on_written=note)
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]


# The page that describes them


@pytest.mark.parametrize("name", xlsx.SHEETS)
def test_every_sheet_is_described(name: str, book: Any) -> None:
    page = (Path(__file__).parent.parent / "docs" / "formats.md").read_text("utf-8")
    (line,) = [line for line in page.splitlines() if line.startswith(f"| {name} |")]
    for head in book[name][1]:
        assert head.value.lower() in line


def test_every_column_is_described() -> None:
    page = (Path(__file__).parent.parent / "docs" / "formats.md").read_text("utf-8")
    parts = page.partition("\n## Parquet")[2].partition("\n## The report")[0]
    names = {name for kind in KINDS for name in rows.columns(kind)} | set(parquet.schema().names)
    left = {name for name in names - set(codebook().tags) if f"`{name}`" not in parts}
    assert not left
