"""Parses commands without running them."""

from __future__ import annotations

from collections.abc import Sequence

import typer.main

from grounds.cli import app


def parse(words: Sequence[str]) -> None:
    """Parse the words of a command, the first of which is ``grounds``; fail where it is wrong."""
    command = typer.main.get_command(app)
    while below := getattr(command, "commands", {}):
        words = words[1:]
        command = below[words[0]]
    command.make_context(words[0], list(words[1:]))
