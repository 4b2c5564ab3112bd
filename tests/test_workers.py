"""Work shared by the workers of a Dask cluster: a real scheduler and two real workers."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from composer import compose, text_of
from records import CORPUS

from grounds.cli import main
from grounds.workers import ALL, workers

WORKERS = 2


class Cluster(NamedTuple):
    """A cluster on this machine: its address, and its processes, the scheduler first."""

    address: str
    processes: list[subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Start a cluster."""
    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    processes: list[subprocess.Popen[bytes]] = []
    with ExitStack() as stack:

        def start(*words: str) -> None:
            process = subprocess.Popen(
                [*dask, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
            )
            processes.append(process)
            stack.callback(process.wait)
            stack.callback(process.terminate)

        start("scheduler", "--port", "0", "--scheduler-file", str(file), *here)
        for _ in range(WORKERS):
            start("worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-nanny", *here)
        yield Cluster(address_of(file), processes)


@pytest.fixture(scope="module")
def scheduler(cluster: Cluster) -> str:
    """Return the address of a cluster."""
    return cluster.address


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


def test_what_a_cluster_loses(cluster: Cluster, tmp_path: Path) -> None:
    """This comes last, since the cluster is gone with it."""
    (tmp_path / "in").mkdir()
    for number, made in enumerate(compose(300, seed=7)):
        (tmp_path / "in" / f"{number:03}.txt").write_text(text_of(made.decision), "utf-8")
    path = tmp_path / "tags.jsonl"
    words = ["tag", str(tmp_path / "in"), "-o", str(path)]
    dask = ["--backend", "dask", "--scheduler", cluster.address]
    assert main([*words[:-1], str(tmp_path / "alone.jsonl")]) == 0
    scheduler, first, _ = cluster.processes
    records = tmp_path / "tags.jsonl.part" / "records.jsonl"
    command = [sys.executable, "-m", "grounds", *words, *dask]
    for lost in (first, scheduler):
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            while process.poll() is None and not (records.exists() and records.stat().st_size):
                time.sleep(0.002)
            lost.kill()
            _, said = process.communicate(timeout=100)
        assert "Traceback" not in said
        assert process.returncode == 0 or lost is scheduler, said
        if process.returncode:  # else there was no work left to lose
            assert "the same command goes on from there" in said
            assert "the connection to Dask's scheduler was lost" in said
            assert main(words) == 0
        assert path.read_bytes() == (tmp_path / "alone.jsonl").read_bytes()
        path.unlink()
