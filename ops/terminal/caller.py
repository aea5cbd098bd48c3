"""Who runs a command, and settings from the environment."""

import os
import pwd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.settings import Settings


def actor() -> str:
    """Return who runs the command: the operator in the settings, else the system's user. Variables such as
    LOGNAME are not trusted."""
    return f"cli:{settings().operator or pwd.getpwuid(os.getuid()).pw_name}"


def settings() -> "Settings":
    """Return the settings from the environment. Raises Misconfigured for missing or wrong settings.

    Call this for a running command only: `--help` must work without settings.
    """
    from ops.terminal.environment import settings_of

    return settings_of(os.environ)
