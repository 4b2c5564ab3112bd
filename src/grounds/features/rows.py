"""Sparse rows: what they count, and their products with dense weights.

Products are taken without scipy, whose import alone takes a tenth of the time of a short command;
scikit-learn's matrices are made by `Rows.matrix` where training asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from thinc.api import NumpyOps

from grounds.features.borders import Ints

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Weights = npt.NDArray[np.float32]

_AT_ONCE = 4096
"""Cells multiplied together: so many rows of weights stay in a processor's cache."""

_sum_runs = NumpyOps().reduce_sum


@dataclass(frozen=True, slots=True)
class Counts:
    """Sparse rows, as scipy's CSR has them.

    Attributes
    ----------
    bounds
        Row ``i`` has the cells from ``bounds[i]`` up to ``bounds[i + 1]``; of length n_rows + 1.
    column
        The column of each cell, no column twice in a row.
    count
        What stands in each cell.
    width
        How many columns there are.
    """

    bounds: Ints
    column: npt.NDArray[np.int32]
    count: Weights
    width: int

    @classmethod
    def of(cls, row: Ints, column: npt.NDArray[np.int32], shape: tuple[int, int]) -> Counts:
        """Count how often each column is named in each row."""
        height, width = shape[0], max(shape[1], 1)
        cells = np.sort(row * width + column)
        first = np.flatnonzero(np.append(True, cells[1:] != cells[:-1])[: len(cells)])
        in_row, in_column = np.divmod(cells[first], width)
        return cls(
            bounds=np.searchsorted(in_row, np.arange(height + 1)),
            column=in_column.astype(np.int32),
            count=np.diff(first, append=len(cells)).astype(np.float32),
            width=shape[1],
        )

    def squares(self) -> npt.NDArray[np.float64]:
        """Return the sum of squares of each row."""
        height = len(self.bounds) - 1
        row = np.repeat(np.arange(height), np.diff(self.bounds))
        return np.bincount(row, self.count**2, height).astype(np.float64)

    def scores(self, weights: Weights) -> Weights:
        """Return the product with weights of shape (n_columns, n_heads)."""
        total = np.zeros((len(self.bounds) - 1, weights.shape[1]), np.float32)
        steps = np.arange(0, len(self.column), _AT_ONCE)
        cuts = np.unique(np.append(np.searchsorted(self.bounds, steps), len(total)))
        lengths = np.diff(self.bounds).astype(np.int32)
        for first, last in pairwise(cuts.tolist()):
            cells = slice(self.bounds[first], self.bounds[last])
            # "clip" fills the result at once; the columns are all there
            parts = weights.take(self.column[cells], axis=0, mode="clip")
            parts *= self.count[cells, None]
            total[first:last] = _sum_runs(parts, lengths[first:last])
        return total

    def matrix(self) -> csr_matrix:
        """Return the same as a matrix of scipy."""
        from scipy.sparse import csr_matrix

        shape = (len(self.bounds) - 1, self.width)
        return csr_matrix((self.count, self.column, self.bounds), shape=shape)


@dataclass(frozen=True, slots=True)
class Rows:
    """Sparse rows in parts: clauses, and the sentences that several of them share.

    Row ``i`` of the whole is ``scale[i] * (clauses[i] + context * (sentences[sentence[i]] +
    leads[lead[i]]))``, where a `lead` of -1 adds nothing.
    """

    clauses: Counts
    sentences: Counts
    leads: Counts
    sentence: Ints
    lead: Ints
    scale: Weights
    context: np.float32

    def matrix(self) -> csr_matrix:
        """Return the rows as one matrix, one row a clause."""
        from scipy.sparse import csr_matrix, vstack

        none = csr_matrix((1, self.leads.width), dtype=np.float32)  # what a lead of -1 finds, last
        leads = vstack([self.leads.matrix(), none], format="csr")
        around = self.sentences.matrix()[self.sentence] + leads[self.lead]
        whole = self.clauses.matrix() + around * self.context
        return csr_matrix(whole.multiply(self.scale[:, None]))

    def scores(self, weights: Weights) -> Weights:
        """Return ``matrix() @ weights``, without building the matrix."""
        total = self.clauses.scores(weights)
        total += self.context * self.sentences.scores(weights)[self.sentence]
        has = self.lead >= 0
        total[has] += self.context * self.leads.scores(weights)[self.lead[has]]
        total *= self.scale[:, None]
        return total
