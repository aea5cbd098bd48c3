"""Person who runs a command, and the settings of the environment."""

import os
import pwd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.settings import Settings


def actor() -> str:
    """Return the person who runs the command: the operator in the settings, else the user that the system knows.
    Ignores environment variables such as LOGNAME, which anybody can set."""
    return f"cli:{settings().operator or pwd.getpwuid(os.getuid()).pw_name}"


def settings() -> "Settings":
    """Return the settings from the environment. They are read only when a command needs them, because `--help` must
    work without. Raises Misconfigured."""
    from ops.terminal.environment import settings_of

    return settings_of(os.environ)
