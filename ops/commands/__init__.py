"""`siao-hub`, for ops: help, output and options are French.

What was documented keeps its spelling: English command words, and the options `--partner` (always a partner's id),
`--dialect`, `--profile`, `--role`, `--watch`, `--since`.
"""

from ops.commands.main import main

__all__ = ["main"]
