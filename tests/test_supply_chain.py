"""The lock that CI installs from, and what is known against it."""

from __future__ import annotations

import re
import runpy
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements" / "ci.txt").read_text("utf-8")
AUDIT = runpy.run_path(str(ROOT / "reliability" / "audit.py"))

_ENTRY = re.compile(
    r"^([a-z0-9.-]+)==([^ ]+)(?: ; (.*?))? \\\n((?: .*\n)+?)(?=\S|\Z)", re.MULTILINE
)
ENTRIES = [found.groups() for found in _ENTRY.finditer(LOCK)]


def declared(extra: str) -> Iterator[Requirement]:
    """Yield what an extra asks for, with what it takes over from other extras."""
    for text in PROJECT["project"]["optional-dependencies"][extra]:
        wanted = Requirement(text)
        if wanted.name == PROJECT["project"]["name"]:
            for other in wanted.extras:
                yield from declared(other)
        else:
            yield wanted


WANTED = [
    *map(Requirement, PROJECT["project"]["dependencies"]),
    *map(Requirement, PROJECT["build-system"]["requires"]),
    *declared("dev"),
]


def test_the_lock_has_what_the_project_asks_for() -> None:
    versions: dict[str, list[str]] = {}
    for name, version, *_ in ENTRIES:
        versions.setdefault(name, []).append(version)
    missing = [
        str(wanted)
        for wanted in WANTED
        if not any(map(wanted.specifier.contains, versions.get(canonicalize_name(wanted.name), [])))
    ]
    assert missing == [], "run: make lock"


def test_the_lock_has_nothing_that_the_project_no_longer_asks_for() -> None:
    direct = {name for name, _, _, rest in ENTRIES if "lgsco-grounds (pyproject.toml)" in rest}
    assert direct == {canonicalize_name(wanted.name) for wanted in WANTED}, "run: make lock"


def test_every_package_of_the_lock_has_hashes() -> None:
    assert len(ENTRIES) == len(re.findall(r"^\w", LOCK, re.MULTILINE))
    assert [name for name, _, _, rest in ENTRIES if "--hash=sha256:" not in rest] == []


def test_the_lock_names_no_place_to_take_packages_from() -> None:
    assert not re.search(r"://|--(?:index|extra-index|find-links|trusted)|/(?:tmp|home|opt)/", LOCK)


def test_no_answer_is_no_good_answer() -> None:
    status, summed_up = AUDIT["status"], AUDIT["summed_up"]
    fine = {"name": "fine", "version": "1.0", "vulns": []}
    weak = {**fine, "vulns": [{"id": "PYSEC-1", "fix_versions": []}]}
    lost = {"name": "lost", "skip_reason": "not found"}
    told = [
        status(summed_up(said)) for said in ([fine], [fine, weak], [weak, lost], [fine, lost], [])
    ]
    assert told == [0, 1, 1, 3, 3]
