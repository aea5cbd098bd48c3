"""Functions that tell who runs a command, and read the settings from the environment."""

import os
import pwd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.settings import Settings


def actor() -> str:
    """Return who runs the command, for the audit: the operator that the settings name, else the system
    account. A variable that anybody can set, such as LOGNAME, is never used."""
    return f"cli:{settings().operator or pwd.getpwuid(os.getuid()).pw_name}"


def settings() -> "Settings":
    """Return the settings that the environment gives. Raises Misconfigured if settings are missing or wrong.

    Call this only while a command runs, because `--help` must work without settings.
    """
    from ops.terminal.environment import settings_of

    return settings_of(os.environ)
