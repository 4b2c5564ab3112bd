"""``python -m grounds.corpus data`` brings the counts in ``data/README.md`` up to date."""

from __future__ import annotations

import sys
from pathlib import Path

from grounds.corpus import count, read_folds, read_labelled, read_sentences
from grounds.corpus.counts import to_markdown
from grounds.corpus.place import read_utf8

_MARKER = "<!-- counts: everything below is written by `python -m grounds.corpus data` -->"


def readme(data: Path) -> str:
    """Return the README of the labelled data with its counts as they are now."""
    introduction, marker, _ = read_utf8(data / "README.md").partition(_MARKER)
    counts = count(read_labelled([data]), read_sentences([data]))
    names = ("corpus/folds.json", "voices/folds.json")
    tables = to_markdown(counts, {name: read_folds(data / name) for name in names})
    return f"{introduction}{marker or _MARKER}\n\n{tables}\n"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    (folder / "README.md").write_text(readme(folder), "utf-8")
