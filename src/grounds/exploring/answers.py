"""Answers as CSV: spreadsheets open them, so nothing in them may be worked out."""

from __future__ import annotations

import csv
import io
from typing import Any

from grounds.local import App
from grounds.writing.csv import cell


def without_formulas(app: App) -> App:
    """Let an application answer with CSV in which no cell is a formula."""

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        is_csv = False

        async def send_cells(message: Any) -> None:
            nonlocal is_csv
            if message["type"] == "http.response.start":
                is_csv = message["status"] == 200
            elif is_csv and message.get("body"):
                message["body"] = _rewritten(message["body"].decode()).encode()
            await send(message)

        table = str(scope.get("path", "")).endswith(".csv")
        await app(scope, receive, send_cells if table else send)

    return answer


def _rewritten(rows: str) -> str:
    """Return whole rows of CSV; Datasette sends one at a time."""
    written = io.StringIO()
    for row in csv.reader(io.StringIO(rows, newline="")):
        csv.writer(written).writerow([one if _is_number(one) else cell(one) for one in row])
    return written.getvalue()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
