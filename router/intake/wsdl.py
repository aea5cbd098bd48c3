"""Serve the hub's WSDL with the address at which it is asked for: behind a proxy, the hub knows no other."""

from functools import cache
from importlib.resources import files
from xml.sax.saxutils import quoteattr


def wsdl_at(scheme: str, host: str, path: str) -> str:
    """Return the WSDL with an address in it. It also describes what a landlord's own service receives. The host may be
    any text."""
    return _template().replace('"{adresse}"', quoteattr(f"{scheme}://{host}{path}"))


@cache
def _template() -> str:
    return files("router.intake").joinpath("hub.wsdl").read_text(encoding="utf-8")
