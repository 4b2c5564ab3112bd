"""Features: from a decision to one sparse row a clause."""

from grounds.features.clauses import Clauses, segment
from grounds.features.pipeline import pipeline

__all__ = ["Clauses", "pipeline", "segment"]
