"""The `siao-hub` command line. Help, output and options are French, except for documented English words and options
such as `--partner`."""

from ops.commands.main import main

__all__ = ["main"]
