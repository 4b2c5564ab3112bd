"""Web applications for the browser of this machine, and for nobody else."""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from grounds.errors import GroundsError

HOST = "127.0.0.1"

App = Callable[[Any, Any, Any], Awaitable[None]]
"""An application as ASGI has it."""

_PATIENCE = 2
"""Seconds that a request may still take after Ctrl-C."""

_NAMES = (HOST, "localhost")

_OURS = ("", "none", "same-origin")
"""What a browser says of a request that no page of another site made."""


def run(app: App, port: int, on_ready: Callable[[str], object]) -> None:
    """Answer on this machine until the process is interrupted (Ctrl-C). Needs uvicorn.

    Parameters
    ----------
    app
        What answers.
    port
        Where; 0 for any port that is free.
    on_ready
        Called with the address when it answers there.

    Raises
    ------
    GroundsError
        If another program has the port.
    """
    import uvicorn

    try:
        ear = socket.create_server((HOST, port))
    except OSError as error:
        raise GroundsError(
            f"port {port} cannot be had ({error.strerror}); give another --port, or none"
        ) from None
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=_PATIENCE
        )
    )

    def wanted(record: logging.LogRecord) -> bool:
        return not server.should_exit  # else a traceback for each request that Ctrl-C cuts off

    log = logging.getLogger("uvicorn.error")
    log.addFilter(wanted)
    try:
        with ear, suppress(KeyboardInterrupt):
            on_ready(f"http://{HOST}:{ear.getsockname()[1]}/")
            server.run(sockets=[ear])
    finally:
        log.removeFilter(wanted)


def guarded(app: App, policy: str) -> App:
    """Answer only what asks for this machine by its own name, and let nobody keep or frame it.

    Pages of other sites can lead here, and neither send nor load anything.

    Parameters
    ----------
    app
        What answers.
    policy
        The content security policy of every answer.
    """
    headers = [
        (b"content-security-policy", policy.encode()),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"same-origin"),  # without one, forms would come from nowhere
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        async def send_with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                ours = {name for name, _ in headers}
                kept = [pair for pair in message["headers"] if pair[0].lower() not in ours]
                message["headers"] = [*kept, *headers]
            await send(message)

        if scope["type"] != "http":
            await app(scope, receive, send)
        elif _header(scope, "host").partition(":")[0] not in _NAMES:
            # another site that gives its name our address
            await _refuse(421, b"ask for 127.0.0.1", send_with_headers)
        elif _is_foreign(scope):
            await _refuse(403, b"this came from another site", send_with_headers)
        else:
            await app(scope, receive, send_with_headers)

    return answer


async def _refuse(status: int, why: bytes, send: Any) -> None:
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": why})


def _is_foreign(scope: Any) -> bool:
    """Say whether a page of another site sends a form here, or would load what is here."""
    leads = scope["method"] == "GET" and _header(scope, "sec-fetch-mode") == "navigate"
    origin = _header(scope, "origin")
    ours = origin in ("", f"http://{_header(scope, 'host')}")
    return not ours or (_header(scope, "sec-fetch-site") not in _OURS and not leads)


def _header(scope: Any, name: str) -> str:
    return str(dict(scope["headers"]).get(name.encode(), b"").decode("latin-1"))
