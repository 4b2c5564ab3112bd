"""A page for the browser of this machine: paste or drop a decision and see it tagged.

It answers this machine alone, and keeps nothing of what it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from grounds.database import find, listed, reading
from grounds.errors import GroundsError, InputError
from grounds.local import App, guarded, run
from grounds.pages import check_installed, render
from grounds.pages.decision import Link, page
from grounds.pages.index import Row
from grounds.pages.index import page as list_page
from grounds.reading import read_bytes
from grounds.tagging import tag

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from grounds.model import Model

PORT = 8765

LARGEST = 10 * 1024 * 1024
"""Bytes of a decision that is taken, the form around it included."""

_OURS = (None, "none", "same-origin")
"""What a browser says of a request that no page of another site made."""

_NEEDED = {"starlette": "starlette", "uvicorn": "uvicorn", "python_multipart": "python-multipart"}
_PASTED = "pasted text"


def serve(
    model: Model,
    database: str | Path | None = None,
    port: int = PORT,
    on_ready: Callable[[str], object] = lambda address: None,
) -> None:
    """Serve the page until the process is interrupted (Ctrl-C).

    Parameters
    ----------
    model
        From `grounds.load_model`.
    database
        A database whose decisions are listed and shown as well.
    port
        Where to answer on this machine; a free port where 0.
    on_ready
        Called with the address when it can be opened.

    Raises
    ------
    InputError
        If there is no such database.
    GroundsError
        If what it needs is not installed, the database is none of grounds, or another program has
        the port.
    """
    run(application(model, database), port, on_ready)


def application(model: Model, database: str | Path | None = None) -> App:
    """Return the pages as an ASGI application.

    ``GET /`` is the form, ``POST /decision`` the decision that was given, as a page, and
    ``GET /health`` says that it works, and with which model. Where there is a database,
    ``GET /decisions`` lists what is in it and ``GET /decisions/17`` is one of them.

    Raises
    ------
    InputError
        If there is no such database.
    GroundsError
        If what it needs is not installed, or the database is none of grounds.
    """
    _check_installed()
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.responses import HTMLResponse, JSONResponse
    from starlette.routing import Route

    file = None if database is None else Path(database)
    if file:
        with reading(file):
            pass  # better refused before the start

    def form(request: Request) -> Response:
        return HTMLResponse(_form(file))

    def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "model": model.sha256})

    async def decision(request: Request) -> Response:
        if problem := _refusal(request):
            return HTMLResponse(_form(file, problem[1]), problem[0])
        async with request.form(max_files=1, max_fields=1, max_part_size=LARGEST) as given:
            data, name = await _given(given)
        try:
            shown = await run_in_threadpool(_tagged, data, name, model)
        except InputError as error:
            return HTMLResponse(_form(file, str(error)), 422)
        return HTMLResponse(shown)

    def stored(request: Request) -> Response:
        assert file
        rows = [
            Row(f"/decisions/{one.number}", one.decision, one.tags, one.review)
            for one in listed(file)
        ]
        return HTMLResponse(list_page(rows))

    def stored_one(request: Request) -> Response:
        assert file
        record = find(file, request.path_params["number"])
        if record is None:
            return HTMLResponse(_form(file, "there is no such decision in the database"), 404)
        return HTMLResponse(page(record, Link("/decisions", "All decisions")))

    routes = [
        Route("/", form),
        Route("/health", health),
        Route("/decision", decision, methods=["POST"]),
    ]
    if file:
        routes += [Route("/decisions", stored), Route("/decisions/{number:int}", stored_one)]
    return guarded(Starlette(routes=routes), "frame-ancestors 'none'")


def _check_installed() -> None:
    check_installed()
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise GroundsError(
            f"serving needs {' and '.join(missing)}: pip install 'lgsco-grounds[serve]'"
        )


def _form(database: Path | None, problem: str = "") -> str:
    name = database.name if database else ""
    return render("serve", actions="'self'", problem=problem, largest=LARGEST >> 20, database=name)


def _refusal(request: Request) -> tuple[int, str] | None:
    """Return why a request is not even read, with the status that says so."""
    if request.headers.get("sec-fetch-site") not in _OURS:
        return 403, "this came from another site"
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return 411, "how long it is was not said"
    if int(length) > LARGEST:
        return 413, f"this is too large for a decision (over {LARGEST >> 20} MB)"
    return None


async def _given(form: FormData) -> tuple[bytes, str]:
    """Return the bytes that were given, those of a file before pasted text, and their name."""
    file, text = form.get("file"), form.get("text")
    if file is not None and not isinstance(file, str) and file.filename:
        return await file.read(), file.filename
    return (text if isinstance(text, str) else "").encode(), _PASTED


def _tagged(data: bytes, name: str, model: Model) -> str:
    if not data.strip():
        raise InputError(name, "is empty; paste a decision or choose a file")
    return page(tag(read_bytes(data, name), model), Link("/", "Another decision"))
