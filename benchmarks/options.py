"""Options that the benchmarks share."""

from __future__ import annotations

import argparse


def add_folds(options: argparse.ArgumentParser) -> None:
    """Add ``--folds N,N``, the numbers of the folds to test on; none stands for all of them."""
    options.add_argument(
        "--folds", type=_numbers, default=[], metavar="N,N", help="test on these folds alone"
    )


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]
