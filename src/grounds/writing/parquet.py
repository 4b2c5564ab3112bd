"""Parquet: one typed row a decision, with its paragraphs, tags and evidence nested in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from grounds.codebook import codebook
from grounds.record import SCHEMA, Record
from grounds.writing.rows import Row, columns, decision_rows, found_in, values_of

GROUP = 5_000
"""Decisions in one row group, which is what is held in memory."""

_STEP = 500
"""Decisions turned into columns at once: as Python's objects they take ten times the memory."""


def write(records: Iterable[Record], path: Path) -> None:
    """Write the records to a file, one row group after the other."""
    import pyarrow as pa
    from pyarrow.parquet import ParquetWriter

    kept, rows = schema(), map(_row, records)
    with ParquetWriter(path, kept, compression="zstd") as writer:
        while batches := list(_batches(islice(rows, GROUP), kept)):
            writer.write_table(pa.Table.from_batches(batches))


def schema() -> Any:
    """Return the names and types of the columns, as pyarrow has them.

    What a tag means stands in its column's metadata, the versions of the record's schema and of
    the codebook in the file's.

    Examples
    --------
    >>> print(schema().field("date").type, schema().field("late").type)
    date32[day] bool
    """
    import pyarrow as pa

    kinds = {
        "text": pa.string(),
        "date": pa.date32(),
        "flag": pa.bool_(),
        "texts": pa.list_(pa.string()),
    }
    meanings = {tag.id: {"description": tag.definition} for tag in codebook().tags.values()}
    fields = [
        pa.field(name, kinds[kind], metadata=meanings.get(name))
        for name, kind in columns("decisions").items()
    ]
    evidence = {
        "paragraph": pa.int32(),
        "start": pa.int32(),
        "end": pa.int32(),
        "text": pa.string(),
        "score": pa.float64(),
    }
    tag = {
        "tag": pa.string(),
        "family": pa.string(),
        "kind": pa.string(),
        "status": pa.string(),
        "score": pa.float64(),
        "cited": pa.bool_(),
        "evidence": _structs(evidence),
    }
    paragraph = {
        "number": pa.int32(),
        "section": pa.string(),
        "heading": pa.string(),
        "text": pa.string(),
    }
    fields += [
        pa.field("tags", _structs(tag)),
        pa.field("paragraphs", _structs(paragraph)),
        pa.field("layout", pa.string()),
        pa.field("sha256", pa.string()),
        pa.field("model", pa.struct(dict.fromkeys(("name", "version", "sha256"), pa.string()))),
    ]
    versions = {"grounds.schema": str(SCHEMA), "grounds.codebook": codebook().version}
    return pa.schema(fields, versions)


def _structs(types: dict[str, Any]) -> Any:
    import pyarrow as pa

    return pa.list_(pa.struct(types))


def _batches(rows: Iterator[Row], kept: Any) -> Iterator[Any]:
    import pyarrow as pa

    while step := list(islice(rows, _STEP)):
        yield pa.RecordBatch.from_pylist(step, kept)


def _row(record: Record) -> Row:
    values = values_of(record)
    (row,) = decision_rows(values)
    nested = {name: values[name] for name in ("paragraphs", "layout", "sha256", "model")}
    return {**row, "tags": list(found_in(values)), **nested}
