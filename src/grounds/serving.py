"""A page for the browser of this machine: paste or drop a decision and see it tagged.

It answers this machine alone, and keeps nothing of what it is given.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

from grounds.errors import GroundsError, InputError
from grounds.pages import check_installed, render
from grounds.pages.decision import Link, page
from grounds.reading import read_bytes
from grounds.tagging import tag

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.datastructures import FormData
    from starlette.requests import Request
    from starlette.responses import Response

    from grounds.model import Model

HOST, PORT = "127.0.0.1", 8765

LARGEST = 10 * 1024 * 1024
"""Bytes of a decision that is taken, the form around it included."""

_OURS = (None, "none", "same-origin")
"""What a browser says of a request that no page of another site made."""

_NAMES = ["127.0.0.1", "localhost"]
_NEEDED = {"starlette": "starlette", "uvicorn": "uvicorn", "python_multipart": "python-multipart"}
_PASTED = "pasted text"
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def serve(model: Model, port: int = PORT, on_start: Callable[[str], object] = print) -> None:
    """Serve the page until it is stopped (Ctrl-C).

    Parameters
    ----------
    model
        From `grounds.load_model`.
    port
        Where it answers; 0 for any that is free.
    on_start
        Called with the address when it answers there.

    Raises
    ------
    GroundsError
        If what it needs is not installed, or another program has the port.
    """
    check_installed()
    missing = [name for module, name in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise GroundsError(
            f"serving needs {' and '.join(missing)}: pip install 'lgsco-grounds[serve]'"
        )
    import uvicorn

    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        raise GroundsError(f"port {port}: {error.strerror}; choose another with --port") from None
    settings = uvicorn.Config(application(model), log_level="warning", access_log=False)
    with listening:
        on_start(f"http://{HOST}:{listening.getsockname()[1]}/")
        uvicorn.Server(settings).run(sockets=[listening])


def application(model: Model) -> Starlette:
    """Return the web application.

    ``GET /`` is the form, ``POST /decision`` the decision that was given, as a page, and
    ``GET /health`` says that it works, and with which model.
    """
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.middleware import Middleware
    from starlette.middleware.trustedhost import TrustedHostMiddleware
    from starlette.responses import HTMLResponse, JSONResponse
    from starlette.routing import Route

    def html(text: str, status: int = 200) -> Response:
        return HTMLResponse(text, status, _HEADERS)

    def form(request: Request) -> Response:
        return html(_form())

    def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "model": model.sha256}, headers=_HEADERS)

    async def decision(request: Request) -> Response:
        if problem := _refusal(request):
            return html(_form(problem[1]), problem[0])
        async with request.form(max_files=1, max_fields=1, max_part_size=LARGEST) as given:
            data, name = await _given(given)
        try:
            shown = await run_in_threadpool(_tagged, data, name, model)
        except InputError as error:
            return html(_form(str(error)), 422)
        return html(shown)

    return Starlette(
        routes=[
            Route("/", form),
            Route("/health", health),
            Route("/decision", decision, methods=["POST"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_NAMES)],
    )


def _form(problem: str = "") -> str:
    return render("serve", actions="'self'", problem=problem, largest=LARGEST >> 20)


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
