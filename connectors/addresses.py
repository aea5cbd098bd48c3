"""Addresses of senders, in a form that tells one sender from another."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

UNKNOWN = "inconnue"
"""Placeholder for a missing address, or an unreadable one from a proxy."""
_IPV6_PREFIX = 64


@lru_cache(4096)
def sender_of(host: str) -> str:
    """Return the address of a sender; for IPv6 its network of 64 bits, because one sender has all of it."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _IPV6_PREFIX), strict=False))
