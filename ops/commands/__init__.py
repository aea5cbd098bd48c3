"""The `siao-hub` command line."""

from ops.commands.main import main

__all__ = ["main"]
