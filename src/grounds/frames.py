"""Frames: records as a pandas or Polars data frame."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from typing import Any, Literal

from grounds.errors import GroundsError
from grounds.record import Record
from grounds.writing.rows import ROWS, Kind, Rows, columns, values_of


def to_frame(
    records: Iterable[Record],
    *,
    rows: Rows = "decisions",
    library: Literal["pandas", "polars"] = "pandas",
) -> Any:
    """Return records as a data frame.

    Parameters
    ----------
    records
        The records, as `grounds.tag` and `grounds.read_records` give them.
    rows
        What one row is about: ``"decisions"``, with the tags as lists and as one column of true and
        false a tag; ``"tags"``, one ground, bar or remedy of a decision, with its score and best
        words; ``"evidence"``, one piece of evidence, with its place. ``docs/formats.md`` describes
        the columns.
    library
        ``"pandas"`` or ``"polars"``.

    Returns
    -------
    pandas.DataFrame or polars.DataFrame
        With the same columns and types however many records there are.

    Raises
    ------
    GroundsError
        If the library is not installed, or is another one, or there are no such rows.

    Examples
    --------
    >>> import grounds
    >>> model = grounds.load_model()
    >>> names = ["allotment.txt", "bus-lane.txt", "home-care.html"]
    >>> decisions = (grounds.read(f"data/examples/{name}") for name in names)
    >>> frame = grounds.to_frame(grounds.tag(decision, model) for decision in decisions)
    >>> frame.groupby("decision")["appeal_right"].sum().to_dict()
    {'Closed after initial enquiries': 1, 'Upheld': 0}
    """
    kinds = columns(rows)
    build = _BUILDERS.get(library)
    if build is None:
        raise GroundsError(f"unknown library {library!r}; known are {', '.join(_BUILDERS)}")
    try:
        module = import_module(library)
    except ImportError:
        raise GroundsError(f"the frame needs {library}: pip install {library}") from None
    values: dict[str, list[Any]] = {name: [] for name in kinds}
    for record in records:
        for row in ROWS[rows](values_of(record)):
            for name, column in values.items():
                column.append(row[name])
    return build(module, values, kinds)


def _pandas(pandas: Any, values: dict[str, list[Any]], kinds: dict[str, Kind]) -> Any:
    types = {
        "text": "str",
        "date": "datetime64[s]",
        "number": "int64",
        "score": "float64",
        "flag": "bool",
        "texts": "object",
        "numbers": "object",
    }
    return pandas.DataFrame(
        {name: pandas.Series(values[name], dtype=types[kind]) for name, kind in kinds.items()}
    )


def _polars(polars: Any, values: dict[str, list[Any]], kinds: dict[str, Kind]) -> Any:
    types = {
        "text": polars.String,
        "date": polars.Date,
        "number": polars.Int64,
        "score": polars.Float64,
        "flag": polars.Boolean,
        "texts": polars.List(polars.String),
        "numbers": polars.List(polars.Int64),
    }
    return polars.DataFrame(values, schema={name: types[kind] for name, kind in kinds.items()})


_BUILDERS = {"pandas": _pandas, "polars": _polars}
