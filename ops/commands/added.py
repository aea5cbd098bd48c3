"""Commands that other installed packages add, through the entry-point group `siao_hub.commands`."""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

GROUP = "siao_hub.commands"


class Commands(TyperGroup):
    """Commands of this application and of other installed packages. If both have a command with the same name,
    the application's command is run."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands: those of this application, then those that other installed packages
        add."""
        return [*super().list_commands(ctx), *sorted(_added().keys() - self.commands.keys())]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command `cmd_name`; None if it is unknown. If another installed package adds the command,
        return a placeholder with the command's name and a help text, and do not import that package. Only
        `resolve_command` imports the package, to run the command."""
        own = super().get_command(ctx, cmd_name)
        entry = _added().get(cmd_name) if own is None else None
        if entry is None:
            return own
        source = entry.module.partition(".")[0]
        return TyperCommand(cmd_name, help=f"Ajoutée par « {source} » : « siao-hub {cmd_name} --help ».")

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the name of the command to run, the command, and its arguments. If another installed package
        adds the command, import that package."""
        entry = _added().get(args[0]) if args[0] not in self.commands else None
        if entry is None:
            return super().resolve_command(ctx, args)
        app = typer.Typer(add_completion=False)
        app.command(entry.name)(entry.load())
        return entry.name, get_command(app), args[1:]


def _added() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
