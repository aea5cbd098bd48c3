"""Hold in one object what the pages of the console use of the hub, such as its database and its registry."""

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
    """Objects of the hub, such as its database and its settings, that all pages in one process share."""

    settings: Settings
    database: Database
    keyring: Keyring
    crosswalk: Crosswalk
    intake: Intake
    decoders: Decoders
    registry: Callable[[], Registry]
    """Function that returns the present registry."""
    rules: Rules
    provider: Provider
    links: Requests | None
    """Queue of requests for login links; None if the settings allow no login by mail."""
    desk: Desk
    looks: Looks
    open_pages: OpenPages
