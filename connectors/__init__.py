"""Transports: bytes in (Source), bytes out (Sink).

A connector knows nothing of dialects or routing: it imports contracts, the standard library and its
transport's client. `connectors.registry` lists them.
"""
