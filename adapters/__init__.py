"""Partner dialects: pure functions between a partner's bytes and our contracts, one module for each dialect.

No clock, network, database or asyncio here. A dialect decodes row by row and says in French which row and which
field is wrong. Its encoded bytes depend on its arguments alone.
"""
