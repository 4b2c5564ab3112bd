"""Looking at pages as a person would, in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Visit = Callable[..., Any]
"""Opens an address in a tab; wants a scheme, ``"light"`` or ``"dark"``, and a width in pixels."""

HOSTILE = '<script>alert(1)</script></style><img src="https://example.org/x"> & "quoted"'
"""Text that breaks pages which forget to escape."""


def barriers(tab: Any) -> str:
    """Return what an automatic check says keeps people from using the page, or nothing."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(tab)
    return str(found.generate_report()) if found.violations_count else ""
