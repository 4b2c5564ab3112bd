"""Evaluation: the figures of a model, on decisions it has seen or not, and how they are shown."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from records import CORPUS
from rich.console import Console

import grounds
from grounds.codebook import codebook
from grounds.corpus import folder_of
from grounds.decision import LabelledDecision
from grounds.errors import GroundsError, InputError
from grounds.evaluation import Report, cross_validate, evaluate
from grounds.model import Model
from grounds.tagging import tag
from grounds.writing.report import show_report, write_report


@pytest.fixture(scope="module")
def report(tiny: Model, few: list[LabelledDecision]) -> Report:
    """Return figures of twenty decisions that the model has seen and ten it has not."""
    others = list(grounds.read_labelled([CORPUS / "children"]))[:10]
    return evaluate([*few[:20], *others], tiny)


def in_folders(labelled: list[LabelledDecision], *folders: str) -> list[LabelledDecision]:
    """Return decisions as if they came from folders by turns."""
    return [
        replace(
            item,
            decision=replace(item.decision, source=f"{folders[number % len(folders)]}/{number}.md"),
        )
        for number, item in enumerate(labelled)
    ]


def shown(report: Report, width: int = 80) -> list[str]:
    """Return the lines that a terminal of this width gets."""
    to = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    show_report(report, to)
    assert isinstance(to.file, io.StringIO)
    return re.sub("\x1b\\[[0-9;]*m", "", to.file.getvalue()).splitlines()


# A model


def test_a_report_counts(report: Report, tiny: Model) -> None:
    assert (report.decisions, report.seen) == (30, 20)
    assert tiny.sha256[:12] in report.method
    assert [figures.tag for figures in report.tags] == list(codebook().tags)
    assert {figures.family for figures in report.tags} == {"reason", "remedy"}


def test_figures_are_those_of_the_records(tiny: Model, few: list[LabelledDecision]) -> None:
    some = few[:12]
    report = evaluate(some, tiny)
    found = [tag(item.decision, tiny) for item in some]
    given = [{tag.tag for tag in (*record.tags, *record.remedies)} for record in found]
    for figures in report.tags:
        assert figures.gold == sum(figures.tag in item.tags for item in some)
        assert figures.given == sum(figures.tag in names for names in given)
    remedies = set(codebook().remedies)
    hits = sum(len(names & item.tags - remedies) for names, item in zip(given, some, strict=True))
    total = sum(len(names - remedies) for names in given)
    assert report.reasons.figures.precision == pytest.approx(hits / total)
    exact = sum(names - remedies == item.tags - remedies
                for names, item in zip(given, some, strict=True))  # fmt: skip
    assert report.reasons.figures.exact == exact / len(some)


def test_evidence_is_right_where_its_paragraph_carries_the_tag(
    tiny: Model, few: list[LabelledDecision]
) -> None:
    item = next(item for item in few if tag(item.decision, tiny).tags)
    best = tag(item.decision, tiny).tags[0]
    right = [span for span in item.spans or () if span.tag == best.tag]
    assert right
    only = replace(item, tags=frozenset({best.tag}), spans=tuple(right))
    assert evaluate([only], tiny).evidence == 1
    paragraph = best.evidence[0].paragraph
    elsewhere = next(
        index for index, p in enumerate(item.decision.paragraphs)
        if p.number != paragraph and p.section not in ("powers", "complaint")
    )  # fmt: skip
    moved = replace(only, spans=(replace(right[0], index=elsewhere),))
    assert evaluate([moved], tiny).evidence == 0
    assert evaluate([replace(only, spans=None)], tiny).evidence is None
    assert evaluate([replace(only, tags=frozenset(), spans=())], tiny).evidence is None


def test_what_is_cited_counts_where_it_is_labelled(
    tiny: Model, few: list[LabelledDecision]
) -> None:
    assert evaluate([replace(item, cited=None) for item in few[:5]], tiny).cited is None
    mixed = evaluate([*few, *(replace(item, cited=None) for item in few[:5])], tiny).cited
    assert mixed == evaluate(few, tiny).cited
    assert mixed is not None
    assert mixed.micro_f1 > 0.7


def test_an_evaluation_does_not_depend_on_the_order(
    tiny: Model, few: list[LabelledDecision], report: Report
) -> None:
    forth, back = evaluate(few, tiny), evaluate(few[::-1], tiny)
    assert forth.reasons.figures == back.reasons.figures
    assert [f.given for f in forth.tags] == [f.given for f in back.tags]
    assert forth.reasons.calibration_error == pytest.approx(back.reasons.calibration_error)


def test_nothing_to_evaluate_on(tiny: Model) -> None:
    with pytest.raises(GroundsError, match="no labelled decisions"):
        evaluate([], tiny)


def test_a_report_as_json(report: Report, tmp_path: Path) -> None:
    write_report(report, tmp_path / "figures.json")
    written = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert written == json.loads(json.dumps(report.to_dict()))
    assert written["reasons"]["figures"]["micro_f1"] == report.reasons.figures.micro_f1
    assert written["tags"][0]["tag"] == next(iter(codebook().tags))
    assert "NaN" not in (tmp_path / "figures.json").read_text("utf-8")


# Folds


@pytest.fixture(scope="module")
def folds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("folds") / "folds.json"
    path.write_text(json.dumps({"folds": [["a"], ["b", "c"], ["d"]]}))
    return path


def test_cross_validation(few: list[LabelledDecision], folds: Path) -> None:
    done: list[int] = []
    mixed = in_folders(few[:40], "c", "a", "b", "a")
    report = cross_validate(mixed, folds, on_fold=lambda: done.append(1))
    assert (report.decisions, report.seen, len(done)) == (40, 0, 2)
    assert report.method.startswith("2 folds")
    for figures in report.tags:
        assert figures.gold == sum(figures.tag in item.tags for item in mixed)
    # From twenty decisions little is learnt, but far more than nothing: a label that stood
    # beside another decision would be right one time in twenty.
    assert report.reasons.figures.micro_f1 > 0.2
    assert report.evidence is not None
    assert report.evidence > 0.7


def test_each_fold_has_its_figures(
    tiny: Model, few: list[LabelledDecision], folds: Path, tmp_path: Path
) -> None:
    """And one's own way to train is given the other folds."""
    learnt = []

    def trainer(
        labelled: Sequence[LabelledDecision], sentences: object, *, groups: Sequence[object]
    ) -> Model:
        learnt.append(({Path(item.decision.source).parent.name for item in labelled}, set(groups)))
        return tiny

    mixed = in_folders(few, "c", "a", "b", "d")
    report = cross_validate(mixed, folds, trainer=trainer)
    assert learnt == [({"b", "c", "d"}, {2, 3}), ({"a", "d"}, {1, 3}), ({"a", "b", "c"}, {1, 2})]
    assert [fold.number for fold in report.folds] == [1, 2, 3]
    assert [fold.folders for fold in report.folds] == [("a",), ("b", "c"), ("d",)]
    for fold in report.folds:
        tested = [i for i in mixed if Path(i.decision.source).parent.name in fold.folders]
        alone = evaluate(tested, tiny)
        assert (fold.decisions, fold.evidence) == (alone.decisions, alone.evidence)
        assert (fold.reasons, fold.remedies) == (alone.reasons.figures, alone.remedies.figures)
    whole = evaluate(mixed, tiny)
    assert report.reasons.figures == whole.reasons.figures
    write_report(report, tmp_path / "figures.json")
    written = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert written["folds"][1]["folders"] == ["b", "c"]


def test_some_folds_alone(tiny: Model, few: list[LabelledDecision], folds: Path) -> None:
    mixed = in_folders(few, "c", "a", "b", "d")
    report = cross_validate(mixed, folds, only=[3, 1], trainer=lambda *_, groups: tiny)
    assert [fold.folders for fold in report.folds] == [("a",), ("d",)]
    assert report.decisions == 30
    assert report.method.startswith("2 of 3 folds")
    with pytest.raises(GroundsError, match="no decisions in fold 4"):
        cross_validate(mixed, folds, only=[1, 4])


def test_what_is_also_trained_on_is_never_tested(
    tiny: Model, few: list[LabelledDecision], folds: Path
) -> None:
    learnt = []

    def trainer(
        labelled: Sequence[LabelledDecision], sentences: object, *, groups: Sequence[object]
    ) -> Model:
        learnt.append([(folder_of(item).split("/")[-1], group) for item, group in zip(
            labelled, groups, strict=True)])  # fmt: skip
        return tiny

    mixed, also = in_folders(few[:12], "a", "b", "d"), in_folders(few[12:14], "e", "f")
    report = cross_validate(mixed, folds, also=also, trainer=trainer)
    assert report.decisions == 12
    assert "each also trained on 2 other decisions" in report.method
    assert set(learnt[0]) == {
        ("b", 2),
        ("d", 3),
        ("e", folder_of(also[0])),
        ("f", folder_of(also[1])),
    }
    assert all(sum(folder in "ef" for folder, _ in part) == 2 for part in learnt)


def test_a_fold_too_small_to_train_on(few: list[LabelledDecision], folds: Path) -> None:
    with pytest.raises(GroundsError, match="training needs 10 or more"):
        cross_validate(in_folders(few[:12], "a", "a", "b"), folds)


def test_all_in_one_fold(few: list[LabelledDecision], folds: Path) -> None:
    with pytest.raises(GroundsError, match="all in one fold"):
        cross_validate(in_folders(few, "b", "c"), folds)
    with pytest.raises(GroundsError, match="all in one fold"):
        cross_validate([], folds)


def test_a_decision_in_no_fold(few: list[LabelledDecision], folds: Path) -> None:
    with pytest.raises(InputError, match="its folder 'e' is in no fold"):
        cross_validate(in_folders(few, "a", "b", "e"), folds)


# On the screen


@pytest.mark.parametrize("width", [80, 120])
def test_a_report_fits_the_screen(report: Report, width: int) -> None:
    lines = shown(report, width)
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("30 decisions; model grounds")
    assert "trained on 20 of them" in " ".join(lines[1:3])
    assert all(any(line.startswith(f"  {tag} ") for line in lines) for tag in codebook().tags)


def test_figures_stand_under_each_other(report: Report) -> None:
    lines = {line.split("  ")[0]: line for line in shown(report) if line}
    values = (report.reasons, report.remedies)
    places = set()
    for label, name in (("micro F1", "micro_f1"), ("precision", "precision"), ("recall", "recall")):
        numbers = [f"{getattr(family.figures, name):.3f}" for family in values]
        first = lines[label].index(numbers[0])
        places.add((first, lines[label].index(numbers[1], first + 1)))
    assert len(places) == 1
    titles = next(line for line in shown(report) if "grounds and bars  " in line)
    assert {(titles.index("grounds"), titles.index("remedies"))} == places


def test_folds_on_the_screen(tiny: Model, few: list[LabelledDecision], tmp_path: Path) -> None:
    hands = json.loads((CORPUS / "hands.json").read_text("utf-8"))["folds"]
    mixed = in_folders(few, *(folder for fold in hands for folder in fold))
    report = cross_validate(mixed, CORPUS / "hands.json", trainer=lambda *_, groups: tiny)
    lines = shown(report)
    assert max(map(len, lines)) <= 80
    at = next(number for number, line in enumerate(lines) if line.startswith("Folds"))
    titles, rows = lines[at + 1], lines[at + 2 : at + 4]
    for line, fold in zip(rows, report.folds, strict=True):
        assert line.startswith(f"  {fold.number}  {', '.join(fold.folders)[:17]}… ")
        values = [f.micro_f1 for f in (fold.reasons, fold.remedies)]
        assert line.split()[-6::3] == [f"{value:.3f}" for value in values]
        assert len(line) == len(titles)
    assert not any(line.startswith("Folds") for line in shown(evaluate(few[:2], tiny)))


def test_a_tag_that_does_not_occur_has_no_figures(report: Report) -> None:
    absent = [figures for figures in report.tags if not figures.gold and not figures.given]
    missed = [figures for figures in report.tags if figures.gold and not figures.given]
    assert absent
    assert missed
    lines = shown(report)
    for figures in absent:
        (line,) = (line for line in lines if line.startswith(f"  {figures.tag} "))
        assert line.split() == [figures.tag, "0", "0", "–", "–", "–"]
    for figures in missed:
        (line,) = (line for line in lines if line.startswith(f"  {figures.tag} "))
        assert line.split()[2:6] == ["0", "–", "0.00", "0.00"]
