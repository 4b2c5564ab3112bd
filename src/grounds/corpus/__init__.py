"""Labelled decisions: reading, checking, counting and converting them; tasks for annotators."""

from grounds.corpus.counts import Counts, count
from grounds.corpus.files import (
    check_tasks,
    labelled_files,
    read_labelled,
    write_labelled,
    write_tasks,
)
from grounds.corpus.folds import fold_of, folder_of, read_folds
from grounds.corpus.place import Unlabelled
from grounds.corpus.relied import decision_tags
from grounds.corpus.sentences import LabelledSentence, read_sentences
from grounds.corpus.tools import TOOLS

__all__ = [
    "TOOLS",
    "Counts",
    "LabelledSentence",
    "Unlabelled",
    "check_tasks",
    "count",
    "decision_tags",
    "fold_of",
    "folder_of",
    "labelled_files",
    "read_folds",
    "read_labelled",
    "read_sentences",
    "write_labelled",
    "write_tasks",
]
