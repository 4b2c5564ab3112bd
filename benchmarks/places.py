"""Where the benchmarks find data and put figures."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
DATA, DOCS = ROOT / "data", ROOT / "docs"


def picture_of(report: Path) -> Path:
    """Return where the picture of a benchmark goes, by where its figures go."""
    name = report.with_suffix(".svg").name
    return DOCS / "images" / name if report.parent == DOCS else report.with_name(name)
