"""Writes the tables in README and docs, of figures and of columns: ``python docs/tables.py``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from grounds.database.described import described
from grounds.limits import SERVED, Limits, defaults

DOCS = Path(__file__).parent
PAGES = (
    DOCS.parent / "README.md",
    DOCS / "accuracy.md",
    DOCS / "performance.md",
    DOCS / "reliability.md",
    DOCS / "formats.md",
)

_TABLE = re.compile(r"(?<=<!-- table: )(\w+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)

Figures = Mapping[str, Any]


def refreshed(page: str) -> str:
    """Return the page with its tables as the figures are now."""
    return _TABLE.sub(lambda found: "".join((found[1], found[2], _joined(found[1]))), page)


def _joined(table: str) -> str:
    return "".join(f"{line}\n" for line in TABLES[table]())


def database() -> Iterator[str]:
    """Give a row for each table and view of a database, and one for each of their columns."""
    yield "| table or view | column | what |"
    yield "| --- | --- | --- |"
    for one in described():
        yield f"| **`{one.name}`**{' (view)' if one.is_view else ''} | | {one.about} |"
        for column, about in one.columns.items():
            yield f"| | `{column}` | {about} |"


def limits() -> Iterator[str]:
    """Give a row for each limit."""
    yield "| limit | of what | default | in `grounds serve` |"
    yield "| --- | --- | --- | --- |"
    pairs = zip(fields(Limits), defaults(), defaults(SERVED), strict=True)
    for one, plain, served in pairs:
        other = f"`{served}`" if served != plain else ""
        yield _line(f"`{one.name}`", one.metadata["about"], f"`{plain}`", other)


def headline() -> Iterator[str]:
    """Give the figures of the README."""
    corpus, voices = _read("figures.json"), _read("voices.json")
    yield "| | grounds and bars | remedies |"
    yield "| --- | --- | --- |"
    for title, name in METRICS.items():
        yield _line(title, *(_with_interval(corpus[family], name) for family in FAMILIES))
    errors = (f"{corpus[family]['calibration_error']:.3f}" for family in FAMILIES)
    yield _line("calibration error (ECE, 10 bins, over all decisions and tags)", *errors)
    unseen = (_with_interval(voices[family], "micro_f1") for family in FAMILIES)
    yield _line("micro F1 on wording by hands not seen", *unseen)


def trials() -> Iterator[str]:
    """Give a row for each way to part what is trained on from what is tested."""
    corpus, voices, guard = (_read(f"{name}.json") for name in ("figures", "voices", "guard"))
    retold, invented = reversed(guard["folds"])
    yield "| tested on | decisions | grounds and bars: micro F1 | macro F1 | all right | remedies: micro F1 | macro F1 | all right | evidence |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    yield _trial("**subjects not seen** (the corpus, eight folds)", corpus)
    yield _trial("**hands not seen** (the voices, four folds)", voices)
    yield _trial("retold decisions, trained on invented ones", retold)
    yield _trial("invented decisions, trained on retold ones", invented)


def hands() -> Iterator[str]:
    """Give a row for each fold of voices, which has five hands."""
    yield "| hands not seen | decisions | grounds and bars: micro F1 | all right | remedies: micro F1 | all right |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for fold in _read("voices.json")["folds"]:
        cells = [f"{fold[f][name]:.3f}" for f in FAMILIES for name in ("micro_f1", "exact")]
        yield _line(", ".join(fold["folders"]), fold["decisions"], *cells)


def peers() -> Iterator[str]:
    """Give a row for each system of the benchmark."""
    yield "| | grounds and bars: micro F1 | macro F1 | all right | remedies: micro F1 | macro F1 |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for system in _read("benchmark-accuracy.json")["systems"].values():
        reasons, remedies = (system[family] for family in FAMILIES)
        numbers = (
            *(reasons["figures"][name] for name in ("macro_f1", "exact")),
            remedies["figures"]["macro_f1"],
        )
        macro, exact, remedies_macro = (f"{number:.3f}" for number in numbers)
        micro, remedies_micro = (_with_interval(f, "micro_f1") for f in (reasons, remedies))
        yield _line(system["what"], micro, macro, exact, remedies_micro, remedies_macro)


def speed() -> Iterator[str]:
    """Give a row for each target of speed and memory that a benchmark measures."""
    throughput, scale = _read("benchmark-throughput.json"), _read("benchmark-scale.json")
    training = _read("benchmark-training.json")["runs"][-1]
    both = throughput["systems"]["both"]["over"]
    starts = throughput["starts"]
    all_of_them = scale["runs"][-1]
    yield "| | target | measured |"
    yield "| --- | --- | --- |"
    yield _line(
        "text in memory to record, over bare tokenizing of the same copies",
        "≤ 1.5",
        _times(both["copies"]),
    )
    yield _line(
        "the same, over tokenizing their paragraphs one at a time", "", _times(both["paragraphs"])
    )
    yield _line(
        f"{all_of_them['decisions']:,} decisions, files to JSON Lines, two cores",
        "≤ 3 min, ≤ 1 GiB",
        f"{all_of_them['seconds']:.0f} s, {_gib(all_of_them['pss'])}",
    )
    yield _line(
        "`grounds tag FILE` from nothing, over `import spacy`",
        "≤ 1.5",
        _times(starts["tag"]["over_import"]),
    )
    yield _line("`grounds --help`, over the same", "≤ 0.3", _times(starts["help"]["over_import"]))
    yield _line(
        f"training on {training['decisions']:,} labelled decisions, two cores",
        "≤ 15 min, ≤ 8 GiB",
        f"{training['seconds'] / 60:.1f} min, {_gib(training['pss'])}",
    )


def quickness() -> Iterator[str]:
    """Give a row for each way to tag, and how long it takes beside this project's."""
    yield "| | time, tokenizing the copies = 1 | tokenizing paragraphs = 1 | our reading and tagging = 1 | our tagging = 1 |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for system in _read("benchmark-throughput.json")["systems"].values():
        yield _line(system["what"], *map(_times, system["over"].values()))


def growth() -> Iterator[str]:
    """Give a row for each number of decisions that were tagged."""
    yield "| decisions | time | a decision | each one more | memory (PSS) | memory (RSS) |"
    yield "| ---: | ---: | ---: | ---: | ---: | ---: |"
    runs = _read("benchmark-scale.json")["runs"]
    for fewer, run in zip([{"decisions": 0, "seconds": 0}, *runs], runs, strict=False):
        more = run["decisions"] - fewer["decisions"]
        step = (
            f"{1000 * (run['seconds'] - fewer['seconds']) / more:.2f} ms"
            if fewer["seconds"]
            else ""
        )
        yield _line(
            f"{run['decisions']:,}",
            f"{run['seconds']:.1f} s",
            f"{1000 * run['seconds'] / run['decisions']:.2f} ms",
            step,
            *(f"{run[kind] / 2**20:,.0f} MiB" for kind in ("pss", "rss")),
        )


def audit() -> Iterator[str]:
    """Give what the service for known vulnerabilities answered."""
    yield "| asked on | packages | answered for | known vulnerabilities |"
    yield "| --- | ---: | ---: | --- |"
    said = _read("reliability-audit.json")
    known = "; ".join(said["known"]) or ("none" if said["answered"] else "no answer")
    yield _line(said["on"], said["packages"], said["answered"], known)


def hostile() -> Iterator[str]:
    """Give a row for each output that was made of hostile texts."""
    yield "| made of payloads | texts or requests | took effect |"
    yield "| --- | ---: | ---: |"
    for name, found in _read("reliability-hostile.json")["outputs"].items():
        yield _line(name, f"{found['tried']:,}", found["took_effect"])


def foreign() -> Iterator[str]:
    """Give a row for each kind of texts that are no decisions, and one for all."""
    yield "| kind | texts | refused when read | read, with the warning | given a tag | tags | given a tag without the rule | tags |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    kinds = dict(_read("reliability-domain.json")["others"])
    names = next(iter(kinds.values()))
    kinds["**all**"] = {name: sum(kind[name] for kind in kinds.values()) for name in names}
    for name, kind in kinds.items():
        yield _line(name, *kind.values())


def refused() -> Iterator[str]:
    """Give a row for each part of the labelled decisions."""
    held_out = _read("reliability-domain.json")["held_out"]
    names = [name for name in next(iter(held_out.values())) if name != "decisions"]
    yield _line("", "decisions", *names)
    yield _line("---", *["---:"] * (len(names) + 1))
    for part, wrong in held_out.items():
        yield _line(part, wrong["decisions"], *(wrong[name] for name in names))


def fuzzing() -> Iterator[str]:
    """Give a row for each reader that is fuzzed."""
    yield "| what is read | inputs | guided by coverage | generated | read | refused | branches reached | slowest input | findings, mended |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for target in _read("reliability-fuzz.json")["targets"].values():
        seconds, size = target["slowest"]
        counts = ("inputs", "guided", "generated", "read", "refused", "branches")
        yield _line(
            target["about"],
            *(f"{target[name]:,}" for name in counts),
            f"{1000 * seconds:.0f} ms ({size:,} bytes)",
            target["findings"],
        )


def extremes() -> Iterator[str]:
    """Give a row for each format of which big and hostile inputs were tried."""
    yield "| format | inputs | read | refused | slowest to read | slowest to tag | most memory |"
    yield "| --- | ---: | ---: | ---: | --- | --- | ---: |"
    found = _read("reliability-extremes.json")
    for kind in dict.fromkeys(one["kind"] for one in found):
        these = [one for one in found if one["kind"] == kind]
        slowest, longest = (
            max(these, key=lambda one: one[name]) for name in ("seconds", "tagging")
        )
        yield _line(
            f"`.{kind}`",
            len(these),
            sum(one["outcome"] == "read" for one in these),
            sum(one["outcome"].startswith("refused") for one in these),
            f"{slowest['seconds']:.1f} s: {_plain(slowest['name'])}",
            f"{longest['tagging']:.1f} s: {_plain(longest['name'])}",
            f"{max(one['peak'] for one in these)} MiB",
        )


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


FAMILIES = ("reasons", "remedies")
METRICS = {
    "micro F1": "micro_f1",
    "macro F1": "macro_f1",
    "all of a decision's tags right": "exact",
}


def faults() -> Iterator[str]:
    """Give a row for each fault that was injected into runs."""
    yield "| fault | into | runs | something lost |"
    yield "| --- | --- | ---: | ---: |"
    cases = [case for kind in _read("reliability-faults.json").values() for case in kind]
    for fault in dict.fromkeys(case["kind"] for case in cases):
        these = [case for case in cases if case["kind"] == fault]
        runs = sum(case["runs"] for case in these)
        lost = sum(len(case["problems"]) for case in these)
        names = (
            "; ".join(case["name"] for case in these) if len(these) < 7 else f"{len(these)} outputs"
        )
        yield _line(fault, names, runs, lost)


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "headline": headline,
    "trials": trials,
    "hands": hands,
    "peers": peers,
    "speed": speed,
    "quickness": quickness,
    "growth": growth,
    "database": database,
    "audit": audit,
    "hostile": hostile,
    "limits": limits,
    "faults": faults,
    "foreign": foreign,
    "refused": refused,
    "fuzzing": fuzzing,
    "extremes": extremes,
}


def _trial(name: str, report: Figures) -> str:
    cells = []
    for family in (report[name] for name in FAMILIES):
        figures = family.get("figures", family)
        cells += [f"{figures[name]:.3f}" for name in ("micro_f1", "macro_f1", "exact")]
    return _line(name, report["decisions"], *cells, f"{report['evidence']:.3f}")


def _with_interval(family: Figures, name: str) -> str:
    low, high = family["intervals"][name]
    return f"{family['figures'][name]:.3f} ({low:.2f}–{high:.2f})"


def _times(ratio: Figures) -> str:
    return f"{ratio['median']:.2f} ({ratio['least']:.2f}–{ratio['most']:.2f})"


def _gib(size: int) -> str:
    return f"{size / 2**30:.2f} GiB"


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _read(name: str) -> Any:
    return json.loads((DOCS / name).read_text("utf-8"))


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(refreshed(page.read_text("utf-8")), "utf-8")
