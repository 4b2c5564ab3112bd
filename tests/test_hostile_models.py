"""Models made by an attacker: each is refused with one line that says why, and nothing of it runs."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import struct
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, ZipFile, ZipInfo

import numpy as np
import pytest
import skops.io
from numpy.lib import format as npy
from rights import let_in, nobody
from safetensors.numpy import load as unpack
from safetensors.numpy import save as pack
from targets.models import small

from grounds import bundle
from grounds.bundle import ARRAYS, CARD, ESTIMATORS, load_estimators, load_model
from grounds.component import GroundsComponent
from grounds.errors import ModelError
from grounds.estimators import GroundsClassifier
from grounds.tagging import tag_all

Node = dict[str, Any]

DECISION = Path(__file__).parent.parent / "data" / "examples" / "bus-lane.txt"

FORBIDDEN = (
    "pickle.find_class", "marshal.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.putenv",
    "os.remove", "os.rename", "os.mkdir", "os.symlink", "os.chmod", "shutil.", "subprocess.", "socket.",
    "ctypes.", "code.__new__", "webbrowser.", "urllib.", "builtins.input", "sqlite3.",
)  # fmt: skip
"""What Python tells of (its audit events) that no loading of a model may do."""


ATTACKS: list[str] = []
"""All that `refuse` knows of."""


class Watch:
    """Notes what is forbidden while it is asked to."""

    def __init__(self) -> None:
        self.on, self.seen = False, list[str]()
        sys.addaudithook(self._note)

    def _note(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        writes = (
            event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        )
        if writes or event.startswith(FORBIDDEN):
            self.seen.append(f"{event} {arguments}")


class Bomb:
    """What a pickle makes of it runs a command."""

    def __init__(self, canary: Path) -> None:
        self._canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self._canary}",)


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model that is whole; not to be written to."""
    path = tmp_path_factory.mktemp("models") / "small"
    small().save(path)
    load_estimators(path)  # what is imported then is not of the attack
    load_model(path)
    return path


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    shutil.copytree(saved, tmp_path / "model")
    return tmp_path / "model"


@pytest.fixture
def refused(folder: Path, tmp_path: Path, watch: Watch) -> Iterator[Callable[[str], None]]:
    """Load what the test has made of the folder, both files of it; see that nothing runs."""

    def check(problem: str, load: Callable[[Path], object] = load_model) -> None:
        watch.on = True
        try:
            with warnings.catch_warnings(), pytest.raises(ModelError) as caught:
                warnings.simplefilter("error")
                load(folder)
        finally:
            watch.on = False
        said = str(caught.value)
        assert said.startswith(str(folder))
        assert problem in said
        assert len(said.splitlines()) == 1
        assert len(said) < len(str(folder)) + 400

    yield check
    assert watch.seen == []
    assert not (tmp_path / "canary").exists()


def refuse(*attacks: tuple[str, str, Callable[..., object]]) -> pytest.MarkDecorator:
    """Parametrize a test with attacks: what it is called, what is said of it, what is done."""
    ATTACKS.extend(name for name, *_ in attacks)
    rows = [pytest.param(problem, attack, id=name) for name, problem, attack in attacks]
    return pytest.mark.parametrize(("problem", "attack"), rows)


# The file that tagging reads


def header(data: bytes) -> tuple[Any, bytes]:
    """Return the header of a model file, and the bytes of its arrays."""
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def joined(head: Any, arrays: bytes) -> bytes:
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<Q", len(text)) + text + arrays


def with_header(change: Callable[[Any], object]) -> Callable[[bytes], bytes]:
    def attack(data: bytes) -> bytes:
        head, arrays = header(data)
        change(head)
        return joined(head, arrays)

    return attack


def with_about(change: Callable[[Any], object]) -> Callable[[bytes], bytes]:
    def attack(data: bytes) -> bytes:
        head, arrays = header(data)
        about = json.loads(head["__metadata__"]["grounds"])
        change(about)
        head["__metadata__"]["grounds"] = json.dumps(about)
        return joined(head, arrays)

    return attack


def said(text: str) -> Callable[[bytes], bytes]:
    return with_header(lambda head: head["__metadata__"].update(grounds=text))


def with_arrays(**changes: Callable[[Any], Any]) -> Callable[[bytes], bytes]:
    """Change arrays by their names, ``_`` for a dot."""

    def attack(data: bytes) -> bytes:
        arrays = dict(unpack(data))
        for name, change in changes.items():
            name = name.replace("_", ".", 1) if name.split("_")[0] in PARTS else name
            arrays[name] = np.ascontiguousarray(change(arrays[name].copy()))
        return pack(arrays, header(data)[0]["__metadata__"])

    return attack


PARTS = ("clauses", "reasons", "remedies")


def first(value: float) -> Callable[[Any], Any]:
    def change(array: Any) -> Any:
        array.flat[0] = value
        return array

    return change


def about_array(name: str, **fields: Any) -> Callable[[bytes], bytes]:
    return with_header(lambda head: head[name].update(fields))


def card(**fields: Any) -> Callable[[bytes], bytes]:
    return with_about(lambda about: about["card"].update(fields))


def trained_on(**fields: Any) -> Callable[[bytes], bytes]:
    return with_about(lambda about: about["card"]["trained_on"].update(fields))


def twice_the_keys(array: Any) -> Any:
    return np.repeat(array, 2)[: len(array)]


BROKEN, FOREIGN = "not a model file", "not a whole model"
CARDLESS = "its card is not one that training writes"
UNFIT = "do not fit together with the rest"
WEIGHTS = "are not all numbers that a model has"


@refuse(
    ("a numpy file", BROKEN, lambda data: saved_by_numpy(np.zeros(3))),
    ("an array of objects", BROKEN, lambda data: saved_by_numpy(np.array([{}], object))),
    ("an archive", BROKEN, lambda data: zipped({"data.pkl": pickle.dumps([])})),
    ("nothing", BROKEN, lambda data: b""),
    ("a header of 2**63 bytes", BROKEN, lambda data: struct.pack("<Q", 1 << 63) + data[8:]),
    ("a header of 50 MB", BROKEN, lambda data: joined(b'{"a":"' + b"x" * 49_000_000 + b'"}', b"")[:-9]),
    ("a header beyond the end", BROKEN, lambda data: struct.pack("<Q", len(data)) + data[8:]),
    ("a header that is no JSON", BROKEN, lambda data: joined(b"{", b"")),
    ("a header nested 100,000 deep", BROKEN, lambda data: joined(b"[" * 100_000, b"")),
    ("nested objects", BROKEN, lambda data: joined(b'{"a":' * 100_000 + b"1", b"")),
    ("arrays over each other", BROKEN, about_array("thresholds", data_offsets=[0, 196])),
    ("an array beyond the end", BROKEN, about_array("thresholds", data_offsets=[0, 10**12])),
    ("offsets that end before they begin", BROKEN, about_array("thresholds", data_offsets=[196, 0])),
    ("offsets below 0", BROKEN, about_array("thresholds", data_offsets=[-196, 0])),
    ("10**12 numbers", BROKEN, about_array("clauses.keys", shape=[10**12])),
    ("more numbers than 64 bits count", BROKEN, about_array("clauses.keys", shape=[2**62, 2**62])),
    ("a shape below 0", BROKEN, about_array("clauses.keys", shape=[-1])),
    ("objects as numbers", BROKEN, about_array("clauses.keys", dtype="O")),
    ("numbers of no known type", BROKEN, about_array("clauses.keys", dtype="F7")),
    ("an array twice", "not a model", lambda data: joined(b'{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},'
        b'"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}', b"\0")),
    ("bytes behind the end", BROKEN, lambda data: data + b"\x80\x04."),
    ("metadata that is no text", BROKEN, with_header(lambda head: head.update(__metadata__={"grounds": 1}))),
    ("no metadata", "not a model of this program", with_header(lambda head: head.pop("__metadata__"))),
    ("metadata of another program", "not a model of this program", with_header(
        lambda head: head.update(__metadata__={"format": "pt"}))),
    ("metadata nested 100,000 deep", BROKEN, said("[" * 100_000)),
    ("metadata with NaN", BROKEN, said('{"format": NaN}')),
    ("metadata with Infinity", BROKEN, said('{"format": -Infinity}')),
    ("metadata with a number of 5,000 digits", BROKEN, said('{"format": ' + "9" * 5000 + "}")),
    ("metadata that is a list", "not a model of this program", said("[]")),
    ("4 MB of metadata", "model format", said(json.dumps({"format": "x" * 4_000_000}))),
    ("another format", "model format 2, this version reads 1", with_about(lambda about: about.update(format=2))),
    ("the tags of another codebook", "its tags are not those of codebook",
        with_about(lambda about: about["heads"].reverse())),
    ("another codebook", "made for codebook 0.9", card(codebook="0.9")),
    ("another spaCy", "made with spaCy 4.0.1, which finds other words", card(libraries={"spacy": "4.0.1"})),
    ("no card", CARDLESS, with_about(lambda about: about.pop("card"))),
    ("a name that is a list", CARDLESS, card(name=["grounds"])),
    ("a name of 1 MB", CARDLESS, card(name="x" * 1_000_000)),
    ("a name with a line end", CARDLESS, card(name="grounds\ngrounds: all is well")),
    ("a name that steers the terminal", CARDLESS, card(name="\x1b]0;x\x07")),
    ("a name read from right to left", CARDLESS, card(version="1\u202e2")),
    ("half a character as a version", CARDLESS, card(version="\ud800")),
    ("a figure of 400 digits", CARDLESS, card(out_of_fold={
        "reasons": {"micro_f1": 10**400, "macro_f1": 1, "exact": 1}})),
    ("a figure that is text", CARDLESS, card(out_of_fold={
        "reasons": {"micro_f1": "{0.__class__}", "macro_f1": 1, "exact": 1}})),
    ("figures of no family", CARDLESS, card(out_of_fold={
        "[x](http://x)": {"micro_f1": 1, "macro_f1": 1, "exact": 1}})),
    ("counts below 0", CARDLESS, trained_on(decisions=-1)),
    ("counts of other tags", CARDLESS, trained_on(tags={"<script>": 1})),
    ("fingerprints that are lists", CARDLESS, trained_on(fingerprints=[[]])),
    ("fingerprints nested 900 deep", CARDLESS, trained_on(fingerprints=json.loads("[" * 900 + "]" * 900))),
    ("an array that no model has", "holds an array '__reduce__'", lambda data: pack(
        {**unpack(data), "__reduce__": np.zeros(1, np.float32)}, header(data)[0]["__metadata__"])),
    ("an array missing", FOREIGN, lambda data: pack(
        {"thresholds": unpack(data)["thresholds"]}, header(data)[0]["__metadata__"])),
    ("numbers of another type", "are of type float64", with_arrays(thresholds=lambda a: a.astype(np.float64))),
    ("keys with a sign", "are of type int64", with_arrays(clauses_keys=lambda a: a.view(np.int64))),
    ("keys of another order", "are not in order", with_arrays(clauses_keys=lambda a: a[::-1])),
    ("keys twice", "are not in order", with_arrays(clauses_keys=twice_the_keys)),
    ("fewer keys than weights", UNFIT, with_arrays(clauses_keys=lambda a: a[:-1])),
    ("one head less", UNFIT, with_arrays(clauses_codes=lambda a: a[:, :-1])),
    ("a judge for other numbers", UNFIT, with_arrays(reasons_hidden=lambda a: a[:-1])),
    ("a wider layer", UNFIT, with_arrays(remedies_hidden=lambda a: np.hstack([a, a]))),
    ("two outputs", UNFIT, with_arrays(remedies_output_bias=lambda a: np.repeat(a, 2))),
    ("thresholds as a column", UNFIT, with_arrays(thresholds=lambda a: a[:, None])),
    ("no thresholds", UNFIT, with_arrays(thresholds=lambda a: a[:0])),
    ("a weight that is NaN", WEIGHTS, with_arrays(clauses_steps=first(np.nan))),
    ("an infinite weight", WEIGHTS, with_arrays(reasons_output=first(-np.inf))),
    ("a weight of 1e38", WEIGHTS, with_arrays(remedies_hidden=first(1e38))),
    ("a threshold of 1.5", "are not all from 0 to 1", with_arrays(thresholds=first(1.5))),
    ("a threshold below 0", "are not all from 0 to 1", with_arrays(cited_thresholds=first(-0.1))),
    ("a threshold that is NaN", WEIGHTS, with_arrays(thresholds=first(np.nan))),
)  # fmt: skip
def test_the_file_that_tagging_reads(
    problem: str, attack: Callable[[bytes], bytes], folder: Path, refused: Callable[[str], None]
) -> None:
    data = (folder / ARRAYS).read_bytes()
    (folder / ARRAYS).write_bytes(attack(data))
    refused(problem)


def test_features_that_begin_alike_would_take_hours_to_find(
    folder: Path, refused: Callable[[str], None]
) -> None:
    arrays = dict(unpack((folder / ARRAYS).read_bytes()))
    about = header((folder / ARRAYS).read_bytes())[0]["__metadata__"]
    arrays["clauses.keys"] = np.arange(100_000, dtype=np.uint64)
    arrays["clauses.codes"] = np.zeros((100_000, arrays["clauses.codes"].shape[1]), np.int8)
    (folder / ARRAYS).write_bytes(pack(arrays, about))
    refused("too many of its clauses.keys begin alike")


def test_a_layer_that_would_take_all_memory(folder: Path, refused: Callable[[str], None]) -> None:
    arrays = dict(unpack((folder / ARRAYS).read_bytes()))
    about = header((folder / ARRAYS).read_bytes())[0]["__metadata__"]
    for name in ("hidden", "hidden_bias", "output"):
        one = arrays[f"reasons.{name}"]
        arrays[f"reasons.{name}"] = np.ascontiguousarray(np.repeat(one, 600, axis=-1))
    (folder / ARRAYS).write_bytes(pack(arrays, about))
    refused("more than 1000 wide")


@pytest.mark.parametrize("name", [ARRAYS, ESTIMATORS])
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_pickles(
    name: str, protocol: int, folder: Path, tmp_path: Path, refused: Callable[..., None]
) -> None:
    (folder / name).write_bytes(pickle.dumps(Bomb(tmp_path / "canary"), protocol))
    refused("not a", load_model if name == ARRAYS else load_estimators)


# The fitted objects


def saved_by_numpy(array: Any) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def npy_header(descr: Any, shape: Any, body: bytes = b"") -> bytes:
    """Return an ``.npy`` file that says what it likes of itself."""
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + body


def zipped(files: dict[str, bytes], how: int = ZIP_STORED) -> bytes:
    stream = io.BytesIO()
    with warnings.catch_warnings(), ZipFile(stream, "w", how) as parts:
        warnings.simplefilter("ignore")
        for name, content in files.items():
            parts.writestr(name.removesuffix("#"), content)  # a second of that name
    return stream.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(data)) as parts:
        return {name: parts.read(name) for name in parts.namelist()}


def with_tree(change: Callable[[Any], object]) -> Callable[[dict[str, bytes], Path], bytes]:
    """Change the tree of objects; where the change returns something, this is the tree."""

    def attack(files: dict[str, bytes], canary: Path) -> bytes:
        tree = json.loads(files["schema.json"])
        changed = change(tree)
        tree = changed if isinstance(changed, dict) else tree
        return zipped(files | {"schema.json": json.dumps(tree).encode()})

    return attack


def with_node(node: Node) -> Callable[[dict[str, bytes], Path], bytes]:
    """Put a node where the vectorizer's attributes are, beside those that are there."""

    def change(tree: Any) -> None:
        inside(tree, "first")["verbose"] = node

    return with_tree(change)


def node(loader: str, module: str, name: str, **more: Any) -> Node:
    return {"__loader__": loader, "__module__": module, "__class__": name, "__id__": 1} | more


def text(value: Any) -> Node:
    return node("JsonNode", "builtins", "str", content=json.dumps(value), is_json=True)


def listed(*nodes: Node, kind: str = "list") -> Node:
    return node(f"{kind.title()}Node", "builtins", kind, content=list(nodes))


def keyed(**nodes: Node) -> Node:
    types = listed(*(node("TypeNode", "builtins", "str") for _ in nodes))
    return node("DictNode", "builtins", "dict", content=nodes, key_types=types)


COMMAND = listed(text("touch canary"), kind="tuple")
METHOD = {"func": "__init__", "obj": node("ObjectNode", "subprocess", "Popen")}
CALLED = node(
    "PartialNode", "functools", "partial",
    content={"func": node("FunctionNode", "os", "system"), "args": COMMAND, "kwds": keyed(), "namespace": text(None)},
)  # fmt: skip
FORBIDDEN_NODES = {
    "a function of the system": node("FunctionNode", "os", "system"),
    "a function of numpy": node("FunctionNode", "numpy", "load"),
    "a function that skops trusts": node("FunctionNode", "numpy", "add"),
    "a function with its arguments": CALLED,
    "a method": node("MethodNode", "subprocess", "Popen", content=METHOD),
    "a method of another object": node("MethodNode", "builtins", "str", content={"func": "system", "obj": text(1)}),
    "an operator": node("OperatorFuncNode", "operator", "methodcaller", attrs=COMMAND),
    "an object made by a call": node("ConstructorFromReduceNode", "subprocess", "Popen", content=COMMAND),
    "an object with __reduce__": node("ObjectNode", "sklearn.pipeline", "Pipeline", content=keyed(),
                                      __reduce__={"args": COMMAND}),
    "a tree with __reduce__": node("TreeNode", "sklearn.tree._tree", "Tree", __reduce__={"args": COMMAND}, content=keyed()),
    "a loss with __reduce__": node("LossNode", "os", "system", __reduce__={"args": COMMAND}, content=keyed()),
    "a process": node("ObjectNode", "subprocess", "Popen", content=keyed()),
    "code": node("ObjectNode", "types", "CodeType", content=keyed()),
    "something of the program that loads": node("ObjectNode", "__main__", "Bomb", content=keyed()),
    "an estimator that no model has": node("ObjectNode", "sklearn.preprocessing._function_transformer",
                                           "FunctionTransformer", content=keyed(func=node("FunctionNode", "os", "system"))),
    "another loader for a type that is let in": node("ObjectNode", "numpy", "ndarray", content=keyed()),
    "a type": node("TypeNode", "os", "system"),
    "a type that skops trusts": node("TypeNode", "builtins", "map"),
    "a dictionary of another type": node("DictNode", "os", "environ", content={}, key_types=listed()),
    "a dictionary with a default": node("DefaultDictNode", "collections", "defaultdict", content={"main": keyed(),
                                        "default_factory": node("FunctionNode", "os", "getcwd")}),
    "a list of another type": node("ListNode", "os", "system", content=[text("touch canary")]),
    "a tuple of another type": node("TupleNode", "time", "struct_time", content=[]),
    "a set": node("SetNode", "builtins", "set", content=[]),
    "bytes": node("BytesNode", "builtins", "bytes", file="schema.json"),
    "numbers of another type": node("NdArrayNode", "os", "system", type="numpy", file="schema.json"),
    "objects in an array": node("NdArrayNode", "numpy", "ndarray", type="json", content=[CALLED], shape=listed()),
    "a masked array": node("MaskedArrayNode", "numpy.ma", "MaskedArray", content={"data": text(1), "mask": text(1)}),
    "a type of numbers": node("DTypeNode", "numpy", "dtype", content=text(1)),
    "a sparse matrix": node("SparseMatrixNode", "scipy.sparse", "csr_matrix", type="scipy", file="schema.json"),
    "a generator of random numbers": node("RandomGeneratorNode", "numpy.random", "Generator",
        content={"bit_generator": keyed(bit_generator=text("seed")), "seed_seq": keyed()}),
    "an object that was there before": node("CachedNode", "builtins", "str"),
    "an unknown loader": node("EvilNode", "builtins", "str"),
    "a loader that is a list": node("ListNode", "builtins", "str") | {"__loader__": ["JsonNode"]},
    "a text by another name": node("JsonNode", "os", "system", content='"touch canary"', is_json=True),
}  # fmt: skip


@pytest.mark.parametrize("name", FORBIDDEN_NODES)
def test_objects_that_no_model_has(
    name: str,
    folder: Path,
    tmp_path: Path,
    refused: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)  # where "touch canary" would put it
    attack = with_node(FORBIDDEN_NODES[name])
    data = attack(parts_of((folder / ESTIMATORS).read_bytes()), tmp_path / "canary")
    (folder / ESTIMATORS).write_bytes(data)
    refused("not a file of estimators", load_estimators)


def test_they_are_refused_before_skops_sees_them(
    folder: Path, refused: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever version of skops is installed, and whatever it trusts."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("skops was asked")

    monkeypatch.setattr(skops.io, "loads", never)
    whole = parts_of((folder / ESTIMATORS).read_bytes())
    for forbidden in FORBIDDEN_NODES.values():
        (folder / ESTIMATORS).write_bytes(with_node(forbidden)(whole, folder))
        with pytest.raises(ModelError) as caught:
            load_estimators(folder)
        assert "skops was asked" not in str(caught.value)


def deep(levels: int) -> Node:
    tree = text(1)
    for _ in range(levels):
        tree = listed(tree)
    return tree


def shared(levels: int) -> Node:
    """Return a tree of which every branch holds the one below twice, by reference: 2**levels leaves."""
    tree = text(1) | {"__id__": 1000}
    for level in range(1, levels):
        again = {"__id__": 999 + level}
        tree = listed(tree, again) | {"__id__": 1000 + level}
    return tree


def inside(tree: Any, *path: str) -> Any:
    """Return what objects and dictionaries of the tree hold, by their names."""
    for name in (*path, None):
        tree = tree["content"]
        tree = tree["content"] if "__loader__" in tree else tree
        tree = tree if name is None else tree[name]
    return tree


def find(tree: Any, loader: str) -> Iterator[Any]:
    """Yield the nodes of a loader."""
    if isinstance(tree, dict):
        if tree.get("__loader__") == loader:
            yield tree
        for value in tree.values():
            yield from find(value, loader)
    elif isinstance(tree, list):
        for value in tree:
            yield from find(value, loader)


def random_place(value: Any) -> Callable[[Any], None]:
    def change(tree: Any) -> None:
        for one in find(tree, "RandomStateNode"):
            one["content"]["content"]["state"]["content"]["pos"] = text(value)

    return change


def keys_file(files: dict[str, bytes]) -> str:
    """Return the name of the file that has the keys."""
    return next(name for name, data in files.items() if b"'<u8'" in data[:100])


def with_array(made: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes], Path], bytes]:
    def attack(files: dict[str, bytes], canary: Path) -> bytes:
        name = keys_file(files)
        return zipped(files | {name: made(files[name])}, ZIP_DEFLATED)

    return attack


def keys(change: Callable[[Any], Any]) -> Callable[[dict[str, bytes], Path], bytes]:
    return with_array(lambda data: saved_by_numpy(change(np.load(io.BytesIO(data)))))


def weights(value: float) -> Callable[[dict[str, bytes], Path], bytes]:
    def attack(files: dict[str, bytes], canary: Path) -> bytes:
        name = next(
            name for name, data in files.items() if b"'<f" in data[:100] and len(data) > 150
        )
        array = np.load(io.BytesIO(files[name]))
        array.flat[0] = value
        return zipped(files | {name: saved_by_numpy(array)})

    return attack


def named(name: str) -> Callable[[dict[str, bytes], Path], bytes]:
    return lambda files, canary: zipped(files | {name: b"x"})


def link(files: dict[str, bytes], canary: Path) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w") as parts:
        for name, content in files.items():
            info = ZipInfo(name)
            info.external_attr = 0o120777 << 16  # a symbolic link
            parts.writestr(info, b"/etc/passwd" if name == "schema.json" else content)
    return stream.getvalue()


def lying(size: int) -> Callable[[dict[str, bytes], Path], bytes]:
    """Make the directory say that the tree has another size than it has."""

    def attack(files: dict[str, bytes], canary: Path) -> bytes:
        data = bytearray(zipped({"schema.json": files["schema.json"]}))
        place = data.rindex(b"PK\x01\x02")
        data[place + 24 : place + 28] = struct.pack("<I", size)
        return bytes(data)

    return attack


def encrypted(files: dict[str, bytes], canary: Path) -> bytes:
    data = bytearray(zipped(files))
    place = data.rindex(b"PK\x01\x02")
    while place >= 0:
        data[place + 8] |= 1
        place = data.rfind(b"PK\x01\x02", 0, place)
    return bytes(data)


def object_array(files: dict[str, bytes], canary: Path) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([Bomb(canary)], object), allow_pickle=True)
    return zipped(files | {keys_file(files): stream.getvalue()})


def no_key(*path: str) -> Callable[[Any], None]:
    def change(tree: Any) -> None:
        inside(tree, *path[:-1]).pop(path[-1])

    return change


@refuse(
    ("a tree nested 400 deep", "recursion", with_node(deep(400))),
    ("a tree nested 100,000 deep", "recursion", lambda files, _: zipped({"schema.json": b"[" * 100_000})),
    ("references that double 60 times", "", with_node(shared(60))),
    ("a reference to itself", "", with_node(listed({"__id__": 1}))),
    ("a tree that is a list", "", lambda files, _: zipped(files | {"schema.json": b"[]"})),
    ("a tree without anything", "", lambda files, _: zipped(files | {"schema.json": b"{}"})),
    ("a protocol of the future", "protocol", with_tree(lambda tree: tree.update(protocol=99))),
    ("an old protocol with its nodes", "", with_tree(
        lambda tree: tree.update(protocol=0, content=node("FunctionNode", "os", "system")))),
    ("a number that is NaN", "NaN is no number", with_node(text(float("nan")))),
    ("a number of 5,000 digits", "", with_node(node("JsonNode", "builtins", "str", content="9" * 5000))),
    ("a version that steers the terminal", "it says", with_tree(
        lambda tree: inside(tree, "first").update(_sklearn_version=text("\x1b]0;x\x07")))),
    ("random numbers from beyond the end", "beyond 624", with_tree(random_place(10**9))),
    ("random numbers from before the start", "beyond 624", with_tree(random_place(-1))),
    ("random numbers of another kind", "", with_tree(random_place("pos"))),
    ("objects missing", "'first'", with_tree(no_key("first"))),
    ("a pipeline without steps", "steps", with_tree(no_key("first", "steps"))),
    ("a list in the place of the pipeline", "", with_tree(lambda tree: tree["content"].update(first=listed()))),
    ("an array that is not there", "", with_node(
        node("NdArrayNode", "numpy", "ndarray", type="numpy", file="9.npy"))),
    ("the tree as an array", "", with_node(
        node("NdArrayNode", "numpy", "ndarray", type="numpy", file="schema.json"))),
    ("an array outside", "", with_node(
        node("NdArrayNode", "numpy", "ndarray", type="numpy", file="../../../etc/passwd"))),
    ("a name that leads out", "it holds a file '../9.npy'", named("../9.npy")),
    ("a name from the root", "it holds a file '/9.npy'", named("/9.npy")),
    ("a name on another drive", "it holds a file", named("C:\\9.npy")),
    ("a folder", "it holds a file", named("folder/9.npy")),
    ("a file of another kind", "it holds a file 'data.pkl'", named("data.pkl")),
    ("a name with a line end", "it holds a file", named("9\n.npy")),
    ("a name in other digits", "it holds a file", named("\u0661.npy")),
    ("two trees", "two files of one name", named("schema.json#")),
    ("links", "", link),
    ("files with a password", "", encrypted),
    ("a file longer than it says", "", lying(10)),
    ("a file shorter than it says", "", lying(2**31)),
    ("no tree", "it holds no schema.json", lambda files, _: zipped({"1.npy": b""})),
    ("a packing that takes any memory", "packed in another way", lambda files, _: zipped(files, ZIP_LZMA)),
    ("100,000 files", "more than 10,000 files", lambda files, _: b"PK\x01\x02" * 100_000),
    ("an array of objects", "type object", object_array),
    ("objects by another name", "", with_array(lambda data: npy_header("|O", (1,), pickle.dumps(1)))),
    ("10**12 numbers", "another size than it says", with_array(lambda data: npy_header("<u8", (10**12,)))),
    ("numbers of 10**12 bytes", "", with_array(lambda data: npy_header("|V1000000000000", (1,)))),
    ("shapes below 0", "another size than it says", with_array(lambda data: npy_header("<u8", (-1,)))),
    ("shapes that multiply to nothing", "another size", with_array(lambda data: npy_header("<u8", (-2, -3), b"x" * 48))),
    ("numbers of many fields", "of type", with_array(lambda data: npy_header([("a", "<u8"), ("b", "|O")], (1,), b"x" * 16))),
    ("a header that is code", "", with_array(
        lambda data: data[:8] + struct.pack("<H", 60) + b"__import__('os').system('touch canary')".ljust(60))),
    ("a header of 60,000 bytes", "", with_array(lambda data: npy_header("<u8", tuple([1] * 20_000)))),
    ("a newer header", "of another version", with_array(lambda data: data[:6] + b"\x03\x00" + data[8:])),
    ("complex numbers", "of type complex128", keys(lambda a: a.astype(complex))),
    ("dates", "of type", keys(lambda a: a.astype("M8[s]"))),
    ("texts", "of type", keys(lambda a: a.astype("U20"))),
    ("keys of another order", "not in order", keys(lambda a: a[::-1])),
    ("keys in a square", "not in order", keys(lambda a: np.stack([a, a]))),
    ("keys with a sign", "not in order", keys(lambda a: a.view(np.int64))),
    ("fewer keys than weights", "features", keys(lambda a: a[:-1])),
    ("a weight that is NaN", "not all numbers", weights(np.nan)),
    ("an infinite weight", "not all numbers", weights(np.inf)),
)  # fmt: skip
def test_the_fitted_objects(
    problem: str,
    attack: Callable[[dict[str, bytes], Path], bytes],
    folder: Path,
    tmp_path: Path,
    refused: Callable[..., None],
) -> None:
    files = parts_of((folder / ESTIMATORS).read_bytes())
    (folder / ESTIMATORS).write_bytes(attack(files, tmp_path / "canary"))
    refused(problem, load_estimators)


# The folder


def replaced(name: str, make: Callable[[Path], object]) -> Callable[[Path], None]:
    def attack(folder: Path) -> None:
        (folder / name).unlink()
        make(folder / name)

    return attack


def elsewhere(path: Path) -> None:
    outside = path.parent.parent / "outside"
    small().save(outside)
    path.symlink_to(outside / path.name)


@pytest.mark.parametrize(("name", "load"), [(ARRAYS, load_model), (ESTIMATORS, load_estimators)])
@refuse(
    ("a link out of the folder", "is a link out of its folder", elsewhere),
    ("a link to a device", "is a link out of its folder", lambda path: path.symlink_to("/dev/zero")),
    ("a link to a file of the system", "is a link out of its folder", lambda path: path.symlink_to("/etc/passwd")),
    ("a link to itself", "", lambda path: path.symlink_to(path)),
    ("a link to nothing", "no such", lambda path: path.symlink_to("nowhere")),
    ("a pipe", "not a file", os.mkfifo),
    ("a folder", "not a file", Path.mkdir),
    ("nothing", "no such", lambda path: None),
    ("an empty file", "not a", Path.touch),
    ("a sparse file of 1 TB", "larger than 50 MB", lambda path: sparse(path)),
)  # fmt: skip
def test_what_stands_in_the_place_of_a_file(
    name: str,
    load: Callable[[Path], object],
    problem: str,
    attack: Callable[[Path], object],
    folder: Path,
    refused: Callable[..., None],
) -> None:
    replaced(name, attack)(folder)
    refused(problem, load)


def sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def test_a_file_that_may_not_be_read(folder: Path, refused: Callable[..., None]) -> None:
    (folder / ARRAYS).chmod(0)
    let_in(folder)
    with nobody():
        refused("cannot be read (Permission denied)")


def test_a_device_by_its_own_name() -> None:
    with pytest.raises(ModelError, match=r"^/dev/zero: not a file"):
        load_model("/dev/zero")


def test_a_folder_whose_name_has_a_line_end(saved: Path, tmp_path: Path) -> None:
    odd = tmp_path / "a\ngrounds: all is well"
    shutil.copytree(saved, odd)
    (odd / ARRAYS).write_bytes(b"")
    done = command("tag", str(DECISION), "--model", str(odd))
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.endswith("not a model file: Error while deserializing: header too small")


@pytest.mark.parametrize(
    "words", [["tag", "labels.csv", "--model"], ["train", "labels.csv", "-o", "new", "--start"]]
)
def test_commands_say_it_in_one_line(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "labels.csv").write_text("path,tags\n94.txt,late\n", "utf-8")
    done = command(*words, "notes", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "grounds: notes/model.safetensors: no such model; 'grounds train' makes one\n"
    )
    assert not (tmp_path / "new").exists()


def command(*words: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "grounds", *words],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=120, **settings,
    )  # fmt: skip


HEAVY = """if True:
    import io, json, resource, struct, sys, zipfile
    from pathlib import Path
    import numpy as np
    from safetensors.numpy import load as unpack, save as pack
    from grounds.bundle import ARRAYS, ESTIMATORS, load_estimators, load_model
    from grounds.errors import ModelError

    folder = Path(sys.argv[1])
    model, estimators = (folder / ARRAYS).read_bytes(), (folder / ESTIMATORS).read_bytes()
    load_model(folder), load_estimators(folder)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    def tried(load, name, data):
        (folder / name).write_bytes(data)
        del data
        try:
            load(folder)
        except ModelError as error:
            print(str(error)[len(str(folder)) + 1 :])

    def header(text):
        return struct.pack("<Q", len(text)) + text

    def archive(files):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as parts:
            for name, content in files.items():
                with parts.open(name, "w", force_zip64=True) as part:
                    for _ in range(content[1]):
                        part.write(content[0])
        return stream.getvalue()

    with zipfile.ZipFile(io.BytesIO(estimators)) as parts:
        tree = parts.read("schema.json")
    tried(load_model, ARRAYS, header(b'{"__metadata__":{"grounds":"[' + b"[]," * 15_000_000 + b'[]]"}}'))
    tried(load_model, ARRAYS, header(b'{"__metadata__":{"grounds":"[' + b"[]," * 1_600_000 + b'[]]"}}'))
    tried(load_estimators, ESTIMATORS, archive({"schema.json": (bytes(1_000_000), 60)}))
    tried(load_estimators, ESTIMATORS, archive({f"{n}.npy": (bytes(1_000_000), 1) for n in range(60)}))
    big = json.dumps({"__loader__": "NdArrayNode", "__module__": "numpy", "__class__": "ndarray",
                      "type": "numpy", "file": "1.npy"})
    nodes = ",".join([big] * 500)
    listed = tree.replace(b'"content": {', b'"content": {"more": {"__loader__": "ListNode", "__module__": "builtins", '
        b'"__class__": "list", "content": [' + nodes.encode() + b"]},", 1)
    stream = io.BytesIO()
    np.save(stream, np.zeros(2_000_000, np.uint8))
    tried(load_estimators, ESTIMATORS, archive({"schema.json": (listed, 1), "1.npy": (stream.getvalue(), 1)}))
    del stream, nodes, listed
    tried(load_estimators, ESTIMATORS, b"PK\\x01\\x02" + bytes(42) + b"PK\\x01\\x02" * 12_000_000)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print((after - before) // 1024)
"""


def test_what_would_fill_the_memory(saved: Path, tmp_path: Path) -> None:
    """Headers, archives and references that unpack to gigabytes take none."""
    shutil.copytree(saved, tmp_path / "model")
    done = subprocess.run(
        [sys.executable, "-c", HEAVY, str(tmp_path / "model")],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.stderr == ""
    *refusals, grown = done.stdout.splitlines()
    assert refusals == [
        "model.safetensors: not a model file: its header has more than 5 MB",
        "model.safetensors: not a model of this program",
        "estimators.skops: not a file of estimators: it unpacks to more than 50 MB",
        "estimators.skops: not a file of estimators: it unpacks to more than 50 MB",
        "estimators.skops: not a file of estimators: it uses its arrays too often",
        "estimators.skops: not a file of estimators: it holds more than 10,000 files",
    ]
    assert int(grown) < 300  # MB


# What names a model, and other ways in


def test_a_file_that_is_swapped_while_it_is_read_is_read_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    sys.addaudithook(
        lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None
    )
    load_model(folder)
    load_estimators(folder)
    assert opened.count(str(folder / ARRAYS)) == 1
    assert opened.count(str(folder / ESTIMATORS)) == 1


def test_a_changed_byte_is_another_model_or_none(saved: Path, folder: Path) -> None:
    data, name = (saved / ARRAYS).read_bytes(), load_model(saved).sha256
    refusals = 0
    for place in range(0, len(data), 101):
        changed = data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]
        (folder / ARRAYS).write_bytes(changed)
        try:
            assert load_model(folder).sha256 != name
        except ModelError:
            refusals += 1
    assert 10 < refusals < len(data) // 101  # there are some of each


def test_a_changed_byte_of_the_fitted_objects_is_seen_or_changes_nothing(
    saved: Path, folder: Path
) -> None:
    data = (saved / ESTIMATORS).read_bytes()
    whole, refusals = repr(load_estimators(saved)), 0
    for place in range(0, len(data), 211):
        (folder / ESTIMATORS).write_bytes(
            data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]
        )
        try:
            assert repr(load_estimators(folder)) == whole
        except ModelError:
            refusals += 1
    assert refusals > 20


def test_the_component_loads_no_other_way(folder: Path, tmp_path: Path, watch: Watch) -> None:
    bomb = pickle.dumps(Bomb(tmp_path / "canary"))
    (folder / ARRAYS).write_bytes(bomb)
    component, texts = GroundsComponent(), [DECISION.read_text("utf-8")] * 12
    watch.on = True
    try:
        for load in (
            lambda: component.from_disk(folder),
            lambda: component.from_bytes(bomb),
            GroundsComponent(model=folder).loaded,
            lambda: GroundsClassifier(start=folder).fit(texts, [{"late"}] * 12),
        ):
            with pytest.raises(ModelError, match="not a model file"):
                load()
    finally:
        watch.on = False
    assert watch.seen == []
    assert not (tmp_path / "canary").exists()


def test_a_model_tags_nothing_where_there_is_nothing() -> None:
    judgement = small().judge([])
    assert judgement.decision_probability.shape == (0, 49)
    assert judgement.cited_probability.shape == (0, 21)
    assert list(tag_all([], small())) == []


def test_what_systems_put_into_folders_is_no_reason_to_refuse(folder: Path) -> None:
    (folder / ".DS_Store").write_bytes(b"")
    (folder / "Thumbs.db").write_bytes(b"")
    small().save(folder)
    assert {file.name for file in folder.iterdir()} >= {ARRAYS, CARD, ".DS_Store", "Thumbs.db"}
    assert load_model(folder).sha256 == small().sha256


def test_the_whole_model_is_let_in(saved: Path) -> None:
    """Or else the refusals above would show nothing."""
    assert load_model(saved).id == small().id
    assert set(load_estimators(saved)) == {"first", "blends", "judges"}
    files = parts_of((saved / ESTIMATORS).read_bytes())
    assert npy.read_magic(io.BytesIO(files[keys_file(files)])) == (1, 0)
    assert 5 * sum(file.stat().st_size for file in bundle.shipped().iterdir()) / 2 < bundle.LARGEST


def test_the_page_says_how_many_attacks_there_are() -> None:
    pickles, heavy, features = 6, 6, 2
    number = len(ATTACKS) + len(FORBIDDEN_NODES) + pickles + heavy + features
    page = (DECISION.parents[2] / "docs" / "reliability.md").read_text("utf-8")
    assert f"{number} attacks are refused" in page
