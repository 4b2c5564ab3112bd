"""Looking at pages as a person would, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Visit = Callable[..., Any]
"""Opens an address in a tab; wants a scheme, ``"light"`` or ``"dark"``, and a width in pixels."""

HOSTILE = '<script>alert(1)</script></style><img src="https://example.org/x"> & "quoted"'
"""Text that breaks pages which forget to escape."""


_AS_OTHERS = ["li:nth-of-type(n+7)", "tr:nth-of-type(n+7)"]
"""Items and rows that are like the ones before them, which an automatic check need not read again."""


def counts(locator: Any, number: int) -> None:
    """Wait until there are as many elements, and fail where there never are."""
    pytest.importorskip("playwright.sync_api").expect(locator).to_have_count(number)


def says(locator: Any, text: str) -> None:
    """Wait until an element has this text, and fail where it never has."""
    pytest.importorskip("playwright.sync_api").expect(locator).to_have_text(text)


def barriers(tab: Any, *, whole: bool = False) -> str:
    """Return what an automatic check says keeps people from using the page, or nothing.

    Of a long list or table the first items are looked at, unless the `whole` page is asked for.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    options = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"]}
    found = axe.Axe().run(tab, context=None if whole else {"exclude": _AS_OTHERS}, options=options)
    return str(found.generate_report()) if found.violations_count else ""
