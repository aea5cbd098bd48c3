"""The `siao-hub` command line. Help, output and options are French. Documented spellings stay: English command words,
and the options `--partner` (always a partner's id), `--dialect`, `--profile`, `--role`, `--watch`, `--since`."""

from ops.commands.main import main

__all__ = ["main"]
