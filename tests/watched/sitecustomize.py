"""Python's start where a test watches a command: no network, and everything is logged.

It goes in front of ``PYTHONPATH``, so the processes that share the work are watched as well. Attempts
to reach another machine are refused, and noted in the file that ``WATCHED`` names: a program that
takes the refusal in silence is found out all the same.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import Any

_NETWORK = frozenset(
    f"socket.{name}"
    for name in ("connect", "sendto", "sendmsg", "getaddrinfo", "gethostbyname", "gethostbyaddr")
)
_HERE = (None, "", "localhost", "127.0.0.1", "::1", b"localhost", b"127.0.0.1")


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _NETWORK:
        return
    place = (
        arguments[1]
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg")
        else arguments
    )
    if isinstance(place, tuple) and place[0] not in _HERE:  # others are of this machine
        with open(os.environ["WATCHED"], "a", encoding="utf-8") as notes:
            notes.write(f"{event} {place[0]!r}\n")
        raise PermissionError(f"{event} {place[0]!r}")


sys.addaudithook(_watch)
logging.basicConfig(level=logging.DEBUG)
