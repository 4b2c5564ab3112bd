"""Being somebody else for a while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir


@contextmanager
def nobody() -> Iterator[None]:
    """Be a user whom permissions bind."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def let_in(folder: Path) -> None:
    """Let others go as far as a temporary folder."""
    for place in (folder, *folder.parents):
        if Path(gettempdir()) in place.parents:
            place.chmod(0o755)
