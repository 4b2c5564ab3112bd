"""Options that the benchmarks share."""

from __future__ import annotations

import argparse

from peers import PEERS, Entry


def add_folds(options: argparse.ArgumentParser) -> None:
    """Add ``--folds N,N``, the numbers of the folds to test on; none stands for all of them."""
    options.add_argument(
        "--folds", type=numbers, default=[], metavar="N,N", help="test on these folds alone"
    )


def add_peers(options: argparse.ArgumentParser) -> None:
    """Add ``--peers NAME,NAME``, the peers to compare with."""
    options.add_argument(
        "--peers",
        type=_peers,
        default=PEERS,
        metavar="NAME,NAME",
        help=f"compare with these alone, of {', '.join(PEERS)}",
    )


def numbers(text: str) -> list[int]:
    """Return the numbers of an option such as ``1,2``."""
    return [int(part) for part in text.split(",")]


def _peers(text: str) -> dict[str, Entry]:
    """Return the peers that an option names."""
    names = text.split(",")
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"unknown peer {', '.join(unknown)} (one of {', '.join(PEERS)})"
        )
    return {name: PEERS[name] for name in names}
