"""A database of tagged decisions: what it holds, what it answers, and what a run does to it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from composer import compose, text_of
from hypothesis import given, settings
from hypothesis import strategies as st
from made import texts
from records import MODEL, corpus_records, labelled, record_of
from rights import nobody

from grounds import database
from grounds.batch import tag_files, tag_into
from grounds.cli import main
from grounds.codebook import codebook
from grounds.database import files, store
from grounds.database.described import described
from grounds.database.store import Store
from grounds.decision import Decision, Paragraph
from grounds.errors import GroundsError, InputError
from grounds.model import Model
from grounds.reading import find
from grounds.record import Cited, Evidence, Failure, Record, Review, TagFound
from grounds.writing import write

HOSTILE = "'); DROP TABLE decisions; --\" OR 1=1 /* <script>alert(1)</script> \x00 é 😀"


def ask(path: Path, question: str, *given: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(question, given).fetchall()


def is_sound(path: Path) -> bool:
    """Say whether a file is whole, its references lead somewhere, and the search is in step."""
    with closing(sqlite3.connect(path)) as connection:
        step = "INSERT INTO paragraphs_fts (paragraphs_fts, rank) VALUES ('integrity-check', 1)"
        connection.execute(step)
        whole = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return whole and not connection.execute("PRAGMA foreign_key_check").fetchall()


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all that the tables hold."""
    return {
        one.name: ask(path, f"SELECT * FROM {one.name} ORDER BY 1, 2")
        for one in described()
        if not one.is_view
    }


def rounded(record: Record) -> Record:
    return Record.from_dict(record.to_dict())


def made(
    source: str,
    tags: Sequence[str] = (),
    *,
    body: str | None = "Northmoor Council",
    date: str | None = "2025-03-01",
    category: str | None = "Planning > Other",
    text: str = "The matter is late.",
) -> Record:
    """Return a small record; a tag that begins with a question mark is for review only."""
    paragraphs = (
        Paragraph(0, "summary", "Summary", "In short."),
        Paragraph(1, "final", "End", text),
    )
    decision = Decision(
        source, "0" * 64, "plain", paragraphs, "90 000 001", body, category, "Upheld", date, ("odd",)
    )  # fmt: skip
    found = [
        TagFound(tag, codebook().tags[tag].family, 0.9, (Evidence(1, 4, 10, text[4:10], 0.8),))
        for tag in tags
        if not tag.startswith("?")
    ]
    return Record(
        decision=decision,
        tags=tuple(one for one in found if one.family != "remedy"),
        cited=(Cited("premature", (1,)),),
        remedies=tuple(one for one in found if one.family == "remedy"),
        review=tuple(Review(tag[1:], 0.5) for tag in tags if tag.startswith("?")),
        model=MODEL,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Record]]:
    """Return a database and the records written to it: a stride through the corpus."""
    records = list(corpus_records()[::9])
    path = tmp_path_factory.mktemp("filled") / "corpus.sqlite3"
    assert write(records, path).written == len(records)
    return path, records


# What it holds


def test_records_are_read_back(filled: tuple[Path, list[Record]]) -> None:
    path, records = filled
    assert list(database.read(path)) == [rounded(record) for record in records]
    assert is_sound(path)


def test_evidence_is_where_it_says(filled: tuple[Path, list[Record]]) -> None:
    path, records = filled
    question = """
        SELECT count(*), sum(substr(p.text, start + 1, stop - start) = e.text)
        FROM evidence AS e JOIN paragraphs AS p ON p.decision_id = e.decision_id AND number = paragraph
    """
    found = sum(len(tag.evidence) for r in records for tag in (*r.tags, *r.remedies))
    assert ask(path, question) == [(found, found)]
    question = (
        "SELECT count(*) FROM evidence_in_paragraph WHERE instr(marked, '[[' || words || ']]')"
    )
    assert ask(path, question) == [(found,)]


def test_every_table_view_and_column_is_described(filled: tuple[Path, list[Record]]) -> None:
    path, _ = filled
    question = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND sql IS NOT NULL"
    there = {name for (name,) in ask(path, question) if not str(name).startswith("paragraphs_fts")}
    assert {one.name for one in described()} == there
    for one in described():
        columns = [row[1] for row in ask(path, f"PRAGMA table_xinfo({one.name})")]
        assert list(one.columns) == columns
        assert all(one.columns.values()), one.name
        assert one.about


def test_the_page_on_formats_names_them_all() -> None:
    page = (Path(__file__).parent.parent / "docs" / "formats.md").read_text("utf-8")
    assert [one.name for one in described() if f"`{one.name}`" not in page] == []


def test_the_codebook_is_in_it(filled: tuple[Path, list[Record]]) -> None:
    rows = ask(filled[0], "SELECT tag, family, meaning FROM codebook ORDER BY place")
    assert rows == [(tag.id, tag.family, tag.definition) for tag in codebook().tags.values()]
    assert ask(filled[0], "SELECT kind, status FROM codebook WHERE tag = 'apology:sought'") == [
        ("apology", "sought")
    ]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


@settings(max_examples=40)
@given(text=st.one_of(texts, st.text(st.characters())), source=st.text(st.characters(), min_size=1))
def test_any_text_survives(scratch: Path, text: str, source: str) -> None:
    path = scratch / "any.db"
    record = made(
        "a", ["late", "apology:sought"], body=text, category=text, text=f"12345{text} 12345"
    )
    record = replace(record, decision=replace(record.decision, source=source))
    write([record], path)
    kept = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert len(kept) <= len(text)
    name = source.encode("utf-8", "backslashreplace").decode()
    [found] = [one for one in database.read(path) if one.decision.source == name]
    body = found.decision.body or ""
    assert len(body) == len(text)
    assert all(
        a == b or (b == "\ufffd" and "\ud800" <= a <= "\udfff")
        for a, b in zip(text, body, strict=True)
    )
    [evidence] = found.tags[0].evidence
    assert found.decision.paragraphs[1].text[4:10] == evidence.text


def test_no_sql_in_a_text_takes_effect(path: Path) -> None:
    record = made(HOSTILE, ["late"], body=HOSTILE, category=HOSTILE, text=HOSTILE)
    failure = Failure(HOSTILE + "2", HOSTILE)
    write([made("a"), record, failure], path)
    assert list(database.read(path)) == [made("a"), record]
    assert ask(path, "SELECT source, problem FROM failures") == [(failure.source, failure.problem)]
    assert is_sound(path)


# What it answers


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database small enough to count by hand."""
    path = tmp_path_factory.mktemp("small") / "small.db"
    records = [
        made("1", ["no_fault", "minor_injustice", "payment:sought", "payment:declined"]),
        made("2", ["no_fault", "late", "payment:sought", "?premature"], category="Housing > Other"),
        made("3", ["late", "payment:sought", "payment:agreed", "?late"], date="2024-12-31"),
        made("4", ["no_fault", "apology:provided"], body="Fenmarsh Council"),
        made("5", [], body=None, date=None, category=None),
        made("6", ["no_fault", "premature"], body=None, date=None, category=None),
    ]
    write(records, path)
    return path


def test_grounds_by_council_and_year(small: Path) -> None:
    rows = ask(small, "SELECT * FROM grounds_by_body ORDER BY body, year, ground")
    assert rows == [
        (None, None, "no_fault", 1, 2, 50.0),
        ("Fenmarsh Council", 2025, "no_fault", 1, 1, 100.0),
        ("Northmoor Council", 2025, "minor_injustice", 1, 2, 50.0),
        ("Northmoor Council", 2025, "no_fault", 2, 2, 100.0),
    ]


def test_bars_by_category(small: Path) -> None:
    rows = ask(small, "SELECT * FROM bars_by_category ORDER BY category, bar")
    assert rows == [
        (None, "premature", 1, 2, 50.0),
        ("Housing > Other", "late", 1, 1, 100.0),
        ("Planning > Other", "late", 1, 3, 33.3),
    ]


def test_remedies_sought_and_what_becomes_of_them(small: Path) -> None:
    rows = ask(small, "SELECT * FROM remedies_by_kind ORDER BY kind")
    assert rows == [
        ("apology", 0, 1, 0, 0, 0, 0, 0, 0),
        ("payment", 3, 0, 1, 1, 0, 1, 1, 1),
    ]


def test_grounds_that_stand_together(small: Path) -> None:
    rows = ask(small, "SELECT * FROM grounds_together ORDER BY ground")
    assert rows == [
        ("minor_injustice", "no_fault", 1, 1, 100.0),
        ("no_fault", "minor_injustice", 1, 4, 25.0),
    ]


def test_tags_to_look_at(small: Path) -> None:
    rows = ask(small, "SELECT source, tag, score, given FROM for_review ORDER BY source")
    assert rows == [("2", "premature", 0.5, 0), ("3", "late", 0.5, 1)]


def test_evidence_in_its_paragraph(small: Path) -> None:
    question = "SELECT paragraph, words, marked FROM evidence_in_paragraph WHERE decision_id = 2"
    assert ask(small, question)[0] == (1, "matter", "The [[matter]] is late.")


def test_years_and_subjects_come_from_dates_and_categories(small: Path) -> None:
    rows = ask(small, "SELECT DISTINCT year, subject FROM decisions ORDER BY 1, 2")
    assert rows == [(None, None), (2024, "Planning"), (2025, "Housing"), (2025, "Planning")]


def test_words_are_found_by_their_stems(path: Path) -> None:
    write([made("a", text="Naïve complaints were delayed."), made("b")], path)
    question = "SELECT rowid FROM paragraphs_fts WHERE paragraphs_fts MATCH ?"
    assert [len(ask(path, question, words)) for words in ("naive delay", "late", "nothing")] == [
        1,
        1,
        0,
    ]


# Written again


def test_a_decision_takes_the_place_of_an_older_one(path: Path) -> None:
    write([made("a", ["late"]), made("b", ["late"]), made("c")], path)
    newer = made("a", ["no_fault"], text="Quite another text.")
    write([newer, made("d")], path)
    assert list(database.read(path)) == [newer, made("b", ["late"]), made("c"), made("d")]
    found = "SELECT count(*) FROM paragraphs_fts WHERE paragraphs_fts MATCH ?"
    assert ask(path, found, "another") == [(1,)]
    assert ask(path, found, "late") == [(3,)]
    assert is_sound(path)


def test_a_failure_keeps_the_record_and_goes_when_it_is_mended(path: Path) -> None:
    summary = write([made("a"), Failure("b", "is empty"), Failure("c", "is empty")], path)
    assert (summary.written, len(summary.failures)) == (1, 2)
    write([Failure("a", "is empty"), made("b")], path)
    assert ask(path, "SELECT source, problem FROM failures") == [
        ("a", "is empty"),
        ("c", "is empty"),
    ]
    assert [record.decision.source for record in database.read(path)] == ["a", "b"]


def test_what_others_change_stays_in_step(path: Path) -> None:
    write([made("a", ["late"]), made("b")], path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("DELETE FROM decisions WHERE source = 'a'")
        connection.execute("UPDATE paragraphs SET text = 'changed' WHERE number = 1")
        connection.execute("INSERT INTO paragraphs VALUES (9, 2, 9, 'final', 'End', 'added')")
    assert is_sound(path)
    assert ask(path, "SELECT count(*) FROM evidence") == [(0,)]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("decisions")
    for number, item in enumerate(compose(6, seed=5)):
        (folder / f"{number}.txt").write_text(text_of(item.decision), "utf-8")
    (folder / "3-empty.txt").touch()
    return [str(one) for one in find([folder])]


def test_only_what_is_new_or_changed_is_tagged(
    inputs: list[str], shipped: Model, path: Path, tmp_path: Path
) -> None:
    copies = tmp_path / "in"
    copies.mkdir()
    for name in inputs:
        (copies / Path(name).name).write_bytes(Path(name).read_bytes())
    first = tag_into(list(find([copies])), path, shipped)
    assert (first.written, first.kept, len(first.failures)) == (6, 0, 1)
    (copies / "1.txt").write_bytes(Path(inputs[0]).read_bytes())
    (copies / "9.txt").write_bytes(Path(inputs[0]).read_bytes())
    (copies / "2.txt").unlink()
    done: list[Failure | None] = []
    again = tag_into(list(find([copies])), path, shipped, on_result=done.append)
    assert (again.written, again.kept, len(again.failures)) == (2, 4, 1)
    assert len(done) == 3
    names = [Path(record.decision.source).name for record in database.read(path)]
    assert names == ["0.txt", "1.txt", "2.txt", "3.txt", "4.txt", "5.txt", "9.txt"]
    assert is_sound(path)


def test_another_model_tags_everything_again(
    inputs: list[str], shipped: Model, tiny: Model, path: Path
) -> None:
    tag_into(inputs, path, tiny)
    assert tag_into(inputs, path, shipped).kept == 0
    records = [one for one in tag_files(inputs, shipped) if isinstance(one, Record)]
    assert list(database.read(path)) == [rounded(record) for record in records]
    assert len(ask(path, "SELECT DISTINCT model_id FROM decisions")) == 1


def test_the_command_says_what_it_kept(
    inputs: list[str], path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["tag", *inputs, "-o", str(path)]
    assert main(words) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[-1] == f"6 written to {path}, 1 failed, listed in {path}, table failures"
    assert main(words) == 1
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "grounds: going on after 6 of 7"
    assert said[-1] == f"nothing written, 6 kept, 1 failed, listed in {path}, table failures"
    assert [one.name for one in path.parent.iterdir()] == ["x.db"]


def test_where_every_input_failed_they_are_listed(shipped: Model, path: Path) -> None:
    summary = tag_into(["nowhere.txt"], path, shipped)
    assert (summary.written, len(summary.failures)) == (0, 1)
    assert ask(path, "SELECT source, sha256 FROM failures") == [("nowhere.txt", None)]


# Stopped


def test_a_full_disk_is_said_and_costs_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    write([made("a")], path)
    before = tables(path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = path.stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        with pytest.raises(OSError, match=r"full|disk I/O error") as raised:
            write((made(str(number), text=HOSTILE * 99) for number in range(200)), path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert raised.value.filename == str(path)
    assert tables(path) == before
    assert is_sound(path)


# What it does not touch


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE decisions (id); PRAGMA application_id = 7;")


def newer(path: Path) -> None:
    write([made("a")], path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {files.SCHEMA + 1}")


def cut(path: Path) -> None:
    write([made("a")], path)
    os.truncate(path, path.stat().st_size - 4096)


def scribbled(path: Path) -> None:
    write([made("a")], path)
    data = bytearray(path.read_bytes())
    data[100:4096] = bytes(4096 - 100)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: path.write_text("my notes"), "is no database but something else"),
        (lambda path: path.write_bytes(b"SQLite format 3\0"), "is damaged (it is cut off)"),
        (foreign, "is a database of another program"),
        (newer, "was written by a newer grounds"),
        (cut, "is damaged (it is cut off)"),
        (scribbled, "is damaged (database disk image is malformed)"),
        (lambda path: path.mkdir(), "not a file in a folder that exists"),
    ],
    ids=["text", "header", "foreign", "newer", "cut", "scribbled", "folder"],
)  # fmt: skip
def test_a_file_that_is_no_such_database_stays_as_it_is(
    make: object, problem: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(make)
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    assert main(["tag", "data/examples/bus-lane.txt", "-o", str(path)]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"grounds: {path}: {problem}")
    assert (path.read_bytes() if path.is_file() else b"") == before
    assert [one.name for one in path.parent.iterdir()] == ["x.db"]
    if path.is_file():
        with pytest.raises(GroundsError, match=r"x\.db: "):
            list(database.read(path))


def test_a_database_that_is_not_there_cannot_be_read(path: Path) -> None:
    with pytest.raises(InputError, match="there is no such database"):
        next(database.read(path))
    assert not path.exists()


def test_two_runs_do_not_write_one_database(path: Path, shipped: Model) -> None:
    with database.opened(path), pytest.raises(GroundsError, match="another run is writing it"):
        tag_into(["data/examples/bus-lane.txt"], path, shipped)
    assert tag_into(["data/examples/bus-lane.txt"], path, shipped).written == 1


def test_a_database_that_another_program_has_locked(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(files, "PATIENCE", 0)
    monkeypatch.setattr(store, "_PATIENCE", 0)
    write([made("a")], path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(GroundsError, match="another program has it locked"):
            write([made("b")], path)
        other.execute("ROLLBACK")
        other.execute("BEGIN IMMEDIATE")  # it may be read, but not written
        assert main(["tag", "data/examples/bus-lane.txt", "-o", str(path)]) == 2
        assert capsys.readouterr().err.splitlines() == [
            f"grounds: {path}: another program has it locked; close it there, or wait for its end"
        ]


def test_a_database_that_is_locked_in_the_middle_of_a_run(
    inputs: list[str],
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(store, "_PATIENCE", 0)
    write([made("a")], path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        begin = Store.left

        def left(*given: Any) -> Any:
            other.execute("BEGIN IMMEDIATE")
            return begin(*given)

        monkeypatch.setattr(Store, "left", left)
        assert main(["tag", inputs[0], "-o", str(path)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "grounds: 1 of 1 are done; the same command goes on from there",
        f"grounds: {path}: another program has it locked; close it there, or wait for its end",
    ]
    assert [record.decision.source for record in database.read(path)] == ["a"]


def test_what_may_not_be_written_stays_as_it_is() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, path = Path(name), Path(name) / "x.db"
        write([made("a")], path)
        before = path.read_bytes()
        for mode, folder_mode in ((0o444, 0o777), (0o666, 0o555)):
            path.chmod(mode)
            folder.chmod(folder_mode)
            with nobody():
                with pytest.raises(GroundsError, match="cannot be written to"):
                    write([made("b")], path)
                assert list(database.read(path)) == [made("a")]
            folder.chmod(0o777)
        assert path.read_bytes() == before
        assert [one.name for one in folder.iterdir()] == ["x.db"]


def test_a_record_that_does_not_fit_is_said(path: Path) -> None:
    base = made("a", ["late"])
    odd = replace(base, tags=(replace(base.tags[0], tag="fate"),))
    with pytest.raises(GroundsError, match="a record does not fit into it"):
        write([made("b"), odd], path)
    assert is_sound(path)


def test_it_can_be_read_while_it_is_written(path: Path) -> None:
    with database.opened(path) as opened:
        opened.add(Failure("a", "is empty"))
        opened.flush()
        assert list(database.read(path)) == []
        assert ask(path, "SELECT source FROM failures") == [("a",)]


def test_a_file_name_with_odd_bytes_is_kept_as_it_is(
    shipped: Model, path: Path, tmp_path: Path
) -> None:
    name = os.fsdecode(bytes(tmp_path / "caf") + b"\xe9.txt")
    try:
        Path(name).write_text(text_of(labelled("short/01.md").decision), "utf-8")
    except OSError:
        pytest.skip("this file system wants UTF-8")
    assert tag_into([name], path, shipped).written == 1
    assert tag_into([name], path, shipped).kept == 1
    assert ask(path, "SELECT source FROM decisions") == [(f"{tmp_path}/caf\\udce9.txt",)]


def test_a_record_of_the_corpus_is_that_of_its_file(filled: tuple[Path, list[Record]]) -> None:
    path, records = filled
    [(source,)] = ask(path, "SELECT source FROM decisions WHERE id = 1")
    assert (
        rounded(record_of(labelled(str(source))))
        == next(database.read(path))
        == rounded(records[0])
    )


# A database that somebody else made

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n"
THEIRS = {
    "a view without end": f"DROP TABLE decisions; CREATE VIEW decisions AS {ENDLESS}",
    "a view of what was there": "ALTER TABLE tags RENAME TO old; CREATE VIEW tags AS SELECT * FROM old",
    "a computed column": "ALTER TABLE review RENAME COLUMN score TO old; "
    "ALTER TABLE review ADD COLUMN score AS (hex(zeroblob(400000000)))",
    "a list that is no text": "UPDATE cited SET paragraphs = x'ff'",
    "a list nested 100,000 deep": "UPDATE cited SET paragraphs = replace(hex(zeroblob(50000)), '0', '[')",
    "a checksum that is none": "UPDATE decisions SET sha256 = '<script>'",
    "a reference that is none": "UPDATE decisions SET reference = 'x'",
    "a column in no encoding": "PRAGMA writable_schema = ON; UPDATE sqlite_master SET sql = "
    "CAST(replace(CAST(sql AS BLOB), 'source', x'c1c1c1c1c1c1') AS TEXT)",
}


@pytest.mark.parametrize("name", THEIRS)
def test_a_database_of_a_stranger_is_refused(
    name: str, filled: tuple[Path, list[Record]], tmp_path: Path
) -> None:
    path = tmp_path / "theirs.db"
    shutil.copy(filled[0], path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        for trigger in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f"DROP TRIGGER {trigger[0]}")
        views = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
        for view in views:
            connection.execute(f"DROP VIEW {view[0]}")
        connection.executescript(THEIRS[name])
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(GroundsError) as caught:
        list(database.read(path))
    assert str(caught.value).startswith(f"{path}: ")
    assert len(str(caught.value).splitlines()) == 1
    assert path.read_bytes() == before
