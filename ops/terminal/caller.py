"""Who calls a command, and under which settings."""

import os
import pwd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.settings import Settings


def actor() -> str:
    """Who gives the command: an operator named in the settings, else the user that the system knows. What the
    environment calls itself (LOGNAME) counts for nothing."""
    return f"cli:{settings().operator or pwd.getpwuid(os.getuid()).pw_name}"


def settings() -> "Settings":
    """Those of the environment, read now: the help needs none. Raises Misconfigured."""
    from ops.terminal.environment import settings_of

    return settings_of(os.environ)
