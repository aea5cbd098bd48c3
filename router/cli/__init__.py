"""`siao-hub`: English command words, French help and output."""

from router.cli.main import main

__all__ = ["main"]
