"""Labelled decisions: reading, checking, counting and converting them."""

from grounds.corpus.counts import Counts, count
from grounds.corpus.files import read_labelled, write_labelled
from grounds.corpus.folds import fold_of, folder_of, read_folds
from grounds.corpus.relied import decision_tags
from grounds.corpus.sentences import LabelledSentence, read_sentences

__all__ = [
    "Counts",
    "LabelledSentence",
    "count",
    "decision_tags",
    "fold_of",
    "folder_of",
    "read_folds",
    "read_labelled",
    "read_sentences",
    "write_labelled",
]
