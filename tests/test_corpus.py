"""Labelled data: its three forms, what is wrong with bad files, folds, sentences, counts."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grounds.codebook import codebook
from grounds.corpus import (
    LabelledSentence,
    count,
    decision_tags,
    fold_of,
    folder_of,
    read_folds,
    read_labelled,
    read_sentences,
    write_labelled,
)
from grounds.corpus.__main__ import readme
from grounds.corpus.copies import copy_of
from grounds.corpus.jsonl import to_json
from grounds.corpus.markup import parse_markup, to_markup
from grounds.decision import SECTIONS, Decision, LabelledDecision, Paragraph, Section, Span
from grounds.errors import GroundsError, InputError
from grounds.reading.decoding import clean

DATA = Path(__file__).parent.parent / "data"
CHECKER = DATA.parent.parent / "shared" / "tools" / "check_corpus.py"

MARKUP = """\
body: Northmoor Borough Council
reference: 94 101 233
category: Planning > Enforcement
decision: Closed after initial enquiries
date: 12 Mar 2025

## Summary
We will not investigate this. [[no_fault|There is not enough evidence of fault.]]

## The complaint
1. Mr X wants [[apology:sought, payment:sought|an apology and money]].

## The Ombudsman's role and powers
2. We do not start an investigation if:
- [[late|it is late]]; or
- [[no_fault|there is not enough evidence of fault]].
(Local Government Act 1974, section 24A(6))

## How I considered this complaint
3. I read what Mr X sent.

## My assessment
### The wall
4. The wall stands. [[no_fault|I see no fault in that.]]
"""

COPY = """\
Northmoor Borough Council (94 101 233)
Category : Planning > Enforcement
Decision : Closed after initial enquiries
Decision date : 12 Mar 2025

Summary: We will not investigate this. There is not enough evidence of fault.

The complaint

1. Mr X wants an apology and money.

The Ombudsman's role and powers

2. We do not start an investigation if:
    • it is late; or
    • there is not enough evidence of fault.
    (Local Government Act 1974, section 24A(6))

How I considered this complaint

3. I read what Mr X sent.

My assessment

The wall

4. The wall stands. I see no fault in that.
"""


@pytest.fixture(scope="module")
def corpus() -> list[LabelledDecision]:
    return list(read_labelled([DATA / "corpus"]))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str | bytes], Path]:
    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


Write = Callable[[str, str | bytes], Path]


def same(one: LabelledDecision, other: LabelledDecision) -> bool:
    """Whether two decisions say and are labelled the same, wherever they were read."""
    decisions = (
        replace(x.decision, source="", sha256="", layout="markup", warnings=())
        for x in (one, other)
    )
    first, second = decisions
    return first == second and (one.tags, one.cited, one.spans) == (
        other.tags,
        other.cited,
        other.spans,
    )


def problem(paths: list[Path]) -> str:
    """What is said to be wrong, without the folder."""
    with pytest.raises(InputError) as caught:
        list(read_labelled(paths))
    assert caught.value.source.startswith(str(paths[0].parent))
    return str(caught.value).removeprefix(f"{paths[0].parent}/")


# The corpus


def test_corpus_is_read_as_its_own_checker_reads_it(corpus: list[LabelledDecision]) -> None:
    if not CHECKER.exists():
        pytest.skip("the checker is not here")
    script = (
        "import sys, json, pathlib, check_corpus as c\n"
        "for path in pathlib.Path(sys.argv[1]).rglob('*.md'):\n"
        "    if path.name != 'README.md':\n"
        "        _, blocks, errors = c.parse(path)\n"
        "        relied, cited, remedies = c.labels(blocks)\n"
        "        words = sum(len(b['text'].split()) for b in blocks if 'heading' not in b['kind'])\n"
        "        print(json.dumps([str(path), sorted(relied | remedies), sorted(cited), words]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(DATA / "corpus")],
        env={"PYTHONPATH": str(CHECKER.parent), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=True,
    )
    theirs = {path: rest for path, *rest in map(json.loads, done.stdout.splitlines())}
    ours = {
        one.decision.source: [
            sorted(one.tags),
            sorted(one.cited or ()),
            sum(len(paragraph.text.split()) for paragraph in one.decision.paragraphs),
        ]
        for one in corpus
    }
    assert ours == theirs


def test_readme_has_the_counts() -> None:
    text = (DATA / "README.md").read_text("utf-8")
    assert text == readme(DATA), "run python -m grounds.corpus data"


def test_every_decision_of_the_corpus_is_whole(corpus: list[LabelledDecision]) -> None:
    for one in corpus:
        assert one.decision.body, one.decision.source
        assert one.decision.date, one.decision.source
        assert (one.decision.reference or "9").startswith("9"), one.decision.source
        numbers = [paragraph.number for paragraph in one.decision.paragraphs]
        assert numbers == list(range(len(numbers))), one.decision.source


def test_corpus_comes_back_from_markup(corpus: list[LabelledDecision]) -> None:
    for one in corpus:
        assert same(one, parse_markup(to_markup(one), one.decision.source)), one.decision.source


def test_corpus_comes_back_from_json_lines(corpus: list[LabelledDecision], tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    write_labelled(corpus, path)
    back = list(read_labelled([path]))
    assert [x.decision.source for x in back] == [x.decision.source for x in corpus]
    assert [x.decision.source for x, y in zip(corpus, back, strict=True) if not same(x, y)] == []


def test_tags_of_the_corpus_come_back_from_csv(
    corpus: list[LabelledDecision], tmp_path: Path
) -> None:
    path = tmp_path / "all.csv"
    write_labelled(corpus[::9], path)
    expected = [(x.decision.source, x.tags, x.cited, None) for x in corpus[::9]]
    back = read_labelled([path])
    assert [(x.decision.source, x.tags, x.cited, x.spans) for x in back] == expected


# Markup


def test_markup() -> None:
    labelled = parse_markup(MARKUP, "x.md")
    assert labelled.tags == {"no_fault", "apology:sought", "payment:sought"}
    assert labelled.cited == frozenset({"late", "no_fault"})
    assert labelled.decision.date == "2025-03-12"
    assert labelled.decision.paragraphs[2] == Paragraph(
        2,
        "powers",
        "The Ombudsman's role and powers",
        "We do not start an investigation if:\nit is late; or\n"
        "there is not enough evidence of fault.\n(Local Government Act 1974, section 24A(6))",
    )
    assert labelled.decision.paragraphs[4].heading == "The wall"
    assert labelled.spans
    assert [
        labelled.decision.paragraphs[s.index].text[s.start : s.end] for s in labelled.spans
    ] == [
        "There is not enough evidence of fault.",
        "an apology and money",
        "an apology and money",
        "it is late",
        "there is not enough evidence of fault",
        "I see no fault in that.",
    ]


def test_tags_by_section() -> None:
    tags = {"powers": ("late", "late"), "complaint": ("no_fault", "apology:sought")}
    paragraphs = tuple(Paragraph(1, section, "", "Words.") for section in SECTIONS)
    decision = Decision("x", "", "markup", paragraphs)
    spans = [
        Span(i, 0, 6, tag)
        for i, section in enumerate(SECTIONS)
        for tag in tags.get(section, ("premature", "payment:agreed"))
    ]
    relied, cited = decision_tags(decision, spans)
    assert relied == {"apology:sought", "premature", "payment:agreed"}
    assert cited == {"late"}


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("[[late|it", "[[laet|it", "x.md:15: unknown tag 'laet': did you mean 'late'?"),
        ("[[late|it is late]]", "[[late|it is late]", "x.md:15: broken or nested mark: '[[late|it"),
        ("[[late|it is late]]", "[[late|]]", "x.md:15: mark without words: '[[late|]]'"),
        ("[[late|it", "[[late|[[late|it", "x.md:15: broken or nested mark: '[[late|it is late"),
        ("3. I read", "4. I read", "x.md:20: paragraph is numbered 4, expected 3"),
        (
            "3. I read",
            "I read",
            "x.md:20: unnumbered text opens a section: 'I read what Mr X sent.'",
        ),
        ("12 Mar 2025", "spring", "x.md:5: 'spring' is no date such as 12 Mar 2025"),
        ("category:", "kind:", "x.md:3: text before the first section: 'kind: Planning"),
        ("category: Planning > Enforcement\n", "", "x.md: the header lacks category"),
        (MARKUP[MARKUP.index("## S") :], "## Summary", "x.md: no paragraphs"),
    ],
)
def test_bad_markup(write: Write, good: str, bad: str, message: str) -> None:
    assert good in MARKUP
    path = write("x.md", MARKUP.replace(good, bad, 1))
    assert problem([path]).startswith(message)


def labelled_with(
    *spans: Span, text: str = "It is too late for us.\nSo it is."
) -> LabelledDecision:
    decision = Decision("x", "", "plain", (Paragraph(1, "assessment", "My assessment", text),))
    return LabelledDecision(decision, *decision_tags(decision, spans), spans)


@pytest.mark.parametrize(
    ("labelled", "message"),
    [
        (
            labelled_with(Span(0, 0, 9, "late"), Span(0, 6, 14, "late")),
            "spans overlap in paragraph 1: 'too late'",
        ),
        (
            labelled_with(Span(0, 0, 14, "late"), Span(0, 6, 14, "late")),
            "spans overlap in paragraph 1: 'too late'",
        ),
        (
            labelled_with(Span(0, 15, 25, "late")),
            r"a span runs over more than one line: 'for us.\nSo'",
        ),
        (labelled_with(text="We [[know]] it."), "broken or nested mark: 'We [[know]] it.'"),
        (
            replace(labelled_with(), tags=frozenset({"late"})),
            "its tags are not those that the marked words give",
        ),
        (replace(labelled_with(), spans=None), "its labels have no words"),
    ],
)
def test_what_markup_cannot_hold(labelled: LabelledDecision, message: str) -> None:
    with pytest.raises(InputError) as caught:
        to_markup(labelled)
    assert str(caught.value) == f"x: cannot be written as markup: {message}"


WORDS = st.text(
    st.characters(codec="utf-8", exclude_characters="[]|", exclude_categories=("Cc", "Cf", "Cs"))
).map(lambda text: clean(text).text.strip())
LINES = WORDS.filter(bool).filter(lambda text: clean(text).text == text)
HEADINGS = {
    "complaint": "The complaint",
    "powers": "Our powers",
    "method": "How I considered this complaint",
    "assessment": "What I found",
    "remedy": "Agreed action",
    "final": "Final decision",
}


@st.composite
def labelled_decisions(draw: st.DrawFn) -> LabelledDecision:
    texts = draw(st.lists(st.lists(LINES, min_size=1, max_size=3), min_size=1, max_size=4))
    sections: list[Section] = [draw(st.sampled_from(SECTIONS[1:])) for _ in texts]
    headings = [draw(st.sampled_from([HEADINGS[s], "What happened"])) for s in sections]
    paragraphs = tuple(
        Paragraph(number, section, heading, "\n".join(lines))
        for number, (section, heading, lines) in enumerate(
            zip(sections, headings, texts, strict=True), 1
        )
    )
    decision = Decision("x", "", "markup", paragraphs, body=draw(LINES), date="2025-03-12")
    spans = tuple(
        span
        for index, lines in enumerate(texts)
        for line, words in enumerate(lines)
        for span in draw(marks(index, sum(len(above) + 1 for above in lines[:line]), words))
    )
    return LabelledDecision(decision, *decision_tags(decision, spans), spans)


@st.composite
def marks(draw: st.DrawFn, index: int, offset: int, words: str) -> list[Span]:
    """Spans that do not overlap, some with several tags."""
    cuts = sorted(draw(st.sets(st.integers(0, len(words)), max_size=4)))
    return [
        Span(index, offset + start, offset + end, tag)
        for start, end in zip(cuts[::2], cuts[1::2], strict=False)
        if words[start:end].strip()
        for tag in draw(st.lists(st.sampled_from([*codebook().tags]), min_size=1, max_size=2))
    ]


@given(labelled_decisions())
def test_markup_reads_back(labelled: LabelledDecision) -> None:
    assert same(labelled, parse_markup(to_markup(labelled), "x"))


# JSON Lines


def line_of(**entries: object) -> str:
    return json.dumps({"text": COPY} | entries) + "\n"


def spans_of(*labels: tuple[str, str]) -> list[dict[str, object]]:
    return [
        {"start": COPY.index(words), "end": COPY.index(words) + len(words), "label": tag}
        for words, tag in labels
    ]


def test_copy_of_a_decision() -> None:
    labelled = parse_markup(MARKUP, "x.md")
    copy = copy_of(labelled.decision)
    assert copy.text == COPY
    for span in labelled.spans or ():
        words = labelled.decision.paragraphs[span.index].text[span.start : span.end]
        start, end = (copy.offset(span.index, position) for position in (span.start, span.end))
        assert copy.text[start:end] == words


def test_json_lines_come_back(write: Write) -> None:
    labelled = parse_markup(MARKUP, "short/07.md")
    [back] = read_labelled([write("x.jsonl", to_json(labelled) + "\n")])
    assert same(back, labelled)
    assert back.decision.source == "short/07.md"


def test_tags_follow_from_spans(write: Write) -> None:
    spans = spans_of(("it is late", "late"), ("I see no fault in that.", "no_fault"))
    path = write("x.jsonl", "\n" + line_of(spans=spans))
    [labelled] = read_labelled([path])
    assert (labelled.tags, labelled.cited) == (frozenset({"no_fault"}), frozenset({"late"}))
    assert labelled.spans == (Span(2, 37, 47, "late"), Span(4, 17, 40, "no_fault"))
    assert labelled.decision.source == f"{path}:2"


def test_spans_may_be_missing(write: Write) -> None:
    [labelled] = read_labelled([write("x.jsonl", line_of(tags=["no_fault"]))])
    assert labelled.tags == {"no_fault"}
    assert labelled.cited is None
    assert labelled.spans is None


def test_doccano(write: Write) -> None:
    [span] = spans_of(("I see no fault", "no_fault"))
    of_words = line_of(label=[[span["start"], span["end"], "no_fault"]])
    of_the_whole = line_of(label=["no_fault"])
    first, second = read_labelled([write("x.jsonl", of_words + of_the_whole)])
    assert first.tags == second.tags == {"no_fault"}
    assert first.spans == (Span(4, 17, 31, "no_fault"),)
    assert second.spans is None


def test_prodigy_leaves_out_what_was_rejected(write: Write) -> None:
    answers = ("accept", "reject", "ignore")
    lines = "".join(line_of(spans=[], answer=answer) for answer in answers)
    assert len(list(read_labelled([write("x.jsonl", lines)]))) == 1


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON: Expecting property name"),
        ('{"text": ' + "1" * 5_000 + "}", "not JSON: a number with too many digits"),
        ('{"text": ' + "[" * 200_000, "not JSON: nested too deeply"),
        ("[]", "not a JSON object"),
        ('{"tags": []}', "no 'text'"),
        (line_of(), "neither 'tags' nor 'spans'"),
        (line_of(tags="late"), "'tags' is not a list of tags"),
        (line_of(tags=["laet"]), "unknown tag 'laet': did you mean 'late'?"),
        (line_of(tags=[], text="Hello."), "does not look like an Ombudsman's decision"),
        (line_of(spans=[[1, 2, "late"]]), "a span is not an object with start, end and label"),
        (line_of(tags=[], source=["a"]), "'source' is list, no text"),
        (line_of(spans=7), "a span is not an object with start, end and label"),
        (line_of(label=[[1, 5, "late"], 7]), "a label has not start, end and name"),
        (
            line_of(spans=[{"start": 5, "end": 9999, "label": "late"}]),
            f"span 5 to 9999 does not lie in the {len(COPY)} characters",
        ),
        (
            line_of(spans=[{"start": "5", "end": 9, "label": "late"}]),
            f"span 5 to 9 does not lie in the {len(COPY)} characters",
        ),
        (
            line_of(spans=spans_of(("I read what Mr X sent.\n\nMy assess", "late"))),
            "does not lie in one paragraph: 'I read what Mr X sent.",
        ),
        (line_of(spans=spans_of(("The wall stands.", "old"))), "unknown tag 'old'"),
    ],
)
def test_bad_json_lines(write: Write, line: str, message: str) -> None:
    path = write("x.jsonl", line_of(tags=[]) + line.strip() + "\n")
    found = problem([path])
    assert found.startswith("x.jsonl:2: ")
    assert message in found


# CSV


def test_csv(write: Write) -> None:
    write("decisions/a.txt", COPY)
    path = write(
        "labels.csv",
        "\ufeffpath,tags,cited\r\ndecisions/a.txt,no_fault; apology:sought,late\r\n"
        "\r\ndecisions/a.txt,,\r\n",
    )
    first, second = read_labelled([path])
    assert first.tags == {"no_fault", "apology:sought"}
    assert first.cited == frozenset({"late"})
    assert (second.tags, second.cited, second.spans) == (frozenset(), frozenset(), None)
    assert first.decision.source == str(path.parent / "decisions" / "a.txt")


def test_csv_with_text(write: Write) -> None:
    long = COPY.replace("The wall stands.", "The wall stands. " * 20_000)
    path = write("labels.csv", f'tags,text\nlate,"{COPY}"\nlate,"{long}"\n')
    first, second = read_labelled([path])
    assert first.tags == {"late"}
    assert first.cited is None
    assert first.decision.source == f"{path}:2"
    assert second.decision.source == f"{path}:{3 + COPY.count(chr(10))}"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "labels.csv:1: no column 'tags' (found: )"),
        ("path|tags\n", "labels.csv:1: no column 'tags' (found: path|tags)"),
        ("path,tags,tags\n", "labels.csv:1: column 'tags' is there more than once"),
        ("tags,file\n", "labels.csv:1: no column 'text' or 'path' (found: tags, file)"),
        ("path,tags\n\na.txt\n", "labels.csv:3: 1 fields, but the table has 2"),
        ("path,tags\na.txt,laet\n", "labels.csv:2: unknown tag 'laet'"),
        ("path,tags\nnone.txt,late\n", "labels.csv:2: "),
        ('text,tags\n"Hello\nthere.",late\n', "labels.csv:2: does not look like an Ombudsman's"),
        ('text,tags\n"Hello,late\n', "labels.csv:2: not CSV: unexpected end of data"),
    ],
)
def test_bad_csv(write: Write, table: str, message: str) -> None:
    assert problem([write("labels.csv", table)]).startswith(message)


def test_csv_names_the_file_that_is_not_there(write: Write) -> None:
    assert "none.txt: " in problem([write("labels.csv", "path,tags\nnone.txt,late\n")])


# Files


def test_folders_are_searched(write: Write, tmp_path: Path) -> None:
    write("b/README.md", "# About")
    write("b/.cache/x.md", "no markup")
    write("b/2.md", MARKUP)
    write("b/1.jsonl", line_of(tags=[]))
    write("a/3.md", "\ufeff" + MARKUP.replace("\n", "\r\n"))
    found = [Path(labelled.decision.source).name for labelled in read_labelled([tmp_path])]
    assert found == ["3.md", "1.jsonl:1", "2.md"]


def test_errors_are_collected_and_the_rest_is_read(write: Write, tmp_path: Path) -> None:
    write("a.md", MARKUP.replace("late|", "laet|"))
    write("b.jsonl", "{\n" + line_of(tags=[]) + "[]\n")
    write("c.csv", "path,tags\nb.txt,laet\nd.txt,late\nd.txt\n")
    write("d.txt", COPY)
    write("e.csv", "tags\n")
    write("f.md", b"\n\xff")
    errors: list[InputError] = []
    found = list(read_labelled([tmp_path, tmp_path / "g"], errors=errors))
    assert [Path(x.decision.source).name for x in found] == ["b.jsonl:2", "d.txt"]
    assert [(Path(error.source).name, error.line) for error in errors] == [
        ("a.md", 15),
        ("b.jsonl", 1),
        ("b.jsonl", 3),
        ("c.csv", 2),
        ("c.csv", 4),
        ("e.csv", 1),
        ("f.md", 2),
        ("g", None),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.md", b"a\n\xff", "x.md:2: not UTF-8 (byte 0xff); save the file as UTF-8"),
        ("x.jsonl", b"\n\n\xa3", "x.jsonl:3: not UTF-8 (byte 0xa3); save the file as UTF-8"),
        ("x.csv", b"path,tags\n\x81", "x.csv:2: not UTF-8 (byte 0x81); save the file as UTF-8"),
        ("x.txt", b"", "x.txt: not labelled data, which ends in .md, .jsonl, .csv, .json"),
        ("x.xlsx", b"PK", "x.xlsx: a workbook; save it as CSV (in Excel: CSV UTF-8)"),
        ("x.jsonl", b"\n", "x.jsonl: no labelled decisions"),
        ("x/README.md", b"", "x: no labelled data (.md, .jsonl, .csv, .json) in this folder"),
        ("y", b"", "x: no such file or folder"),
    ],
)
def test_bad_files(write: Write, name: str, content: bytes, message: str) -> None:
    path = write(name, content)
    if name == "y":
        path = path.with_name("x")
    assert problem([path.parent if name == "x/README.md" else path]) == message


def test_folder_of_markup_keeps_the_folders(write: Write, tmp_path: Path) -> None:
    write("in/housing/07.md", MARKUP)
    write("in/housing/all.jsonl", line_of(spans=[]))
    write_labelled(read_labelled([tmp_path / "in"]), tmp_path / "out")
    assert [
        str(path.relative_to(tmp_path / "out")) for path in sorted(tmp_path.rglob("out/*/*"))
    ] == [
        "housing/07.md",
        "housing/all-1.md",
    ]
    first, second = read_labelled([tmp_path / "out"])
    assert fold_of(first.decision.source, [["housing"]]) == 0
    assert same(first, parse_markup(MARKUP, "x"))
    assert second.tags == frozenset()


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("../lab.jsonl:1", "lab-1.md"),
        ("a/../lab.md", "lab.md"),
        ("/lab.md", "lab.md"),
        ("../a/lab.md", "a/lab.md"),
        ("a\0\ud800/lab\ud800.md", "a--/lab-.md"),
    ],
)
def test_folder_of_markup_keeps_to_itself(tmp_path: Path, source: str, place: str) -> None:
    labelled = parse_markup(MARKUP, source)
    for _ in range(2):  # a second run replaces what the first has written
        write_labelled([labelled], tmp_path / "out")
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == [
            tmp_path / "out" / place
        ]


def test_two_decisions_for_one_place(tmp_path: Path) -> None:
    labelled = [parse_markup(MARKUP, source) for source in ("../x.md", "x.md")]
    with pytest.raises(InputError, match=r"x\.md: a second decision for"):
        write_labelled(labelled, tmp_path / "out")


@pytest.mark.parametrize("name", ["x.jsonl", "x.csv", "x.md", "x"])
def test_half_a_surrogate_pair_is_written(write: Write, tmp_path: Path, name: str) -> None:
    text = COPY.replace("The wall stands.", "The wall \ud800 stands.")
    spans = [{"start": at, "end": at + 6, "label": "no_fault"} for at in [text.index("stands")]]
    [labelled] = read_labelled([write("in.jsonl", line_of(text=text, spans=spans))])
    path = tmp_path / name
    write_labelled([labelled], path)
    [back] = read_labelled([path])
    assert back.tags == {"no_fault"}
    assert "The wall \ufffd stands." in back.decision.paragraphs[4].text
    if name != "x.csv":
        assert back.spans == labelled.spans


@pytest.mark.parametrize(
    ("name", "decisions", "message"),
    [
        ("x.xlsx", 1, ".xlsx is no form of labelled data (.md, .jsonl, .csv, .json, or a folder)"),
        ("x.md", 2, "a file of markup holds one decision, not 2"),
        ("no/x.jsonl", 1, "cannot be written: No such file or directory"),
        ("folder", 2, "a second decision for"),
    ],
)
def test_bad_places_to_write(tmp_path: Path, name: str, decisions: int, message: str) -> None:
    labelled = [parse_markup(MARKUP, "x.md")] * decisions
    with pytest.raises(GroundsError, match=re.escape(message)):
        write_labelled(labelled, tmp_path / name)


def test_a_file_is_replaced_only_when_complete(write: Write, tmp_path: Path) -> None:
    path = write("x.jsonl", "as it was")
    with pytest.raises(InputError):
        write_labelled(read_labelled([write("bad.md", "bad")]), path)
    assert path.read_text() == "as it was"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bad.md", "x.jsonl"]


# Sentences, folds, counts


def test_sentences() -> None:
    sentences = read_sentences([DATA / "sentences"])
    assert len(sentences) == 4908
    assert {sentence.section for sentence in sentences} <= set(SECTIONS)
    assert not any("\t" in sentence.text for sentence in sentences)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("late\tsummary", "not three fields (tags, section, sentence) separated by tabs"),
        ("late\tsummary\t", "not three fields (tags, section, sentence) separated by tabs"),
        ("laet\tsummary\tLate.", "unknown tag 'laet': did you mean 'late'?"),
        ("late\tend\tLate.", "unknown section 'end' (one of summary, complaint,"),
    ],
)
def test_bad_sentences(write: Write, line: str, message: str) -> None:
    path = write("x.tsv", f"late,premature\tsummary\tLate, or early.\n{line}\n")
    with pytest.raises(InputError) as caught:
        read_sentences([path])
    assert str(caught.value).startswith(f"{path}:2: {message}")


def test_folds(corpus: list[LabelledDecision]) -> None:
    folds = read_folds(DATA / "corpus" / "folds.json")
    sizes = Counter(fold_of(labelled.decision.source, folds) for labelled in corpus)
    assert len(sizes) == len(folds) == 8
    assert sum(sizes.values()) == len(corpus)
    with pytest.raises(InputError, match=r"x/y/1\.md: its folder 'y' is in no fold"):
        fold_of("x/y/1.md", folds)


def test_the_two_hands_share_no_folder_and_leave_none_out() -> None:
    invented, retold = read_folds(DATA / "corpus" / "hands.json")
    subjects = read_folds(DATA / "corpus" / "folds.json")
    assert sorted([*invented, *retold]) == sorted(folder for fold in subjects for folder in fold)
    assert all(folder.startswith("retold-") for folder in retold)
    assert not any(folder.startswith("retold-") for folder in invented)


def test_every_voice_is_in_one_fold_and_no_decision_is_there_twice(
    corpus: list[LabelledDecision],
) -> None:
    voices = list(read_labelled([DATA / "voices"]))
    folds = read_folds(DATA / "voices" / "folds.json")
    hands = {folder_of(item): fold_of(item.decision.source, folds) for item in voices}
    assert len(hands) == sum(map(len, folds)) > 12
    references = [item.decision.reference for item in voices]
    assert len(set(references)) == len(voices)
    assert not {item.decision.reference for item in corpus}.intersection(references)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{\n", "x.json:2: not JSON: Expecting property name"),
        ("1" * 5_000, "x.json: not JSON: a number with too many digits"),
        ("[" * 200_000, "x.json: not JSON: nested too deeply"),
        ("[]", "x.json: 'folds' is not a list of lists of folder names"),
        ('{"folds": ["a"]}', "x.json: 'folds' is not a list of lists of folder names"),
        ('{"folds": [["a"], ["b", "a"]]}', "x.json: 'a' is in two folds"),
    ],
)
def test_bad_folds(write: Write, content: str, message: str) -> None:
    path = write("x.json", content)
    with pytest.raises(InputError) as caught:
        read_folds(path)
    assert str(caught.value).startswith(f"{path.parent}/{message}")


def test_count() -> None:
    labelled = parse_markup(MARKUP, "short/1.md")
    bare = replace(labelled, tags=frozenset({"apology:sought"}), cited=None, spans=None)
    sentences = [LabelledSentence("Late.", "final", frozenset({"late"}))]
    sentences += [LabelledSentence("So.", "final", frozenset())]
    counts = count([labelled, bare], sentences)
    assert (counts.decisions, counts.spans, counts.without_reason) == (2, 6, 1)
    assert counts.words == 2 * 58
    assert counts.relied == {"no_fault": 1, "apology:sought": 2, "payment:sought": 1}
    assert counts.cited == {"no_fault": 1, "late": 1}
    assert counts.folders == {"short": 2}
    assert (counts.sentences, counts.untagged, counts.in_sentences) == (2, 1, {"late": 1})


# What strangers write


def test_markup_is_cleaned_as_decisions_are() -> None:
    text = MARKUP.replace("not enough evidence", "not\u00a0enough \u200b\u202eevi\u00addence")
    assert text != MARKUP
    assert (
        parse_markup(text, "x").decision.paragraphs == parse_markup(MARKUP, "x").decision.paragraphs
    )


def test_the_summary_is_one_paragraph() -> None:
    text = MARKUP.replace("## The complaint", "### More\nWe may look again.\n\n## The complaint", 1)
    with pytest.raises(InputError, match="unnumbered text opens a section"):
        parse_markup(text, "x")


@pytest.mark.parametrize("heading", ['"Fobbed off"', "Remedy"])
@pytest.mark.parametrize(
    ("suffix", "tool"),
    [
        (".jsonl", None),
        (".jsonl", "prodigy"),
        (".jsonl", "doccano"),
        (".json", None),
        (".csv", None),
    ],
)
def test_a_sub_heading_that_reads_as_something_else_costs_no_paragraph(
    heading: str, suffix: str, tool: str | None, tmp_path: Path
) -> None:
    """Four of the 1,796 decisions in data/ came back from every form with other paragraphs."""
    text = MARKUP.replace("### The wall", f"### {heading}")
    labelled = parse_markup(text, "walls/a.md")
    assert heading in [paragraph.heading for paragraph in labelled.decision.paragraphs]
    write_labelled([labelled], tmp_path / f"out{suffix}", tool)
    [back] = read_labelled([tmp_path / f"out{suffix}"])
    assert words(back) == words(labelled)
    assert back.tags == labelled.tags


def test_what_would_be_read_otherwise_is_not_written(tmp_path: Path) -> None:
    labelled = parse_markup(MARKUP, "walls/a.md")
    first, *others = labelled.decision.paragraphs
    odd = replace(first, text=f"{first.text}\u2028Really.")
    decision = replace(labelled.decision, paragraphs=(odd, *others))
    for name in ("out.jsonl", "out.json", "out.csv"):
        with pytest.raises(InputError, match=r"^walls/a\.md: cannot be written as text"):
            write_labelled([replace(labelled, decision=decision)], tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def words(labelled: LabelledDecision) -> list[tuple[int, str, str]]:
    return [(one.number, one.section, one.text) for one in labelled.decision.paragraphs]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tags": []}, r"its spans carry 'apology:sought', which its 'tags' lack"),
        (
            {"cited": ["apology:sought"]},
            "'apology:sought' is a remedy; only grounds and bars are cited",
        ),
    ],
)
def test_lines_that_contradict_themselves(
    change: dict[str, object], problem: str, tmp_path: Path
) -> None:
    line = json.loads(to_json(parse_markup(MARKUP, "x"))) | change
    (tmp_path / "a.jsonl").write_text(json.dumps(line), "utf-8")
    with pytest.raises(InputError, match=problem):
        list(read_labelled([tmp_path / "a.jsonl"]))


def test_a_table_does_not_wait_for_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labels.csv").write_text("path,tags\n-,late\n", "utf-8")
    with pytest.raises(InputError, match=r"^labels\.csv:2: '-' is no file"):
        list(read_labelled(["labels.csv"]))


def test_columns_with_line_ends_and_without_end_are_named_shortly(tmp_path: Path) -> None:
    columns = ",".join(['"a\nb"', "c" * 10_000, *map(str, range(1000))])
    (tmp_path / "a.csv").write_text(f"{columns}\n", "utf-8")
    with pytest.raises(InputError, match="no column 'tags'") as caught:
        list(read_labelled([tmp_path / "a.csv"]))
    assert len(str(caught.value).splitlines()) == 1
    assert len(caught.value.problem) < 200
