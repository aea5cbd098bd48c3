"""The role `console` of a process: serving pages until it is stopped."""

from collections.abc import Callable

from console.app import application
from console.live import Looks, OpenPages
from console.oidc import Provider
from console.parts import Parts
from contracts.errors import Misconfigured
from ops.alarms.configured import rules
from ops.running.hub import Hub
from router.intake.serving import serve as serve_http
from router.settings import ConsoleSettings
from router.settings.lines import is_this_machine

DRAIN_SECONDS = 1
"""Seconds that open pages get when the process stops. They never end by themselves, and reconnect on their own."""


async def serve(hub: Hub) -> None:
    """Serve pages until cancelled. Raises Misconfigured."""
    settings = hub.settings.console
    check(settings)
    await serve_http(application(parts_of(hub)), settings, DRAIN_SECONDS)


def parts_of(hub: Hub) -> Parts:
    """Return the parts of this process that pages use. Raises Misconfigured if the rules of the alarms are
    unreadable."""
    settings = hub.settings
    return Parts(
        settings=settings,
        database=hub.database,
        keyring=hub.keyring,
        crosswalk=hub.crosswalk,
        intake=hub.intake,
        decoders=hub.decoders,
        registry=lambda: hub.registry,
        rules=rules(settings.alarms.rules_file),
        provider=Provider(settings.console),
        links=hub.links,
        desk=hub.desk,
        looks=Looks(hub.database, settings),
        open_pages=OpenPages(hub.database),
    )


def check(settings: ConsoleSettings) -> None:
    """Check that people can log in, and that nobody can read their pages on the way. Raises Misconfigured."""
    if not settings.is_set:
        raise Misconfigured(
            "console : il faut SIAO_HUB_CONSOLE__URL, et SIAO_HUB_CONSOLE__ISSUER ou SIAO_HUB_CONSOLE__ACCOUNTS"
        )
    for name, url in (("URL", settings.url), ("ISSUER", settings.issuer)):
        if url is not None and not is_private(url):
            raise Misconfigured(f"console : SIAO_HUB_CONSOLE__{name} doit commencer par https://")


def is_private(url: str, here: Callable[[str], bool] = is_this_machine) -> bool:
    """Return whether traffic to an address cannot be read on its way."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition(":")[0] or rest
    return scheme == "https" or (scheme == "http" and here(host))
