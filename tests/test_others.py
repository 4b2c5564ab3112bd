"""The texts that are no decisions: as many as their page says, and none with a real reference."""

import re
from pathlib import Path

OTHERS = Path(__file__).parent.parent / "data" / "others"
TEXTS = [path for path in OTHERS.rglob("*") if path.suffix in (".txt", ".html")]
PAGE = (OTHERS / "README.md").read_text("utf-8")


def test_the_page_counts_them() -> None:
    folders = sorted(path for path in OTHERS.iterdir() if path.is_dir())
    counts = {folder.name: len(list(folder.iterdir())) for folder in folders}
    assert dict(re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", PAGE, re.MULTILINE)) == {
        name: str(count) for name, count in counts.items()
    }
    assert PAGE.startswith(f"# Texts that are no decisions\n\n{sum(counts.values())} texts ")
    assert sum(counts.values()) == len(TEXTS)


def test_no_reference_can_be_a_published_case() -> None:
    found = [
        (path.name, reference)
        for path in TEXTS
        for reference in re.findall(
            r"(?<!\d)(?<!\d )\d\d \d{3} \d{3}(?! ?\d)", path.read_text("utf-8")
        )
    ]
    assert len(found) > 50
    assert [one for one in found if not one[1].startswith("9")] == []
