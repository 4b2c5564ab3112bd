"""Work shared by the workers of a Dask cluster: a real scheduler and two real workers."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from composer import compose, text_of
from records import CORPUS

from grounds.cli import main
from grounds.workers import ALL, workers

WORKERS = 2


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a cluster on this machine and return its address."""
    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    with ExitStack() as stack:

        def start(*words: str) -> None:
            process = subprocess.Popen(
                [*dask, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)

        start("scheduler", "--port", "0", "--scheduler-file", str(file), *here)
        for _ in range(WORKERS):
            start("worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny", *here)
        yield address_of(file)


def address_of(file: Path) -> str:
    """Return the scheduler's address when it has all of its workers."""
    from distributed import Client

    end = time.monotonic() + 60
    while not (file.exists() and file.read_text()):
        assert time.monotonic() < end, "no scheduler"
        time.sleep(0.1)
    address = str(json.loads(file.read_text())["address"])
    with Client(address) as client:
        client.wait_for_workers(WORKERS, timeout=60)
    return address


def test_workers_tag_as_one_process_does(scheduler: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number, made in enumerate(compose(101, seed=7)):
        (folder / f"{number:03}.txt").write_text(text_of(made.decision), "utf-8")
    (folder / "100.txt").write_text("")
    alone, shared = tmp_path / "alone.jsonl", tmp_path / "shared.jsonl"
    assert main(["tag", str(folder), "-o", str(alone)]) == 1
    options = ["--backend", "dask", "--scheduler", scheduler]
    assert main(["tag", str(folder), "-o", str(shared), *options]) == 1
    assert shared.read_bytes() == alone.read_bytes()
    assert shared.read_bytes().count(b"\n") == 100


def test_workers_train_and_evaluate(
    scheduler: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folds = tmp_path / "folds.json"
    for name, some in (("a", "1*.md"), ("b", "2*.md")):
        (tmp_path / name).mkdir()
        for path in (CORPUS / "short").glob(some):
            (tmp_path / name / path.name).write_bytes(path.read_bytes())
    data = str(tmp_path / "a")
    folds.write_text(json.dumps({"folds": [["a"], ["b"]]}))
    options = ["--backend", "dask", "--scheduler", scheduler]
    for name, more in (("alone.json", []), ("shared.json", options)):
        words = ["evaluate", str(tmp_path / "a"), str(tmp_path / "b"), "--folds", str(folds)]
        assert main([*words, "-o", str(tmp_path / name), *more]) == 0
    capsys.readouterr()
    alone, shared = (json.loads((tmp_path / f"{n}.json").read_text()) for n in ("alone", "shared"))
    assert shared == alone
    for name, more in (("alone", []), ("shared", options)):
        assert main(["train", data, "-o", str(tmp_path / name), *more]) == 0
    one, other = (tmp_path / name / "model.safetensors" for name in ("alone", "shared"))
    assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--backend", "dask"], "needs --scheduler"),
        (["--scheduler", "tcp://127.0.0.1:1"], "goes with --backend dask"),
        (["--backend", "dusk"], "dusk"),
        (["--backend", "dask", "--scheduler", "nonsense://x"], "no Dask scheduler answers"),
    ],
)
def test_wrong_usage(
    options: list[str], problem: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text("x")
    assert main(["tag", str(tmp_path), "-o", str(tmp_path / "x.jsonl"), *options]) == 2
    assert problem in capsys.readouterr().err


def test_processes_of_this_machine_are_the_rule() -> None:
    with workers("local", None, 3) as jobs:
        assert jobs == 3
    assert ALL == -1
