"""Who runs a command, and settings from the environment."""

import os
import pwd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.settings import Settings


def actor() -> str:
    """Return who runs the command, for the audit: the operator in the settings, else the system account, but
    never a variable that anybody can set, such as LOGNAME."""
    return f"cli:{settings().operator or pwd.getpwuid(os.getuid()).pw_name}"


def settings() -> "Settings":
    """Return the settings that the environment gives. Raises Misconfigured for missing or wrong settings.

    Call this only while a command runs: `--help` must work without settings.
    """
    from ops.terminal.environment import settings_of

    return settings_of(os.environ)
