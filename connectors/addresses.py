"""Reduce network addresses of senders to a form that gives each sender one address."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

UNKNOWN = "inconnue"
"""Address recorded for a sender whose address is unknown, or for which a proxy gave an unreadable one."""
_IPV6_PREFIX = 64


@lru_cache(4096)
def sender_of(host: str) -> str:
    """Return the address that identifies a sender. For IPv6, this is the address of the network of 64 bits,
    because one sender has all of that network."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _IPV6_PREFIX), strict=False))
