"""Carry messages between the hub and its partners' systems. A source fetches a partner's messages; a sink
delivers messages to a partner.

A connector handles bytes only. It knows nothing of dialects or routing: it imports contracts, the standard
library and its transport's client. `connectors.registry` lists the sinks and sources.
"""
