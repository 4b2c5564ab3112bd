"""Asks what is known against the packages of the lock: ``python reliability/audit.py``.

Hands requirements/ci.txt to pip-audit, which asks PyPI for published vulnerabilities of each package.
Prints what came back and, with ``-o docs/reliability-audit.json``, writes it. Exit status: 0 nothing
is known, 1 something is, 3 not all packages were answered for.

pip-audit alone does not do: where the service knows none of the packages, it leaves them all out, says
"No known vulnerabilities found" and ends with 0.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent.parent / "requirements" / "ci.txt"

NOTHING_KNOWN, SOMETHING_KNOWN, NOT_ANSWERED = 0, 1, 3

Audit = Mapping[str, Any]


def answers(lock: Path) -> list[dict[str, Any]]:
    """Return what pip-audit says of each package of a lock file; nothing, where it failed."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--format", "json"]
    options = ["--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    ran = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    if not ran.stdout:
        print(*ran.stderr.splitlines()[-1:], file=sys.stderr)
        return []
    said: list[dict[str, Any]] = json.loads(ran.stdout)["dependencies"]
    return said


def summed_up(said: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Sum up what was said of each package.

    Examples
    --------
    >>> flaw = {"id": "PYSEC-1", "fix_versions": ["1.1"]}
    >>> weak = {"name": "weak", "version": "1.0", "vulns": [flaw]}
    >>> summed_up([weak, {"name": "lost", "skip_reason": "not found"}])
    {'packages': 2, 'answered': 1, 'known': ['weak 1.0: PYSEC-1, mended in 1.1']}
    """
    answered = [package for package in said if "skip_reason" not in package]
    known = [
        f"{package['name']} {package['version']}: {flaw['id']}, "
        f"mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for package in answered
        for flaw in package["vulns"]
    ]
    return {"packages": len(said), "answered": len(answered), "known": known}


def status(audit: Audit) -> int:
    """Return the exit status: what is known counts more than what was not answered."""
    if audit["known"]:
        return SOMETHING_KNOWN
    return NOTHING_KNOWN if audit["answered"] == audit["packages"] > 0 else NOT_ANSWERED


def main() -> int:
    """Ask, say what came back, and write it where that is wanted."""
    parser = argparse.ArgumentParser(description="Asks what is known against the locked packages.")
    parser.add_argument("-o", dest="output", type=Path, help="write what came back, as JSON")
    output = parser.parse_args().output
    audit = summed_up(answers(LOCK))
    ended = status(audit)
    print(
        *audit["known"],
        f"of {audit['packages']} packages {audit['answered']} were audited, "
        f"{len(audit['known'])} known vulnerabilities",
        sep="\n",
    )
    if ended == NOT_ANSWERED:
        print("NOT AUDITED: the service did not answer for all; ask again where it does")
    if output:
        audit["on"] = datetime.now(UTC).date().isoformat()
        output.write_text(json.dumps(audit, indent=1) + "\n", "utf-8")
    return ended


if __name__ == "__main__":
    sys.exit(main())
