"""A database of tagged decisions: one SQLite file that is added to and asked.

Unlike a file of another format it is not written anew: a decision takes the place of an older one
of its source, all others stay (`opened`). ``schema.sql`` has the tables, ``views.sql`` the usual
questions; `read` gives the records back.
"""

from __future__ import annotations

from grounds.database.files import SUFFIXES, check
from grounds.database.loading import Listed, find, listed, read, reading
from grounds.database.store import Store, opened

__all__ = ["SUFFIXES", "Listed", "Store", "check", "find", "listed", "opened", "read", "reading"]
