"""A page for the browser of this machine: paste or drop a decision and see it tagged.

It answers this machine alone, and keeps nothing of what it is given.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from grounds.database import find, listed, reading
from grounds.errors import GroundsError, InputError
from grounds.limits import SERVED, Limits
from grounds.local import App, guarded, run
from grounds.pages import render
from grounds.pages.decision import Link, page
from grounds.pages.index import Row
from grounds.pages.index import page as list_page
from grounds.reading import read_bytes
from grounds.tagging import tag
from grounds.writing.plain import without_surrogates

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from grounds.model import Model

PORT = 8765

_NEEDED = {"starlette": "starlette", "uvicorn": "uvicorn", "python_multipart": "python-multipart"}
_PASTED = "pasted text"


def serve(
    model: Model,
    database: str | Path | None = None,
    port: int = PORT,
    on_ready: Callable[[str], object] = lambda address: None,
    limits: Limits = SERVED,
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
    limits
        How much is taken.

    Raises
    ------
    InputError
        If there is no such database.
    GroundsError
        If what it needs is not installed, the database is none of grounds, or another program has
        the port.
    """
    run(application(model, database, limits), port, on_ready)


def application(model: Model, database: str | Path | None = None, limits: Limits = SERVED) -> App:
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
    from starlette.formparsers import MultiPartException
    from starlette.requests import ClientDisconnect
    from starlette.responses import HTMLResponse, JSONResponse, Response
    from starlette.routing import Route

    file = None if database is None else Path(database)
    if file:
        with reading(file):
            pass  # better refused before the start

    # It logs a line for every form that is broken, with a piece of it.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

    form_page = partial(_form, file, limits)

    def form(request: Request) -> Response:
        return HTMLResponse(form_page())

    def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "model": model.sha256})

    async def decision(request: Request) -> Response:
        if problem := _refusal(request, limits):
            return HTMLResponse(form_page(problem[1]), problem[0])
        try:
            text, upload = await _given(request, limits)
        except MultiPartException as error:
            return HTMLResponse(form_page(f"the form is broken ({error.message})"), 400)
        except UnicodeError:
            return HTMLResponse(form_page("the form is not in the encoding that it says"), 400)
        try:
            shown = await run_in_threadpool(_tagged, text, upload, model, limits)
        except GroundsError as error:
            return HTMLResponse(form_page(str(error), text), 422)
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
        number = request.path_params["number"]
        record = find(file, int(number)) if re.fullmatch("[0-9]{1,19}", number) else None
        if record is None:
            return HTMLResponse(form_page("there is no such decision in the database"), 404)
        return HTMLResponse(page(record, Link("/decisions", "All decisions")))

    def unreadable(request: Request, error: Exception) -> Response:
        return HTMLResponse(form_page(str(error)), 503)

    def gone(request: Request, error: Exception) -> Response:
        return Response()  # to nobody

    routes = [
        Route("/", form),
        Route("/health", health),
        Route("/decision", decision, methods=["POST"]),
    ]
    if file:
        routes += [Route("/decisions", stored), Route("/decisions/{number}", stored_one)]
    app = Starlette(
        routes=routes, exception_handlers={GroundsError: unreadable, ClientDisconnect: gone}
    )
    return guarded(app, "frame-ancestors 'none'")


def _check_installed() -> None:
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise GroundsError(
            f"serving needs {' and '.join(missing)}: pip install 'lgsco-grounds[serve]'"
        )


def _form(database: Path | None, limits: Limits, problem: str = "", text: str = "") -> str:
    return render(
        "serve",
        actions="'self'",
        problem=problem,
        text=text,
        largest=limits.file >> 20,
        database=database.name if database else "",
    )


def _refusal(request: Request, limits: Limits) -> tuple[int, str] | None:
    """Return why a request is not even read, with the status that says so."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        return 411, "how long it is was not said"
    try:
        limits.check("file", int(length), "what was sent")
    except GroundsError as error:
        return 413, str(error)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "multipart/form-data":
        return 415, "send the decision as a form does (multipart/form-data), as text or as a file"
    return None


async def _given(request: Request, limits: Limits) -> tuple[str, tuple[bytes, str] | None]:
    """Return the text that was given, and the bytes and the name of the file, if there is one."""
    from starlette.formparsers import MultiPartParser

    parser = MultiPartParser(
        request.headers, request.stream(), max_files=1, max_fields=1, max_part_size=limits.file
    )
    parser.spool_max_size = limits.file  # nothing goes to the disk
    form = await parser.parse()
    text, file = form.get("text"), form.get("file")
    text = without_surrogates(text) if isinstance(text, str) else ""
    if file is None or isinstance(file, str) or not file.filename:
        return text, None
    return text, (await file.read(), without_surrogates(file.filename))


def _tagged(text: str, upload: tuple[bytes, str] | None, model: Model, limits: Limits) -> str:
    if upload and text.strip():
        raise GroundsError("give a file or text, not both")
    data, name = upload or (text.encode(), _PASTED)
    if not data.strip():
        raise InputError(name, "is empty; paste a decision or choose a file")
    return page(tag(read_bytes(data, name, limits), model), Link("/", "Another decision"))
