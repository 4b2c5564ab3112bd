"""Grounds, bars and remedies in decisions of the Local Government and Social Care Ombudsman.

>>> import grounds
>>> decision = grounds.read("data/examples/allotment.txt")
>>> record = grounds.tag(decision, grounds.load_model())
>>> [found.tag for found in record.tags if found.family == "ground"]
['no_fault', 'outcome_unavailable', 'better_body', 'satisfied_with_action']
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grounds.bundle import load_model
    from grounds.corpus import read_labelled
    from grounds.evaluation import evaluate
    from grounds.explaining import explain
    from grounds.frames import to_frame
    from grounds.reading import read
    from grounds.tagging import tag
    from grounds.training import train
    from grounds.writing import read_records

__all__ = [
    "evaluate",
    "explain",
    "load_model",
    "read",
    "read_labelled",
    "read_records",
    "tag",
    "to_frame",
    "train",
]

_HOMES = {
    "evaluate": "evaluation",
    "explain": "explaining",
    "load_model": "bundle",
    "read": "reading",
    "read_labelled": "corpus",
    "read_records": "writing",
    "tag": "tagging",
    "to_frame": "frames",
    "train": "training",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: spaCy and scikit-learn take a second."""
    if name in _HOMES:
        return getattr(import_module(f"grounds.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'grounds' has no attribute {name!r}")
