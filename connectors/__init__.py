"""Transports: bytes in (Source), bytes out (Sink).

A connector knows nothing of dialects or routing: it imports contracts, the standard library and the client of
its transport. `connectors.registry` lists all transports.
"""
