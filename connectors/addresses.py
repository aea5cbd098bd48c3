"""Addresses of senders, as far as one may be told from another."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

UNKNOWN = "inconnue"
"""Where no address is given, or what a proxy says is none."""
_IPV6_PREFIX = 64


@lru_cache(4096)
def sender_of(host: str) -> str:
    """An address; of IPv6 its network of 64 bits, for whoever has one address of it has them all."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _IPV6_PREFIX), strict=False))
