"""Exploring a database in the browser: Datasette, with our words, questions and pages.

Nothing but this machine is talked to. The pages have no scripts, and their policy lets nothing be
loaded from elsewhere.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from grounds import database
from grounds.errors import GroundsError
from grounds.exploring.answers import without_formulas
from grounds.exploring.words import NAME, metadata
from grounds.local import App, guarded, run

_SETTINGS = {
    "sql_time_limit_ms": 20_000,
    "facet_time_limit_ms": 2_000,
    "max_returned_rows": 2_000,
    "default_page_size": 50,
    "suggest_facets": False,
    "truncate_cells_html": 1_000,
    "default_cache_ttl": 0,
}
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)


def explore(
    path: str | Path, port: int = 0, on_ready: Callable[[str], object] = lambda address: None
) -> None:
    """Show a database in the browser until the process is interrupted.

    Parameters
    ----------
    path
        The database.
    port
        Where to answer on this machine; a free port where 0.
    on_ready
        Called with the address when it can be opened.

    Raises
    ------
    InputError
        If there is no such file.
    GroundsError
        If it is no database of grounds, Datasette is not installed, or the port is taken.
    """
    run(application(path), port, on_ready)


def application(path: str | Path) -> App:
    """Return the pages of a database as an ASGI application.

    Raises
    ------
    InputError
        If there is no such file.
    GroundsError
        If it is no database of grounds, or Datasette is not installed.
    """
    file = Path(path)
    check_database(file)
    os.environ.setdefault("DATASETTE_LOAD_PLUGINS", "")  # others may ask for what is elsewhere
    try:
        from datasette.app import Datasette
        from datasette.database import Database
        from datasette.plugins import pm
    except ImportError:
        raise GroundsError(
            "exploring needs Datasette: pip install 'lgsco-grounds[explore]'"
        ) from None
    from grounds.exploring import plugin

    class File(Database):  # type: ignore[misc]
        """A database that is only read, whatever characters its name has."""

        def connect(self, write: bool = False) -> sqlite3.Connection:
            address = f"{file.resolve().as_uri()}?mode=ro"
            connection = sqlite3.connect(address, uri=True, check_same_thread=False)
            self._all_file_connections.append(connection)
            return connection

        async def execute(self, *given: Any, **named: Any) -> Any:
            # What is asked wrongly is said on the page, and not on the terminal too.
            return await super().execute(*given, **{**named, "log_sql_errors": False})

    if not pm.is_registered(plugin):
        pm.register(plugin)
    here, shared = (str(files(name)) for name in ("grounds.exploring", "grounds.pages"))
    shown = Datasette(
        metadata=metadata(file.name),
        template_dir=f"{here}/templates",
        static_mounts=[("static", f"{here}/static"), ("shared", f"{shared}/templates")],
        settings=_SETTINGS,
    )
    shown.remove_database("_memory")
    shown.add_database(File(shown, str(file), is_mutable=True), name=NAME)
    return guarded(without_formulas(shown.app()), _POLICY)


def check_database(path: Path) -> None:
    """Refuse what is no database of grounds, before anything is started.

    Raises
    ------
    InputError
        If there is no such file.
    GroundsError
        If it is something else, or damaged.
    """
    with database.reading(path) as connection:
        connection.execute("SELECT count(*) FROM decisions")
