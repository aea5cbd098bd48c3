"""Parts of the hub that pages use, the same as those of the command line."""

from collections.abc import Callable
from dataclasses import dataclass

from console.live import Looks, OpenPages
from console.oidc import Provider
from ops.accounts.requests import Requests
from ops.alarms.rules import Rules
from ops.desk.desk import Desk
from router.domain.partners import Registry
from router.intake.decoders import Decoders
from router.intake.receive import Intake
from router.privacy.crosswalk import Crosswalk
from router.privacy.keyring import Keyring
from router.settings import Settings
from router.store.database import Database


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts that all pages of one process share."""

    settings: Settings
    database: Database
    keyring: Keyring
    crosswalk: Crosswalk
    intake: Intake
    decoders: Decoders
    registry: Callable[[], Registry]
    """A function that returns the registry as it is applied now."""
    rules: Rules
    """Rules that say when a condition is an alarm, and which page says what to do about it."""
    provider: Provider
    links: Requests | None
    """Queue of requests for login links, for people who log in by mail; None if nobody does."""
    desk: Desk
    """Functions of the desk, for the people of partners."""
    looks: Looks
    open_pages: OpenPages
