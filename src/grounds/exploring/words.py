"""What Datasette is told about a database: words, order, facets, questions."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

from grounds.database.described import described

NAME = "grounds"
"""What the database is called in addresses."""

_HIDDEN = ("meta", "models")
_MORE: dict[str, dict[str, Any]] = {
    "decisions": {
        "label_column": "reference",
        "facets": ["subject", "decision", "year"],
        "sort_desc": "date",
    },
    "paragraphs": {"fts_table": "paragraphs_fts", "fts_pk": "id", "facets": ["section"]},
    "tags": {"facets": ["tag", "family"]},
    "remedies": {"facets": ["kind", "status"]},
    "evidence": {"facets": ["tag"]},
    "cited": {"facets": ["tag"]},
    "review": {"facets": ["tag"]},
    "warnings": {"facets": ["warning"]},
    "codebook": {"label_column": "tag", "facets": ["family"], "sort": "place"},
    "overview": {"facets": ["subject", "decision", "year"], "sort_desc": "date"},
    "grounds_by_body": {"facets": ["ground", "year"]},
    "bars_by_category": {"facets": ["bar"]},
    "for_review": {"facets": ["tag", "given"]},
}


def metadata(title: str) -> dict[str, Any]:
    """Return it as Datasette takes it."""
    tables = {
        one.name: {
            "description": one.about,
            "columns": dict(one.columns),
            "hidden": one.name in _HIDDEN,
            **_MORE.get(one.name, {}),
        }
        for one in described()
    }
    database = {"title": title, "tables": tables, "queries": questions()}
    return {
        "title": title,
        "license": "Tags: made by grounds. Decisions: see the Ombudsman's terms of use.",
        "databases": {NAME: database},
    }


def questions() -> dict[str, dict[str, Any]]:
    """Return the questions, by name."""
    source = files("grounds.exploring").joinpath("questions.toml").read_text("utf-8")
    return {name: {**one, "hide_sql": True} for name, one in tomllib.loads(source).items()}
