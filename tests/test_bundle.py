"""Models on disk: what is saved comes back, and what is no model is refused unopened."""

from __future__ import annotations

import json
import pickle
import shutil
import struct
import subprocess
import sys
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from records import CORPUS
from safetensors import safe_open
from safetensors.numpy import save as pack
from sklearn.decomposition import PCA
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from grounds import bundle, fitted
from grounds.bundle import ARRAYS, CARD, ESTIMATORS, load_estimators, load_model
from grounds.codebook import codebook
from grounds.corpus import read_labelled
from grounds.decision import LabelledDecision
from grounds.errors import GroundsError, InputError, ModelError
from grounds.features.vectorizer import ClauseVectorizer
from grounds.model import Model
from grounds.model.card import fingerprint
from grounds.tagging import tag_all

Arrays = dict[str, np.ndarray]
About = dict[str, Any]


@pytest.fixture(scope="module")
def saved(tiny: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that the small model is saved in; not to be written to."""
    path = tmp_path_factory.mktemp("models") / "tiny"
    tiny.save(path)
    return path


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    """Return a copy of the saved model, to be spoilt."""
    shutil.copytree(saved, tmp_path / "model")
    return tmp_path / "model"


def contents(folder: Path) -> tuple[Arrays, About]:
    """Return the arrays of a model file, and what it says of itself."""
    with safe_open(folder / ARRAYS, "numpy") as opened:
        arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        return arrays, json.loads(opened.metadata()["grounds"])


def spoilt(folder: Path, change: Callable[[Arrays, About], object]) -> Path:
    """Change what a model file holds, and return its folder."""
    arrays, about = contents(folder)
    change(arrays, about)
    packed = {name: np.array(array, order="C") for name, array in arrays.items()}
    (folder / ARRAYS).write_bytes(pack(packed, {"grounds": json.dumps(about)}))
    return folder


def refusal(path: Path) -> str:
    """Return why loading refuses a model, less the name of the file, which it must have."""
    with pytest.raises(ModelError) as caught:
        load_model(path)
    file = path / ARRAYS if path.is_dir() else path
    assert caught.value.source == str(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in caught.value.problem
    return caught.value.problem


# What is saved comes back


def test_a_loaded_model_tags_as_the_saved_one(
    tiny: Model, saved: Path, few: list[LabelledDecision]
) -> None:
    decisions = [item.decision for item in few]
    before = [record.to_dict() for record in tag_all(decisions, tiny)]
    assert [record.to_dict() for record in tag_all(decisions, load_model(saved))] == before
    assert any(record["tags"] for record in before)


def test_a_model_is_three_files(saved: Path) -> None:
    assert sorted(file.name for file in saved.iterdir()) == sorted([ARRAYS, CARD, ESTIMATORS])
    assert [file.name for file in saved.parent.iterdir()] == [saved.name]  # and no draft


def test_a_model_is_named_by_the_checksum_of_its_file(tiny: Model, saved: Path) -> None:
    loaded = load_model(saved)
    assert loaded.id == tiny.id
    assert (loaded.id.name, len(loaded.id.sha256)) == ("grounds", 64)
    assert load_model(saved / ARRAYS).id == load_model(str(saved)).id == loaded.id
    assert loaded.id.sha256 in (saved / CARD).read_text("utf-8")


def test_a_loaded_model_is_saved_as_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    load_model(saved).save(tmp_path / "again")
    assert (tmp_path / "again" / ARRAYS).read_bytes() == (saved / ARRAYS).read_bytes()
    assert not (tmp_path / "again" / ESTIMATORS).exists()  # which tagging does not read
    with pytest.raises(ModelError, match=r"estimators\.skops: no such file"):
        load_estimators(tmp_path / "again")


def test_the_card_says_what_the_model_learnt_from(saved: Path, few: list[LabelledDecision]) -> None:
    card = load_model(saved).card
    assert card["codebook"] == codebook().version
    assert card["trained_on"]["decisions"] == len(few)
    assert list(card["trained_on"]["tags"]) == list(codebook().tags)
    assert card["trained_on"]["tags"]["late"] == sum("late" in item.tags for item in few)
    assert 0 < card["out_of_fold"]["reasons"]["micro_f1"] <= 1
    page = (saved / CARD).read_text("utf-8")
    assert page.startswith("# Model card: grounds 1\n")
    assert f"{len(few)} labelled decisions and 0 single sentences" in page
    assert all(f"| `{tag}` | " in page for tag in codebook().tags)
    assert "{" not in page


def test_the_shipped_model_is_there_and_small(shipped: Model) -> None:
    folder = bundle.shipped()
    assert load_model(folder).id == shipped.id
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 10 * 2**20
    assert shipped.card["codebook"] == codebook().version
    assert shipped.id.sha256 in (folder / CARD).read_text("utf-8")


# Where a model may be saved


def test_an_older_model_is_replaced(folder: Path) -> None:
    spoilt(folder, lambda _, about: about["card"].update(version="0"))
    model = load_model(folder)
    load_model(folder).save(folder)
    assert load_model(folder).id.version == model.id.version == "0"
    assert sorted(file.name for file in folder.iterdir()) == [CARD, ARRAYS]  # nothing is left over
    assert [file.name for file in folder.parent.iterdir()] == [folder.name]


def test_a_broken_model_can_be_replaced(tiny: Model, folder: Path) -> None:
    (folder / ARRAYS).write_bytes(b"")
    tiny.save(folder)
    assert load_model(folder).id == tiny.id


def test_folders_above_are_made(tiny: Model, tmp_path: Path) -> None:
    tiny.save(str(tmp_path / "a" / "b"))
    assert load_model(tmp_path / "a" / "b").id == tiny.id


def test_what_is_no_model_is_left_alone(tiny: Model, tmp_path: Path) -> None:
    notes, file = tmp_path / "notes", tmp_path / "file.txt"
    notes.mkdir()
    file.write_text("mine")
    (notes / "mine.txt").write_text("mine")
    for path in (notes, file, tmp_path):
        with pytest.raises(InputError, match="is no model; choose another name"):
            tiny.save(path)
    assert file.read_text() == (notes / "mine.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.txt", "notes"]


def test_other_files_beside_a_model_are_not_deleted(tiny: Model, folder: Path) -> None:
    """``model.safetensors`` is what models of other programs are called as well."""
    (folder / "tokenizer.json").write_text("mine")
    with pytest.raises(InputError, match=r"holds 'tokenizer\.json' beside a model"):
        tiny.save(folder)
    assert (folder / "tokenizer.json").read_text() == "mine"


def test_a_link_stays_a_link(tiny: Model, folder: Path) -> None:
    link = folder.with_name("link")
    link.symlink_to(folder, target_is_directory=True)
    (folder / CARD).unlink()
    tiny.save(link)
    assert link.is_symlink()
    assert (folder / CARD).is_file()
    assert sorted(path.name for path in folder.parent.iterdir()) == ["link", "model"]


def test_a_failure_while_saving_leaves_the_older_model(
    tiny: Model, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (folder / CARD).read_text("utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("_save_estimators", "card_page"):
        with (
            monkeypatch.context() as patched,
            pytest.raises(OSError, match="the disk is full; make room"),
        ):
            patched.setattr(bundle, name, full)
            tiny.save(folder)
        assert (folder / CARD).read_text("utf-8") == before
        assert load_model(folder).id == tiny.id
        assert [path.name for path in folder.parent.iterdir()] == ["model"]


# What is refused


def test_a_model_that_is_not_there(tmp_path: Path) -> None:
    assert "no such model" in refusal(tmp_path / "nowhere")
    assert "no such model" in refusal(tmp_path)  # an empty folder


@pytest.mark.parametrize("kept", [0, 7, 8, 100, 0.5, 0.999])
def test_a_truncated_model(kept: float, folder: Path) -> None:
    whole = (folder / ARRAYS).read_bytes()
    (folder / ARRAYS).write_bytes(
        whole[: kept if isinstance(kept, int) else int(kept * len(whole))]
    )
    assert "not a model file" in refusal(folder)


def test_a_pickle_by_another_name(folder: Path, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tmp_path / "exploded",)

    (folder / ARRAYS).write_bytes(pickle.dumps(Bomb()))
    (folder / ESTIMATORS).write_bytes(pickle.dumps(Bomb()))
    assert "not a model file" in refusal(folder)
    with pytest.raises(ModelError, match=r"estimators\.skops: not a file of estimators"):
        load_estimators(folder)
    assert not (tmp_path / "exploded").exists()


def test_a_huge_file_is_not_read(folder: Path) -> None:
    with (folder / ARRAYS).open("r+b") as file:
        file.truncate(bundle.LARGEST + 1)  # sparse: takes no room
    assert "larger than 50 MB" in refusal(folder)


@pytest.mark.parametrize(
    ("metadata", "problem"),
    [
        (None, "not a model of this program"),
        ({"grounds": "[]"}, "not a model of this program"),
        ({"grounds": "{"}, "not a model file"),
        ({"grounds": "[" * 100_000}, "not a model file"),
        ({"other": "{}"}, "not a model of this program"),
        ({"grounds": "{}"}, "model format None"),
    ],
)
def test_what_a_file_says_of_itself(
    metadata: dict[str, str] | None, problem: str, folder: Path
) -> None:
    arrays, _ = contents(folder)
    (folder / ARRAYS).write_bytes(pack(arrays, metadata))
    assert problem in refusal(folder)


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("format", 2, "model format 2, this version reads 1"),
        ("format", "1", "model format '1'"),
        ("heads", ["late"], "its tags are not those of codebook"),
        ("heads", None, "its tags are not those of codebook"),
        ("card", None, "not a whole model"),
        ("card", ["name", "version"], "not a whole model"),
        ("card", {}, "not a whole model"),
        ("card", {"name": 1, "version": "1"}, "not a whole model"),
    ],
)
def test_other_versions_tags_and_cards(
    name: str, value: object, problem: str, folder: Path
) -> None:
    spoilt(folder, lambda _, about: about.update({name: value}))
    assert problem in refusal(folder)


@pytest.mark.parametrize("name", ["format", "heads", "card"])
def test_a_file_that_leaves_something_out(name: str, folder: Path) -> None:
    spoilt(folder, lambda _, about: about.pop(name))
    refusal(folder)


FLOATS = [
    "clauses.steps", "clauses.bias", "clauses.reason_blend", "clauses.remedy_blend",
    "thresholds", "cited_thresholds", "domain.weights", "domain.bias",
    *(f"{family}.{name}" for family in ("reasons", "remedies")
      for name in ("hidden", "hidden_bias", "output", "output_bias")),
]  # fmt: skip


def test_the_arrays_of_a_model(saved: Path) -> None:
    assert sorted(contents(saved)[0]) == sorted(
        [*FLOATS, "clauses.keys", "clauses.codes", "domain.keys"]
    )


@pytest.mark.parametrize("number", [np.nan, np.inf])
@pytest.mark.parametrize("name", FLOATS)
def test_weights_that_are_no_numbers(name: str, number: float, folder: Path) -> None:
    def spoil(arrays: Arrays, _: About) -> None:
        arrays[name] = arrays[name].copy()
        arrays[name].flat[-1] = number

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert f"its {name} are not all numbers" in refusal(spoilt(folder, spoil))


@pytest.mark.parametrize("name", [*FLOATS, "clauses.keys", "clauses.codes"])
def test_arrays_of_other_shapes_and_types_and_missing_ones(name: str, folder: Path) -> None:
    original = contents(folder)[0][name]
    wrong = [
        original[..., :-1], original[None], original[..., None], original.ravel()[0], original[:0],
        original.astype(np.float64),
    ]  # fmt: skip
    for array in wrong:
        spoilt(folder, lambda arrays, _, array=array: arrays.update({name: np.asarray(array)}))  # type: ignore[misc]
        refusal(folder)
    spoilt(folder, lambda arrays, _: arrays.pop(name))
    assert "not a whole model" in refusal(folder)


@pytest.mark.parametrize("name", ["clauses.keys", "domain.keys"])
def test_features_that_begin_alike_would_be_slow_to_find(name: str, folder: Path) -> None:
    def spoil(arrays: Arrays, _: About) -> None:
        arrays[name] = np.arange(len(arrays[name]), dtype=np.uint64)

    assert "begin alike" in refusal(spoilt(folder, spoil))


def test_arrays_that_no_model_has(folder: Path) -> None:
    spoilt(folder, lambda arrays, _: arrays.update({"clauses.more": np.zeros(1, np.float32)}))
    assert "holds an array 'clauses.more'" in refusal(folder)


@pytest.mark.parametrize("kind", ["BF16", "F8_E4M3"])
def test_numbers_that_numpy_does_not_know(kind: str, folder: Path) -> None:
    _, about = contents(folder)
    size = 4 if kind == "BF16" else 2
    header = {
        "thresholds": {"dtype": kind, "shape": [2], "data_offsets": [0, size]},
        "__metadata__": {"grounds": json.dumps(about)},
    }
    text = json.dumps(header).encode()
    (folder / ARRAYS).write_bytes(struct.pack("<Q", len(text)) + text + bytes(size))
    assert "not a model of this program" in refusal(folder)


@pytest.mark.parametrize("name", ["clauses.keys", "domain.keys"])
@pytest.mark.parametrize("disorder", ["turned round", "twice the same"])
def test_keys_that_are_not_sorted(disorder: str, name: str, folder: Path) -> None:
    def spoil(arrays: Arrays, _: About) -> None:
        keys = arrays[name].copy()
        keys = keys[::-1] if disorder == "turned round" else np.append(keys[:1], keys[:-1])
        arrays[name] = keys

    assert "are not in order" in refusal(spoilt(folder, spoil))


# Nothing is executed


@pytest.mark.parametrize("which", ["tiny", "shipped"])
def test_no_file_of_a_model_is_a_pickle(which: str, saved: Path) -> None:
    folder = saved if which == "tiny" else bundle.shipped()
    inside = {file.name: file.read_bytes() for file in folder.iterdir()}
    with zipfile.ZipFile(folder / ESTIMATORS) as parts:
        inside |= {name: parts.read(name) for name in parts.namelist()}
    assert len(inside) > 10
    for name, content in inside.items():
        assert not name.endswith((".pkl", ".pickle", ".joblib")), name
        assert not content.startswith(b"\x80"), name  # how a pickle of protocol 2 and later starts
    assert all(b"'descr': '|O'" not in content[:200] for content in inside.values())


def test_tagging_loads_no_scikit_learn(saved: Path) -> None:
    code = """if True:
        import sys, grounds
        from grounds.reading import read_text
        text = "The complaint\\n\\n1. Mr X is unhappy.\\n\\nFinal decision\\n\\n2. It is late."
        record = grounds.tag(read_text(text), grounds.load_model(sys.argv[1]))
        assert len(record.decision.paragraphs) == 2
        assert not {"sklearn", "skops", "joblib"} & set(sys.modules)
    """
    command = [sys.executable, "-c", code, str(saved)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# The estimators


@pytest.mark.parametrize("which", ["tiny", "shipped"])
def test_estimators_hold_no_types_but_ours(which: str, saved: Path) -> None:
    folder = saved if which == "tiny" else bundle.shipped()
    untrusted = skops.io.get_untrusted_types(file=folder / ESTIMATORS)
    assert untrusted == list(fitted.OURS) == [
        f"{ClauseVectorizer.__module__}.{ClauseVectorizer.__name__}"
    ]  # fmt: skip


def test_loaded_estimators_score_as_the_fitted_ones(tiny: Model, saved: Path) -> None:
    texts = ["The complaint is late.", "There is not enough evidence of fault.", "Mr X has a cat."]
    assert tiny.estimators is not None
    assert set(load_estimators(saved)) == set(tiny.estimators)
    before = _margins(tiny.estimators["first"], texts)
    after = _margins(load_estimators(saved / ESTIMATORS)["first"], texts)
    np.testing.assert_array_equal(after, before)
    assert np.ptp(before) > 0.1


def _margins(first: Pipeline, texts: list[str]) -> np.ndarray:
    rows = first["ngrams"].transform(texts)
    return np.column_stack([head.decision_function(rows) for head in first["heads"].estimators_])


def test_the_shipped_model_knows_the_data_as_they_are(
    shipped: Model,
) -> None:
    trained_on = shipped.card["trained_on"]
    learnt = list(read_labelled([CORPUS, CORPUS.parent / "voices"]))
    relied = Counter(tag for item in learnt for tag in item.tags)
    assert trained_on["fingerprints"] == sorted(fingerprint(item.decision) for item in learnt)
    assert trained_on["tags"] == {tag: relied[tag] for tag in codebook().tags}, (
        "run python train.py"
    )


def test_the_shipped_estimators_can_be_loaded() -> None:
    assert {"first", "judges"} <= set(load_estimators())


def test_estimators_of_other_types_are_refused(saved: Path, tmp_path: Path) -> None:
    file = tmp_path / ESTIMATORS
    estimators = {"first": FunctionTransformer(print_to), "judges": PCA()}
    skops.io.dump(estimators, file)
    with pytest.raises(
        ModelError, match=r"estimators\.skops: .* it holds what .*FunctionTransformer"
    ):
        load_estimators(file)


def print_to(rows: object) -> object:
    """Stand for a function that somebody hid in a model."""
    raise AssertionError("this must not run")


def test_what_is_no_file_of_estimators(saved: Path, tmp_path: Path) -> None:
    file = tmp_path / ESTIMATORS
    whole = (saved / ESTIMATORS).read_bytes()
    skops.io.dump([PCA()], file)
    listed = file.read_bytes()
    with zipfile.ZipFile(file, "w") as parts:
        parts.writestr("schema.json", "{}")
    for content in (b"", whole[: len(whole) // 2], listed, file.read_bytes(), b"PK\x05\x06"):
        file.write_bytes(content)
        with pytest.raises(ModelError, match=r"estimators\.skops: "):
            load_estimators(file)


def test_estimators_that_would_fill_the_memory(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "LARGEST", (saved / ESTIMATORS).stat().st_size)
    with pytest.raises(ModelError, match="unpacks to more than"):
        load_estimators(saved)


def test_a_model_error_is_one_of_ours() -> None:
    assert issubclass(ModelError, GroundsError)
    again = pickle.loads(pickle.dumps(ModelError("m", "is broken")))  # as joblib's processes do
    assert (str(again), again.source) == ("m: is broken", "m")
