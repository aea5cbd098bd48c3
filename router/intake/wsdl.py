"""Write the WSDL, the description of the SOAP service, with the address that the client used: behind a proxy, the hub
does not know its own address."""

from functools import cache
from importlib.resources import files
from xml.sax.saxutils import quoteattr


def wsdl_at(scheme: str, host: str, path: str) -> str:
    """Return the WSDL with the address of the service, which is made of `scheme`, `host` and `path`. The address is
    escaped, because `host` comes from the client."""
    return _template().replace('"{adresse}"', quoteattr(f"{scheme}://{host}{path}"))


@cache
def _template() -> str:
    return files("router.intake").joinpath("hub.wsdl").read_text(encoding="utf-8")
