"""What several test modules share: the shipped model, a small one trained here, a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import settings
from looking import Visit
from records import CORPUS

import grounds
from grounds.decision import LabelledDecision
from grounds.model import Model

collect_ignore = [
    "watched"
]  # what it has is for other processes, and some systems have one so named

# A first example builds the pipeline and a busy machine is slow: neither is a failure.
settings.register_profile("grounds", deadline=None)
settings.load_profile("grounds")


@pytest.fixture(scope="session")
def shipped() -> Model:
    """Return the model that comes with the package."""
    return grounds.load_model()


@pytest.fixture(scope="session")
def unruled(shipped: Model) -> Model:
    """Return the shipped model without the rule that notices other texts: it tags any."""
    return replace(shipped, domain=None)


@pytest.fixture(scope="session")
def few() -> list[LabelledDecision]:
    """Return sixty short decisions of the corpus, in which every tag occurs."""
    return list(grounds.read_labelled([CORPUS / "short"]))


@pytest.fixture(scope="session")
def tiny(few: list[LabelledDecision]) -> Model:
    """Return a model trained on the short decisions alone."""
    return grounds.train(few)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Start Chromium, the system's where there is one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with playwright.sync_playwright() as playing:
        try:
            running = playing.chromium.launch(executable_path=found)
        except playwright.Error as error:
            pytest.skip(f"no Chromium to look at the page with: {str(error).splitlines()[0]}")
        yield running
        running.close()


@pytest.fixture
def visit(browser: Any) -> Iterator[Visit]:
    """Open pages, of which none may complain or ask for anything but itself."""
    said: list[str] = []
    asked: list[str] = []
    tabs: list[Any] = []

    def opened(address: str, scheme: str = "light", width: int = 1280) -> Any:
        tab = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
        tabs.append(tab)
        tab.on("console", lambda message: said.append(message.text))
        tab.on("pageerror", lambda error: said.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(address)
        return tab

    yield opened
    for tab in tabs:
        tab.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "http://127.0.0.1:"))] == []
