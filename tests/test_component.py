"""The spaCy component: where evidence stands in a text, saving, streams, and what is no decision."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import spacy
from records import CORPUS
from rendering import Source, Style, dashes, numbered, parse, plain, wrapped
from spacy import displacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc, DocBin
from spacy.util import ignore_error

import grounds
from grounds.component import GroundsComponent
from grounds.errors import InputError, ModelError
from grounds.model import Model
from grounds.model.heads import tags
from grounds.reading import read_text
from grounds.record import Record

MINUTES = "The minutes of the last meeting were approved."


@pytest.fixture(scope="module")
def nlp() -> Language:
    """Return English with the component and another one."""
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("grounds")
    return nlp


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    """Return decisions from all over the corpus."""
    paths = sorted(CORPUS.glob("*/*.md"))[::60]
    return [parse(path.read_text("utf-8"), path.name) for path in paths]


@pytest.fixture(scope="module")
def texts(sources: list[Source]) -> list[str]:
    """Return text copies of some of them."""
    return [numbered(source, Style.some(source.decision.source)) for source in sources[:6]]


@pytest.fixture(scope="module")
def docs(nlp: Language, texts: list[str]) -> list[Doc]:
    """Return these, tagged one by one."""
    return [nlp(text) for text in texts]


def component(nlp: Language) -> GroundsComponent:
    """Return the component of a pipeline."""
    found = nlp.get_pipe("grounds")
    assert isinstance(found, GroundsComponent)
    return found


def evidence(record: Record) -> list[tuple[str, str, float]]:
    """Return tag, words and score of each piece of evidence."""
    return sorted(
        (found.tag, words.text, round(words.score, 4))
        for found in (*record.tags, *record.remedies)
        for words in found.evidence
    )


def spans(doc: Doc) -> list[tuple[str, str, float]]:
    """Return the same from the spans of a Doc, each on one line."""
    group = doc.spans["grounds"]
    scores = (round(float(score), 4) for score in group.attrs["scores"])
    return sorted(
        (span.label_, " ".join(span.text.split()), score)
        for span, score in zip(group, scores, strict=True)
    )


# What is set


@pytest.mark.parametrize("layout", [numbered, dashes, plain])
def test_spans_are_the_evidence(
    layout: Callable[[Source, Style], str], nlp: Language, sources: list[Source], shipped: Model
) -> None:
    copies = [layout(source, Style.some(source.decision.source)) for source in sources]
    found = 0
    for doc, copy in zip(nlp.pipe(copies), copies, strict=True):
        assert doc._.decision.to_dict() == grounds.tag(read_text(copy), shipped).to_dict()
        assert spans(doc) == evidence(doc._.decision)
        starts = [span.start_char for span in doc.spans["grounds"]]
        assert starts == sorted(starts)
        found += len(starts)
    assert found > 5 * len(copies)


def test_a_span_covers_the_breaks_of_wrapped_lines(nlp: Language, sources: list[Source]) -> None:
    broken = 0
    for source in sources:
        doc = nlp(wrapped(numbered(source, Style(furniture=False)), 80))
        assert spans(doc) == evidence(doc._.decision)
        broken += sum("\n" in span.text for span in doc.spans["grounds"])
    assert broken > len(sources)


def test_with_another_tokenizer_spans_grow_to_its_tokens(texts: list[str]) -> None:
    nlp = spacy.blank("en")
    nlp.tokenizer = Tokenizer(nlp.vocab)  # cuts at white space alone
    nlp.add_pipe("grounds")
    grown = 0
    for text in texts:
        doc = nlp(text)
        for (tag, words, score), (label, known, same) in zip(
            spans(doc), evidence(doc._.decision), strict=True
        ):
            assert (tag, score) == (label, same)
            assert known in words
            grown += known != words
    assert grown


def test_categories_are_the_probabilities_of_all_tags(docs: list[Doc], shipped: Model) -> None:
    for doc in docs:
        judged = shipped.judge([doc._.decision.decision]).decision_probability[0]
        assert list(doc.cats) == list(tags())
        assert list(doc.cats.values()) == pytest.approx(judged.tolist(), abs=1e-5)
        for found in (*doc._.decision.tags, *doc._.decision.remedies):
            assert doc.cats[found.tag] == pytest.approx(found.score, abs=1e-4)


def test_categories_of_others_stay(texts: list[str]) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("grounds")
    doc = nlp.make_doc(texts[0])
    doc.cats["urgent"] = 0.5
    assert nlp(doc).cats["urgent"] == 0.5


def test_another_group_of_spans(texts: list[str], docs: list[Doc]) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("grounds", config={"spans_key": "evidence"})
    doc = nlp(texts[0])
    assert list(doc.spans) == ["evidence"]
    assert [span.text for span in doc.spans["evidence"]] == [
        span.text for span in docs[0].spans["grounds"]
    ]


def test_displacy_shows_the_spans(docs: list[Doc]) -> None:
    page = displacy.render(docs[0], style="span", options={"spans_key": "grounds"}, jupyter=False)
    assert all(span.label_ in page for span in docs[0].spans["grounds"])


def test_the_pipeline_knows_what_is_set(nlp: Language) -> None:
    about = nlp.analyze_pipes() or {}
    assert about["summary"]["grounds"]["assigns"] == ["doc.spans", "doc.cats", "doc._.decision"]
    assert nlp.pipe_labels["grounds"] == list(tags())
    json.dumps(nlp.config)


# In a process of its own


def test_it_is_there_without_an_import() -> None:
    """By its entry point: after a change to those, install again."""
    text = (CORPUS.parent / "examples" / "bus-lane.txt").read_text("utf-8")
    code = (
        "import sys, spacy; nlp = spacy.blank('en'); nlp.add_pipe('grounds'); "
        "doc = nlp(sys.argv[1]); print(*(span.label_ for span in doc.spans['grounds']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, text], capture_output=True, text=True, check=True
    )
    assert {"late", "appeal_right"} <= set(done.stdout.split())


def test_pipelines_without_it_load_nothing_of_it() -> None:
    """spaCy imports every component that is installed, wanted or not."""
    code = """
import sys, spacy
import grounds.component
assert not spacy.tokens.Doc.has_extension("decision")
print(*sorted(name for name in sys.modules if name.startswith("grounds")))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["grounds", "grounds.component"]


def test_an_extension_of_that_name_is_not_overwritten(nlp: Language) -> None:
    ours = Doc.remove_extension("decision")
    Doc.set_extension("decision", default="mine")
    try:
        with pytest.raises(ValueError, match="decision"):
            nlp.create_pipe("grounds")
    finally:
        Doc.set_extension("decision", getter=ours[2], force=True)


# Streams


def same(one: Doc, other: Doc) -> bool:
    return one.to_bytes() == other.to_bytes()


@pytest.mark.parametrize(("batch_size", "n_process"), [(1, 1), (4, 1), (1000, 1), (2, 2)])
def test_a_stream_gives_the_same(
    batch_size: int, n_process: int, nlp: Language, texts: list[str], docs: list[Doc]
) -> None:
    found = list(nlp.pipe(texts, batch_size=batch_size, n_process=n_process))
    assert len(found) == len(docs)
    assert all(map(same, found, docs))
    assert [doc._.decision for doc in found] == [doc._.decision for doc in docs]


def test_a_stream_is_taken_batch_by_batch(nlp: Language, texts: list[str]) -> None:
    taken = []

    def stream() -> Iterator[Doc]:
        for text in texts:
            taken.append(text)
            yield nlp.make_doc(text)

    next(component(nlp).pipe(stream(), batch_size=2))
    assert len(taken) == 2


# What is no decision


@pytest.mark.parametrize("text", [MINUTES, "", " \n", "1." * 500])
def test_a_text_that_is_no_decision(text: str, nlp: Language, texts: list[str]) -> None:
    with pytest.raises(InputError, match="does not look like an Ombudsman's decision") as raised:
        nlp(text)
    assert text[:20].strip() in str(raised.value)
    assert len(raised.value.source) < 80
    with pytest.raises(InputError, match="does not look like"):
        list(nlp.pipe([texts[0], text]))


def test_the_error_handler_is_asked_and_the_others_are_done(
    texts: list[str], docs: list[Doc]
) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("grounds")
    failed = []

    def note(name: str, pipe: object, of: list[Doc], error: Exception) -> None:
        failed.append((name, type(pipe), [doc.text for doc in of], type(error)))

    nlp.set_error_handler(note)  # type: ignore[arg-type]  # it may return
    mixed = [texts[0], MINUTES, *texts[1:3], ""]
    assert all(map(same, nlp.pipe(mixed), docs[:3]))
    assert failed == [("grounds", GroundsComponent, [text], InputError) for text in (MINUTES, "")]
    nlp.set_error_handler(ignore_error)
    assert len(list(nlp.pipe(mixed, n_process=2, batch_size=2))) == 3


def test_a_doc_that_was_not_tagged_has_no_record(nlp: Language) -> None:
    assert nlp.make_doc(MINUTES)._.decision is None


# Models, and saving


def test_a_model_of_ones_own(tiny: Model, texts: list[str], tmp_path: Path) -> None:
    tiny.save(tmp_path / "tiny")
    nlp = spacy.blank("en")
    nlp.add_pipe("grounds", config={"model": str(tmp_path / "tiny")})
    assert nlp(texts[0])._.decision.model == tiny.id


def test_a_wrong_path_is_named(texts: list[str]) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("grounds", config={"model": "nowhere"})
    nlp.set_error_handler(ignore_error)  # it is about decisions
    with pytest.raises(ModelError, match="nowhere: no such model; 'grounds train' makes one"):
        list(nlp.pipe(texts))


def test_to_look_at_its_attributes_loads_no_model() -> None:
    """spaCy does so to see what kind of component it is, in whatever order."""
    made = GroundsComponent(model="nowhere")
    for name in dir(made):
        getattr(made, name)
    with pytest.raises(ModelError, match="nowhere"):
        made.loaded()


def test_saved_to_a_folder_it_needs_no_other(tiny: Model, texts: list[str], tmp_path: Path) -> None:
    place = tmp_path / "tiny"
    tiny.save(place)
    nlp = spacy.blank("en")
    nlp.add_pipe("grounds", config={"model": str(place)})
    nlp.to_disk(tmp_path / "pipeline")
    nlp.to_disk(tmp_path / "pipeline")  # in the place of the first
    place.rename(tmp_path / "elsewhere")
    again = spacy.load(tmp_path / "pipeline")
    assert component(again).loaded().sha256 == tiny.sha256
    assert same(again(texts[0]), nlp(texts[0]))
    files = {path.name for path in (tmp_path / "pipeline" / "grounds").iterdir()}
    assert files == {"model.safetensors", "README.md"}


def test_saved_as_bytes(tiny: Model, texts: list[str], tmp_path: Path) -> None:
    tiny.save(tmp_path / "tiny")
    nlp = spacy.blank("en")
    nlp.add_pipe("grounds", config={"model": str(tmp_path / "tiny")})
    again = spacy.blank("en")
    again.add_pipe("grounds")
    again.from_bytes(nlp.to_bytes())
    assert same(again(texts[0]), nlp(texts[0]))
    with pytest.raises(ModelError, match="not a model file"):
        component(again).from_bytes(b"no model")


def test_taken_over_from_another_pipeline(nlp: Language, texts: list[str], docs: list[Doc]) -> None:
    taking = spacy.blank("en")
    taking.add_pipe("grounds", source=nlp)
    assert spans(taking(texts[0])) == spans(docs[0])


def test_docs_are_saved_with_all_of_it(nlp: Language, docs: list[Doc]) -> None:
    kept = DocBin(docs=docs, store_user_data=True).to_bytes()
    for doc, known in zip(DocBin().from_bytes(kept).get_docs(nlp.vocab), docs, strict=True):
        assert doc._.decision == known._.decision
        assert (doc.cats, spans(doc)) == (known.cats, spans(known))


def test_a_text_that_is_too_long_is_refused() -> None:
    short = spacy.blank("en")
    short.add_pipe("grounds", config={"text_limit": 100})
    with pytest.raises(InputError, match=r"more than 100; to read it: --limit text="):
        short("The complaint\n1. Ms X lost her job.\nFinal decision\n2. " + "We will not. " * 20)
