"""Makes the pictures of `grounds explore` in a browser: ``python docs/screenshots.py``.

Tags the decisions of the labelled corpus, since four examples make no chart. Needs playwright and a
Chromium.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from grounds import load_model, read_labelled
from grounds.batch import tag_into
from grounds.reading import find
from grounds.tagging import tag_all
from grounds.writing import write

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs" / "images"


def main() -> None:
    """Write docs/images/explore.png and docs/images/explore-decision.png."""
    with TemporaryDirectory() as folder:
        database = Path(folder) / "decisions.db"
        tag_into(list(find([ROOT / "data" / "examples"])), database)
        labelled = (item.decision for item in read_labelled([ROOT / "data" / "corpus"]))
        write(tag_all(labelled, load_model()), database)
        command = [sys.executable, "-m", "grounds", "explore", str(database), "--no-open"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            found = re.search(r"http://\S+", process.stderr.readline())
            assert found
            _photograph(found[0])
            process.terminate()


def _photograph(address: str) -> None:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=chromium)
        _shot(browser, address, "#charts", IMAGES / "explore.png")
        _shot(browser, f"{address}grounds/decisions/1", "#p7", IMAGES / "explore-decision.png")
        browser.close()


def _shot(browser: Browser, address: str, place: str, path: Path) -> None:
    tab = browser.new_page(viewport={"width": 1040, "height": 640})
    tab.goto(address)
    tab.locator(place).evaluate("node => scrollTo(0, node.getBoundingClientRect().top - 60)")
    tab.screenshot(path=path)
    tab.close()


if __name__ == "__main__":
    main()
