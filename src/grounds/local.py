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
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
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
        elif _name(scope) in _NAMES:
            await app(scope, receive, send_with_headers)
        else:  # another site that gives its name our address
            await send({"type": "http.response.start", "status": 421, "headers": []})
            await send({"type": "http.response.body", "body": b"ask for 127.0.0.1"})

    return answer


def _name(scope: Any) -> str:
    """Return the name that a request asks for."""
    host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
    return str(host.partition(":")[0])
