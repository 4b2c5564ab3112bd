"""Where the benchmarks find data and put figures."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
DATA, DOCS = ROOT / "data", ROOT / "docs"
