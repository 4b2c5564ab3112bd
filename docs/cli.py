"""Writes the reference of the command line from its code: ``python docs/cli.py > docs/cli.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import typer.main

from grounds.cli import app

_INTRODUCTION = """\
<!-- Generated from src/grounds/cli/: correct it there, then run
`python docs/cli.py > docs/cli.md`. -->

# The command line

Results go to standard output or to the file named with `-o`; progress and problems go to standard
error, one line each. Progress is shown only on a terminal, and colours too. In a pipe, several
decisions take one line each.

| exit status | when |
| --- | --- |
| 0 | all done |
| 1 | some inputs failed: each is named, the rest is done |
| 2 | wrong usage, such as an unknown output format |
| 130 | interrupted |
"""


def reference() -> str:
    """Return the whole page."""
    blocks = [_INTRODUCTION, *_command("grounds", typer.main.get_command(app))]
    return "\n".join(block.rstrip("\n") + "\n" for block in blocks)


def _command(name: str, command: Any) -> Iterator[str]:
    """Write a command and those below it; Typer's commands share no public type."""
    below = getattr(command, "commands", {})
    yield f"## {name}"
    yield f"    {name} [OPTIONS] {' '.join(_operands(command))}{'COMMAND' if below else ''}"
    yield _unwrapped(command.help)
    if command.params:
        yield "| argument or option | what |\n| --- | --- |\n" + "\n".join(
            map(_parameter, command.params)
        )
    if below:
        yield "\n".join(_link(f"{name} {part}", c) for part, c in below.items())
    yield "```\n" + "\n".join(examples(command)) + "\n```"
    for part, c in below.items():
        yield from _command(f"{name} {part}", c)


def _operands(command: Any) -> Iterator[str]:
    for parameter in command.params:
        if parameter.param_type_name == "argument":
            word = parameter.metavar + "..." * (parameter.nargs == -1)
            yield word if parameter.required else f"[{word}]"


def _link(name: str, command: Any) -> str:
    return f"- [{name}](#{name.replace(' ', '-')}): {_unwrapped(command.help).splitlines()[0]}"


def examples(command: Any) -> list[str]:
    """Return the commands that stand as examples in a command's help."""
    return [line.strip() for line in command.epilog.splitlines() if line.startswith("  ")]


def _parameter(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        names = f"`{parameter.metavar}`"
    else:
        value = f" {parameter.metavar}" if parameter.metavar else ""
        names = ", ".join(
            f"`{option}{value}`" for option in (*parameter.opts, *parameter.secondary_opts)
        )
    shown = "" if parameter.secondary_opts else parameter.default  # a pair of flags: the first
    notes = f" Default: {shown}." if shown else ""
    return f"| {names} | {parameter.help}{notes} |"


def _unwrapped(text: str) -> str:
    return "\n\n".join(" ".join(block.split()) for block in text.split("\n\n"))


if __name__ == "__main__":
    sys.stdout.write(reference())
