"""Training: what is learnt, what cannot be learnt from, and that it is the same every time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from made import decision
from records import CORPUS
from scipy.sparse import csr_matrix

import grounds
from grounds.bundle import ARRAYS, load_estimators, load_model
from grounds.cli import main
from grounds.corpus import LabelledSentence
from grounds.corpus.copies import copy_of
from grounds.corpus.relied import decision_tags
from grounds.decision import LabelledDecision
from grounds.errors import GroundsError
from grounds.features import segment
from grounds.features.vectorizer import ClauseVectorizer
from grounds.model import Model
from grounds.model.heads import clause_targets, tags
from grounds.tagging import tag_all
from grounds.training import FEWEST, INNER_FOLDS, _inner_folds, choosing, first, train
from grounds.training.choosing import choose
from grounds.training.locating import locate


@pytest.fixture(scope="module")
def others() -> list[LabelledDecision]:
    """Return decisions by another hand than the sixty short ones."""
    return list(grounds.read_labelled([CORPUS / "retold-2020-2022"]))


def without(
    labelled: Sequence[LabelledDecision], taken: Callable[[str], bool]
) -> list[LabelledDecision]:
    """Return decisions from which some labels are taken."""
    return [
        replace(
            item,
            tags=frozenset(tag for tag in item.tags if not taken(tag)),
            spans=tuple(span for span in item.spans or () if not taken(span.tag)),
        )
        for item in labelled
    ]


# What is learnt


def test_sixty_decisions_teach_far_more_than_chance(
    tiny: Model, others: list[LabelledDecision]
) -> None:
    next_to = others[1:] + others[:1]
    wrong = [
        replace(one, tags=other.tags, spans=None)
        for one, other in zip(others, next_to, strict=True)
    ]
    report, chance = grounds.evaluate(others, tiny), grounds.evaluate(wrong, tiny)
    assert report.reasons.figures.micro_f1 > 3 * chance.reasons.figures.micro_f1
    assert report.reasons.figures.micro_f1 > 0.5
    assert report.remedies.figures.micro_f1 > 1.4 * chance.remedies.figures.micro_f1
    assert report.evidence is not None
    assert report.evidence > 0.8


def test_a_tag_without_examples_is_never_given(
    few: list[LabelledDecision], others: list[LabelledDecision]
) -> None:
    unknown = {"late", "no_fault", "apology:provided"}
    assert all(any(tag in item.tags for item in [*few, *others]) for tag in unknown)
    model = train(without(few, unknown.__contains__))
    assert np.isfinite(model.thresholds).all()
    given = {
        found.tag
        for record in tag_all((item.decision for item in [*few, *others]), model)
        for found in (*record.tags, *record.remedies)
    }
    assert len(given) > 20
    assert not given & unknown
    assert all(model.card["trained_on"]["tags"][tag] == 0 for tag in unknown)


def test_single_sentences_teach_the_clauses(few: list[LabelledDecision]) -> None:
    """A reason that no decision names, in words that none of them has."""
    words = "Zorblax quendled the frimbly wexit."
    sentences = [LabelledSentence(words, "assessment", frozenset({"late"}))] * 5
    known = without(few[:12], "late".__eq__)
    taught, untaught = train(known, sentences), train(known)
    column = tags().index("late")
    batch = segment([decision(("assessment", words))])
    assert taught.clause_model.scores(batch)[0, column] > 0
    assert untaught.clause_model.scores(batch)[0, column] < 0
    assert taught.card["trained_on"]["sentences"] == 5


# Decisions labelled as a whole


def as_a_whole(labelled: Sequence[LabelledDecision]) -> list[LabelledDecision]:
    """Return decisions of which only the tags are known."""
    return [replace(item, spans=None, cited=None) for item in labelled]


def test_words_are_found_for_the_tags_of_a_decision(
    few: list[LabelledDecision], shipped: Model
) -> None:
    found = right = 0
    for item, located in zip(few, locate(as_a_whole(few), shipped), strict=True):
        assert located.tags == item.tags
        assert located.spans
        relied, _ = decision_tags(located.decision, located.spans)
        assert relied == item.tags  # each tag has words, where words speak for it
        places = {(span.index, span.tag) for span in located.spans}
        true = {(span.index, span.tag) for span in item.spans or ()}
        found += len(places)
        right += len(places & true)
    assert right > 0.95 * found


def test_words_that_are_known_stay(few: list[LabelledDecision], shipped: Model) -> None:
    assert locate(few[:5], shipped) == few[:5]
    bare = [replace(item, spans=()) for item in few[:2]]
    assert locate(bare, shipped) == bare


def test_decisions_labelled_as_a_whole_teach_as_well(
    few: list[LabelledDecision], others: list[LabelledDecision], tiny: Model
) -> None:
    model = train(as_a_whole(few))
    report, known = grounds.evaluate(others, model), grounds.evaluate(others, tiny)
    assert report.reasons.figures.micro_f1 > 0.9 * known.reasons.figures.micro_f1
    assert report.evidence is not None
    assert report.evidence > 0.8


def test_some_labelled_as_a_whole_beside_others(few: list[LabelledDecision]) -> None:
    model = train([*few[:8], *as_a_whole(few[8:12])])
    assert model.card["trained_on"]["decisions"] == 12
    assert np.isfinite(model.cited_thresholds).all()


def test_another_model_finds_the_words(
    few: list[LabelledDecision], tiny: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipped one knows the corpus: who measures what words are worth must do without it."""
    monkeypatch.setattr("grounds.training.load_model", None)
    found = train(as_a_whole(few[:12]), start=tiny)
    named = train(locate(as_a_whole(few[:12]), tiny), start=tiny)
    assert found.sha256 == named.sha256


@pytest.mark.parametrize("is_remedy", [False, True])
def test_one_family_alone_can_be_learnt(
    is_remedy: bool, few: list[LabelledDecision], tmp_path: Path
) -> None:
    """Who labels only grounds and bars gets a model that gives no remedy, and the other way."""
    train(without(few[:20], lambda tag: (":" in tag) == is_remedy)).save(tmp_path / "model")
    model = load_model(tmp_path / "model")
    given = {
        found.tag
        for record in tag_all((item.decision for item in few), model)
        for found in (*record.tags, *record.remedies)
    }
    assert given
    assert all((":" in tag) != is_remedy for tag in given)


# What cannot be learnt from


@pytest.mark.parametrize("number", [0, 1, FEWEST - 1])
def test_too_few_decisions(number: int, few: list[LabelledDecision]) -> None:
    with pytest.raises(GroundsError, match=f"{number} labelled decisions; training needs {FEWEST}"):
        train(few[:number])


def test_no_words_that_carry_tags(few: list[LabelledDecision]) -> None:
    with pytest.raises(GroundsError, match="no decision names the words"):
        train([replace(item, spans=()) for item in few])


def test_words_in_one_decision_alone(few: list[LabelledDecision]) -> None:
    """Its fold would have nothing to learn from."""
    alone = [few[0], *(replace(item, spans=()) for item in few[1:12])]
    with pytest.raises(GroundsError, match="too few decisions name the words"):
        train(alone)


def test_no_tags(few: list[LabelledDecision]) -> None:
    with pytest.raises(GroundsError, match="no decision is labelled with a tag"):
        train(without(few, lambda tag: True))


def test_groups_that_are_not_one_a_decision(few: list[LabelledDecision]) -> None:
    with pytest.raises(GroundsError, match="3 groups for 60 decisions"):
        train(few, groups=[1, 2, 3])


# Folds


def from_folders(few: list[LabelledDecision], *folders: str) -> list[LabelledDecision]:
    """Return decisions as if they came from folders, one after the other."""
    return [
        replace(item, decision=replace(item.decision, source=f"data/{folder}/{number}.md"))
        for number, (item, folder) in enumerate(zip(few, folders, strict=False))
    ]


@pytest.mark.parametrize("by_folder", [True, False])
def test_a_group_never_stands_on_both_sides(by_folder: bool, few: list[LabelledDecision]) -> None:
    names = [f"subject {number % 7}" for number in range(40)]
    if by_folder:
        labelled, groups = from_folders(few, *names), None
    else:
        labelled, groups = few[:40], names
    folds = _inner_folds(labelled, groups)
    assert len(folds) == INNER_FOLDS
    for learnt, scored in folds:
        assert sorted([*learnt, *scored]) == list(range(40))
        assert not {names[i] for i in learnt} & {names[i] for i in scored}
    assert sorted(i for _, scored in folds for i in scored) == list(range(40))


def test_with_too_few_groups_folders_stay_together(few: list[LabelledDecision]) -> None:
    folders = [f"hand {number % 5}" for number in range(40)]
    labelled = from_folders(few, *folders)
    for learnt, scored in _inner_folds(labelled, [1] * 40):
        assert not {folders[i] for i in learnt} & {folders[i] for i in scored}


def test_with_too_few_folders_each_decision_is_its_own(few: list[LabelledDecision]) -> None:
    folds = _inner_folds(few, ["one", "other"] * 30)
    assert {len(scored) for _, scored in folds} == {60 // INNER_FOLDS}


# More decisions than training learns from


def with_tags(*tags: frozenset[str]) -> list[LabelledDecision]:
    return [LabelledDecision(decision(("assessment", "No.")), found) for found in tags]


def test_up_to_the_most_all_are_chosen() -> None:
    sample, further = choose(with_tags(frozenset()) * choosing.MOST_DECISIONS)
    assert sample.tolist() == list(range(choosing.MOST_DECISIONS))
    assert not len(further)


def test_of_more_a_sample_is_chosen_and_further_ones_of_the_rare_tags(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(choosing, "MOST_DECISIONS", 100)
    monkeypatch.setattr(choosing, "ENOUGH", 20)
    common, rare, bare = frozenset({"late"}), frozenset({"no_fault"}), frozenset[str]()
    labelled = with_tags(*[common] * 10, *[rare], *[bare] * 9) * 30
    sample, further = choose(labelled)
    assert len(set(sample)) == 100
    assert not set(sample) & set(further)
    assert {labelled[place].tags for place in further} == {rare}
    in_sample = sum(labelled[place].tags == rare for place in sample)
    assert 0 < in_sample < 20
    assert in_sample + len(further) == 20
    assert len({place // 150 for place in sample}) == 4  # from the whole length of the list
    assert np.array_equal(choose(labelled)[0], sample)


def test_a_sample_teaches_as_if_there_were_no_more(
    few: list[LabelledDecision], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The groups stay with their decisions."""
    monkeypatch.setattr(choosing, "MOST_DECISIONS", 15)
    monkeypatch.setattr(choosing, "ENOUGH", 0)
    groups = [number % 7 for number in range(60)]
    places = choose(few)[0].tolist()
    alone = train([few[place] for place in places], groups=[groups[place] for place in places])
    assert train(few, groups=groups).sha256 == alone.sha256
    assert alone.card["trained_on"]["decisions"] == 15


def test_further_decisions_teach_the_first_stage_alone(
    few: list[LabelledDecision], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "MOST_DECISIONS", 15)
    monkeypatch.setattr(choosing, "ENOUGH", 0)
    without_them = train(few)
    monkeypatch.setattr(choosing, "ENOUGH", 2)
    _, further = choose(few)
    model = train(few)
    assert model.card["trained_on"]["decisions"] == 15 + len(further)
    assert len(further) > 0
    assert model.clause_model.keys.tolist() != without_them.clause_model.keys.tolist()


# The first stage


def test_a_head_is_the_machine_that_all_clauses_give(few: list[LabelledDecision]) -> None:
    batch = segment([item.decision for item in few])
    rows = ClauseVectorizer().fit_transform(batch).astype(np.float64)
    weight = np.ones(len(batch), np.float32)
    for answer in clause_targets(few, batch).T:
        if answer.sum() > 20:
            near = first._fit_head(rows, answer, weight).decision_function(rows)
            whole = first._machine().fit(rows, answer).decision_function(rows)
            assert np.corrcoef(near, whole)[0, 1] > 0.999
            assert np.mean((near > 0) == (whole > 0)) > 0.999


@pytest.mark.parametrize("without_tag", [1, 2, 9])
def test_a_head_with_few_clauses_to_set_against(without_tag: int) -> None:
    rows = csr_matrix(np.eye(10))
    answer = np.arange(10) >= without_tag
    scores = first._fit_head(rows, answer, np.ones(10, np.float32)).decision_function(rows)
    assert np.array_equal(scores > 0, answer)


# The command, as a process where several share the work, and here


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "grounds", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def commanded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the model that the command line trains on the short decisions."""
    path = tmp_path_factory.mktemp("commanded") / "model"
    done = run("train", CORPUS / "short", "-o", path, "--jobs", "2")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"{path}: trained on 60 decisions\n"
    return path


def test_the_same_data_make_the_same_bytes(commanded: Path, tiny: Model, tmp_path: Path) -> None:
    """In another process, and with two of them sharing the work."""
    tiny.save(tmp_path / "tiny")
    assert (commanded / ARRAYS).read_bytes() == (tmp_path / "tiny" / ARRAYS).read_bytes()
    assert {"first", "judges"} <= set(load_estimators(commanded))


def test_train_command_with_a_start(
    commanded: Path,
    few: list[LabelledDecision],
    tiny: Model,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    grounds.corpus.write_labelled(few[:12], tmp_path / "tags.csv")
    words = ["train", tmp_path / "tags.csv", "-o", tmp_path / "model", "--start", commanded]
    assert main(list(map(str, words))) == 0
    assert capsys.readouterr().out == ""
    labelled = list(grounds.read_labelled([tmp_path / "tags.csv"]))
    assert load_model(tmp_path / "model").sha256 == train(labelled, start=tiny).sha256


def test_evaluate_command(
    commanded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures.json"
    words = ["evaluate", CORPUS / "short", "--model", commanded, "-o", out]
    assert main(list(map(str, words))) == 0
    said, complained = capsys.readouterr()
    assert complained == ""
    assert said.startswith("60 decisions; model grounds 1 (")
    assert "the model was trained on 60 of them" in " ".join(said.split())
    written = json.loads(out.read_text("utf-8"))
    assert written["decisions"] == written["seen"] == 60
    assert written["reasons"]["figures"]["micro_f1"] > 0.8


def test_evaluate_command_over_folds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With further decisions to train on, and without."""
    files = sorted((CORPUS / "short").glob("*.md"))
    for number, folder in enumerate(("one", "other", "also")):
        (tmp_path / folder).mkdir()
        for file in files[10 * number : 10 * number + 10]:
            shutil.copy(file, tmp_path / folder)
    (tmp_path / "folds.json").write_text('{"folds": [["one"], ["other"]]}', "utf-8")
    tested = (tmp_path / "one", tmp_path / "other", "--folds", tmp_path / "folds.json")
    for further, also in (((), ""), (("--also", tmp_path / "also"), "; each also trained on 10")):
        assert main(list(map(str, ["evaluate", *tested, *further]))) == 0
        said, complained = capsys.readouterr()
        assert complained == ""
        method = f"20 decisions; 2 folds: trained on all but one, tested on that one{also}"
        assert " ".join(said.split()).startswith(method)


def test_tag_command(commanded: Path, few: list[LabelledDecision], tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(copy_of(few[0].decision).text, "utf-8")
    (tmp_path / "two.txt").touch()
    done = run("tag", tmp_path, "--model", commanded, "-o", tmp_path / "tags.jsonl")
    assert done.returncode == 1
    assert "two.txt: " in done.stderr
    assert "1 written to" in done.stderr
    (record,) = map(json.loads, (tmp_path / "tags.jsonl").read_text("utf-8").splitlines())
    assert record["model"]["sha256"] == load_model(commanded).sha256
    (expected,) = tag_all([few[0].decision], load_model(commanded))
    assert [found["tag"] for found in record["tags"]] == [found.tag for found in expected.tags]
    assert record["tags"]


def test_a_place_that_is_taken_is_said_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").touch()
    assert main(["train", str(CORPUS / "nowhere"), "-o", str(tmp_path)]) == 1
    problem = "is there and is no model; choose another name"
    assert capsys.readouterr().err == f"grounds: {tmp_path}: {problem}\n"
