"""Looking at pages as a person would, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Visit = Callable[..., Any]
"""Opens an address in a tab; wants a scheme, ``"light"`` or ``"dark"``, and a width in pixels."""

HOSTILE = '<script>alert(1)</script></style><img src="https://example.org/x"> & "quoted"'
"""Text that breaks pages which forget to escape."""


def counts(locator: Any, number: int) -> None:
    """Wait until there are as many elements, and fail where there never are."""
    pytest.importorskip("playwright.sync_api").expect(locator).to_have_count(number)


def says(locator: Any, text: str) -> None:
    """Wait until an element has this text, and fail where it never has."""
    pytest.importorskip("playwright.sync_api").expect(locator).to_have_text(text)


def barriers(tab: Any) -> str:
    """Return what an automatic check says keeps people from using the page, or nothing."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(tab, options={"rules": {"target-size": {"enabled": True}}})
    return str(found.generate_report()) if found.violations_count else ""
