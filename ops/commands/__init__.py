"""The `siao-hub` command line. Help, output and options are French, except some English words such as
`--partner`."""

from ops.commands.main import main

__all__ = ["main"]
