"""Commands as somebody types them from a page: do they exist, with these options, and is nothing left out?"""

import shlex
from typing import Any

import typer
from typer._click.exceptions import UsageError  # typer gives its base of all such errors no public name

from ops.commands.main import app

MORE = "…"
"""What a page writes for words that only its reader knows."""


def faults_of(typed: str) -> list[str]:
    """What is wrong with a command without `siao-hub`. A group of commands may stand alone, and `MORE` for all that a
    command needs besides."""
    command: Any = typer.main.get_command(app)
    words = shlex.split(typed)
    while words and hasattr(command, "commands"):
        if words[0] not in command.commands:
            return [f"commande inconnue : {words[0]}"]
        command = command.commands[words.pop(0)]
    if hasattr(command, "commands"):
        return []
    try:
        given, _, _ = command.make_parser(typer.Context(command)).parse_args(list(words))
    except UsageError as exc:
        return [exc.format_message()]
    needed = () if MORE in words else (each for each in command.params if each.required)
    return [each.name for each in needed if given.get(each.name) is None]
