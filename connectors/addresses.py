"""Compute the address by which the gateway recognises a sender."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

UNKNOWN = "inconnue"
"""Address recorded for a sender without a readable address."""
_IPV6_PREFIX = 64


@lru_cache(4096)
def sender_of(host: str) -> str:
    """Return the address under which the hub counts what a sender does: connections, failed authentications,
    requests to the console. It is the IPv4 address `host`, or the /64 network of an IPv6 address; "inconnue"
    if `host` is no IP address."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _IPV6_PREFIX), strict=False))
