"""Serve the console, the web pages of the hub, in a process with the role `console`."""

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
"""Seconds for which open pages stay open when the process stops."""


async def serve(hub: Hub) -> None:
    """Serve the console's pages until cancelled. Raises Misconfigured if nobody could log in, or if traffic
    would be unencrypted. Also raises it if the alarm rules, or the hub's client secret for the identity
    provider, cannot be read."""
    settings = hub.settings.console
    check(settings)
    await serve_http(application(parts_of(hub)), settings, DRAIN_SECONDS)


def parts_of(hub: Hub) -> Parts:
    """Return the objects of the hub that the pages use. Raises Misconfigured if the alarm rules or the client
    secret of the identity provider cannot be read."""
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
        looks=Looks(hub.database, settings, lambda: hub.registry),
        open_pages=OpenPages(hub.database),
    )


def check(settings: ConsoleSettings) -> None:
    """Raise Misconfigured if the settings allow no way to log in, or if traffic with the console or the
    identity provider would be unencrypted."""
    if not settings.is_set:
        raise Misconfigured(
            "console : il faut SIAO_HUB_CONSOLE__URL, et SIAO_HUB_CONSOLE__ISSUER ou SIAO_HUB_CONSOLE__ACCOUNTS"
        )
    for name, url in (("URL", settings.url), ("ISSUER", settings.issuer)):
        if url is not None and not is_private(url):
            raise Misconfigured(f"console : SIAO_HUB_CONSOLE__{name} doit commencer par https://")


def is_private(url: str, here: Callable[[str], bool] = is_this_machine) -> bool:
    """Return whether traffic with this URL is encrypted or stays on this machine. `here` says whether a host
    name is this machine."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition(":")[0] or rest
    return scheme == "https" or (scheme == "http" and here(host))
